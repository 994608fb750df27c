package portal

import (
	"encoding/xml"
	"fmt"
	"html/template"
	"net/http"

	"sportello/account"
	"sportello/kb/markdown"
	"sportello/web/ui"
)

type textPage struct {
	ui.Frame
	Heading string
	Body    template.HTML
}

// text shows one of the texts that editors and the organisation complete.
func (p *Portal) text(w http.ResponseWriter, r *http.Request, l, name string) error {
	source, err := p.Content.text(l, name)
	if err != nil {
		return err
	}
	frame := p.frame(r, name, p.Phrases.Say(l, "web.text_"+name, nil), "", both(name))
	body, _ := markdown.HTML(source, markdown.Options{})
	return p.show(w, "text", textPage{Frame: frame, Heading: frame.Title, Body: body})
}

// robots lets search engines read the articles, not the searches and the API.
func (p *Portal) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintf(w, "User-agent: *\nDisallow: /api/\nDisallow: %s\nDisallow: %s\n\nSitemap: %s\n",
		paths["it"]["search"], paths["en"]["search"], p.absolute(r, "/sitemap.xml"))
}

type sitemap struct {
	XMLName xml.Name      `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
	URLs    []sitemapPage `xml:"url"`
}

type sitemapPage struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod,omitempty"`
}

// sitemap lists what everybody may read.
func (p *Portal) sitemap(w http.ResponseWriter, r *http.Request) error {
	articles, err := p.published.list(r.Context(), p.Library)
	if err != nil {
		return err
	}
	var all sitemap
	for _, l := range Languages {
		pages := append([]string{"home", "kb"}, texts...)
		if p.Tickets != nil {
			pages = append(pages, "services")
		}
		for _, name := range pages {
			all.URLs = append(all.URLs, sitemapPage{Loc: p.absolute(r, paths[l][name])})
		}
	}
	for _, a := range articles {
		if a.Audience != account.All {
			continue
		}
		page := sitemapPage{Loc: p.absolute(r, a.URL())}
		if !a.UpdatedAt.IsZero() {
			page.LastMod = a.UpdatedAt.UTC().Format("2006-01-02")
		}
		all.URLs = append(all.URLs, page)
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	if _, err := w.Write([]byte(xml.Header)); err != nil {
		return nil // the reader went away
	}
	return xml.NewEncoder(w).Encode(all)
}
