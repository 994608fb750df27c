package phrases

import (
	"fmt"
	"time"
)

var days = map[string][7]string{
	"it": {"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
	"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

// Weekday names the day in lang, Italian if the language is unknown.
func Weekday(lang string, day time.Weekday) string {
	names, known := days[lang]
	if !known {
		names = days[Fallback]
	}
	return names[day]
}

// Date writes 23/11/2026 in both languages: the readers are in Italy.
func Date(_ string, t time.Time) string { return t.Format("02/01/2006") }

// Clock writes the time of day: ore 18:00, 18:00.
func Clock(lang string, t time.Time) string {
	if lang == "en" {
		return t.Format("15:04")
	}
	return "ore " + t.Format("15:04")
}

// DateTime writes 23/11/2026, ore 18:00.
func DateTime(lang string, t time.Time) string {
	return fmt.Sprintf("%s, %s", Date(lang, t), Clock(lang, t))
}
