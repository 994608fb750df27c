package telegramtest

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// upload is a file in a body.
type upload struct {
	name, kind string
	data       []byte
}

// request is a call's parameters, however they were encoded.
type request struct {
	values map[string]string
	files  map[string]upload
}

// mostUploaded is what the public server takes in one call.
const mostUploaded = 50 << 20

// read decodes the parameters: from the address, and from a body that is
// multipart, url-encoded or JSON.
func read(w http.ResponseWriter, r *http.Request) (*request, *refusal) {
	in := &request{values: map[string]string{}, files: map[string]upload{}}
	r.Body = http.MaxBytesReader(w, r.Body, mostUploaded+1<<20)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case strings.EqualFold(kind, "application/json"):
		if refused := in.json(r); refused != nil {
			return nil, refused
		}
		for key, values := range r.URL.Query() {
			in.values[key] = values[0]
		}
	case strings.EqualFold(kind, "multipart/form-data"):
		if err := r.ParseMultipartForm(mostUploaded); err != nil && !errors.Is(err, io.EOF) { // a form without parts is one without parameters
			return nil, malformed(err)
		}
	default:
		if err := r.ParseForm(); err != nil {
			return nil, malformed(err)
		}
	}
	for key, values := range r.Form {
		in.values[key] = values[0]
	}
	if r.MultipartForm != nil {
		for key, headers := range r.MultipartForm.File {
			part, err := headers[0].Open()
			if err != nil {
				return nil, malformed(err)
			}
			data, err := io.ReadAll(part)
			part.Close()
			if err != nil {
				return nil, malformed(err)
			}
			in.files[key] = upload{headers[0].Filename, headers[0].Header.Get("Content-Type"), data}
		}
	}
	for _, value := range in.values {
		if !utf8.ValidString(value) {
			return nil, badRequest("strings must be encoded in UTF-8")
		}
	}
	return in, nil
}

func malformed(err error) *refusal {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &refusal{code: http.StatusRequestEntityTooLarge, description: "Request Entity Too Large"}
	}
	return badRequest("can't parse the request: %v", err)
}

func (in *request) json(r *http.Request) *refusal {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return malformed(err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return badRequest("can't parse JSON object")
	}
	for key, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		if text != "null" || raw[0] == '"' {
			in.values[key] = text
		}
	}
	return nil
}

// int is a number, or what else if it is not given.
func (in *request) int(key string, otherwise int64) int64 {
	n, err := strconv.ParseInt(in.values[key], 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

func (in *request) bool(key string) bool {
	switch strings.ToLower(in.values[key]) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// object decodes a parameter that is JSON. Nothing is not an object.
func (in *request) object(key string, into any) *refusal {
	if in.values[key] == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(in.values[key]), into); err != nil {
		return badRequest("can't parse %s JSON object", strings.ReplaceAll(key, "_", " "))
	}
	return nil
}
