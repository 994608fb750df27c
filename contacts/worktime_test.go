package contacts

import (
	"testing"
	"time"
)

func TestWorkTime(t *testing.T) {
	book := shipped(t)
	operators := book.Operators() // Mon–Fri 08–18, Sat 08–13
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02 15:04", text, book.Zone())
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for name, c := range map[string]struct {
		from, to string
		work     time.Duration
	}{
		"within a day":                                  {"2026-11-24 09:00", "2026-11-24 11:30", 150 * time.Minute},
		"over night only the hours count":               {"2026-11-24 17:00", "2026-11-25 09:00", 2 * time.Hour},
		"over a weekend Saturday has its five hours":    {"2026-11-27 17:00", "2026-11-30 09:00", 7 * time.Hour},
		"a holiday counts nothing":                      {"2026-12-07 17:00", "2026-12-09 09:00", 2 * time.Hour},
		"the night when clocks go back changes nothing": {"2026-10-24 12:00", "2026-10-26 09:00", 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			from, to := at(c.from), at(c.to)
			if got := operators.Work(from, to); got != c.work {
				t.Errorf("work from %s to %s is %s, want %s", c.from, c.to, got, c.work)
			}
			if got := operators.AfterWork(from, c.work); !got.Equal(to) {
				t.Errorf("%s of work after %s is %s, want %s", c.work, c.from, got, c.to)
			}
		})
	}
	if got := operators.Work(at("2026-11-25 09:00"), at("2026-11-24 09:00")); got != 0 {
		t.Errorf("work backwards is %s, want none", got)
	}
	if got, want := operators.AfterDays(at("2026-11-26 15:00"), 3), at("2026-11-30 15:00"); !got.Equal(want) {
		t.Errorf("three working days after Thursday are %s, want %s", got, want)
	}
	if got, want := operators.AfterWork(at("2026-11-29 10:00"), 0), at("2026-11-30 08:00"); !got.Equal(want) {
		t.Errorf("no work after a Sunday is %s, want the next opening %s", got, want)
	}
}
