package contacts

import (
	"slices"
	"time"
	_ "time/tzdata" // the hours are Italian, also on machines that know no time zones

	"github.com/rickar/cal/v2"
)

// calendar knows the days that have a name, and those on which nobody answers.
type calendar struct {
	zone   *time.Location
	named  []namedDay
	single map[string]map[string]string // YYYY-MM-DD → reason
}

// namedDay is a day that comes back every year.
type namedDay struct {
	name   map[string]string
	also   map[string][]string
	rule   *cal.Holiday
	since  int
	closed bool
}

// in returns the day in a year, at its midnight.
func (d namedDay) in(year int, zone *time.Location) (day time.Time, ok bool) {
	if year < d.since {
		return time.Time{}, false
	}
	actual, _ := d.rule.Calc(year)
	if actual.IsZero() {
		return time.Time{}, false
	}
	return time.Date(year, actual.Month(), actual.Day(), 0, 0, 0, 0, zone), true
}

// next returns the day's first date that is not before the day of now.
func (d namedDay) next(now time.Time) time.Time {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	for year := max(now.Year(), d.since); ; year++ {
		if day, ok := d.in(year, now.Location()); ok && !day.Before(today) {
			return day
		}
	}
}

// nameOf returns the name of a day in lang, or nothing, and whether it is one
// on which nobody answers.
func (c *calendar) nameOf(date time.Time, lang string) (name string, closed bool) {
	date = date.In(c.zone)
	if reason, single := c.single[date.Format(time.DateOnly)]; single {
		return in(reason, lang), true
	}
	for _, d := range c.named {
		day, ok := d.in(date.Year(), c.zone)
		if !ok || day.Month() != date.Month() || day.Day() != date.Day() {
			continue
		}
		if d.closed {
			return in(d.name, lang), true
		}
		name = in(d.name, lang)
	}
	return name, false
}

func (c *calendar) closedOn(date time.Time) bool {
	_, closed := c.nameOf(date, "it")
	return closed
}

// at is a day at so many minutes of the clock, which is not the same as after
// midnight on the days when the clocks change.
func (c *calendar) at(date time.Time, minutes int) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), 0, minutes, 0, 0, c.zone)
}

func (c *calendar) midnight(t time.Time) time.Time { return c.at(t.In(c.zone), 0) }

// Holiday returns the name of a day on which nobody answers, in lang.
func (b Book) Holiday(date time.Time, lang string) (name string, ok bool) {
	name, closed := b.calendar.nameOf(date, lang)
	if !closed {
		return "", false
	}
	return name, true
}

// names are all the names of a day, in every language.
func (d namedDay) names() []string {
	var names []string
	for _, name := range d.name {
		names = append(names, name)
	}
	for _, also := range d.also {
		names = append(names, also...)
	}
	slices.Sort(names)
	return names
}
