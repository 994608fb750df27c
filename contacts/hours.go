package contacts

import "time"

// searchDays is how far ahead an opening is looked for: more than a year of
// weeks and holidays.
const searchDays = 400

// Hours are a stretch of one day during which somebody answers; Close is the
// first instant at which nobody does.
type Hours struct{ Open, Close time.Time }

// span is Hours without a date: minutes from midnight.
type span struct{ open, close int }

type week [7][]span

func (w week) empty() bool {
	for _, spans := range w {
		if len(spans) > 0 {
			return false
		}
	}
	return true
}

// HoursOn returns when somebody answers on the day of date, which is read in
// the help desk's time zone. A closed day has none.
func (b Branch) HoursOn(date time.Time) []Hours {
	date = date.In(b.calendar.zone)
	if b.calendar.closedOn(date) {
		return nil
	}
	var hours []Hours
	for _, s := range b.week[date.Weekday()] {
		hours = append(hours, Hours{b.calendar.at(date, s.open), b.calendar.at(date, s.close)})
	}
	return hours
}

// OpenAt reports whether somebody answers at t.
func (b Branch) OpenAt(t time.Time) bool { return !b.Closing(t).IsZero() }

// Closing returns when the present hours end, or zero if nobody answers at t.
func (b Branch) Closing(t time.Time) time.Time {
	for _, hours := range b.HoursOn(t) {
		if !t.Before(hours.Open) && t.Before(hours.Close) {
			return hours.Close
		}
	}
	return time.Time{}
}

// NextOpening returns the first instant at or after t when somebody answers:
// t itself if it is open. It is zero if the branch stays closed for over a year.
func (b Branch) NextOpening(t time.Time) time.Time {
	if b.OpenAt(t) {
		return t.In(b.calendar.zone)
	}
	day := b.calendar.midnight(t)
	for range searchDays {
		for _, hours := range b.HoursOn(day) {
			if !hours.Open.Before(t) {
				return hours.Open
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}
}
