package tickets_test

import (
	"regexp"
	"testing"

	"sportello/tickets"
)

func TestANumberIsFoundHoweverItIsWritten(t *testing.T) {
	for text, want := range map[string]tickets.Number{
		"2026-004512":                          "2026-004512",
		"2026-4512":                            "2026-004512",
		"2025/004512":                          "2025-004512",
		"a che punto è il ticket 2026-004512?": "2026-004512",
		"#4512":                                "2026-004512",
		"ticket 4512":                          "2026-004512",
		"Ticket n. 4512.":                      "2026-004512",
		"la mia richiesta numero 12 come va":   "2026-000012",
		"il ticket #004512":                    "2026-004512",
		" 4512 ":                               "2026-004512",
		"ticket number 7":                      "2026-000007",
		"2026-1234567":                         "2026-1234567",
		"2026–004512":                          "2026-004512",
		"il ticket":                            "",
		"ticket per il mio pc":                 "",
		"ho 3 stampanti guaste":                "",
		"entro il 15/12/2026":                  "",
		"ticket 2026-000000":                   "",
		"ticketing 4512":                       "",
		"2026-12-15":                           "",
		"tel. 800.749.049":                     "",
		"":                                     "",
	} {
		got, found := tickets.ParseNumber(text, 2026)
		if got != want || found != (want != "") {
			t.Errorf("ParseNumber(%q) = %q, %v; want %q", text, got, found, want)
		}
	}
}

func TestANumberWithoutAYearIsGivenOne(t *testing.T) {
	for text, want := range map[string]tickets.Number{"#4512": "2027-004512", "il ticket 2026/4512": "2026-004512"} {
		number, found := tickets.ParseNumber(text, 0)
		if got := number.In(2027); !found || got != want {
			t.Errorf("%q is %q in 2027, want %q", text, got, want)
		}
	}
}

func TestNumbersSortAsTheyWereGiven(t *testing.T) {
	ascending := []tickets.Number{"", "2025-999999", "2025-1000000", "2026-000001", "2026-000010"}
	for i := range ascending[1:] {
		if ascending[i].Ordinal() >= ascending[i+1].Ordinal() {
			t.Errorf("%s is not before %s", ascending[i], ascending[i+1])
		}
	}
}

var shape = regexp.MustCompile(`^\d{4}-\d{6,}$`)

func FuzzParseNumber(f *testing.F) {
	for _, seed := range []string{"2026-004512", "#1", "ticket 12", "9999999999999999999", "ticket n°٣"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		number, found := tickets.ParseNumber(text, 2026)
		if !found {
			return
		}
		if again, _ := tickets.ParseNumber(string(number), 1999); !shape.MatchString(string(number)) || again != number || number.Ordinal() == 0 {
			t.Errorf("%q became %q, then %q", text, number, again)
		}
	})
}
