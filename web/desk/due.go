package desk

import (
	"time"

	"sportello/tickets"
)

// due tells a ticket's clock in words.
type due struct {
	Text  string // "scade tra 2 h"
	At    string // the moment, if the clock runs
	Exact string
	Class string // late, soon, fine, still or over
}

// soonDue is how near a due time is shown as near.
const soonDue = 2 * time.Hour

func (v *visit) due(t tickets.Ticket) due {
	c := v.Desk.Terms.Clock(t, v.Now())
	switch {
	case !t.Status.Open():
		return due{Text: v.say("desk.due_over"), Class: "over"}
	case !c.Running && c.Left == 0:
		return due{Text: v.say("desk.due_none"), Class: "still"}
	case !c.Running && c.Left < 0:
		return due{Text: v.say("desk.due_still_late", "Time", v.span(-c.Left)), Class: "still"}
	case !c.Running:
		return due{Text: v.say("desk.due_still", "Time", v.span(c.Left)), Class: "still"}
	}
	d := due{At: v.moment(c.DueAt), Exact: v.exactly(c.DueAt), Class: "fine"}
	switch now := v.Now(); {
	case !c.DueAt.After(now):
		d.Text, d.Class = v.say("desk.due_late", "Time", v.span(-c.Left)), "late"
		if -c.Left < time.Minute {
			d.Text = v.say("desk.due_just")
		}
	case c.Left <= soonDue:
		d.Text, d.Class = v.say("desk.due_in", "Time", v.span(c.Left)), "soon"
	default:
		d.Text = v.say("desk.due_in", "Time", v.span(c.Left))
	}
	return d
}

// span tells working time: to the minute below an hour, then to the hour.
func (v *visit) span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return v.say("desk.span_moment")
	case d < time.Hour:
		return v.say("desk.span_minutes", "Minutes", int(d.Minutes()))
	case d < 4*time.Hour && d%time.Hour >= time.Minute:
		return v.say("desk.span_both", "Hours", int(d.Hours()), "Minutes", int(d.Minutes())%60)
	default:
		return v.say("desk.span_hours", "Hours", int(d.Round(time.Hour).Hours()))
	}
}
