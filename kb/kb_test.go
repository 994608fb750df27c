package kb_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/kb"
	"sportello/search"
	"sportello/store"
)

var noon = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

// openLibrary returns an empty library on a database of its own.
func openLibrary(t *testing.T) *kb.Library {
	t.Helper()
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return &kb.Library{Store: store.NewArticles(db), Now: func() time.Time { return noon }}
}

func article(id, lang string) kb.Article {
	return kb.Article{
		ID: id, Lang: lang, Title: "Titolo di " + id, Questions: []string{"una domanda"}, Tags: []string{"tag"},
		Audience: account.All, Status: kb.Published, Body: "Introduzione a *" + id + "*.\n\n## Passi\n1. Uno\n2. Due\n",
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestStatusMoves(t *testing.T) {
	want := map[kb.Status]string{
		kb.Draft: "review archived ", kb.Review: "draft published archived ", kb.Published: "draft archived ", kb.Archived: "draft ",
	}
	for _, from := range kb.Statuses {
		got := ""
		for _, to := range kb.Statuses {
			if from.CanBecome(to) {
				got += string(to) + " "
			}
		}
		if got != want[from] {
			t.Errorf("%s can become %s, want %s", from, got, want[from])
		}
	}
}

func TestWhatAnArticleShows(t *testing.T) {
	a := article("vpn", "it")
	a.Application = "vpn"
	a.Body = "La *VPN*.\n\n## Passi\n1. Apra il client:\n   - così;\n   - o così.\n2. Si colleghi.\n\n### Da casa\nProvi il cavo.\n\n## Quando aprire un ticket\nSubito."
	doc := search.Document{
		ID: "vpn", Lang: "it", Title: "Titolo di vpn", Questions: []string{"una domanda"}, Tags: []string{"tag"}, Application: "vpn", Audience: search.All,
		Sections: []search.Section{
			{Text: "La VPN."},
			{Anchor: "passi", Heading: "Passi", Text: "1. Apra il client:\n   - così;\n   - o così.\n2. Si colleghi."},
			{Anchor: "da-casa", Heading: "Da casa", Text: "Provi il cavo."},
			{Anchor: "quando-aprire-un-ticket", Heading: "Quando aprire un ticket", Text: "Subito."},
		},
	}
	if diff := cmp.Diff(doc, a.Document()); diff != "" {
		t.Errorf("document (-want +got):\n%s", diff)
	}
	steps := []string{"Apra il client:\n- così;\n- o così.", "Si colleghi.\n\n### Da casa\nProvi il cavo."}
	if diff := cmp.Diff(steps, a.Steps()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	heading, text := a.Section("da-casa")
	for what, pair := range map[string][2]string{
		"summary":                {a.Summary(), "La *VPN*."},
		"URL":                    {a.URL(), "/kb/it/vpn"},
		"heading of a section":   {heading, "Da casa"},
		"Markdown of a section":  {text, "Provi il cavo."},
		"anchor of the steps":    {a.StepsAnchor(), "passi"},
		"key":                    {a.Key().String(), "it/vpn"},
		"nothing for no section": {second(a.Section("altro")), ""},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %q, want %q", what, pair[0], pair[1])
		}
	}
	if !a.IsSteps("passi") || a.IsSteps("da-casa") || a.IsSteps("") {
		t.Error("only #passi is the guided procedure")
	}
}

func second(_, text string) string { return text }

func TestStepsHaveTheHeadingOfTheirLanguage(t *testing.T) {
	for _, c := range []struct {
		lang, heading string
		steps         int
	}{{"it", "Passi", 2}, {"it", "PASSI", 2}, {"en", "Steps", 2}, {"it", "Steps", 0}, {"en", "Passi", 0}, {"it", "Altro", 0}} {
		a := article("vpn", c.lang)
		a.Body = "## " + c.heading + "\n1. a\n2. b\n"
		if got := len(a.Steps()); got != c.steps {
			t.Errorf("%d steps under %q in %s, want %d", got, c.heading, c.lang, c.steps)
		}
	}
}

func TestAFingerprintDependsOnWhatWasWritten(t *testing.T) {
	base := article("vpn", "it")
	for name, c := range map[string]struct {
		change func(*kb.Article)
		same   bool
	}{
		"where it was stored": {func(a *kb.Article) {
			a.Origin, a.Revision, a.UpdatedAt, a.UpdatedBy, a.Hash = kb.Local, 3, noon, "x", "y"
		}, true},
		"no list or an empty": {func(a *kb.Article) { a.Related = []string{} }, true},
		"the text":            {func(a *kb.Article) { a.Body += "." }, false},
		"the status":          {func(a *kb.Article) { a.Status = kb.Draft }, false},
		"the day of review":   {func(a *kb.Article) { a.ReviewBy = noon }, false},
		"words that moved":    {func(a *kb.Article) { a.Questions, a.Tags = a.Tags, a.Questions }, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := base
			c.change(&a)
			if got := a.Fingerprint() == base.Fingerprint(); got != c.same {
				t.Errorf("same fingerprint: %v", got)
			}
		})
	}
}
