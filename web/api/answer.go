package api

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// stream sends what an operation gave; 304 and nothing to whoever knows it.
func (a answer) stream(status int, known string) (*huma.StreamResponse, error) {
	var text []byte
	if a.write == nil {
		var err error
		if text, err = json.Marshal(a.body); err != nil {
			return nil, err
		}
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Cache-Control", "private, no-cache")
		hc.SetHeader("Vary", "Authorization")
		if a.etag != "" {
			hc.SetHeader("ETag", a.etag)
		}
		if a.etag != "" && matches(known, a.etag) {
			hc.SetStatus(http.StatusNotModified)
			return
		}
		for name, value := range a.header {
			hc.SetHeader(name, value)
		}
		if a.write != nil {
			_ = a.write(hc) // who went away needs no answer; what fails on our side ends the answer early
			return
		}
		hc.SetHeader("Content-Type", "application/json")
		hc.SetStatus(status)
		_, _ = hc.BodyWriter().Write(append(text, '\n')) // who went away needs no answer
	}}, nil
}

// matches reports whether a list of entity tags names etag, by the weak
// comparison (RFC 9110, 8.8.3.2).
func matches(list, etag string) bool {
	if strings.TrimSpace(list) == "*" {
		return true
	}
	for one := range strings.SplitSeq(list, ",") {
		if strings.TrimPrefix(strings.TrimSpace(one), "W/") == strings.TrimPrefix(etag, "W/") {
			return true
		}
	}
	return false
}
