package bleveindex

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sportello/search"
)

// desk is a small knowledge base.
func desk() []search.Document {
	return []search.Document{
		{ID: "password-scaduta", Lang: "it", Title: "Password scaduta o dimenticata", Questions: []string{"devo cambiare la password e non la ricordo"},
			Sections: []search.Section{{Text: "La password del dominio scade."}, {Anchor: "passi", Heading: "Passi", Text: "Prema CTRL+ALT+CANC e scelga Cambia password."}}},
		{ID: "smart-card", Lang: "it", Title: "Smart card o lettore non riconosciuti", Questions: []string{"il lettore lampeggia ma niente"},
			Sections: []search.Section{{Text: "Controlli che il chip sia dal lato giusto e provi un'altra porta USB."}}},
		{ID: "sicoge-accesso", Lang: "it", Title: "Accesso a SICOGE", Application: "sicoge",
			Sections: []search.Section{{Text: "Per l'utenza scaduta chiami il numero verde, tasto 3 e poi 1."}}},
		{ID: "stampante", Lang: "it", Title: "Stampante o scanner", Questions: []string{"stampa in coda e non esce"}, Audience: search.Employees,
			Sections: []search.Section{{Text: "Svuoti la coda di stampa e riavvii."}}},
		{ID: "ruolino", Lang: "it", Title: "Procedura interna zibaldone", Audience: search.Operators,
			Sections: []search.Section{{Text: "Solo per operatori: zibaldone."}}},
		{ID: "password-expired", Lang: "en", Title: "Password expired or forgotten",
			Sections: []search.Section{{Text: "Press CTRL+ALT+DEL and choose Change a password."}}},
	}
}

func open(t testing.TB, dir string, o Options) *Index {
	t.Helper()
	x, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

func filled(t testing.TB, o Options) *Index {
	t.Helper()
	x := open(t, "", o)
	if err := x.Apply(t.Context(), 7, desk(), nil); err != nil {
		t.Fatal(err)
	}
	return x
}

func ask(t testing.TB, x *Index, text string, audiences ...search.Audience) search.Result {
	t.Helper()
	r, err := x.Search(t.Context(), search.Query{Text: text, Lang: "it", Audiences: audiences, Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func first(r search.Result) string {
	if len(r.Hits) == 0 {
		return ""
	}
	return r.Hits[0].ID
}

func TestQuestionsAsPeopleWriteThemFindTheirArticle(t *testing.T) {
	x := filled(t, Options{
		Synonyms:     search.Synonyms{"it": {{From: []string{"tesserino"}, To: []string{"smart card"}, Weight: 0.8}}},
		Applications: []search.Application{{ID: "sicoge", Name: "SICOGE", Aliases: []string{"contabilità ministero"}}},
	})
	for question, want := range map[string]string{
		"ho dimenticato la password":            "password-scaduta",
		"HO DIMENTICATO LA PASSWORD":            "password-scaduta",
		"pasword dimenticata":                   "password-scaduta",
		"buongiorno, nn ricordo la psw, grazie": "password-scaduta",
		"smartcard":                             "smart-card",
		"smart-card":                            "smart-card",
		"il tesserino non va":                   "smart-card",
		"il letore lampegia":                    "smart-card",
		"sicoge":                                "sicoge-accesso",
		"contabilita' ministero":                "sicoge-accesso",
	} {
		if got := first(ask(t, x, question)); got != want {
			t.Errorf("%q finds %q first, want %q", question, got, want)
		}
	}
}

func TestACorrectionIsTold(t *testing.T) {
	x := filled(t, Options{})
	r := ask(t, x, "pasword dimenticta")
	if len(r.Corrections) != 2 || r.Reading != "password dimenticata" {
		t.Errorf("understood as %q, corrected %v", r.Reading, r.Corrections)
	}
	if r := ask(t, x, "password"); len(r.Corrections) > 0 {
		t.Error("a known word was corrected")
	}
}

func TestWordsAreMendedOnlyWhereTheyAreMisspelt(t *testing.T) {
	x := filled(t, Options{})
	for typed, want := range map[string]string{
		"il micro e' fasullo":     "",                         // real words that no article uses
		"consigliami un micro":    "",                         //
		"la paswrod e' scadta":    "la password e' scaduta",   // two slips in a word
		"PASSWRD dimentucata":     "PASSWORD dimenticata",     // capitals stay
		"i lettori ricnosciuti":   "i lettori riconosciuti",   //
		"lettore ricosciuti":      "lettore riconosciuti",     //
		"controlandolo non parte": "controllandolo non parte", // a form that no article has
		"il ledtore laempggia":    "il lettore lampeggia",     //
		"nonva il lettore":        "",                         // grammar alone is no news
		"la smrat card lampeggia": "la smartcard lampeggia",   // a compound with a slip in one part
		"la smart crad lampeggia": "la smartcard lampeggia",   // either
	} {
		if r := ask(t, x, typed); r.Reading != want {
			t.Errorf("%q is read as %q (%v), want %q", typed, r.Reading, r.Corrections, want)
		}
	}
	r, err := x.Search(t.Context(), search.Query{Text: "pasword scadta", Lang: "it", Exact: true})
	if err != nil || r.Reading != "" || len(r.Hits) > 0 && r.Query != "pasword scadta" {
		t.Errorf("exactly what was typed is read as %q, %v", r.Reading, err)
	}
}

// A name with an at sign is looked up as a whole and by its parts: where both
// are misspelt, one correction tells it.
func TestAMisspeltNameIsReadOnce(t *testing.T) {
	x := filled(t, Options{})
	docs := []search.Document{{ID: "tiap", Lang: "it", Title: "TIAP@Document non si apre"}, {ID: "script", Lang: "it", Title: "Accesso a Script@"}}
	if err := x.Apply(t.Context(), 8, docs, nil); err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]struct{ reading, id string }{
		"il tiap@documnt non parte": {"il tiap@document non parte", "tiap"},
		"Scrpit@ non va":            {"Script@ non va", "script"},
	} {
		r := ask(t, x, typed)
		if r.Reading != want.reading || len(r.Corrections) != 1 || first(r) != want.id {
			t.Errorf("%q is read as %q (%v) and finds %q", typed, r.Reading, r.Corrections, first(r))
		}
	}
}

func TestWhatWasTriedAlreadyIsNoAnswer(t *testing.T) {
	x := filled(t, Options{})
	plain, tried := ask(t, x, "provare a cambiare la password"), ask(t, x, "ho già provato a cambiare la password")
	if first(plain) != "password-scaduta" || tried.Confidence >= plain.Confidence || tried.Decision == search.Answer {
		t.Errorf("%.2f for doing it, %.2f (%s) for having done it", plain.Confidence, tried.Confidence, tried.Decision)
	}
	if got := first(ask(t, x, "il lettore lampeggia, ho già cambiato la password del dominio ma niente")); got != "smart-card" {
		t.Errorf("what was tried pulls up %q", got)
	}
}

func TestNobodyFindsWhatIsNotForThem(t *testing.T) {
	x := filled(t, Options{})
	for _, c := range []struct {
		text      string
		audiences []search.Audience
		want      string
	}{
		{"stampa in coda", nil, ""},
		{"stampa in coda", []search.Audience{search.All}, ""},
		{"stampa in coda", []search.Audience{search.All, search.Employees}, "stampante"},
		{"zibaldone", []search.Audience{search.All, search.Employees}, ""},
		{"zibaldone", []search.Audience{search.All, search.Operators}, "ruolino"},
	} {
		r := ask(t, x, c.text, c.audiences...)
		if got := first(r); got != c.want {
			t.Errorf("%q for %v finds %q, want %q", c.text, c.audiences, got, c.want)
		}
	}
	if r := ask(t, x, "zibaldne", search.All); len(r.Corrections) > 0 {
		t.Errorf("a correction gives away a word of the operators: %q", r.Query)
	}
	hints, err := x.Suggest(t.Context(), search.Query{Text: "zib", Lang: "it", Audiences: []search.Audience{search.All}})
	if err != nil || len(hints) > 0 {
		t.Errorf("suggestions give away %v, %v", hints, err)
	}
}

func TestChitchatIsNotAnswered(t *testing.T) {
	x := filled(t, Options{})
	for _, text := range []string{"", "   ", "?!", "ciao", "sei un robot?", "che tempo fa domani", "quanto è alto il monte bianco", "mi sposi?"} {
		if r := ask(t, x, text); r.Decision != search.Abstain {
			t.Errorf("%q: %s with %.2f for %s", text, r.Decision, r.Confidence, first(r))
		}
	}
}

func TestChangesAreKeptInTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, Options{})
	if err := x.Apply(t.Context(), 3, desk(), nil); err != nil {
		t.Fatal(err)
	}
	changed := desk()[0]
	changed.Title = "Parola chiave smarrita"
	if err := x.Apply(t.Context(), 4, []search.Document{changed}, []search.Key{{ID: "smart-card", Lang: "it"}}); err != nil {
		t.Fatal(err)
	}
	check := func(x *Index) {
		t.Helper()
		if n, _ := x.Documents(); n != 5 || x.Seq() != 4 {
			t.Errorf("%d documents at change %d", n, x.Seq())
		}
		if got := first(ask(t, x, "smarrita")); got != "password-scaduta" {
			t.Errorf("the new title finds %q", got)
		}
		if got := first(ask(t, x, "lampeggia")); got != "" {
			t.Errorf("a removed article is found: %q", got)
		}
	}
	check(x)
	before := ask(t, x, "cambiare password").Hits[0].Score
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	x = open(t, dir, Options{})
	check(x)
	if after := ask(t, x, "cambiare password").Hits[0].Score; after != before {
		t.Errorf("score %v before, %v after opening again", before, after)
	}
}

func TestASecondProcessIsToldThatTheIndexIsInUse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	open(t, dir, Options{})
	if _, err := Open(dir, Options{}); !errors.Is(err, ErrLocked) {
		t.Errorf("got %v", err)
	}
}

func TestABrokenOrForeignIndexIsToBeBuiltAgain(t *testing.T) {
	make := func(t *testing.T) (string, *Index) {
		dir := filepath.Join(t.TempDir(), "index")
		x := open(t, dir, Options{})
		if err := x.Apply(t.Context(), 1, desk(), nil); err != nil {
			t.Fatal(err)
		}
		return dir, x
	}
	t.Run("another version", func(t *testing.T) {
		dir, x := make(t)
		if err := x.folder.setVersion("0.9"); err != nil {
			t.Fatal(err)
		}
		x.Close()
		if _, err := Open(dir, Options{}); !errors.Is(err, ErrRebuild) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("files cut short or overwritten", func(t *testing.T) {
		for _, spoil := range []func(string) error{
			func(f string) error { return os.Truncate(f, 10) },
			func(f string) error { return os.WriteFile(f, []byte(strings.Repeat("x", 5000)), 0o600) },
			os.Remove,
		} {
			dir, x := make(t)
			x.Close()
			filepath.WalkDir(dir, func(f string, d os.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					if err := spoil(f); err != nil {
						t.Fatal(err)
					}
				}
				return nil
			})
			if _, err := Open(dir, Options{}); !errors.Is(err, ErrRebuild) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestAReleasedIndexGoesOnInMemoryAndLeavesTheFolderToOthers(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "index")
	x := open(t, dir, Options{})
	if err := x.Apply(t.Context(), 1, desk(), nil); err != nil {
		t.Fatal(err)
	}
	if err := x.Release(); err != nil {
		t.Fatal(err)
	}
	other := open(t, dir, Options{})
	if other.Seq() != 1 {
		t.Errorf("the other process opens change %d", other.Seq())
	}
	if got := first(ask(t, x, "accesso a sicoge")); got != "sicoge-accesso" {
		t.Errorf("the released index finds %q first", got)
	}
	if err := x.Apply(t.Context(), 2, nil, []search.Key{{ID: "sicoge-accesso", Lang: "it"}}); err != nil {
		t.Fatal(err)
	}
	if got := first(ask(t, x, "accesso a sicoge")); got == "sicoge-accesso" {
		t.Error("a change in memory is not seen")
	}
	if got := first(ask(t, other, "accesso a sicoge")); got != "sicoge-accesso" {
		t.Errorf("the folder changed with it: it finds %q first", got)
	}
}
