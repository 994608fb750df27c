// Package ui holds what every page is made of: the design system's files, our
// styles, and the chat widget. It knows no business and no page.
//
// The design system is fetched by assets.sh into vendor/, which git ignores:
// without it everything builds, and Missing tells what to run.
package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
)

//go:embed all:vendor static
var embedded embed.FS

// Prefix is where Assets expects to be mounted: everything below it is its own.
const Prefix = "/assets/"

// asset is one file, ready to be sent.
type asset struct {
	kind    string
	body    []byte
	gzipped func() []byte // nil if compressing does not pay
}

type assets struct {
	digest string
	files  map[string]asset
}

var shipped = sync.OnceValue(func() assets {
	all := assets{files: map[string]asset{}}
	hash := sha256.New()
	for _, root := range []string{"vendor", "static"} {
		// The files are part of the binary: reading them cannot fail.
		_ = fs.WalkDir(embedded, root, func(name string, d fs.DirEntry, _ error) error {
			if d.IsDir() || strings.HasPrefix(d.Name(), ".") {
				return nil
			}
			body, _ := embedded.ReadFile(name)
			hash.Write([]byte(name))
			hash.Write(body)
			all.files[strings.TrimPrefix(name, root+"/")] = newAsset(name, body)
			return nil
		})
	}
	all.digest = hex.EncodeToString(hash.Sum(nil))[:12]
	return all
})

func newAsset(name string, body []byte) asset {
	a := asset{kind: mime.TypeByExtension(path.Ext(name)), body: body}
	if path.Ext(name) == ".woff2" {
		a.kind = "font/woff2"
		return a
	}
	a.gzipped = sync.OnceValue(func() []byte { return compress(body) })
	return a
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// URL is the address of a file such as "site.css". It holds a digest of all
// files, so what is found there never changes and relative addresses inside
// style sheets keep working.
func URL(name string) string { return Prefix + shipped().digest + "/" + name }

// Assets serves the files below Prefix, to be kept for ever by browsers. An
// address of another release still gets the file of ours, but not for keeps.
func Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		digest, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, Prefix), "/")
		file, known := shipped().files[name]
		if !known {
			http.NotFound(w, r)
			return
		}
		if digest == shipped().digest {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		} else {
			w.Header().Set("Cache-Control", "no-cache")
		}
		file.send(w, r)
	})
}

func (a asset) send(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Type", a.kind)
	header.Set("X-Content-Type-Options", "nosniff")
	body := a.body
	if a.gzipped != nil {
		header.Add("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			header.Set("Content-Encoding", "gzip")
			body = a.gzipped()
		}
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the reader went away: nobody to tell
	}
}

// needed is what pages cannot do without.
var needed = []string{"bootstrap-italia.css", "icons.svg", "fonts/titillium-regular.woff2"}

// Missing names the files of the design system that this binary was built
// without; web/ui/assets.sh fetches them. Pages still work, unadorned.
func Missing() []string {
	return slices.DeleteFunc(slices.Clone(needed), func(name string) bool {
		_, there := shipped().files[name]
		return there
	})
}
