package ui_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sportello/web/ui"
)

func get(t *testing.T, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	ui.Assets().ServeHTTP(w, r)
	return w
}

func TestAssetsAreKeptForEverUnderAnAddressThatChangesWithThem(t *testing.T) {
	w := get(t, ui.URL("site.css"), "Accept-Encoding", "br, gzip")
	if cache := w.Header().Get("Cache-Control"); w.Code != http.StatusOK || !strings.Contains(cache, "immutable") {
		t.Errorf("answers %d, to be kept %q", w.Code, cache)
	}
	if kind := w.Header().Get("Content-Type"); !strings.HasPrefix(kind, "text/css") {
		t.Errorf("is of type %q", kind)
	}
	unpacked, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(unpacked)
	if err != nil || string(text) != get(t, ui.URL("site.css")).Body.String() {
		t.Errorf("packed and unpacked differ (%v)", err)
	}
}

func TestAnAddressOfAnotherReleaseStillWorksButIsNotKept(t *testing.T) {
	w := get(t, ui.Prefix+"0123456789ab/site.css")
	if cache := w.Header().Get("Cache-Control"); w.Code != http.StatusOK || cache != "no-cache" {
		t.Errorf("answers %d, to be kept %q", w.Code, cache)
	}
}

func TestNothingElseIsAnAsset(t *testing.T) {
	for _, path := range []string{ui.Prefix, ui.URL(""), ui.URL(".keep"), ui.URL(".stamp"), ui.URL("../widget.go"), ui.URL("fonts"), ui.Prefix + "site.css"} {
		if w := get(t, path); w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", path, w.Code)
		}
	}
}

func TestTheDesignSystemIsThere(t *testing.T) {
	if missing := ui.Missing(); len(missing) > 0 {
		t.Errorf("%v are missing: run web/ui/assets.sh", missing)
	}
}
