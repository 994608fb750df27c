package desk

import (
	"net/http"
	"strconv"

	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/tickets"
)

// mergePage shows two tickets side by side before one is closed as a duplicate
// of the other.
type mergePage struct {
	page
	Into    string
	Error   string
	Sides   []side // the one that is closed, and the one that goes on
	This    row
	Similar []row
}

type side struct {
	row
	Body     string
	Messages int
	People   []string
	Heading  string
}

func (v *visit) merge() error {
	t, err := v.Desk.Ticket(v.r.Context(), v.by, v.number())
	if err != nil {
		return err
	}
	shown := mergePage{page: v.frame("queue", v.say("desk.merge_title", "Number", t.Number), "/ticket/"+string(t.Number)+"/merge"), Into: oneLine(v.r.URL.Query().Get("other"))}
	rows, err := v.rows([]tickets.Ticket{t})
	if err != nil {
		return err
	}
	shown.This = rows[0]
	if shown.Into == "" {
		if shown.Similar, err = v.similar(t); err != nil {
			return err
		}
		return v.show(http.StatusOK, "merge", shown)
	}
	other, err := v.mergeable(t, shown.Into)
	if err != nil && httpstatus.Of(err) < http.StatusInternalServerError {
		shown.Error = v.told(err)
		if shown.Similar, err = v.similar(t); err != nil {
			return err
		}
		return v.show(http.StatusUnprocessableEntity, "merge", shown)
	}
	if err != nil {
		return err
	}
	for i, one := range []tickets.Ticket{t, other} {
		s, err := v.side(one)
		if err != nil {
			return err
		}
		s.Heading = v.say([]string{"desk.merge_from", "desk.merge_into"}[i])
		shown.Sides = append(shown.Sides, s)
	}
	return v.show(http.StatusOK, "merge", shown)
}

// mergeable finds the other ticket and checks that the two can be one.
func (v *visit) mergeable(t tickets.Ticket, text string) (tickets.Ticket, error) {
	number, ok := tickets.ParseNumber(text, v.local(v.Now()).Year())
	if !ok {
		return tickets.Ticket{}, fault.New(fault.Invalid, "desk.number_missing")
	}
	other, err := v.Desk.Ticket(v.r.Context(), v.by, number)
	if err != nil {
		return tickets.Ticket{}, err
	}
	_, err = t.MergeInto(other, tickets.Stamp{By: v.by, At: v.Now()})
	return other, err
}

func (v *visit) side(t tickets.Ticket) (side, error) {
	rows, err := v.rows([]tickets.Ticket{t})
	if err != nil {
		return side{}, err
	}
	events, err := v.Desk.History(v.r.Context(), v.by, t)
	if err != nil {
		return side{}, err
	}
	if err := v.meet(t.People()...); err != nil {
		return side{}, err
	}
	s := side{row: rows[0], Body: t.Body}
	for _, e := range events {
		if e.Kind == tickets.KindMessage || e.Kind == tickets.KindNote {
			s.Messages++
		}
	}
	for _, id := range t.People() {
		s.People = append(s.People, v.name(id))
	}
	return s, nil
}

// mergeInto merges as the page showed it: both tickets have to be as they were.
func (v *visit) mergeInto(f form, _ tickets.Ticket, _ []tickets.Attachment) (rule, error) {
	number, err := v.otherNumber(f)
	if err != nil {
		return nil, err
	}
	seen, _ := strconv.Atoi(f.Get("other_version"))
	return func(t tickets.Ticket, s tickets.Stamp) ([]tickets.Change, error) {
		other, err := v.Desk.Ticket(v.r.Context(), v.by, number)
		if err != nil {
			return nil, err
		}
		if err := other.Unchanged(seen); err != nil {
			return nil, err
		}
		return t.MergeInto(other, s)
	}, nil
}
