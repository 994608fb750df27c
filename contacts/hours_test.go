package contacts

import (
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestWhenSomebodyAnswers(t *testing.T) {
	b := shipped(t)
	for name, c := range map[string]struct {
		path, now    string
		open         bool
		closes, next string
	}{
		"a Monday morning":                              {"1", "2026-11-23 10:00", true, "2026-11-23 18:00", "2026-11-23 10:00"},
		"the first minute":                              {"1", "2026-11-23 08:00", true, "2026-11-23 18:00", "2026-11-23 08:00"},
		"a minute before":                               {"1", "2026-11-23 07:59", false, "", "2026-11-23 08:00"},
		"the closing minute is closed":                  {"1", "2026-11-23 18:00", false, "", "2026-11-24 08:00"},
		"Saturday until one":                            {"1", "2026-11-28 12:59", true, "2026-11-28 13:00", "2026-11-28 12:59"},
		"Saturday afternoon":                            {"1", "2026-11-28 13:00", false, "", "2026-11-30 08:00"},
		"SICOGE has no Saturday":                        {"3.1", "2026-11-28 10:00", false, "", "2026-11-30 08:00"},
		"PCT in Cassazione closes at two":               {"2.1", "2026-11-27 14:00", false, "", "2026-11-30 09:00"},
		"an area has the hours of its branch":           {"1.4", "2026-11-28 12:00", true, "2026-11-28 13:00", "2026-11-28 12:00"},
		"Sunday":                                        {"4", "2026-11-29 10:00", false, "", "2026-11-30 08:00"},
		"Christmas, Saint Stephen on Saturday, Sunday":  {"1", "2026-12-25 10:00", false, "", "2026-12-28 08:00"},
		"Christmas Eve is a working day":                {"1", "2026-12-24 17:00", true, "2026-12-24 18:00", "2026-12-24 17:00"},
		"New Year's Eve is a working day":               {"1", "2026-12-31 17:00", true, "2026-12-31 18:00", "2026-12-31 17:00"},
		"Easter Monday 2027":                            {"1", "2027-03-29 10:00", false, "", "2027-03-30 08:00"},
		"Easter Monday 2028":                            {"1", "2028-04-17 10:00", false, "", "2028-04-18 08:00"},
		"Easter Monday 2029":                            {"1", "2029-04-02 10:00", false, "", "2029-04-03 08:00"},
		"Easter Monday 2030":                            {"1", "2030-04-22 10:00", false, "", "2030-04-23 08:00"},
		"4 October 2027 is a holiday, a Monday":         {"1", "2027-10-04 10:00", false, "", "2027-10-05 08:00"},
		"4 October 2024 was none, a Friday":             {"1", "2024-10-04 10:00", true, "2024-10-04 18:00", "2024-10-04 10:00"},
		"patron saints do not close":                    {"1", "2027-06-29 10:00", true, "2027-06-29 18:00", "2027-06-29 10:00"},
		"29 February of a leap year":                    {"1", "2028-02-29 10:00", true, "2028-02-29 18:00", "2028-02-29 10:00"},
		"the Saturday before the clocks go forward":     {"1", "2027-03-27 20:00", false, "", "2027-03-30 08:00"}, // Monday is Easter Monday
		"the night in which the clocks go back":         {"1", "2026-10-25 02:30", false, "", "2026-10-26 08:00"},
		"the night in which the clocks go forward":      {"1", "2026-03-29 01:59", false, "", "2026-03-30 08:00"},
		"a Ferragosto in the week (2028 is a Tuesday)":  {"1", "2028-08-15 10:00", false, "", "2028-08-16 08:00"},
		"the whole long weekend of the Republic (2028)": {"3.1", "2028-06-02 10:00", false, "", "2028-06-05 08:00"},
	} {
		t.Run(name, func(t *testing.T) {
			now, found := at(t, c.now), branch(t, b, c.path)
			if got := found.OpenAt(now); got != c.open {
				t.Errorf("OpenAt = %v, want %v", got, c.open)
			}
			closes := time.Time{}
			if c.closes != "" {
				closes = at(t, c.closes)
			}
			if got := found.Closing(now); !got.Equal(closes) {
				t.Errorf("Closing = %v, want %v", got, closes)
			}
			if got := found.NextOpening(now); !got.Equal(at(t, c.next)) {
				t.Errorf("NextOpening = %v, want %v", got, c.next)
			}
		})
	}
}

func TestOtherZonesMeanTheSameMoment(t *testing.T) {
	operators := shipped(t).Operators()
	for moment, open := range map[string]bool{
		"2026-07-01T06:00:00Z":      true, // summer: two hours ahead of UTC
		"2026-07-01T05:59:59Z":      false,
		"2026-11-23T07:00:00Z":      true, // winter: one
		"2026-11-23T06:59:59Z":      false,
		"2026-11-23T23:00:00+16:00": true, // the same instant as 08:00 in Rome
	} {
		parsed, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		if got := operators.OpenAt(parsed); got != open {
			t.Errorf("OpenAt(%s) = %v, want %v", moment, got, open)
		}
	}
}

// The next opening is open, is not in the past, and nothing between is open.
func TestNextOpeningIsTheFirst(t *testing.T) {
	b := shipped(t)
	random := rand.New(rand.NewPCG(1, 2))
	start := at(t, "2026-01-01 00:00")
	for range 3000 {
		now := start.Add(time.Duration(random.Int64N(int64(4 * 366 * 24 * time.Hour))))
		found := b.Branches[random.IntN(len(b.Branches))]
		next := found.NextOpening(now)
		if next.Before(now) || !found.OpenAt(next) {
			t.Fatalf("after %v the next opening is %v, open: %v", now, next, found.OpenAt(next))
		}
		for between := now; between.Before(next); between = between.Add(17 * time.Minute) {
			if found.OpenAt(between) {
				t.Fatalf("after %v it opens at %v, but it is open at %v", now, next, between)
			}
		}
	}
}

func TestEditorsCloseMoreDays(t *testing.T) {
	files := fstest.MapFS{}
	for _, name := range []string{contactsFile, holidaysFile} {
		text, err := os.ReadFile("../content/" + name)
		if err != nil {
			t.Fatal(err)
		}
		edited := strings.ReplaceAll(string(text), "closed_for_patron_of: []", "closed_for_patron_of: [Roma]")
		edited = strings.ReplaceAll(edited, "closed_days: []", "closed_days:\n  - date: 2026-12-24\n    reason: { it: sciopero, en: strike }")
		files[name] = &fstest.MapFile{Data: []byte(edited)}
	}
	b, err := Read(files)
	if err != nil {
		t.Fatal(err)
	}
	for day, reason := range map[string]string{"2027-06-29 10:00": "Santo Patrono (Roma)", "2026-12-24 10:00": "sciopero", "2027-06-28 10:00": ""} {
		if got, _ := b.Holiday(at(t, day), "it"); got != reason {
			t.Errorf("%s is closed for %q, want %q", day, got, reason)
		}
		if open := b.Operators().OpenAt(at(t, day)); open != (reason == "") {
			t.Errorf("%s is open: %v", day, open)
		}
	}
}
