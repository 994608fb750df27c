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
