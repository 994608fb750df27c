package tickets_test

import (
	"slices"
	"testing"

	"sportello/tickets"
)

func TestARequestIsFoundByItsNameAndByWhatHappened(t *testing.T) {
	c := shipped(t)
	for text, want := range map[string]string{
		"reset password":              "reset-password",
		"Reset a password":            "reset-password",
		"nuova utenza":                "nuova-utenza",
		"stampante":                   "stampante-scanner",
		"stampanti rotte":             "stampante-scanner",
		"la stampante non stampa più": "stampante-scanner",
		"casella condivisa":           "casella-condivisa",
		"shared mailbox":              "casella-condivisa",
		"segnalare una mail sospetta": "mail-sospetta",
		"vpn":                         "vpn",
		"SICOGE":                      "sicoge",
		"rinnovo della smart card":    "carta-rinnovo",
		"recuperare un file":          "recupero-file",
		"telefono muto":               "telefono-guasto",
		"installazione":               "installazione-software",
	} {
		offers := c.Offer(text)
		if len(offers) == 0 || offers[0].ID != want {
			t.Errorf("%q is offered %v, want %q first", text, ids(offers), want)
		}
	}
	for _, text := range []string{"", "   ", "xyzzy", "per il la", "‹password›"} {
		if offers := c.Offer(text); len(offers) > 0 && text != "‹password›" {
			t.Errorf("%q is offered %v", text, ids(offers))
		}
	}
}

func ids(types []tickets.RequestType) (all []string) {
	for _, r := range types {
		all = append(all, r.ID)
	}
	return all
}

func TestEveryRequestIsOfferedUnderItsOwnName(t *testing.T) {
	c := shipped(t)
	for _, category := range c.Categories {
		for _, r := range category.Types {
			for lang, label := range r.Label {
				if offers := c.Offer(category.Label.In(lang) + " " + label); !slices.Contains(ids(offers)[:min(3, len(offers))], r.ID) {
					t.Errorf("%q is offered %v, want %q among the first", label, ids(offers), r.ID)
				}
			}
		}
	}
}

func TestAProblemInFreeWordsIsGuessed(t *testing.T) {
	c := shipped(t)
	for text, want := range map[string]string{
		"mail sospetta": "mail-sospetta", "la consolle non scarica i fascicoli": "consolle", "ho dimenticato la password": "reset-password",
		"the printer is broken": "stampante-scanner", "boh": "",
	} {
		if r, found := c.Guess(text); r.ID != want || found != (want != "") {
			t.Errorf("%q is guessed to be %q, want %q", text, r.ID, want)
		}
	}
}
