package search

import (
	"strings"
	"testing"

	"sportello/search/analysis"
)

func TestCourtesyIsNotPartOfTheQuestion(t *testing.T) {
	for text, want := range map[string]string{
		"Buongiorno, la consolle non parte. Grazie mille": "la consolle non parte",
		"per favore vorrei sapere come cambio il pin":     "come cambio il pin",
		"URGENTE!!! stampante ferma":                      "stampante ferma",
		"buongiorno":                                      "buongiorno", // nothing else is left
		"grazie mille":                                    "grazie mille",
	} {
		var texts []string
		for _, w := range WithoutCourtesy("it", analysis.Analyze("it", text)) {
			texts = append(texts, w.Text)
		}
		if got := strings.Join(texts, " "); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

func TestTheLanguageIsGuessedFromGrammarWords(t *testing.T) {
	for text, want := range map[string]string{
		"non riesco ad accedere alla posta": "it", "password scaduta": "it",
		"I can't open my mailbox": "en", "how do I reset the password": "en", "": "it", "il mouse non va": "it",
	} {
		if got, _ := GuessLanguage(text); got != want {
			t.Errorf("%q is taken for %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{
		"the printer does not print": true, "i forgot my pasword": true,
		"er computer nun s'accende": false, "teams webcam driver": false,
		"Error: TLS handshake failed 2026-11-20 08:12:33 openvpn[2211]: AUTH_FAILED": false,
	} {
		if lang, sure := GuessLanguage(text); (lang == "en" && sure) != want {
			t.Errorf("%q is English for sure: %v, want %v", text, !want, want)
		}
	}
}

func TestSlipsCostWhatTheyAreWorth(t *testing.T) {
	cheaper := func(typed, meant, other string) {
		t.Helper()
		a, near := SlipCost(typed, meant, 1)
		b, also := SlipCost(typed, other, 1)
		if !near || !also || a >= b {
			t.Errorf("%q: %q costs %v (%v), %q costs %v (%v)", typed, meant, a, near, other, b, also)
		}
	}
	cheaper("passsword", "password", "passswird") // a doubled letter, a neighbour
	cheaper("crata", "carta", "crato")            // two letters swapped, a letter for another
	cheaper("kiave", "chiave", "niave")
	cheaper("aqua", "acqua", "aquae")
	cheaper("stampsnte", "stampante", "stampunte")
	if _, near := SlipCost("stampante", "scanner", 2); near {
		t.Error("different words are near")
	}
}

func TestTheSpellerFindsWordsOneSlipAway(t *testing.T) {
	s := NewSpeller()
	for _, w := range []string{"password", "stampante", "lettore"} {
		s.Add(w)
	}
	for typed, want := range map[string]string{"pasword": "password", "passowrd": "password", "stampannte": "stampante", "letore": "lettore", "kettore": "lettore"} {
		found := s.Near(typed)
		if len(found) != 1 || s.Word(found[0].Word) != want {
			t.Errorf("%q: found %v, want %q", typed, found, want)
		}
	}
	if found := s.Near("cartella"); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func TestWhatWasTriedAlreadyIsHeard(t *testing.T) {
	for _, c := range []struct{ lang, text, want string }{
		{"it", "Ho già riavviato il pc ma non va", "riavviato il pc"},
		{"it", "ho già provato a cambiare password", "provato a cambiare password"},
		{"it", "la stampante non stampa, ho gia' sostituito il toner", "sostituito il toner"},
		{"it", "abbiamo già spento e riacceso il router, la rete non c'è", "spento e riacceso il router"},
		{"it", "dice che ho già usato questa password ma non è vero", ""}, // somebody else says so
		{"it", "ho provato ad accedere ma dice errore", ""},               // what does not work, not a remedy
		{"it", "ho già un ticket aperto", ""},
		{"en", "I already restarted the computer but it still freezes", "restarted the computer"},
		{"en", "I have already tried another cable", "tried another cable"},
		{"en", "is it already installed", ""},
	} {
		words := analysis.Analyze(c.lang, c.text)
		var marked []string
		for i, is := range Tried(c.lang, c.text, words) {
			if is {
				marked = append(marked, words[i].Text)
			}
		}
		if got := strings.Join(marked, " "); got != c.want {
			t.Errorf("%q: tried was %q, want %q", c.text, got, c.want)
		}
	}
}

// Whatever two words are compared, the cost is none for the same word only,
// and what one slip explains costs no more where two are allowed.
func FuzzSlipCost(f *testing.F) {
	for _, pair := range [][2]string{{"", ""}, {"pasword", "password"}, {"kiave", "chiave"}, {"aqua", "acqua"}, {"\xff", "è"}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbb"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, typed, meant string) {
		one, near := SlipCost(typed, meant, 1)
		two, also := SlipCost(typed, meant, 2)
		switch {
		case near && (!also || two > one), also && two < 0:
			t.Fatalf("%q for %q costs %v (%v) with one slip, %v (%v) with two", typed, meant, one, near, two, also)
		case also && (two == 0) != (typed == meant):
			t.Fatalf("%q for %q costs %v", typed, meant, two)
		}
	})
}
