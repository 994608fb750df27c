package mail

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"sportello/bot"
	"sportello/internal/browser"
	"sportello/internal/htmlcheck"
	"sportello/internal/phrases"
)

func letterhead(t testing.TB) Letterhead {
	t.Helper()
	said, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	return Letterhead{
		Owner: map[string]string{"it": "Help Desk", "en": "Help Desk"}, Parent: "Ministero della Giustizia",
		Site: "https://assistenza.example.it", Number: "800 868 444", Phrases: said,
	}
}

func write(t testing.TB, l bot.Outgoing) Page {
	t.Helper()
	page, err := letterhead(t).Write(l)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

var inlineTags = regexp.MustCompile(`</?(code|strong|a)\b[^<>]*>`)

func TestBothPartsOfALetterSayTheSame(t *testing.T) {
	page := write(t, notice)
	shown := strings.Join(strings.Fields(inlineTags.ReplaceAllString(html.UnescapeString(page.HTML), "")), " ") + page.HTML
	for _, words := range []string{
		"Gentile Anna Verdi,", "Da quale postazione accede", "svuoti la cache con Ctrl+Maiusc+Canc", "Apra la richiesta", "https://assistenza.example.it/tickets/2026-004512",
		"perché una richiesta che La riguarda", "Non risponda a questa e-mail", "800 868 444", "non ricevere più gli avvisi facoltativi", notice.Unsubscribe,
	} {
		if !strings.Contains(page.Text, words) {
			t.Errorf("the text lacks %q:\n%s", words, page.Text)
		}
		if !strings.Contains(shown, words) {
			t.Errorf("the HTML lacks %q:\n%s", words, page.HTML)
		}
	}
	if strings.Count(page.Text, "\n-- \n") != 1 || strings.Contains(page.Text, "**") {
		t.Errorf("the text is\n%s", page.Text)
	}
	if len(page.Links) != 2 || page.Links[0] != "https://assistenza.example.it/tickets/2026-004512" {
		t.Errorf("its links are %q", page.Links)
	}
	htmlcheck.InString(t, page.HTML,
		htmlcheck.Attr("html", "lang", "it"),
		htmlcheck.Text("h1", notice.Subject),
		htmlcheck.Text("a.button", "Apra la richiesta"),
		htmlcheck.Attr("a.button", "href", "https://assistenza.example.it/tickets/2026-004512"),
		htmlcheck.Count("a.button", 1),
		htmlcheck.Count("table:not([role=presentation])", 0),
		htmlcheck.None("img, script, link, iframe, form, [src], [onclick]"),
	)
	if strings.Contains(page.HTML, "url(") || strings.Contains(page.HTML, "@import") {
		t.Error("the letter loads something")
	}
}

func TestALetterSpeaksItsLanguage(t *testing.T) {
	english := notice
	english.Lang = "en"
	page := write(t, english)
	if !strings.Contains(page.Text, "Please do not answer this e-mail") || !strings.Contains(page.HTML, `lang="en"`) {
		t.Errorf("in English it is\n%s", page.Text)
	}
	english.Lang = ""
	if page := write(t, english); page.Lang != "it" || !strings.Contains(page.Text, "Non risponda") {
		t.Errorf("without a language it is\n%s", page.Text)
	}
}

func TestAFooterTellsOnlyWhatIsThere(t *testing.T) {
	plain := notice
	plain.Unsubscribe = ""
	for name, c := range map[string]struct {
		site, number string
		lacks        []string
	}{
		"neither portal nor number": {"", "", []string{"portale", "numero verde", "avvisi facoltativi"}},
		"a number only":             {"", "800 1", []string{"portale"}},
		"a portal only":             {"https://a.example.it", "", []string{"numero verde"}},
	} {
		h := letterhead(t)
		h.Site, h.Number = c.site, c.number
		page, err := h.Write(plain)
		if err != nil || !strings.Contains(page.Text, "Non risponda a questa e-mail") || !strings.Contains(page.Text, c.site) || !strings.Contains(page.Text, c.number) {
			t.Errorf("%s: %v\n%s", name, err, page.Text)
		}
		_, footer, _ := strings.Cut(page.Text, "\n-- \n")
		for _, words := range c.lacks {
			if strings.Contains(footer, words) {
				t.Errorf("%s: the footer says %q\n%s", name, words, footer)
			}
		}
		if c.site == "" && strings.Contains(page.HTML, `href="/`) {
			t.Errorf("%s: a link leads nowhere", name)
		}
	}
}

func TestALockedTelephoneShowsNoSecret(t *testing.T) {
	code := letter
	code.Kind, code.Secret = bot.LetterCode, true
	if h := letterhead(t); h.preview(code) != "" || !strings.HasPrefix(h.preview(notice), "Gentile Anna Verdi, per andare avanti") {
		t.Errorf("the previews are %q and %q", h.preview(code), h.preview(notice))
	}
}

func TestHostileWordsStayWords(t *testing.T) {
	l := notice
	l.Subject = "A\r\nBcc: x@y.it\x00\u202e<script>alert(1)</script>\xff " + strings.Repeat("città ", 100)
	l.Markdown = "<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](data:text/html,a) ![pixel](https://evil.example/p.png) ![nostra](/a.png)\n\n# Titolo\n\n[<img src=x>](https://example.it/\"onclick=alert(1))"
	page := write(t, l)
	if strings.ContainsAny(page.Subject, "\r\n\x00\u202e") || !utf8.ValidString(page.Subject) || utf8.RuneCountInString(page.Subject) > longestSubject {
		t.Errorf("the subject is %q", page.Subject)
	}
	htmlcheck.InString(t, page.HTML, htmlcheck.None("script, img, [onclick], a[href^=javascript], a[href^=data]"), htmlcheck.Count("h1", 1), htmlcheck.Has("h2"))
	if !strings.Contains(page.HTML, "pixel") || !strings.Contains(page.HTML, "nostra") {
		t.Error("a picture that is not loaded lost its description")
	}
}

func TestLettersAboutOneTicketBelongTogether(t *testing.T) {
	s := serve(t, nil)
	sender := s.sender()
	sender.Letterhead = letterhead(t)
	second, other, none := notice, notice, notice
	second.ID, other.ID, none.ID = "L2", "L3", "L4"
	other.Thread, none.Thread = "2026-000001", ""
	var threads []string
	for _, l := range []bot.Outgoing{notice, second, other, none} {
		if _, err := sender.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
		m, err := netmail.ReadMessage(strings.NewReader(s.mails[len(s.mails)-1]))
		if err != nil {
			t.Fatal(err)
		}
		threads = append(threads, m.Header.Get("References"))
		if m.Header.Get("References") != m.Header.Get("In-Reply-To") || m.Header.Get("User-Agent")+m.Header.Get("X-Mailer") != "" {
			t.Errorf("the headers are %v", m.Header)
		}
		for text := range strings.SplitSeq(s.mails[len(s.mails)-1], "\n") {
			if len(text) > 998 {
				t.Errorf("a line has %d characters", len(text))
			}
		}
	}
	if threads[0] == "" || threads[0] != threads[1] || threads[0] == threads[2] || threads[3] != "" {
		t.Errorf("the threads are %q", threads)
	}
}

func TestOneClickIsOfferedWhereItIsSafe(t *testing.T) {
	s := serve(t, nil)
	sender := s.sender()
	for address, want := range map[string]struct {
		list, post string
		hopeless   bool
	}{
		"https://a.example.it/unsubscribe/x": {"<https://a.example.it/unsubscribe/x>", "List-Unsubscribe=One-Click", false},
		"http://127.0.0.1:8080/u/x":          {"<http://127.0.0.1:8080/u/x>", "", false},
		"":                                   {"", "", false},
		"javascript:alert(1)":                {"", "", true},
		"https://a.it/x>\r\nBcc: a@b.it":     {"", "", true},
		"/unsubscribe/x":                     {"", "", true},
	} {
		l := notice
		l.Unsubscribe = address
		s.mails = nil
		_, err := sender.Send(t.Context(), l)
		if want.hopeless {
			if err == nil || len(s.mails) > 0 {
				t.Errorf("%q: a letter leaves that nobody can switch off", address)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", address, err)
			continue
		}
		m, err := netmail.ReadMessage(strings.NewReader(s.mails[0]))
		if err != nil || m.Header.Get("List-Unsubscribe") != want.list || m.Header.Get("List-Unsubscribe-Post") != want.post {
			t.Errorf("%q: the headers are %v (%v)", address, m.Header, err)
		}
	}
}

func TestEverybodyCanReadALetter(t *testing.T) {
	code := bot.Outgoing{
		ID: "c", Kind: bot.LetterCode, Lang: "en", Secret: true, Subject: "Your code for the Help Desk",
		Markdown: "Your code is **482913**. Write it in the conversation with the assistant: it is valid for ten minutes.\n\nIf you did not ask for it, ignore this message. No operator will ever ask you for this code.",
	}
	table := notice
	table.Markdown += "\n\n## Che cosa è cambiato\n\n| Quando | Che cosa |\n|---|---|\n| 27/11/2026, ore 9:00 | presa in carico |\n\n```\nORA-01017: invalid username/password; logon denied, and a very long line that has to break somewhere\n```\n\n---\n\n- punto"
	b := browser.Start(t)
	for name, l := range map[string]bot.Outgoing{"notice": notice, "code": code, "table": table} {
		page := write(t, l)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:")
			_, _ = fmt.Fprint(w, page.HTML)
		}))
		for look, screen := range map[string]browser.Screen{
			"light-wide": {}, "dark-wide": {Dark: true}, "light-narrow": {Width: 320, Height: 700}, "dark-narrow": {Width: 320, Height: 700, Dark: true},
		} {
			tab := b.Open(t, server.URL, screen)
			tab.Axe(name + ", " + look)
			if wide := browser.Eval[int](tab, "document.documentElement.scrollWidth"); screen.Width > 0 && wide > int(screen.Width) {
				t.Errorf("%s, %s: it is %d wide", name, look, wide)
			}
			tab.FullShot("letter-" + name + "-" + look)
		}
		server.Close()
	}
}
