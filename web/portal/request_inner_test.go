package portal

import (
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"sportello/internal/phrases"
	"sportello/privacy"
	"sportello/tickets"
)

func timeOf() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) }

func TestTheTicketsPageSaysThatItWasOpened(t *testing.T) {
	said, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	p := &Portal{Deps: Deps{Phrases: said}}
	one := tickets.Ticket{Number: "2026-004512", Subject: "Consolle: fascicoli"}
	if note := p.openedNote(httptest.NewRequest("GET", "/ticket/2026-004512", nil), one); note != nil {
		t.Errorf("it says %+v", note)
	}
	note := p.openedNote(httptest.NewRequest("GET", "/ticket/2026-004512?aperto=1&tolto=tax_code.password.<b>", nil), one)
	if note.Text != "Ho aperto il ticket 2026-004512: «Consolle: fascicoli»." || len(note.Masked) != 2 {
		t.Errorf("it says %+v", note)
	}
	for _, k := range privacy.Kinds { // told for each kind, in both languages
		for _, l := range Languages {
			if told := p.tellMasked(l, []privacy.Kind{k}); len(told) != 1 || told[0] == "request.masked_"+string(k) {
				t.Errorf("%s in %s: %q", k, l, told)
			}
		}
	}
}

func TestEveryIconOfTheOfferIsShipped(t *testing.T) {
	offer, err := readOffer(os.DirFS("../../content/pages"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadFile("../ui/icons.txt")
	if err != nil {
		t.Fatal(err)
	}
	shipped := regexp.MustCompile(`\S+`).FindAllString(string(list), -1)
	for category, icon := range offer.Icons {
		if !slices.Contains(shipped, icon) {
			t.Errorf("%s: there is no icon %q", category, icon)
		}
	}
	for _, icon := range severities {
		if !slices.Contains(shipped, icon) {
			t.Errorf("there is no icon %q", icon)
		}
	}
}
