package tickets_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"sportello/tickets"
)

func TestASubjectIsMadeOfTheApplicationAndKeywords(t *testing.T) {
	for name, test := range map[string]struct{ application, question, want string }{
		"greetings and function words go":      {"Consolle", "buongiorno la consolle nn va, non scarica i fascicoli", "Consolle: non va, non scarica fascicoli"},
		"the sentence that tells of a failure": {"Consolle", "Buongiorno, sono Mario Rossi del tribunale di Bari. La consolle non scarica i fascicoli da ieri. Grazie", "Consolle: non scarica fascicoli"},
		"capitals are softened":                {"Consolle", "LA CONSOLLE NON VA, URGENTE", "Consolle: non va"},
		"codes stay":                           {"PCT", "errore E0401 quando invio la busta", "PCT: errore E0401 invio busta"},
		"a negation keeps its verb":            {"SICOGE", "non mi fa entrare in sicoge", "SICOGE: non fa entrare"},
		"masked secrets stay out":              {"ADN", "la password ‹password› non va", "ADN: password non va"},
		"addresses stay out":                   {"ADN", "l'account di mario.rossi@giustizia.it è bloccato", "ADN: account bloccato"},
		"English":                              {"ADN", "Hello, my account is locked, please help", "ADN: account locked"},
		"without an application":               {"", "il telefono è muto", "Telefono muto"},
		"without a question":                   {"SICID", "", "SICID"},
		"a greeting is no subject":             {"", "ciao", ""},
		"former names stay":                    {"SPEDIGIUS", "siamm non si apre", "SPEDIGIUS: siamm non apre"},
		"quotes and accents":                   {"TIAP", "non “vedo” l’attività", "TIAP: non vedo attività"},
	} {
		if got := tickets.ProposeSubject(test.application, test.question); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}

func FuzzProposeSubject(f *testing.F) {
	f.Add("Consolle", "non va la consolle")
	f.Add("", strings.Repeat("parola ", 100))
	f.Add(strings.Repeat("x", 200), "")
	f.Add("à\xff", "‹‹\xffpassword› L'\u0301")
	f.Fuzz(func(t *testing.T, application, question string) {
		got := tickets.ProposeSubject(application, question)
		if utf8.RuneCountInString(got) > tickets.MaxSubject || strings.ContainsAny(got, "\n\r") {
			t.Errorf("%q is too long or has lines", got)
		}
	})
}

func TestASecondTicketForTheSameIsNoticed(t *testing.T) {
	there := tickets.Ticket{Application: "consolle", Subject: "Consolle: non scarica i fascicoli", Status: tickets.Working}
	forBruno := tickets.Beneficiary{Name: "Bruno", Email: "bruno@giustizia.it"}
	for name, test := range map[string]struct {
		draft tickets.Draft
		same  bool
	}{
		"the same words":            {tickets.Draft{Application: "consolle", Subject: "Consolle: non scarica i fascicoli"}, true},
		"inflected, in other order": {tickets.Draft{Application: "consolle", Subject: "fascicolo non scaricato"}, true},
		"another problem":           {tickets.Draft{Application: "consolle", Subject: "Consolle: errore alla firma"}, false},
		"another application":       {tickets.Draft{Application: "sicid", Subject: "SICID: non scarica i fascicoli"}, false},
		"for somebody else":         {tickets.Draft{Application: "consolle", Subject: "Consolle: non scarica i fascicoli", Beneficiary: forBruno}, false},
		"an empty subject":          {tickets.Draft{Application: "consolle", Subject: "Consolle: "}, false},
		"only negations in common":  {tickets.Draft{Application: "consolle", Subject: "non va"}, false},
	} {
		if _, same := tickets.Similar([]tickets.Ticket{{Application: "pdl", Subject: "PC: lento"}, there}, test.draft); same != test.same {
			t.Errorf("%s: same is %v", name, same)
		}
	}
	there.Beneficiary = tickets.Beneficiary{Name: "B.", Email: "BRUNO@giustizia.it"}
	d := tickets.Draft{Application: "consolle", Subject: "fascicoli, non scarica", Beneficiary: forBruno}
	if _, same := tickets.Similar([]tickets.Ticket{there}, d); !same {
		t.Error("for the same colleague it is not noticed")
	}
}
