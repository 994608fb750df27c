package tickets_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/internal/fault"
	"sportello/tickets"
)

// field returns a field of the shipped catalogue.
func field(t testing.TB, request, id string) tickets.Field {
	t.Helper()
	r, _ := shipped(t).Request(request)
	f, found := r.Field(id)
	if !found {
		t.Fatalf("%s has no field %s", request, id)
	}
	return f
}

func TestAnAnswerIsRead(t *testing.T) {
	monday := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		request, field string
		answers        []string
		want           string
	}{
		"a line":            {"pc-guasto", "label", []string{"4711", " 4711 \n"}, "4711"},
		"a choice":          {"pc-guasto", "impact", []string{"office", "Il mio ufficio", "ufficio", "IL MIO UFFICIO.", "my office"}, "office"},
		"a word of one":     {"cartella-rete", "folder-right", []string{"Modifica", "change", "modifica"}, "modifica"},
		"for the author":    {"pc-guasto", "beneficiary", []string{"me", "per me", "Per me!", "for me", "sono io"}, "me"},
		"for somebody else": {"pc-guasto", "beneficiary", []string{"Luca De Rossi, luca@giustizia.it", "per il collega Luca De Rossi (luca@giustizia.it)", "Luca De Rossi <LUCA@giustizia.it>"}, "Luca De Rossi <luca@giustizia.it>"},
		"a date": {"cessazione", "end-date", []string{
			"15/12/2026", "15-12-26", "15.12.2026", "2026-12-15", "il 15 dicembre", "15 dicembre 2026", "15 dic. 2026", "December 15, 2026", "15th of December", "dal 15/12",
		}, "2026-12-15"},
		"a day soon":         {"cessazione", "end-date", []string{"domani", "tomorrow", "martedì", "MARTEDI'"}, "2026-11-24"},
		"the same day ahead": {"cessazione", "end-date", []string{"lunedì prossimo", "Monday"}, "2026-11-30"},
		"a day of next year": {"cessazione", "end-date", []string{"10 gennaio", "10/1"}, "2027-01-10"},
		"a day just past":    {"cessazione", "end-date", []string{"20 novembre"}, "2026-11-20"},
		"nothing":            {"cessazione", "end-date", []string{"", "  "}, ""},
		"several lines":      {"casella-condivisa", "people", []string{"uno\ndue"}, "uno\ndue"},
	} {
		f := field(t, test.request, test.field)
		for _, answer := range test.answers {
			if got, err := f.Read(answer, "it", monday); err != nil || got != test.want {
				t.Errorf("%s: %q is read as %q, %v; want %q", name, answer, got, err, test.want)
			}
		}
	}
}

func TestAnAnswerIsRefusedInWords(t *testing.T) {
	for name, test := range map[string]struct {
		request, field string
		answer         string
		phrase         string
		kind           fault.Kind
	}{
		"no choice":           {"pc-guasto", "impact", "boh", "ticket.field_choice", fault.Invalid},
		"two choices":         {"mail-sospetta", "clicked", "sì", "ticket.field_choice", fault.Invalid},
		"no date":             {"cessazione", "end-date", "presto", "ticket.field_date", fault.Invalid},
		"a day no month has":  {"cessazione", "end-date", "31/02/2026", "ticket.field_date", fault.Invalid},
		"a month no year has": {"cessazione", "end-date", "12/13/2026", "ticket.field_date", fault.Invalid},
		"too long":            {"pc-guasto", "label", strings.Repeat("x", 61), "ticket.field_long", fault.TooLarge},
		"a long subject":      {"pc-guasto", "subject", strings.Repeat("è", 81), "ticket.subject_long", fault.TooLarge},
		"whom, without more":  {"pc-guasto", "beneficiary", "un'altra persona", "ticket.beneficiary_who", fault.Invalid},
		"whom, the choice":    {"pc-guasto", "beneficiary", "other", "ticket.beneficiary_who", fault.Invalid},
		"whom, no address":    {"pc-guasto", "beneficiary", "Luca De Rossi", "ticket.beneficiary_email", fault.Invalid},
		"whom, a bad address": {"pc-guasto", "beneficiary", "Luca De Rossi, luca@", "ticket.beneficiary_email", fault.Invalid},
		"whom, no name":       {"pc-guasto", "beneficiary", "luca@giustizia.it", "ticket.beneficiary_name", fault.Invalid},
	} {
		_, err := field(t, test.request, test.field).Read(test.answer, "it", noon)
		if phrase, _ := fault.Public(err); phrase != test.phrase || !fault.Is(err, test.kind) {
			t.Errorf("%s: %v, want %s", name, err, test.phrase)
		}
	}
}

func TestAValueIsShownToPeople(t *testing.T) {
	for value, test := range map[string]struct{ request, field, it, en string }{
		"office":     {"pc-guasto", "impact", "Il mio ufficio", "My office"},
		"2026-12-15": {"cessazione", "end-date", "15/12/2026", "15/12/2026"},
		"me":         {"pc-guasto", "beneficiary", "Per me", "For me"},
		"4711":       {"pc-guasto", "label", "4711", "4711"},
	} {
		f := field(t, test.request, test.field)
		if it, en := f.Show(value, "it"), f.Show(value, "en"); it != test.it || en != test.en {
			t.Errorf("%q is shown as %q and %q", value, it, en)
		}
	}
}

func TestADraftGivesBackWhatItWasGiven(t *testing.T) {
	answers := map[string]string{
		tickets.FieldBeneficiary: "Luca De Rossi <luca@giustizia.it>", tickets.FieldOffice: "Bari", tickets.FieldPhone: "080",
		tickets.FieldSubject: "PC", tickets.FieldBody: "Lento.", tickets.FieldError: "E1", tickets.FieldSince: "ieri",
		tickets.FieldImpact: "me", tickets.FieldDeadline: "domani", tickets.FieldApplication: "pdl", "label": "4711",
	}
	empty := tickets.Draft{}
	d := empty
	for id, value := range answers {
		d = d.With(id, value)
	}
	for id, value := range answers {
		if got := d.Answer(id); got != value {
			t.Errorf("%s is %q, want %q", id, got, value)
		}
		d2 := d.With(id, "")
		if got := d2.Answer(id); got != "" {
			t.Errorf("%s, cleared, is %q", id, got)
		}
	}
	if d.Answer("label") != "4711" {
		t.Error("clearing a copy cleared the draft")
	}
	if mine := d.With(tickets.FieldBeneficiary, tickets.ForMe); mine.Answer(tickets.FieldBeneficiary) != tickets.ForMe || mine.Beneficiary.Other() {
		t.Errorf("for me: %+v", mine)
	}
	if diff := cmp.Diff(tickets.Draft{}, empty); diff != "" {
		t.Errorf("With changed its receiver:\n%s", diff)
	}
}

func TestACatalogueSaysWhatADraftLacks(t *testing.T) {
	c := shipped(t)
	d := tickets.Draft{RequestType: "cessazione"}
	var missing []string
	for _, f := range c.Missing(d) {
		missing = append(missing, f.ID)
	}
	if diff := cmp.Diff([]string{"beneficiary", "office", "subject", "body", "impact", "username", "end-date"}, missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	full := tickets.Draft{
		RequestType: "cessazione", ForMe: true, Office: "Bari", Subject: "ADN: cessazione", Body: "In pensione.",
		Impact: tickets.Me, Fields: map[string]string{"username": "a.b", "end-date": "2026-12-31"},
	}
	for name, test := range map[string]struct {
		draft tickets.Draft
		want  []string // field and phrase
	}{
		"nothing":                     {full, nil},
		"a type":                      {tickets.Draft{}, []string{"request_type ticket.request_type_missing"}},
		"a type of the catalogue":     {tickets.Draft{RequestType: "x"}, []string{"request_type ticket.request_type_unknown"}},
		"in the order of the form":    {full.With("end-date", "").With("body", "").With("office", ""), []string{"office ticket.field_missing", "body ticket.body_missing", "end-date ticket.field_missing"}},
		"a date":                      {full.With("end-date", "presto"), []string{"end-date ticket.field_date"}},
		"an impact":                   {full.With("impact", "alle"), []string{"impact ticket.field_choice"}},
		"a name beside the address":   {full.With("beneficiary", "luca@giustizia.it"), []string{"beneficiary ticket.beneficiary_name"}},
		"a shorter line":              {full.With("username", strings.Repeat("x", 81)), []string{"username ticket.field_long"}},
		"fields that are of the type": {full.With("colour", "red"), []string{"colour ticket.field_unknown"}},
		"one where it is asked":       {tickets.Draft{RequestType: "sicoge", ForMe: true, Office: "Roma", Subject: "S", Body: "B", Impact: tickets.Me, Application: "x", Fields: map[string]string{"function": "f"}}, []string{"application ticket.field_application"}},
	} {
		var got []string
		for _, p := range c.Check(test.draft, "it") {
			got = append(got, p.Field+" "+p.Phrase)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("lacks %s (-want +got):\n%s", name, diff)
		}
	}
	if problems := c.Check(tickets.Draft{}, "it"); !fault.Is(problems, fault.Invalid) || problems.Error() == "" {
		t.Errorf("problems are told as %v", problems)
	}
}
