package tickets

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dates as people write them: 15/12/2026, 15-12-26, 15.12, 2026-12-15,
// 15 dicembre 2026, December 15.
var (
	isoDate   = regexp.MustCompile(`\b(20\d{2})-(\d{1,2})-(\d{1,2})\b`)
	slashDate = regexp.MustCompile(`\b(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}|\d{2}))?\b`)
	dayMonth  = regexp.MustCompile(`\b(\d{1,2})\s?(?:°|º|st|nd|rd|th)?\s+(?:of\s+)?(\pL{3,})\.?(?:\s+(?:del\s+)?(\d{4}))?`)
	monthDay  = regexp.MustCompile(`\b(\pL{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+(\d{4}))?`)
)

// months, by the beginnings of their Italian and English names.
var months = [12][]string{
	{"gen", "jan"}, {"feb"}, {"mar"}, {"apr"}, {"mag", "may"}, {"giu", "jun"},
	{"lug", "jul"}, {"ago", "aug"}, {"set", "sep"}, {"ott", "oct"}, {"nov"}, {"dic", "dec"},
}

// near are days named from today, folded.
var near = map[string]int{
	"oggi": 0, "today": 0, "domani": 1, "tomorrow": 1, "dopodomani": 2, "ieri": -1, "yesterday": -1,
}

// weekdays, folded, from Sunday.
var weekdays = [7][]string{
	{"domenica", "sunday"}, {"lunedi", "monday"}, {"martedi", "tuesday"}, {"mercoledi", "wednesday"},
	{"giovedi", "thursday"}, {"venerdi", "friday"}, {"sabato", "saturday"},
}

// readDate finds a day in a text. A day without a year is the one nearest to
// now; a weekday is the next one.
func readDate(text string, now time.Time) (time.Time, bool) {
	text = fold(text)
	if m := isoDate.FindStringSubmatch(text); m != nil {
		return day(m[1], m[2], m[3], now)
	}
	if m := slashDate.FindStringSubmatch(text); m != nil {
		return day(m[3], m[2], m[1], now)
	}
	for _, m := range dayMonth.FindAllStringSubmatch(text, -1) {
		if month, named := monthOf(m[2]); named {
			return day(m[3], month, m[1], now)
		}
	}
	for _, m := range monthDay.FindAllStringSubmatch(text, -1) {
		if month, named := monthOf(m[1]); named {
			return day(m[3], month, m[2], now)
		}
	}
	for _, word := range tokens(text) {
		if days, known := near[word]; known {
			return now.AddDate(0, 0, days), true
		}
		for i, names := range weekdays {
			if slices.Contains(names, word) {
				ahead := (i - int(now.Weekday()) + 7) % 7
				if ahead == 0 {
					ahead = 7
				}
				return now.AddDate(0, 0, ahead), true
			}
		}
	}
	return time.Time{}, false
}

func monthOf(word string) (string, bool) {
	for i, beginnings := range months {
		for _, b := range beginnings {
			if strings.HasPrefix(word, b) {
				return strconv.Itoa(i + 1), true
			}
		}
	}
	return "", false
}

// day makes a date of its parts and refuses one that no calendar has. Without
// a year it is the nearest one to now.
func day(year, month, dayOfMonth string, now time.Time) (time.Time, bool) {
	m, errMonth := strconv.Atoi(month)
	d, errDay := strconv.Atoi(dayOfMonth)
	if errMonth != nil || errDay != nil {
		return time.Time{}, false
	}
	if year == "" {
		best, found := time.Time{}, false
		for _, y := range []int{now.Year() - 1, now.Year(), now.Year() + 1} {
			candidate, real := realDay(y, m, d)
			if real && (!found || candidate.Sub(now).Abs() < best.Sub(now).Abs()) {
				best, found = candidate, true
			}
		}
		return best, found
	}
	y, err := strconv.Atoi(year)
	if err != nil {
		return time.Time{}, false
	}
	if len(year) == 2 {
		y += 2000
	}
	return realDay(y, m, d)
}

func realDay(year, month, day int) (time.Time, bool) {
	made := time.Date(year, time.Month(month), day, 12, 0, 0, 0, time.UTC)
	return made, made.Day() == day && int(made.Month()) == month && year >= 2000 && year < 2200
}
