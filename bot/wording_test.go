package bot_test

import (
	"strings"
	"testing"
	"unicode"

	"sportello/bot"
	"sportello/kb/markdown"
)

func TestWhatIsSearchedForIsTheProblem(t *testing.T) {
	for text, want := range map[string]string{
		"la vpn non va":                                                     "la vpn non va",
		"anzi no, la vpn non va":                                            "la vpn non va",
		"URGENTE!!! la consolle non va":                                     "la consolle non va",
		"smart card non letta, udienza tra 5 minuti":                        "smart card non letta",
		"il pst è bianco, il termine scade a mezzanotte":                    "il pst è bianco",
		"udienza tra 10 minuti":                                             "udienza tra 10 minuti",
		"udienza da remoto senza audio":                                     "udienza da remoto senza audio",
		"richiesta urgente":                                                 "richiesta urgente",
		"la firma si chiude java.io.IOException: no at a.B.c(D.java:1)":     "la firma si chiude",
		"java.lang.NullPointerException: x at it.foo.Bar.baz(Bar.java:123)": "java.lang.NullPointerException: x at it.foo.Bar.baz(Bar.java:123)",
		"no": "no",
		"":   "",
	} {
		if got := bot.Wording(text); got != want {
			t.Errorf("of %q is searched for %q, want %q", text, got, want)
		}
	}
}

func TestTicketsAreAboutWhatFollowsTheRequest(t *testing.T) {
	for text, want := range map[string]string{
		"apri un ticket per la stampante":            "la stampante",
		"vorrei aprire un ticket perché la vpn cade": "la vpn cade",
		"Buongiorno vorrei aprire una segnalazione":  "una segnalazione",
		"please open a ticket for the printer":       "the printer",
		"la stampante non stampa":                    "la stampante non stampa",
	} {
		if got := bot.WithoutTicketWords(text); got != want {
			t.Errorf("%q is about %q, want %q", text, got, want)
		}
	}
}

func TestMessagesAreCutOnlyWhereBothPartsSaySomething(t *testing.T) {
	for text, want := range map[string][2]string{
		"la vpn non va. la stampante neanche":               {"la vpn non va", "la stampante neanche"},
		"ho dimenticato la password e la stampante è ferma": {"ho dimenticato la password", "la stampante è ferma"},
		"the vpn fails and the printer is offline":          {"the vpn fails", "the printer is offline"},
	} {
		all := bot.Splits(text)
		if len(all) == 0 || all[0] != want {
			t.Errorf("%q is cut as %q, want %q first", text, all, want)
		}
	}
	for _, text := range []string{"password e utente", "la vpn, forse", "stampante", ""} {
		if all := bot.Splits(text); len(all) > 0 {
			t.Errorf("%q is cut as %q", text, all)
		}
	}
}

// What people write shows as they wrote it, whatever Markdown it holds.
func FuzzQuote(f *testing.F) {
	for _, text := range []string{
		"**bold** _em_ `code` ~~gone~~", "[link](javascript:alert(1)) ![img](x)", "<script>alert(1)</script>", "# heading\n\n- item\n1. one\n> quote",
		"| a | b |\n|---|---|\n| c | d |", "    code\n\ttab", "a\n===\nb\n---", "&amp; &#60;", "https://example.org www.example.org a@b.it", "1) x\n2020. y\n+ z", "***\n\\", "```\nx",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsFunc(text, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar
		}) || len(text) > bot.MaxText {
			return // Receive refuses these
		}
		quoted := bot.Quote(text)
		if got, want := words(markdown.Plain(quoted)), words(text); got != want {
			t.Errorf("%q shows as %q (quoted %q)", want, got, quoted)
		}
		html, _ := markdown.HTML(quoted, markdown.Options{})
		for _, tag := range []string{"<h", "<ul", "<ol", "<li", "<pre", "<code", "<em", "<strong", "<img", "<script", "<table", "<blockquote", "<hr", "<del"} {
			if strings.Contains(string(html), tag) {
				t.Errorf("%q becomes markup: %s", text, html)
			}
		}
	})
}

func TestLinesThatPeopleWroteStayLines(t *testing.T) {
	for text, want := range map[string]string{
		"Ci servono:\n- il modello\n- la stanza": "Ci servono:\n- il modello\n- la stanza",
		"uno\r\ndue":                             "uno\ndue",
		"uno\n\ndue\n \n\ntre":                   "uno\n\ndue\n\ntre",
		"a\\\nb":                                 "a\\\nb",
		"sola":                                   "sola",
	} {
		if got := markdown.Plain("Scrive: " + bot.Quote(text)); got != "Scrive: "+want {
			t.Errorf("%q shows as %q", text, got)
		}
	}
}

// words are a text's, apart by one blank: line breaks are not what matters.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }
