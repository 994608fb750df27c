package signin

import (
	"net/http"
	"net/url"
	"path"
	"strings"
)

// returnField names where to go after signing in, in addresses and forms.
const returnField = "ritorno"

// longest way back that is remembered.
const longestReturn = 1000

// local returns target if it is a page of ours, else nothing: whoever made the
// link must not decide where people go after they signed in.
func local(target string) string {
	if len(target) > longestReturn || !strings.HasPrefix(target, "/") || strings.ContainsFunc(target, func(r rune) bool { return r <= ' ' || r == '\\' || r == 0x7f || r > 0x7e }) {
		return "" // browsers drop line breaks, and take \ for /
	}
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || strings.Contains(u.Path, `\`) {
		return ""
	}
	if clean := path.Clean(u.Path); clean != u.Path && clean+"/" != u.Path { // a//b, a/../b: no link of ours
		return ""
	}
	for _, at := range paths { // leads out again at once
		if u.Path == at["out"] {
			return ""
		}
	}
	for _, at := range paths { // there and back again
		if u.Path == at["enter"] || strings.HasPrefix(u.Path, at["enter"]+"/") {
			return ""
		}
	}
	return target
}

// here is the page of a request, to come back to it.
func here(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return ""
	}
	return local(r.URL.RequestURI())
}

// query is the way back as part of an address.
func query(back string) string {
	if back == "" || back == "/" {
		return ""
	}
	return "?" + url.Values{returnField: {back}}.Encode()
}
