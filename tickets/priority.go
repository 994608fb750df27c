package tickets

import (
	"regexp"
	"slices"
	"time"
)

// Urgency says how long a ticket can wait.
type Urgency string

// The urgencies.
const (
	Low    Urgency = "low"
	Normal Urgency = "normal"
	High   Urgency = "high"
)

// Urgencies lists them from the highest, as forms offer them.
var Urgencies = []Urgency{High, Normal, Low}

// Phrase is the key of the urgency's label.
func (u Urgency) Phrase() string { return "ticket.urgency." + string(u) }

// Phrase is the key of the impact's label, as operators read it.
func (i Impact) Phrase() string { return "ticket.impact." + string(i) }

// Impacts lists the impacts from the smallest, as forms offer them.
var Impacts = []Impact{Me, Office, Site}

// Priority is the order in which tickets are worked on: 1 is critical, 4 can
// wait, 0 was never weighed.
type Priority int

// The ends of the scale.
const (
	Critical  Priority = 1
	Unhurried Priority = 4
)

// Phrase is the key of the priority's label.
func (p Priority) Phrase() string {
	return "ticket.priority." + string('0'+rune(min(max(p, 0), Unhurried)))
}

// clockTime is an hour as people write it; a deadline with one and without a
// day means today.
var clockTime = regexp.MustCompile(`\b([01]?\d|2[0-3])[:.][0-5]\d\b|\b(?:ore|alle|at)\s+\d{1,2}\b`)

// soon is how near a deadline makes a ticket urgent: today or tomorrow.
const soon = 48 * time.Hour

// urgencyOf reads how urgent a request is from its deadline, in the person's
// words: one that is near, or that says an hour and no day, cannot wait.
func urgencyOf(deadline string, now time.Time) Urgency {
	words := tokens(fold(deadline))
	if len(words) == 0 || negations[words[0]] || words[0] == "nessuna" || words[0] == "none" {
		return Normal
	}
	if day, found := readDate(deadline, now); found {
		if ahead := day.Sub(now); ahead < soon && ahead > -soon {
			return High
		}
		return Normal
	}
	if clockTime.MatchString(fold(deadline)) || slices.ContainsFunc(words, func(w string) bool { return w == "minuti" || w == "minutes" || w == "subito" || w == "now" }) {
		return High
	}
	return Normal
}
