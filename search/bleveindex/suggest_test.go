package bleveindex

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sportello/search"
)

// shelf is what suggestions are made from.
func shelf(tb testing.TB) *Index {
	tb.Helper()
	x := open(tb, "", Options{})
	docs := []search.Document{
		{ID: "stampa", Title: "La stampante non stampa", Questions: []string{"non riesco a stampare", "la stampa resta in coda"}},
		{ID: "aggiungere", Title: "Aggiungere una stampante al PC", Questions: []string{"la stampante non si trova nell'elenco"}},
		{ID: "card", Title: "Smart card o lettore non riconosciuti"},
		{ID: "pin", Title: "Smart card o lettore non riconosciuti"},
		{ID: "citta", Title: "Città di residenza sbagliata", Questions: []string{"l’account ha la città di prima"}},
		{ID: "vpn", Title: "VPN lenta", Audience: search.Employees},
		{ID: "printer", Lang: "en", Title: "The printer does not print"},
	}
	for i := range docs {
		if docs[i].Lang == "" {
			docs[i].Lang = "it"
		}
		docs[i].Sections = []search.Section{{Text: "Un monitor non c'entra."}}
	}
	if err := x.Apply(tb.Context(), 1, docs, nil); err != nil {
		tb.Fatal(err)
	}
	return x
}

func suggested(tb testing.TB, x *Index, q search.Query) (texts []string) {
	tb.Helper()
	found, err := x.Suggest(tb.Context(), q)
	if err != nil {
		tb.Fatal(err)
	}
	for _, s := range found {
		texts = append(texts, s.Text)
	}
	return texts
}

func TestSuggestionsCompleteWhatIsTyped(t *testing.T) {
	x := shelf(t)
	for name, c := range map[string]struct{ typed, want string }{
		"an unfinished word":                       {"stampan", "La stampante non stampa"},
		"an unfinished word after others":          {"stampante no", "La stampante non stampa"},
		"a stored question":                        {"riesco a st", "non riesco a stampare"},
		"words of another order":                   {"stampa coda", "la stampa resta in coda"},
		"a compound begun as two words":            {"smart ca", "Smart card o lettore non riconosciuti"},
		"a compound written as one":                {"smartcar", "Smart card o lettore non riconosciuti"},
		"letters changed about":                    {"smrat card", "Smart card o lettore non riconosciuti"},
		"the first letters changed about":          {"tsampante", "La stampante non stampa"},
		"a letter left out of an unfinished word":  {"stmpan", "La stampante non stampa"},
		"a slip in a finished word":                {"stanpante elen", "la stampante non si trova nell'elenco"},
		"the spelling of short messages":           {"nn riesco a stamp", "non riesco a stampare"},
		"accents or none":                          {"citta resi", "Città di residenza sbagliata"},
		"an apostrophe for an accent":              {"citta' resi", "Città di residenza sbagliata"},
		"courtesy around it":                       {"buongiorno, la stampa resta", "la stampa resta in coda"},
		"courtesy at the end":                      {"coda, grazie", "la stampa resta in coda"},
		"a word that nobody wrote":                 {"stampante epson non sta", "La stampante non stampa"},
		"an unfinished word that nobody wrote":     {"aggiungere stampante zeb", "Aggiungere una stampante al PC"},
		"nothing for grammar":                      {"non", ""},
		"nothing for one letter":                   {"s", ""},
		"nothing for words of the text only":       {"monit", ""},
		"nothing where most is unknown":            {"ricetta carbonara stampante", ""},
		"nothing for what is not for this reader":  {"vp", ""},
		"nothing for another language, when named": {"printer", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := suggested(t, x, search.Query{Text: c.typed, Lang: "it"})
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) == 0 || got[0] != c.want) {
				t.Errorf("%q suggests %q, want %q first", c.typed, got, c.want)
			}
		})
	}
}

func TestSuggestionsKnowTheirReader(t *testing.T) {
	x := shelf(t)
	if got := suggested(t, x, search.Query{Text: "vp", Lang: "it", Audiences: []search.Audience{search.Employees}}); !slices.Equal(got, []string{"VPN lenta"}) {
		t.Errorf("an employee is offered %q", got)
	}
	if got := suggested(t, x, search.Query{Text: "printer"}); !slices.Equal(got, []string{"The printer does not print"}) {
		t.Errorf("in no language named, %q", got)
	}
	if got := suggested(t, x, search.Query{Text: "stampa", Lang: "it"}); len(got) != 2 {
		t.Errorf("each article is offered once: %q", got)
	}
	if got := suggested(t, x, search.Query{Text: "stampa", Lang: "it", Limit: 1}); len(got) != 1 {
		t.Errorf("of one wanted come %q", got)
	}
}

func TestWhatWasTypedIsMarked(t *testing.T) {
	x := shelf(t)
	for typed, want := range map[string][]string{
		"stampante no": {"stampante", "no"},
		"citta resi":   {"Città", "resi"},
		"acc":          {"acc"},
		"smart card":   {"Smart card"},
		"stampanti ":   {"stampante"},
	} {
		found, err := x.Suggest(t.Context(), search.Query{Text: typed, Lang: "it"})
		if err != nil || len(found) == 0 {
			t.Fatalf("%q suggests nothing (%v)", typed, err)
		}
		var got []string
		for _, m := range found[0].Marks {
			got = append(got, found[0].Text[m.Start:m.End])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q in %q (-want +got):\n%s", typed, found[0].Text, diff)
		}
	}
}

// What a reader may not know about takes no place among the candidates.
func TestManyArticlesForOthersHideNoneFromAReader(t *testing.T) {
	x := open(t, "", Options{})
	docs := make([]search.Document, mostCandidates+1)
	for i := range docs {
		docs[i] = search.Document{ID: fmt.Sprint("a", i), Lang: "it", Title: fmt.Sprint("Stampante ", i), Audience: search.Operators}
	}
	docs[mostCandidates].Audience = search.All
	if err := x.Apply(t.Context(), 1, docs, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{docs[mostCandidates].Title}, suggested(t, x, search.Query{Text: "stampan", Lang: "it"})); diff != "" {
		t.Errorf("suggestions (-want +got):\n%s", diff)
	}
}

// Whatever is typed, an article is suggested once, and what is marked is text.
func FuzzSuggest(f *testing.F) {
	x := shelf(f)
	for _, s := range seeds {
		f.Add(s, true)
	}
	f.Add("smrat card", true)
	f.Add("Citt\u00e0 d", false)
	f.Fuzz(func(t *testing.T, text string, known bool) {
		q := search.Query{Text: text, Audiences: []search.Audience{search.All}, Limit: 3}
		if known {
			q.Lang = "it"
		}
		found, err := x.Suggest(t.Context(), q)
		if err != nil || len(found) > q.Limit {
			t.Fatalf("%d suggestions, %v", len(found), err)
		}
		seen := map[string]bool{}
		for _, s := range found {
			if seen[s.ID] || s.ID == "vpn" || s.Text == "" {
				t.Fatalf("suggested: %+v", s)
			}
			seen[s.ID] = true
			end := 0
			for _, m := range s.Marks {
				if m.Start < end || m.End <= m.Start || !utf8.ValidString(s.Text[m.Start:m.End]) {
					t.Fatalf("marks %v in %q", s.Marks, s.Text)
				}
				end = m.End
			}
			if strings.TrimSpace(text) == "" {
				t.Fatalf("nothing suggests %q", s.Text)
			}
		}
	})
}
