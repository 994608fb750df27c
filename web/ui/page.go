package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
)

//go:embed layout
var layout embed.FS

// Frame is what a page has around its content. Page structs embed it.
type Frame struct {
	Lang        string
	Title       string
	Description string
	URL         string // canonical and absolute, empty for pages nobody shall find
	Kind        string // "website" or "article", for whoever previews a link
	Hidden      bool   // not for search engines
	NoChat      bool   // without the assistant: for those who work at the help desk
	Alternates  []Alternate
	Owner       Owner
	Home        string // path of the first page in this language
	Menu        []Link
	Legal       []Link
	Switch      Link   // the same page in the other language
	Search      string // where the search box leads
	Question    string // what it holds
	Account     Account
	phrases     Phrases
}

// Account is the way in, or who is in with the way out.
type Account struct {
	SignIn  string // where it leads; empty: nobody can sign in, or this is the page
	Name    string // who is signed in, empty for nobody
	Links   []Link // what is theirs
	SignOut string // where the form goes that ends the session
}

// Alternate is the same page in another language.
type Alternate struct{ Lang, URL string }

// Link is an entry of a menu.
type Link struct {
	Text, URL, Lang string
	Current         bool
}

// Owner is whose service it is.
type Owner struct {
	Name      string // of the service
	Tagline   string
	Parent    string // the organisation it belongs to, or empty
	ParentURL string
}

// Speaking returns the frame with phrases to speak with.
func (f Frame) Speaking(phrases Phrases) Frame {
	f.phrases = phrases
	return f
}

// Say tells a phrase in the page's language; values come in pairs of name and value.
func (f Frame) Say(key string, pairs ...any) string {
	var values map[string]any
	for i := 0; i+1 < len(pairs); i += 2 {
		if values == nil {
			values = map[string]any{}
		}
		values[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return f.phrases.Say(f.Lang, key, values)
}

// Icon draws a symbol of the design system, for eyes only.
func (Frame) Icon(name string) template.HTML {
	return template.HTML(`<svg class="icon" aria-hidden="true"><use href="` + template.HTMLEscapeString(URL("icons.svg")+"#it-"+name) + `"></use></svg>`)
}

// Asset is the address of an embedded file.
func (Frame) Asset(name string) string { return URL(name) }

// Page parses the templates of one page, those in the folder name, of which
// one defines "content", into the layout. Pages with a search box include "search".
func Page(pages fs.FS, name string) *template.Template {
	t := template.Must(template.ParseFS(layout, "layout/*.html"))
	return template.Must(t.ParseFS(pages, name+"/*.html"))
}

// Pages parses every page of a set by the name of its folder, see Page. What
// is wrong with one is inside the program, so it panics.
func Pages(pages fs.FS) map[string]*template.Template {
	folders, err := fs.ReadDir(pages, ".")
	if err != nil {
		panic(err)
	}
	parsed := map[string]*template.Template{}
	for _, folder := range folders {
		parsed[folder.Name()] = Page(pages, folder.Name())
	}
	return parsed
}

// Show renders a page, and sends it only if that succeeded.
func Show(w http.ResponseWriter, status int, page *template.Template, data any) error {
	var out bytes.Buffer
	if err := page.ExecuteTemplate(&out, "layout.html", data); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	if header.Get("Cache-Control") == "" {
		header.Set("Cache-Control", "private, no-cache")
	}
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the reader went away: nobody to tell
	return nil
}
