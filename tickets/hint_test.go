package tickets_test

import (
	"testing"

	"sportello/tickets"
)

const goodBody = "Da ieri la Consolle non scarica i nuovi fascicoli, ho già riavviato."

func TestADraftIsAdvisedByTheConventions(t *testing.T) {
	c := shipped(t)
	for name, test := range map[string]struct {
		draft tickets.Draft
		hints []string
	}{
		"a good one":                              {tickets.Draft{Subject: "Consolle: fascicoli non aggiornati", Body: goodBody, Application: "consolle"}, nil},
		"the application by another name":         {tickets.Draft{Subject: "Console del magistrato, fascicoli", Body: goodBody, Application: "consolle"}, nil},
		"a subject that says nothing":             {tickets.Draft{Subject: "Urgente: richiesta di aiuto", Body: goodBody}, []string{"request.hint_subject_vague"}},
		"a subject without the application":       {tickets.Draft{Subject: "Fascicoli non aggiornati", Body: goodBody, Application: "consolle"}, []string{"request.hint_subject_application"}},
		"an application named in the body only":   {tickets.Draft{Subject: "Fascicoli non aggiornati", Body: goodBody}, []string{"request.hint_subject_application"}},
		"a subject in capitals":                   {tickets.Draft{Subject: "CONSOLLE NON SCARICA FASCICOLI", Body: goodBody, Application: "consolle"}, []string{"request.hint_subject_capitals"}},
		"a body that says little":                 {tickets.Draft{Subject: "Consolle: fascicoli", Body: "non va", Application: "consolle"}, []string{"request.hint_body_short"}},
		"nothing yet":                             {tickets.Draft{}, nil},
		"a subject about no application, as is":   {tickets.Draft{Subject: "Sedia rotta", Body: "La sedia della stanza 12 ha una rotella che non gira."}, nil},
		"an application that the catalogue lacks": {tickets.Draft{Subject: "Sedia rotta", Application: "sedia"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, h := range c.Hints(test.draft) {
				got = append(got, h.Phrase)
			}
			if len(got) != len(test.hints) || len(got) > 0 && got[0] != test.hints[0] {
				t.Errorf("the hints are %v, want %v", got, test.hints)
			}
		})
	}
}
