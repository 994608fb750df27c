package privacy

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/internal/phrases"
)

// What must go. The key is what a person writes, the value what is kept.
var secretive = map[string]string{
	// passwords, in Italian
	"la mia password è Estate2024":                          "la mia password è ‹password›",
	"La mia password e' Estate2024!":                        "La mia password e' ‹password›",
	"LA MIA PASSWORD È ESTATE2024":                          "LA MIA PASSWORD È ‹password›",
	"la mia password e Estate2024":                          "la mia password e ‹password›",
	"la password è gattino":                                 "la password è ‹password›",
	"la mia password è gattino e non funziona":              "la mia password è ‹password› e non funziona",
	"la mia password è gattino, mi aiuta?":                  "la mia password è ‹password› mi aiuta?",
	"pw: X9k":                                               "pw: ‹password›",
	"pw: gattino":                                           "pw: ‹password›",
	"pwd=abc123":                                            "pwd=‹password›",
	"PSW : Napoli1926":                                      "PSW : ‹password›",
	"pass Xyz123!":                                          "pass ‹password›",
	"password=…Segreta99":                                   "password=‹password›",
	"password=Segreta99&utente=mario":                       "password=‹password›&utente=mario",
	"password Estate2024!":                                  "password ‹password›",
	"password:\nEstate2024":                                 "password:\n‹password›",
	"Utente: mrossi\nPassword: cavallo\nGrazie":             "Utente: mrossi\nPassword: ‹password›\nGrazie",
	"user mrossi password Giustizia#1":                      "user mrossi password ‹password›",
	"la nuova password è Giustizia.2026":                    "la nuova password è ‹password›",
	"ho messo come password Roma2026 e non entra":           "ho messo come password ‹password› e non entra",
	"uso la password Estate2024 per SICID":                  "uso la password ‹password› per SICID",
	"la password di ADN è Estate2024":                       "la password di ADN è ‹password›",
	"la password del portale è Estate2024":                  "la password del portale è ‹password›",
	"la password dell'account adn è Estate2024":             "la password dell'account adn è ‹password›",
	"la password è questa: Estate2024":                      "la password è questa: ‹password›",
	"la password è la seguente: cavallo7":                   "la password è la seguente: ‹password›",
	"password provvisoria Giustizia1":                       "password provvisoria ‹password›",
	"ho cambiato la password da Estate2023 a Estate2024":    "ho cambiato la password da ‹password› a ‹password›",
	"vecchia password Estate2023, nuova password Inverno24": "vecchia password ‹password› nuova password ‹password›",
	"parola chiave: Pippo99":                                "parola chiave: ‹password›",
	"la mia parola chiave è Pippo99":                        "la mia parola chiave è ‹password›",
	"Estate2024 è la mia password":                          "‹password› è la mia password",
	"Estate2024 e' la password":                             "‹password› e' la password",
	`password "due parole 12" non va`:                       "password ‹password› non va",
	`la password è "cavallo zoppo"`:                         "la password è ‹password›",
	"la password è «Cavallo»":                               "la password è ‹password›",
	`{"user":"m","password":"cavallo9"}`:                    `{"user":"m","password":‹password›}`,
	"db.password=abc123":                                    "db.password=‹password›",
	"export ADN_PASSWORD=abc123":                            "export ADN_PASSWORD=‹password›",
	"password -> Estate2024":                                "password -> ‹password›",
	"password → cavallo":                                    "password → ‹password›",
	"la password ora è cambiata in Estate2024":              "la password ora è cambiata in ‹password›",
	"password (Estate2024) non accettata":                   "password (‹password› non accettata",
	"password 12345678":                                     "password ‹password›",
	"la password è 1234":                                    "la password è ‹password›",
	"password: p@ssw0rd":                                    "password: ‹password›",
	"la mia pw è mario.rossi1":                              "la mia pw è ‹password›",
	"credenziali: mrossi Estate2024":                        "credenziali: mrossi ‹password›",
	"credenziali: mrossi / Estate2024!":                     "credenziali: mrossi / ‹password›",
	"credenziali: rossi01 / Estate2024!":                    "credenziali: ‹password› / ‹password›",
	"pass: qwerty":                                          "pass: ‹password›",
	"password: GiustiziaRoma":                               "password: ‹password›",
	"la psw è sempre Estate2024":                            "la psw è sempre ‹password›",
	"password wifi: casamia77":                              "password wifi: ‹password›",
	"ho impostato Pippo99 come password":                    "ho impostato ‹password› come password",
	"user/pass: rossi / Pippo99":                            "user/pass: rossi / ‹password›",
	"la mia passwrd è Pippo99":                              "la mia passwrd è ‹password›",
	"passsword Pippo99":                                     "passsword ‹password›",
	"la password (quella vecchia) è Pippo99":                "la password (quella vecchia) è ‹password›",
	"la mia password, Pippo99, non va":                      "la mia password, ‹password› non va",
	"password 1234":                                         "password ‹password›",
	"la password era Pippo99 fino a ieri":                   "la password era ‹password› fino a ieri",
	// in English
	"my password is hunter2":               "my password is ‹password›",
	"the password is Swordfish":            "the password is ‹password›",
	"my password is swordfish.":            "my password is ‹password›",
	"the password is \"open sesame\"":      "the password is ‹password›",
	"I use the password Winter2025 for it": "I use the password ‹password› for it",
	"my new password: winter":              "my new password: ‹password›",
	"Winter2025 is my password":            "‹password› is my password",
	"passwd hunter22":                      "passwd ‹password›",
	"passphrase: correct-horse-9":          "passphrase: ‹password›",
	// PIN, PUK, OTP
	"il mio pin è 12345":                      "il mio pin è ‹PIN›",
	"pin 1234":                                "pin ‹PIN›",
	"PIN: 0000":                               "PIN: ‹PIN›",
	"il PIN della carta è 87654321":           "il PIN della carta è ‹PIN›",
	"il pin della smart card e' 12345678":     "il pin della smart card e' ‹PIN›",
	"puk 98765432 non accettato":              "puk ‹PIN› non accettato",
	"PUK=12345678":                            "PUK=‹PIN›",
	"otp 123 456":                             "otp ‹PIN›",
	"l'otp è 987654":                          "l'otp è ‹PIN›",
	"mi è arrivato l'otp 445566 ma scade":     "mi è arrivato l'otp ‹PIN› ma scade",
	"codice di verifica: A1B2C3":              "codice di verifica: ‹PIN›",
	"codice di sicurezza 123456":              "codice di sicurezza ‹PIN›",
	"my pin is 4321":                          "my pin is ‹PIN›",
	"the verification code is 445566":         "the verification code is ‹PIN›",
	"123456 è il mio pin":                     "‹PIN› è il mio pin",
	"pin 12345 e puk 98765432":                "pin ‹PIN› e puk ‹PIN›",
	"il PIN è a 5 cifre: 12345":               "il PIN è a 5 cifre: ‹PIN›",
	"chiamare 3471234567/3491234567":          "chiamare ‹cellulare›/‹cellulare›",
	"cvv 123":                                 "cvv 123", // three digits alone say nothing
	"il pin 12345 e la password è Estate2024": "il pin ‹PIN› e la password è ‹password›",
	// codice fiscale
	"RSSMRA85T10A562S":                               "‹codice-fiscale›",
	"il mio cf è rssmra85t10a562s grazie":            "il mio cf è ‹codice-fiscale› grazie",
	"CF: RSS MRA 85T10 A562S":                        "CF: ‹codice-fiscale›",
	"codice fiscale R S S M R A 8 5 T 1 0 A 5 6 2 S": "codice fiscale ‹codice-fiscale›",
	"RSSMRA85T10A562X con la lettera sbagliata":      "‹codice-fiscale› con la lettera sbagliata",
	"omocodia RSSMRA85T10A56NH":                      "omocodia ‹codice-fiscale›",
	"di Rossi (RSSMRA85T10A562S), nato a Bari":       "di Rossi (‹codice-fiscale›), nato a Bari",
	// IBAN
	"IT60X0542811101000000123456":                    "‹IBAN›",
	"iban it60 x054 2811 1010 0000 0123 456 grazie":  "iban ‹IBAN› grazie",
	"IBAN: DE89370400440532013000.":                  "IBAN: ‹IBAN›.",
	"bonifico su GB82 WEST 1234 5698 7654 32 domani": "bonifico su ‹IBAN› domani",
	// cards
	"carta 4111 1111 1111 1111":      "carta ‹carta›",
	"4111111111111111":               "‹carta›",
	"mastercard 5555-5555-5555-4444": "mastercard ‹carta›",
	"amex 3782 822463 10005":         "amex ‹carta›",
	// mobiles
	"chiamatemi al 347 1234567":      "chiamatemi al ‹cellulare›",
	"il mio cell 3471234567":         "il mio cell ‹cellulare›",
	"+39 347 123 4567":               "‹cellulare›",
	"+393471234567 dopo le 14":       "‹cellulare› dopo le 14",
	"0039 333 1234567":               "‹cellulare›",
	"cell. 333-1234567":              "cell. ‹cellulare›",
	"333/1234567":                    "‹cellulare›",
	"numero 328.12.34.567, chiamate": "numero ‹cellulare›, chiamate",
	// keys
	"Authorization: Bearer abcdef0123456789ABCDEF":                               "Authorization: Bearer ‹token›",
	"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl":                      "‹token›",
	"token: a1b2c3d4e5f6a7b8":                                                    "token: ‹token›",
	"api_key=0f9e8d7c6b5a4f3e":                                                   "api_key=‹token›",
	"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nfine": "‹token›\nfine",
	"-----BEGIN PRIVATE KEY-----\nMIIE tagliata":                                 "‹token›",
}

// What must survive: the ordinary language of a help desk.
var ordinarySentences = []string{
	"la password è scaduta", "password dimenticata", "la password non funziona", "reset password", "pin bloccato",
	"il pin è sbagliato", "ho dimenticato la password", "password scaduta", "Password scaduta o dimenticata",
	"devo cambiare pass e non la ricordo", "outlook chiede sempre la pass", "la password è sempre la stessa",
	"la password è corta", "la password è troppo lunga", "la password non è corretta", "la password è errata",
	"la password: come la cambio?", "password: problema", "password: scaduta", "Oggetto: reset password: urgente",
	"Problema password: non riesco ad entrare", "la mia password è scaduta", "la mia password è stata cambiata",
	"la mia password è bloccata da ieri", "la mia password è dimenticata", "la password è quella di ieri",
	"la password è obbligatoria", "la password è uguale a prima", "la password è giusta ma non entra",
	"password e utenza bloccata", "password e pin non funzionano", "utente e password non riconosciuti",
	"credenziali scadute", "credenziali errate", "le mie credenziali non vanno", "cambio password outlook",
	"password windows 11", "password Office365", "password di Outlook 2016", "reset password SICOGE",
	"la password scade tra 90 giorni", "password di almeno 12 caratteri", "la password deve avere 8 caratteri",
	"password minimo 14 caratteri", "password scaduta il 23/11/2026", "password cambiata alle 10:30",
	"password mario.rossi@giustizia.it", "la password per https://helpdesk.giustizia.it", "password file.p7m",
	"password errore 0x80070005", "password errata, errore E0401", "la password non va e il codice è E0401",
	"reset-password", "password-scaduta", "vai su password/utente", "password?", "password!!!", "password", "pw", "la pw",
	"la password del portale è scaduta", "la password di ADN è bloccata", "come faccio a resettare la password",
	"mi chiede la password di amministratore", "password ticket 2026-004512", "non ricordo la parola chiave",
	"la password? non la ricordo", "password NoiPA", "password OneDrive", "password non valida", "la password è ok",
	"la password è vuota", "ho inserito la password 3 volte", "ho provato la password 5 volte",
	"pin errato 3 volte", "pin bloccato dopo 3 tentativi", "il pin è bloccato", "il pin è di 8 cifre", "PIN o PUK bloccato",
	"il PIN della CMG non funziona", "PUK perso", "il puk non lo trovo", "otp non arriva", "l'otp scade in 300 secondi",
	"il codice otp non arriva", "il codice di verifica non arriva", "pin", "PIN!", "spin 1234567",
	"pin-bloccato", "errore pin 0x80100018", "PIN e firma", "il token non viene letto", "token: non riconosciuto",
	"chiavetta token Aruba", "il lettore del token lampeggia",
	"my password has expired", "I forgot my password", "the password is wrong", "the password is not working",
	"my password is expired", "my password is locked", "password reset please", "please reset my password",
	"the password is incorrect", "my pin is blocked", "my password doesn't work", "pass the parameter to the form",
	"the password must be 14 characters long", "password expired on 12/11/2026",
	"non trovo la password dell'utente mrossi82", "password utente MROSSI82", "password per SICID2", "password a 14caratteri",
	"la password è un mistero", "la password è sul foglio", "la password è scritta dietro al monitor", "password su PC00123456 non va",
	"la password è di 12 caratteri", "la password è case sensitive", "cambiare password ogni 90gg", "PUK: lo trovo dove?",
	"la password è scaduta ieri e il mio utente è mrossi82", "mi dice password is incorrect 0x8007052e", "password: ********",
	"800.749.049", "chiamo 800749049", "numero verde 800 749 049", "ticket 2026-004512", "R.G. 3471/2026", "R.G. 3471234567",
	"procedimento n. 3471234567", "errore 3221225477", "codice errore 3471234567", "0x80070005", "E0401", "esito FATAL",
	"il 23/11/2026 alle 15:30", "IP 10.20.30.40", "matricola 3331234567", "081 5551234", "06 12345678", "12345 euro",
	"versione 3.4.1.2345678", "busta 4111111111111112", "4111 1111 1111 1112", "IT60X0542811101000000123457",
	"identificativo 1234567890123456", "l'ufficio di Roma", "incontrovertibile", "ieri andava", "buongiorno la consolle nn va",
	"abbiamo aggiornato Windows 10 22H2", "KB5031234", "la stampante HP LaserJet 4250 non va", "", " ", "\n",
	"Ho cambiato telefono e il codice non arriva", "il secondo fattore non funziona", "WARN ERROR FATAL E0602",
}

func TestSecretsGo(t *testing.T) {
	for text, want := range secretive {
		masked, found := Mask(text)
		if masked != want {
			t.Errorf("%q is kept as\n\t%q, want\n\t%q", text, masked, want)
		}
		if (masked != text) != (len(found) > 0) {
			t.Errorf("%q: found %v", text, found)
		}
	}
}

func TestOrdinaryLanguageSurvives(t *testing.T) {
	for _, text := range ordinarySentences {
		if masked, found := Mask(text); masked != text || found != nil {
			t.Errorf("%q became %q, found %v", text, masked, found)
		}
	}
	if n := len(secretive) + len(ordinarySentences); n < 200 {
		t.Errorf("only %d sentences are judged", n)
	}
}

func TestKindsAreToldOnceTheGravestFirst(t *testing.T) {
	_, found := Mask("cell 3471234567, cf RSSMRA85T10A562S, pin 1234, password: Estate1, password: Estate2")
	if want := []Kind{Password, Code, TaxCode, Mobile}; !slices.Equal(found, want) {
		t.Errorf("found %v, want %v", found, want)
	}
}

func TestEveryKindIsExplainedInBothLanguages(t *testing.T) {
	files := fstest.MapFS{}
	for _, lang := range []string{"it", "en"} {
		text, err := os.ReadFile("../content/phrases/" + lang + "/privacy.yaml")
		if err != nil {
			t.Fatal(err)
		}
		files[lang+"/privacy.yaml"] = &fstest.MapFile{Data: text}
	}
	catalogue, err := phrases.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range Kinds {
		if !catalogue.Has("it", kind.Phrase()) || kind.Placeholder() == "" {
			t.Errorf("%s has no phrase or placeholder", kind)
		}
	}
}

func TestPlaceholdersAreLeftAlone(t *testing.T) {
	for _, kind := range Kinds {
		for _, text := range []string{"la mia password è " + kind.Placeholder(), "pin: " + kind.Placeholder() + ", grazie", kind.Placeholder() + " è la mia password"} {
			if masked, _ := Mask(text); masked != text {
				t.Errorf("%q became %q", text, masked)
			}
		}
	}
}

// Long and hostile texts take time in proportion to their length.
func TestLongTextsAreQuick(t *testing.T) {
	for name, piece := range map[string]string{
		"prose":      "la password non funziona e il pin è bloccato, chiamo il numero verde. ",
		"names only": "password:", "names and blanks": "password ", "digits": "3", "card digits": "4111 ",
		"tax letters": "A", "iban starts": "it60", "copulas": "è la password ", "quotes": `password "`,
		"keys": "-----BEGIN PRIVATE KEY-----", "angles": "‹", "one endless word": "x1!",
		"secrets": "password: Estate2024 ",
	} {
		took := func(size int) time.Duration {
			text := strings.Repeat(piece, size/len(piece)+1)
			start := time.Now()
			Mask(text)
			return time.Since(start)
		}
		// Generous: busy machines, the race detector; a quadratic pass takes
		// minutes, and a hundred times as long for a text ten times as long.
		if long := took(50_000); long > 3*time.Second && long > 30*took(5_000) {
			t.Errorf("%s: 50,000 bytes took %v", name, long)
		}
	}
}

func TestCheckLetter(t *testing.T) {
	for code, want := range map[string]byte{"RSSMRA85T10A562S": 'S', "MRTMTT91D08F205J": 'J'} {
		if got := checkLetter(code); got != want {
			t.Errorf("check letter of %s is %c, want %c", code, got, want)
		}
	}
}

func FuzzMask(f *testing.F) {
	for text := range secretive {
		f.Add(text)
	}
	for _, text := range ordinarySentences {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked, found := Mask(text)
		again, _ := Mask(masked)
		if diff := cmp.Diff(masked, again); diff != "" {
			t.Errorf("masking twice changes more: %s", diff)
		}
		if len(found) == 0 && masked != text {
			t.Error("the text changed, but nothing was found")
		}
		if len(masked) > 20*len(text) {
			t.Errorf("%d bytes became %d", len(text), len(masked))
		}
	})
}

func BenchmarkMask(b *testing.B) {
	text := strings.Repeat("la password non funziona, il mio pin è 12345 e il cell 3471234567. ", 750)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Mask(text)
	}
}
