package tickets

import "time"

// Clock is how much time in the team's hours a ticket has.
type Clock struct {
	Left    time.Duration // until it is due; below zero once it is late
	Running bool          // or it stands, with what was left then
	DueAt   time.Time     // in the help desk's zone; zero while it stands
}

// Clock reads a ticket's clock. It is for operators only.
func (t Terms) Clock(k Ticket, now time.Time) Clock {
	if k.DueAt.IsZero() {
		return Clock{Left: k.Left}
	}
	if len(t.Teams) == 0 { // no terms were read
		return Clock{Left: k.DueAt.Sub(now), Running: true, DueAt: k.DueAt}
	}
	hours := t.hours(k.Team)
	return Clock{Left: hours.Work(now, k.DueAt) - hours.Work(k.DueAt, now), Running: true, DueAt: k.DueAt.In(t.Zone())}
}

// TeamOf is the team that answers for a branch of the phone tree, such as
// "3.1"; the dispatch where none does.
func (t Terms) TeamOf(branch string) string {
	for path := branch; path != ""; path = above(path) {
		for _, team := range t.Teams {
			if team.Branch == path {
				return team.ID
			}
		}
	}
	return t.Dispatch
}
