package semantic

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/search"
	"sportello/search/semantic/semantictest"
)

var vpn = search.Passage{
	Title: "La VPN cade mentre Lei lavora",
	Text: `Se la connessione si interrompe, chiuda il programma Cisco AnyConnect e lo riapra dopo 30 secondi.
Prema «Connetti» e inserisca il codice di 6 cifre. Se il problema continua, scriva a assistenza@example.it oppure chiami lo 06 1234, interno 2.
La guida è su https://guide.example.it/vpn. Il codice scade dopo cinque minuti. L'errore 1.24 si risolve aggiornando alla versione 10.3.1.`,
}

func TestAFaithfulTextIsShown(t *testing.T) {
	for _, text := range []string{
		"Chiuda il programma Cisco AnyConnect e lo riapra dopo 30 secondi.",
		"Se la connessione si interrompe, Lei può chiudere Cisco AnyConnect, riaprirlo dopo 30 secondi e premere «Connetti».",
		"Prema «connetti» e inserisca il codice di sei cifre, che scade dopo 5 minuti.",
		"Se il problema continua, scriva ad assistenza@example.it o chiami lo 06 1234, interno 2.",
		"La guida è su https://guide.example.it/vpn. Il codice scade dopo cinque minuti.",
		"  Chiuda il programma\n\ne lo riapra dopo 30 secondi.  ",
	} {
		if line, why := faithful(text, "it", vpn); why != "" || line != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%q is %q: %s", text, line, why)
		}
	}
}

func TestATextThatMakesThingsUpIsNot(t *testing.T) {
	for text, want := range map[string]string{
		"NO":  "declined",
		"No.": "declined",
		"":    "too short",
		"Sì.": "too short",
		"Chiuda il programma Cisco AnyConnect e lo riapra dopo 60 secondi.":                    "number not in the article",
		"Chiuda il programma e lo riapra dopo 3 secondi.":                                      "number not in the article",
		"Inserisca il codice di otto cifre e riapra il programma.":                             "number not in the article",
		"L'errore 1.2 si risolve aggiornando alla versione 10.3.1.":                            "number not in the article",
		"Chiuda il programma e chiami lo 06 9999 per la connessione.":                          "number not in the article",
		"Se la connessione si interrompe scriva a truffa@example.com con il codice.":           "address not in the article",
		"Se la connessione si interrompe apra evil.example e inserisca il codice.":             "address not in the article",
		"Se la connessione si interrompe apra https://guide.example.it/altro e poi il codice.": "address not in the article",
		"Chiuda il programma FortiClient e lo riapra se la connessione si interrompe.":         "name not in the article",
		"Chiuda il programma e lo riapra, oppure chieda al dottor Bianchi.":                    "name not in the article",
		"SPID è il codice che si inserisce nel programma.":                                     "name not in the article",
		"Prema «chiuda tutto» e poi chiuda il programma Cisco AnyConnect.":                     "quotation not in the article",
		`Prema "chiuda tutto" e poi chiuda il programma.`:                                      "quotation not in the article",
		"Prema «Connetti e poi chiuda il programma.":                                           "quotation not in the article",
		"Certamente, volentieri! Purtroppo non posso aiutare con questa richiesta specifica.":  "words not of the article",
		"Chiuda il [programma](https://guide.example.it/vpn) e lo riapra.":                     "marked up",
		"Chiuda **il programma** e lo riapra.":                                                 "marked up",
		"<b>Chiuda</b> il programma e lo riapra.":                                              "marked up",
		"Chiuda il programma di ‹nome› e lo riapra.":                                           "marked up",
		"Chiuda il programma\x00 e lo riapra.":                                                 "unreadable",
		"Chiuda il programma\u202e e lo riapra.":                                               "unreadable",
		"Close the program and open it again after the connection is back.":                    "other language",
		strings.Repeat("Chiuda il programma e lo riapra. ", 20):                                "too long",
	} {
		if line, why := faithful(text, "it", vpn); why != want {
			t.Errorf("%q gives %q, refused for %q, want %q", text, line, why, want)
		}
	}
}

func TestAnEnglishTextIsHeldToTheSame(t *testing.T) {
	from := search.Passage{Title: "The VPN drops", Text: "Close the client and open it again after 30 seconds. Then press “Connect”."}
	if line, why := faithful("Please close the client, open it again after thirty seconds and press “Connect”.", "en", from); why != "" {
		t.Errorf("it is %q: %s", line, why)
	}
	if _, why := faithful("Close the client and wait two hours before you open it again.", "en", from); why != "number not in the article" {
		t.Errorf("it is refused for %q", why)
	}
}

func TestAQuestionIsWordedOnce(t *testing.T) {
	s := set(t, nil)
	s.Write = func(question, passage string) string {
		if question != "la vpn cade" || passage != vpn.Text {
			t.Errorf("the model gets %q and %q", question, passage)
		}
		return "Chiuda il programma Cisco AnyConnect e lo riapra dopo 30 secondi."
	}
	for range 3 {
		text, ok := s.Writer.Write(t.Context(), "la vpn cade", "it", vpn)
		if !ok || !strings.HasPrefix(text, "Chiuda il programma Cisco") {
			t.Fatalf("it writes %q, %v", text, ok)
		}
	}
	if n := len(s.Received()); n != 1 {
		t.Errorf("the server is asked %d times", n)
	}
}

func TestATextThatIsRefusedIsCountedAndNotAskedForAgain(t *testing.T) {
	s := set(t, nil)
	s.Write = func(string, string) string { return "Chiami il 112 e chiuda il programma." }
	for range 3 {
		if text, ok := s.Writer.Write(t.Context(), "la vpn cade", "it", vpn); ok {
			t.Fatalf("it writes %q", text)
		}
	}
	if n := len(s.Received()); n != 1 || s.seen.of("answer number not in the article") != 1 {
		t.Errorf("the server is asked %d times: %v", n, s.seen.all)
	}
}

func TestNothingIsWordedWithoutAPassage(t *testing.T) {
	s := set(t, nil)
	for name, from := range map[string]search.Passage{
		"empty": {Title: "T", Text: " \n"}, "endless": {Title: "T", Text: strings.Repeat("molto testo ", 1000)},
	} {
		if text, ok := s.Writer.Write(t.Context(), "la vpn cade", "it", from); ok {
			t.Errorf("%s: it writes %q", name, text)
		}
	}
	if text, ok := s.Writer.Write(t.Context(), "la vpn cade", "de", vpn); ok {
		t.Errorf("in a language without a rule it writes %q", text)
	}
	if n := len(s.Received()); n != 0 {
		t.Errorf("the server is asked %d times", n)
	}
}

func TestWhateverFailsNothingIsWordedInTime(t *testing.T) {
	for name, c := range semantictest.Faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := set(t, nil)
			if c.Kind == "late" {
				s.Writer.within = 100 * time.Millisecond
			}
			s.Fail(c.How)
			begin := time.Now()
			for range 5 {
				if text, ok := s.Writer.Write(t.Context(), "la vpn cade", "it", vpn); ok {
					t.Errorf("it writes %q", text)
				}
			}
			if took, most := time.Since(begin), time.Duration(patience)*100*time.Millisecond+5*time.Second; took > most {
				t.Errorf("five texts take %s, more than %s", took, most)
			}
			if s.seen.of("answer "+c.Kind) == 0 || s.seen.of("answer closed") == 0 {
				t.Errorf("it is counted as %v", s.seen.all)
			}
		})
	}
}

// What is shown holds no number, address or sign that the article does not.
func FuzzFaithful(f *testing.F) {
	for _, text := range []string{
		"Chiuda il programma e lo riapra dopo 30 secondi.", "Prema «Connetti» e scriva a assistenza@example.it.", "06 1234", "https://guide.example.it/vpn.", "«»", "..", "10.3.1", "a@b", "È così: 6", "\u0660 ٣",
	} {
		f.Add(text, vpn.Text)
	}
	f.Fuzz(func(t *testing.T, text, passage string) {
		line, why := faithful(text, "it", search.Passage{Title: "T", Text: passage})
		if (line == "") == (why == "") {
			t.Fatalf("%q gives %q and %q", text, line, why)
		}
		if line == "" {
			return
		}
		if again, why := faithful(line, "it", search.Passage{Title: "T", Text: passage}); again != line {
			t.Errorf("%q is refused the second time: %s", line, why)
		}
		if len(line) > 4*mostLetters || strings.ContainsAny(line, "\n\r\t<>[]{}|`*#\\") {
			t.Errorf("%q is shown", line)
		}
		if hasNumeral(passage) {
			return // digits may then stand for words
		}
		for _, number := range strings.FieldsFunc(line, func(r rune) bool { return r < '0' || r > '9' }) {
			if !strings.Contains(passage, number) {
				t.Errorf("%q is shown, %s is not in %q", line, number, passage)
			}
		}
	})
}

func hasNumeral(text string) bool {
	return slices.ContainsFunc(wordsOf(lowered(text)), func(w string) bool { return numerals[w] != "" })
}
