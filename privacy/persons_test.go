package privacy

import (
	"regexp"
	"testing"
)

func TestWhatLeavesTellsNobodysIdentity(t *testing.T) {
	for text, want := range map[string]string{
		"scrivo da mario.rossi@giustizia.it, la vpn cade":    "scrivo da ‹e-mail›, la vpn cade",
		"mario.rossi @ giustizia.it non riceve":              "‹e-mail› non riceve",
		"mario.rossi(at)giustizia.it non riceve":             "‹e-mail› non riceve",
		`accedo come ADN\mrossi ma non entra`:                "accedo come ‹utente› ma non entra",
		"utente mrossi82 bloccato":                           "utente ‹utente› bloccato",
		"nome utente: mario.rossi":                           "nome utente: ‹utente›",
		"mario.rossi non entra in SICID":                     "‹utente› non entra in SICID",
		"la matricola 12345 non risulta":                     "la matricola ‹utente› non risulta",
		"mario.rossi82 non entra in SICID":                   "‹utente› non entra in SICID",
		"mi chiamo Mario Rossi e la stampante non va":        "mi chiamo ‹nome› e la stampante non va",
		"mi chiamo mario e la stampante non va":              "mi chiamo ‹nome› e la stampante non va",
		"Sono Maria De Angelis, non entro":                   "Sono ‹nome›, non entro",
		"sono il dott. Bianchi della corte":                  "sono il dott. ‹nome› della corte",
		"il fascicolo dell'avv. D'Amico non si apre":         "il fascicolo dell'avv. ‹nome› non si apre",
		"la dott.ssa Verdi Rossini non riceve la pec":        "la dott.ssa ‹nome› non riceve la pec",
		"my name is John Smith, the vpn fails":               "my name is ‹nome›, the vpn fails",
		"chiamatemi allo 06 68851 interno 4":                 "chiamatemi allo ‹numero› interno 4",
		"chiamatemi allo 02/7600.1234":                       "chiamatemi allo ‹numero›",
		"il fascicolo 1234/2025 è vuoto":                     "il fascicolo ‹numero› è vuoto",
		"r.g. 88/25 non si apre":                             "r.g. ‹numero› non si apre",
		"il pc ha indirizzo 10.20.30.40":                     "il pc ha indirizzo ‹numero›",
		"la mia password è Estate2024 e sono Mario Rossi":    "la mia password è ‹password› e sono ‹nome›",
		"codice fiscale RSSMRA80A01H501U, cell 333 123 4567": "codice fiscale ‹codice-fiscale›, cell ‹cellulare›",
		// what tells nothing of anybody stays: meaning needs it
		"la stampante non stampa":                 "la stampante non stampa",
		"sono bloccato fuori dall'account":        "sono bloccato fuori dall'account",
		"utente bloccato dopo tre tentativi":      "utente bloccato dopo tre tentativi",
		"account scaduto, come lo rinnovo?":       "account scaduto, come lo rinnovo?",
		"errore 403 su Office 365 con Windows 11": "errore 403 su Office 365 con Windows 11",
		"il portale pst.giustizia.it è lento":     "il portale pst.giustizia.it è lento",
		"outlook.exe si chiude":                   "outlook.exe si chiude",
		"il giudice non vede la Consolle":         "il giudice non vede la Consolle",
		"":                                        "",
	} {
		got := MaskPersons(text)
		if got != want {
			t.Errorf("of %q leaves %q, want %q", text, got, want)
		}
		if again := MaskPersons(got); again != got {
			t.Errorf("masked twice, %q becomes %q", got, again)
		}
	}
}

// No address leaves, and masking what is masked changes nothing.
func FuzzMaskPersons(f *testing.F) {
	for _, text := range []string{
		"mi chiamo Mario Rossi, mario.rossi@giustizia.it", `ADN\mrossi82`, "06/6885.1234 (56)", "sono il dott. D'Amico-Rossi", "a@b", "1/22 3/4", "utente: a.b.c_d", "‹nome› sono ‹utente›",
	} {
		f.Add(text)
	}
	address := regexp.MustCompile(`[\pL\d]@[\pL\d]`)
	f.Fuzz(func(t *testing.T, text string) {
		masked := MaskPersons(text)
		if again := MaskPersons(masked); again != masked {
			t.Errorf("%q becomes %q, and that %q", text, masked, again)
		}
		if address.MatchString(masked) {
			t.Errorf("of %q leaves %q", text, masked)
		}
	})
}
