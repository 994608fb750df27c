package mail

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	"unicode"

	"sportello/bot"
	"sportello/kb/markdown"
)

// Phrases tell things in the reader's language, as the catalogue does.
type Phrases interface {
	Say(lang, key string, values map[string]any) string
}

// Letterhead is what all letters have around their text. The zero Letterhead
// has nothing there.
type Letterhead struct {
	Owner   map[string]string // whose service it is, by language
	Parent  string            // the organisation it belongs to, or empty
	Site    string            // our address, below which the paths of links are; without it they lead nowhere
	Portal  string            // where people write to instead of answering, Site if empty
	Number  string            // the telephone number
	Phrases Phrases           // for what stands below every letter; nothing does without
}

// Page is a letter as it is sent.
type Page struct {
	Lang    string
	Subject string
	Text    string
	HTML    string   // a whole document, which loads nothing from anywhere
	Links   []string // where those of its text lead, in order
}

// fallback is the language of letters that name none.
const fallback = "it"

// longestSubject is in characters; mail programs show half of it.
const longestSubject = 160

// longestPreview is how much of a letter stands beside its subject in a list
// of mails, in characters.
const longestPreview = 110

//go:embed paper/letter.html
var papers embed.FS

var paper = template.Must(template.ParseFS(papers, "paper/letter.html"))

// sheet is what the template shows.
type sheet struct {
	Lang    string
	Subject string
	Preview string
	Owner   string
	Parent  string
	Body    template.HTML
	Footer  template.HTML
}

// Write puts a letter on paper. A paragraph that is nothing but a link is
// drawn as a button. The footer says why one gets the letter, that nobody
// reads answers to it and where to write instead, and how to switch such
// letters off, where one can.
func (h Letterhead) Write(letter bot.Outgoing) (Page, error) {
	p := Page{Lang: letter.Lang, Subject: cut(line(letter.Subject), longestSubject)}
	if p.Lang == "" {
		p.Lang = fallback
	}
	footer := h.footer(letter, p.Lang)
	p.Text = markdown.Letter(letter.Markdown, h.Site) + "\n"
	if footer != "" {
		p.Text += "\n-- \n" + markdown.Letter(footer, h.Site) + "\n" // the mark that mail programs know signatures by
	}
	look := bodyStyle
	if letter.Kind == bot.LetterCode {
		look = codeStyle
	}
	body, links := h.draw(letter.Markdown, look)
	below, _ := h.draw(footer, footerStyle)
	p.Links = links
	var html strings.Builder
	err := paper.ExecuteTemplate(&html, "letter.html", sheet{
		Lang: p.Lang, Subject: p.Subject, Preview: h.preview(letter), Owner: h.Owner[p.Lang], Parent: h.Parent,
		Body: body, Footer: below,
	})
	if err != nil {
		return p, fmt.Errorf("draw letter %s: %w", letter.ID, err)
	}
	p.HTML = html.String()
	return p, nil
}

// preview is what a list of mails, or a locked telephone, shows of a letter:
// its beginning, unless it holds a secret.
func (h Letterhead) preview(letter bot.Outgoing) string {
	if letter.Secret {
		return ""
	}
	return cut(line(markdown.Plain(letter.Markdown)), longestPreview)
}

// reasons tell why somebody gets a letter, by its kind.
var reasons = map[string]string{
	bot.LetterCode:   "letter.why_code",
	bot.LetterNotice: "letter.why_notice",
	"refusal":        "letter.why_refusal",
}

// footer is Markdown.
func (h Letterhead) footer(letter bot.Outgoing, lang string) string {
	if h.Phrases == nil {
		return ""
	}
	why, known := reasons[letter.Kind]
	if !known {
		why = "letter.why_other"
	}
	portal := h.Portal
	if portal == "" {
		portal = h.Site
	}
	where := "letter.no_reply_site"
	switch {
	case portal == "" && h.Number == "":
		where = "letter.no_reply"
	case portal == "":
		where = "letter.no_reply_number"
	case h.Number == "":
		where = "letter.no_reply_site_only"
	}
	values := map[string]any{"Owner": h.Owner[lang], "Site": portal, "Number": h.Number, "Address": letter.Unsubscribe}
	paragraphs := []string{h.Phrases.Say(lang, why, values), h.Phrases.Say(lang, where, values)}
	if letter.Unsubscribe != "" {
		paragraphs = append(paragraphs, h.Phrases.Say(lang, "letter.unsubscribe", values))
	}
	return strings.Join(paragraphs, "\n\n")
}

// line is text on one line, without what could turn it round or end it.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0xFEFF:
			return -1 // marks that change the direction of what follows
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	return strings.Join(strings.Fields(text), " ")
}

// cut shortens a line to most characters, between words if it can.
func cut(text string, most int) string {
	letters := []rune(text)
	if len(letters) <= most {
		return text
	}
	short := string(letters[:most-1])
	if space := strings.LastIndexByte(short, ' '); space > len(short)/2 {
		short = short[:space]
	}
	return strings.TrimRight(short, " ,;:.-") + "…"
}
