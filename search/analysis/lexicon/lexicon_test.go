package lexicon

import (
	"slices"
	"strings"
	"testing"
)

func TestWordsOfTheLanguageAreKnown(t *testing.T) {
	for _, c := range []struct{ lang, known, unknown string }{
		{"it", "fasullo consigliami cancelleria perche citta stampante stampanti riconosciuta riavviandolo aggiornarla udienze", "stampsnte pasword riconosiuta e dellufficio zzz"},
		{"en", "printer printers restarted colour color mailbox forgotten", "pritner restartd fasullo s mailbx"},
	} {
		for w := range strings.FieldsSeq(c.known) {
			if !Known(c.lang, w) {
				t.Errorf("%s: %q is not known", c.lang, w)
			}
		}
		for w := range strings.FieldsSeq(c.unknown) {
			if Known(c.lang, w) {
				t.Errorf("%s: %q is known", c.lang, w)
			}
		}
	}
	if Known("it", "") || Known("it", "Città") || Known("it", "l'ufficio") {
		t.Error("what is no folded word is known")
	}
}

func TestWordsOneSlipAwayAreFound(t *testing.T) {
	for typed, want := range map[string]string{"arrviano": "arrivano", "stampnte": "stampante", "lettoree": "lettore", "udiebza": "udienza"} {
		if found := Near("it", typed); !slices.Contains(found, want) {
			t.Errorf("%q finds %q, want %q among them", typed, found, want)
		}
	}
}

// Whatever is looked up, nothing breaks, and what is near is known.
func FuzzNear(f *testing.F) {
	for _, seed := range []string{"", "a", "stampnte", "perché", "\xff", strings.Repeat("a", 40)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, word string) {
		for _, lang := range []string{"it", "en", ""} {
			for _, near := range Near(lang, word) {
				if !Known(lang, near) || near == word {
					t.Fatalf("%q is near to %q", near, word)
				}
			}
		}
	})
}

func BenchmarkKnown(b *testing.B) {
	for b.Loop() {
		Known("it", "riconosciuta")
	}
}

func BenchmarkNear(b *testing.B) {
	for b.Loop() {
		Near("it", "riconosciata")
	}
}
