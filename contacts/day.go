package contacts

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	// 24/12, 24/12/2026, 24.12.2026 and 24-12-2026: day first in both languages,
	// because the readers are in Italy. Without a year only the stroke counts:
	// 9.10 is a time and 10-12 a stretch of hours.
	numericDate = regexp.MustCompile(`(?:^|[^\d/.\-])(\d{1,2})(?:/(\d{1,2})|[/.\-](\d{1,2})[/.\-](\d{4}|\d{2}))(?:$|[^\d/\-])`)

	monthNames = func() string {
		var names []string
		for name := range months {
			names = append(names, name)
		}
		slices.Sort(names)
		return strings.Join(names, "|")
	}()
	dayMonth = regexp.MustCompile(`\b(\d{1,2}|primo|first)(?: ?(?:o|º|st|nd|rd|th))?(?: of)? (` + monthNames + `)\b(?: (\d{4})\b)?`)
	monthDay = regexp.MustCompile(`\b(` + monthNames + `) (\d{1,2}) ?(?:st|nd|rd|th)?\b(?: (\d{4})\b)?`)
	dayAlone = regexp.MustCompile(`\b(?:il|giorno|on the) (\d{1,2})(?:st|nd|rd|th)?$|\b(?:il|giorno|on the) (\d{1,2})(?:st|nd|rd|th)? [a-z]`)
)

var months = map[string]time.Month{
	"gennaio": 1, "febbraio": 2, "marzo": 3, "aprile": 4, "maggio": 5, "giugno": 6,
	"luglio": 7, "agosto": 8, "settembre": 9, "ottobre": 10, "novembre": 11, "dicembre": 12,
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
	"july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}

var dayNames = map[string]time.Weekday{
	"domenica": time.Sunday, "lunedi": time.Monday, "martedi": time.Tuesday, "mercoledi": time.Wednesday,
	"giovedi": time.Thursday, "venerdi": time.Friday, "sabato": time.Saturday,
	"weekend": time.Saturday, "settimana": time.Saturday, // "fine settimana", see weekday
}

// relative is in the order in which it is looked for.
var relative = []struct {
	words string
	days  int
}{
	{"dopodomani", 2}, {"dopo domani", 2}, {"the day after tomorrow", 2},
	{"domani", 1}, {"domattina", 1}, {"tomorrow", 1},
	{"oggi", 0}, {"stamattina", 0}, {"stamani", 0}, {"stasera", 0}, {"today", 0}, {"tonight", 0}, {"this morning", 0}, {"this evening", 0},
}

// ParseDay finds the day that a question is about and returns its midnight.
// It knows dates, holidays by name, oggi, domani, dopodomani and weekdays, in
// Italian and English alike. A day without a year is the next one, today
// included; a date that does not exist is none.
func (b Book) ParseDay(text string, now time.Time) (day time.Time, ok bool) {
	now = now.In(b.calendar.zone)
	words := plain(text)
	said := " " + words + " "
	// Each says whether it recognised a day, and which; zero is one that does not exist.
	for _, read := range []func() (time.Time, bool){
		func() (time.Time, bool) { return writtenDate(strings.ToLower(text), words, now) },
		func() (time.Time, bool) { return b.calendar.namedIn(said, now) },
		func() (time.Time, bool) { return relativeDay(said, now) },
		func() (time.Time, bool) { return weekday(said, now) },
		func() (time.Time, bool) { return dayOfMonth(words, now) },
	} {
		if day, recognised := read(); recognised {
			return day, !day.IsZero()
		}
	}
	return time.Time{}, false
}

func writtenDate(text, words string, now time.Time) (time.Time, bool) {
	if m := numericDate.FindStringSubmatch(text); m != nil && m[1]+"/"+m[2] != "24/7" {
		month, _ := strconv.Atoi(m[2] + m[3]) // digits only, as are the others below
		return date(m[1], time.Month(month), m[4], now), true
	}
	if m := dayMonth.FindStringSubmatch(words); m != nil {
		return date(m[1], months[m[2]], m[3], now), true
	}
	if m := monthDay.FindStringSubmatch(words); m != nil {
		return date(m[2], months[m[1]], m[3], now), true
	}
	return time.Time{}, false
}

// date is that day of that year, or the first one from today on; zero if
// there is no such day.
func date(dayText string, month time.Month, yearText string, now time.Time) time.Time {
	day, err := strconv.Atoi(dayText)
	if err != nil {
		day = 1 // primo, first
	}
	first, last := now.Year(), now.Year()+8 // 29 February may be eight years away
	if year, err := strconv.Atoi(yearText); err == nil {
		if year < 100 {
			year += 2000
		}
		first, last = year, year
	}
	for year := first; year <= last; year++ {
		found := time.Date(year, month, day, 0, 0, 0, 0, now.Location())
		exists := found.Day() == day && found.Month() == month
		if exists && (yearText != "" || !found.Before(midnight(now))) {
			return found
		}
	}
	return time.Time{}
}

// namedIn finds the day whose name is said, the longest name first: the eve of
// Christmas is not Christmas.
func (c *calendar) namedIn(said string, now time.Time) (time.Time, bool) {
	longest := 0
	var found time.Time
	for _, d := range c.named {
		for _, name := range d.names() {
			name = plain(name)
			if len(name) > longest && strings.Contains(said, " "+name+" ") {
				longest, found = len(name), d.next(now)
			}
		}
	}
	return found, longest > 0
}

func relativeDay(said string, now time.Time) (time.Time, bool) {
	for _, r := range relative {
		if strings.Contains(said, " "+r.words+" ") {
			return midnight(now).AddDate(0, 0, r.days), true
		}
	}
	return time.Time{}, false
}

func weekday(said string, now time.Time) (time.Time, bool) {
	words := strings.Fields(said)
	for i, word := range words {
		day, known := dayNames[word]
		if !known {
			day, known = weekdays[strings.TrimSuffix(word, "s")]
		}
		if !known || word == "settimana" && (i == 0 || words[i-1] != "fine") {
			continue
		}
		ahead := (int(day) - int(now.Weekday()) + 7) % 7
		after := i+1 < len(words) && (words[i+1] == "prossimo" || words[i+1] == "prossima")
		before := i > 0 && (words[i-1] == "prossimo" || words[i-1] == "prossima" || words[i-1] == "next")
		if ahead == 0 && (after || before) {
			ahead = 7
		}
		return midnight(now).AddDate(0, 0, ahead), true
	}
	return time.Time{}, false
}

// dayOfMonth reads "il 24" as the next 24th.
func dayOfMonth(words string, now time.Time) (time.Time, bool) {
	m := dayAlone.FindStringSubmatch(words)
	if m == nil {
		return time.Time{}, false
	}
	day, _ := strconv.Atoi(m[1] + m[2]) // digits only
	for ahead := range 3 {              // of three months in a row one has 31 days
		found := time.Date(now.Year(), now.Month()+time.Month(ahead), day, 0, 0, 0, 0, now.Location())
		if found.Day() == day && !found.Before(midnight(now)) {
			return found, true
		}
	}
	return time.Time{}, false
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
