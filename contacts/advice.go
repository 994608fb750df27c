package contacts

import (
	"strings"
	"time"

	"sportello/internal/phrases"
)

// Say tells a phrase in the reader's language.
type Say = func(key string, values map[string]any) string

// Advice is how to reach one branch, at one moment, in one language.
type Advice struct {
	Lang   string
	Label  string
	Number string
	Keys   []string // the whole path

	// Office: callers from an office telephone stop after OfficeKey.
	Office    bool
	OfficeKey string

	Now         time.Time
	OpenNow     bool
	ClosesAt    time.Time // if open
	NextOpening time.Time // if closed
	Holiday     string    // why it is closed today, if that is why
	Week        []DayHours
}

// DayHours are the usual hours of a weekday, as text: none on a closed day.
type DayHours struct {
	Day   time.Weekday
	Name  string
	Hours []string // "08:00–18:00"
}

// Advise tells how to reach branch at now.
func (b Book) Advise(branch Branch, lang string, now time.Time) Advice {
	now = now.In(b.calendar.zone)
	a := Advice{
		Lang: lang, Label: branch.Label(lang), Number: b.Number, Keys: branch.Keys(),
		Office: strings.HasPrefix(branch.Path, b.OfficeKey+"."), OfficeKey: b.OfficeKey,
		Now: now, OpenNow: branch.OpenAt(now), ClosesAt: branch.Closing(now),
		Week: branch.Week(lang),
	}
	if !a.OpenNow {
		a.NextOpening = branch.NextOpening(now)
		a.Holiday, _ = b.Holiday(now, lang)
	}
	return a
}

// Week is the branch's usual week, Monday first.
func (b Branch) Week(lang string) []DayHours {
	var days []DayHours
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		d := DayHours{Day: day, Name: phrases.Weekday(lang, day)}
		for _, s := range b.week[day] {
			d.Hours = append(d.Hours, clock(s.open)+"–"+clock(s.close))
		}
		days = append(days, d)
	}
	return days
}

func clock(minutes int) string {
	return time.Date(2000, 1, 1, 0, minutes%(24*60), 0, 0, time.UTC).Format("15:04")
}

// Markdown tells the advice to people: number, keys, hours, and whether
// somebody answers now.
func (a Advice) Markdown(say Say) string {
	text := say("contacts.number", map[string]any{
		"Label": a.Label, "Number": a.Number, "Keys": keys(a.Keys, say), "Week": a.WeekText(),
	})
	text += "\n\n" + a.Status(say)
	if a.Office {
		text += "\n\n" + say("contacts.office", map[string]any{"Key": a.OfficeKey})
	}
	return text
}

// Status tells whether somebody answers now, until when, or from when.
func (a Advice) Status(say Say) string {
	switch {
	case a.OpenNow:
		return say("contacts.open", map[string]any{"Clock": phrases.Clock(a.Lang, a.ClosesAt)})
	case a.NextOpening.IsZero():
		return say("contacts.closed_for_long", nil)
	case a.Holiday != "":
		return say("contacts.closed_holiday", map[string]any{"Holiday": a.Holiday, "When": When(a.Lang, a.NextOpening, a.Now, say)})
	default:
		return say("contacts.closed", map[string]any{"When": When(a.Lang, a.NextOpening, a.Now, say)})
	}
}

// WeekText is the week in a line, equal days together:
// "lunedì–venerdì 08:00–18:00, sabato 08:00–13:00".
func (a Advice) WeekText() string {
	var parts []string
	for i := 0; i < len(a.Week); {
		hours := strings.Join(a.Week[i].Hours, " ")
		last := i
		for last+1 < len(a.Week) && strings.Join(a.Week[last+1].Hours, " ") == hours {
			last++
		}
		if hours != "" {
			days := a.Week[i].Name
			if last > i {
				days += "–" + a.Week[last].Name
			}
			parts = append(parts, days+" "+hours)
		}
		i = last + 1
	}
	return strings.Join(parts, ", ")
}

// When tells a moment as people in front of a clock do: "oggi alle ore 18:00",
// "lunedì 30/11/2026 alle ore 08:00".
func When(lang string, t, now time.Time, say Say) string {
	now = now.In(t.Location())
	if t.Year() == now.Year() && t.YearDay() == now.YearDay() {
		return say("contacts.today_at", map[string]any{"Clock": phrases.Clock(lang, t)})
	}
	return say("contacts.day_at", map[string]any{
		"Weekday": phrases.Weekday(lang, t.Weekday()), "Date": phrases.Date(lang, t), "Clock": phrases.Clock(lang, t),
	})
}

func keys(path []string, say Say) string {
	return say("contacts.keys", map[string]any{"Count": len(path), "Keys": strings.Join(path, say("contacts.then", nil))})
}

// Day is who answers on one day, in one language.
type Day struct {
	Lang     string
	Date     time.Time
	Number   string
	Holiday  string // why nobody answers, if that is why
	Branches []DayBranch
	Chosen   bool      // Branches are those asked for, not all the first keys
	Resumes  time.Time // when somebody answers again, if nobody does that day
}

// DayBranch is one branch on that day; a closed one has no hours.
type DayBranch struct {
	Label string
	Keys  []string
	Hours []Hours
}

// Day tells the hours of the branches on the day of date; without branches,
// those of the first keys.
func (b Book) Day(date time.Time, lang string, branches ...Branch) Day {
	date = b.calendar.midnight(date)
	d := Day{Lang: lang, Date: date, Number: b.Number, Chosen: len(branches) > 0}
	if !d.Chosen {
		branches = b.Branches
	}
	d.Holiday, _ = b.Holiday(date, lang)
	open := false
	for _, branch := range branches {
		hours := branch.HoursOn(date)
		open = open || len(hours) > 0
		d.Branches = append(d.Branches, DayBranch{branch.Label(lang), branch.Keys(), hours})
	}
	if !open {
		for _, branch := range branches {
			next := branch.NextOpening(date)
			if d.Resumes.IsZero() || !next.IsZero() && next.Before(d.Resumes) {
				d.Resumes = next
			}
		}
	}
	return d
}

// Markdown tells the day to people: a line for each branch, or that nobody
// answers and from when somebody does.
func (d Day) Markdown(say Say) string {
	values := map[string]any{
		"Number": d.Number, "Weekday": phrases.Weekday(d.Lang, d.Date.Weekday()), "Date": phrases.Date(d.Lang, d.Date), "Holiday": d.Holiday,
	}
	closed := !d.Resumes.IsZero()
	if closed {
		values["When"] = When(d.Lang, d.Resumes, d.Date, say)
	}
	switch {
	case closed && d.Holiday != "":
		return say("contacts.day_holiday", values)
	case closed && !d.Chosen:
		return say("contacts.day_closed", values)
	}
	lines := []string{say("contacts.day_title", values), ""}
	for _, branch := range d.Branches {
		var hours []string
		for _, h := range branch.Hours {
			hours = append(hours, h.Open.Format("15:04")+"–"+h.Close.Format("15:04"))
		}
		if hours == nil {
			hours = []string{say("contacts.closed_that_day", nil)}
		}
		lines = append(lines, say("contacts.day_line", map[string]any{
			"Keys": keys(branch.Keys, say), "Label": branch.Label, "Hours": strings.Join(hours, ", "),
		}))
	}
	if closed {
		lines = append(lines, "", say("contacts.day_resumes", values))
	}
	return strings.Join(lines, "\n")
}

// Channels tells all ways to reach the help desk, at now.
func (b Book) Channels(lang string, now time.Time, say Say) string {
	parts := []string{
		say("contacts.channel_portal", map[string]any{"Portal": b.Portal}),
		say("contacts.channel_number", map[string]any{"Number": b.Number, "Status": b.Advise(b.Operators(), lang, now).Status(say)}),
	}
	email := map[string]any{"Address": b.Email.Address, "Domains": "@" + strings.Join(b.Email.SenderDomains, ", @"), "Portal": b.Portal}
	key := "contacts.channel_email"
	if b.Email.OneWay {
		key = "contacts.channel_email_one_way"
	}
	return strings.Join(append(parts, say(key, email)), "\n")
}
