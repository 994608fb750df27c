package analysis_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"sportello/internal/golden"
	"sportello/search/analysis"
)

// The golden files show what becomes of each line of a text: grammar words in
// parentheses, names with a star, stems after a slash where they differ.
func TestWordsOfTexts(t *testing.T) {
	for _, lang := range []string{analysis.Italian, analysis.English} {
		t.Run(lang, func(t *testing.T) {
			text, err := os.ReadFile("testdata/" + lang + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			lines := bufio.NewScanner(bytes.NewReader(text))
			for lines.Scan() {
				fmt.Fprintf(&got, "%s\n    %s\n", lines.Text(), show(analysis.Analyze(lang, lines.Text())))
			}
			golden.Check(t, "testdata/"+lang+".golden", got.Bytes())
		})
	}
}

func show(words []analysis.Word) string {
	shown := make([]string, len(words))
	for i, w := range words {
		s := w.Text
		if w.Term != w.Text {
			s += "/" + w.Term
		}
		if w.Name {
			s += "*"
		}
		if w.Function {
			s = "(" + s + ")"
		}
		shown[i] = s
	}
	return strings.Join(shown, " ")
}

func TestSpellingsOfOneWordMeet(t *testing.T) {
	for _, spellings := range [][]string{
		{"città", "citta", "citta'", "citta’", "CITTÀ"},
		{"perché", "perche'", "perche", "perchè"},
		{"carta", "carte"}, {"conto", "conti"}, {"amico", "amici"}, {"banca", "banche"},
		{"servizio", "servizi"}, {"tecnico", "tecnici", "tecniche"}, {"ufficio", "uffici"},
		{"smart card", "smartcard", "smart-card", "Smart Card"}, {"e-mail", "email", "E-Mail"}, {"wi-fi", "wifi", "Wi Fi"},
		{"tre", "3"}, {"venti", "20"}, {"duecento", "200"},
		{"installo", "installare", "installarlo", "installato", "installando"},
		{"cambio", "cambi", "cambiare", "cambiato"}, {"archivio", "archivi"}, {"permesso", "permessi"}, {"telefono", "telefoni"},
		{"deposito", "depositi", "depositare"}, {"rifiuto", "rifiutare", "rifiutato"}, {"cancelliere", "cancellieri"},
		{"800.749.049", "800749049"}, {".p7m", "p7m"}, {"R.G.", "RG", "rg"}, {"È", "e'", "è"},
	} {
		want := analysis.Analyze(analysis.Italian, spellings[0])
		for _, s := range spellings[1:] {
			got := analysis.Analyze(analysis.Italian, s)
			if len(got) != 1 || len(want) != 1 || got[0].Term != want[0].Term {
				t.Errorf("%q gives %v, but %q gives %v", spellings[0], want, s, got)
			}
		}
	}
}

func TestDifferentWordsStayApart(t *testing.T) {
	for _, pair := range [][2]string{{"caso", "casa"}, {"posto", "posta"}, {"foglio", "foglia"}, {"banco", "banca"}, {"modo", "moda"}, {"mese", "messo"}} {
		if a, b := analysis.Stem(analysis.Italian, pair[0]), analysis.Stem(analysis.Italian, pair[1]); a == b {
			t.Errorf("%q and %q both become %q", pair[0], pair[1], a)
		}
	}
}

func TestAnApostropheLeavesBothWords(t *testing.T) {
	for _, text := range []string{"l'utenza", "l’utenza", "L`utenza", "l´utenza", "l' utenza"} {
		words := analysis.Analyze(analysis.Italian, text)
		if len(words) != 2 || !words[0].Function || words[1].Text != "utenza" {
			t.Errorf("%q gives %s", text, show(words))
		}
	}
}

func TestMessagesAreSpeltOut(t *testing.T) {
	for short, full := range map[string]string{"nn": "non", "xke": "perche", "cmq": "comunque", "ke": "che", "grz": "grazie", "tt": "tutto", "qlc": "qualche", "sicid": "sicid"} {
		if got := analysis.Expand(analysis.Italian, short); got != full {
			t.Errorf("%q is spelt out as %q, want %q", short, got, full)
		}
	}
	if got := analysis.Expand(analysis.English, "ke"); got != "ke" {
		t.Errorf("English %q became %q", "ke", got)
	}
}

// Whatever the text, words lie in it in order, are folded and have a term.
func FuzzAnalyze(f *testing.F) {
	for _, seed := range []string{"", "L'e-mail dell’ufficio", "Script@ TIAP@Document a@b.it", "R.G. 12/2024 0x80070005", "è\u0301 é ﬁrma", "smart  card 1.2.3", "\xff\xfe", strings.Repeat("a", 200), "@@ . , '", "İI ſ K"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, lang := range []string{analysis.Italian, analysis.English} {
			end := 0
			for _, w := range analysis.Analyze(lang, text) {
				switch {
				case w.Text == "" || w.Term == "":
					t.Fatalf("%q gives an empty word: %+v", text, w)
				case w.Start < 0 || w.End > len(text) || w.Start > w.End:
					t.Fatalf("%q: %+v lies outside the text", text, w)
				case w.End < end:
					t.Fatalf("%q: %+v lies before the word before it", text, w)
				case utf8.ValidString(text) && !utf8.ValidString(w.Text):
					t.Fatalf("%q: %q is broken text", text, w.Text)
				case analysis.Fold(w.Text) != w.Text:
					t.Fatalf("%q: %q is not folded", text, w.Text)
				}
				end = w.Start
			}
		}
	})
}
