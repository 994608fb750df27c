package contacts

import "time"

// Work returns how much time between two instants lies within b's hours:
// holidays and closed days count nothing. It is zero if to is not after from.
func (b Branch) Work(from, to time.Time) time.Duration {
	var worked time.Duration
	for day := b.calendar.midnight(from); day.Before(to); day = day.AddDate(0, 0, 1) {
		for _, hours := range b.HoursOn(day) {
			open, end := later(hours.Open, from), earlier(hours.Close, to)
			if end.After(open) {
				worked += end.Sub(open)
			}
		}
	}
	return worked
}

// AfterWork returns the instant at which so much time within b's hours has
// passed since from. It is zero if b stays closed for over a year.
func (b Branch) AfterWork(from time.Time, work time.Duration) time.Time {
	day := b.calendar.midnight(from)
	for range searchDays {
		for _, hours := range b.HoursOn(day) {
			open := later(hours.Open, from)
			if room := hours.Close.Sub(open); room > 0 {
				if work <= room {
					return open.Add(work)
				}
				work -= room
			}
		}
		day = day.AddDate(0, 0, 1)
	}
	return time.Time{}
}

// AfterDays returns the same time of the clock so many working days after
// from: days on which b has no hours do not count. It is zero if b stays
// closed for over a year.
func (b Branch) AfterDays(from time.Time, days int) time.Time {
	from = from.In(b.calendar.zone)
	for ahead := range searchDays {
		date := from.AddDate(0, 0, ahead)
		if ahead > 0 && len(b.HoursOn(date)) > 0 {
			days--
		}
		if days <= 0 {
			return date
		}
	}
	return time.Time{}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
