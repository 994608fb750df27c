package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
)

//go:embed widget
var widget embed.FS

// parts of the widget in the order in which they need each other.
var parts = []string{"memory", "server", "line", "outbox", "markup", "transcript", "composer", "chat", "start"}

// suggest is the part that pages have, too: there it is a module.
const suggest = "static/suggest.js"

// Phrases tells texts by language and key, as phrases.Catalogue does.
type Phrases interface {
	Say(lang, key string, values map[string]any) string
	Keys() []string
	Languages() []string
}

// spoken are the phrases the widget says, and how it calls them.
var spoken = strings.NewReplacer("widget.", "", "ticket.status.", "status_")

// Widget assembles the script that pages embed: one file with its styles and
// the phrases "widget.…" and "ticket.status.…" of every language inside, which
// loads nothing else.
func Widget(phrases Phrases) []byte {
	said := map[string]map[string]string{}
	for _, lang := range phrases.Languages() {
		said[lang] = map[string]string{}
		for _, key := range phrases.Keys() {
			if strings.HasPrefix(key, "widget.") || strings.HasPrefix(key, "ticket.status.") {
				said[lang][spoken.Replace(key)] = phrases.Say(lang, key, nil)
			}
		}
	}
	var out bytes.Buffer
	out.WriteString("(() => {\n\"use strict\";\n")
	constant(&out, "PHRASES", said)
	constant(&out, "CSS_TEXT", string(part("widget.css")))
	shared, _ := embedded.ReadFile(suggest) // a part of the binary
	out.Write(bytes.ReplaceAll(shared, []byte("export class"), []byte("class")))
	for _, name := range parts {
		out.Write(part(name + ".js"))
	}
	out.WriteString("})();\n")
	return out.Bytes()
}

// constant writes value as JSON, which since 2019 is JavaScript too.
func constant(out *bytes.Buffer, name string, value any) {
	text, _ := json.Marshal(value) // strings and maps of them: cannot fail
	out.WriteString("const " + name + " = " + string(text) + ";\n")
}

func part(name string) []byte {
	text, err := widget.ReadFile("widget/" + name)
	if err != nil {
		panic("ui: the widget lacks a part: " + err.Error()) // a slip of ours that the first test shows
	}
	return text
}

// WidgetScript serves Widget at its one address, /widget.js. Its content
// changes with a release or with the phrases, so browsers ask again after a few
// minutes and mostly hear that nothing did.
func WidgetScript(phrases Phrases) http.Handler {
	body := Widget(phrases)
	file := newAsset("widget.js", body)
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:8]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "public, max-age=300")
		header.Set("ETag", tag)
		// Any page may embed it: which pages may talk to us is decided by the API.
		header.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if strings.Contains(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		file.send(w, r)
	})
}
