package api

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"

	"strings"
)

// selection is which tickets a list holds, page by page.
type selection struct {
	filter tickets.Filter
	queue  tickets.Queue
	all    bool
	none   bool // nobody has the address that was asked for
}

// selected reads what is wanted and checks that whoever asks may have it.
func (k *Requests) selected(ctx context.Context, v visitor, in *ListInput) (s selection, err error) {
	var w wrong
	for _, status := range in.Status {
		if !slices.Contains(tickets.Statuses, status) {
			choice(&w, "status", tickets.Statuses)
			break
		}
	}
	since, err := time.Parse(time.RFC3339, cmp.Or(in.Since, "0001-01-01T00:00:00Z"))
	if err != nil {
		w.add("since", "api.field_time")
	}
	s.all = in.Of == "all"
	statuses := in.Status
	if in.Open && len(statuses) == 0 {
		statuses = slices.DeleteFunc(slices.Clone(tickets.Statuses), func(one tickets.Status) bool { return !one.Open() })
	}
	s.filter = tickets.Filter{Statuses: statuses, Text: in.Q, Limit: in.Limit, Before: tickets.Number(in.Cursor)}
	s.queue = tickets.Queue{
		Teams: in.Team, Statuses: in.Status, Open: in.Open, Unassigned: in.Unassigned, Text: in.Q, Since: since, Newest: in.Order != "due",
		Limit: in.Limit, After: in.Cursor,
	}
	if in.Cursor != "" {
		_, _, whole := s.queue.From()
		if s.all && !whole || !s.all && s.filter.Before.Ordinal() == 0 {
			w.add("cursor", "api.cursor")
		}
	}
	if err := w.err(); err != nil || !s.all {
		return s, err
	}
	if !account.Can(v.person, account.ListTickets, account.Thing{}) {
		return s, fault.New(fault.Forbidden, "error.forbidden")
	}
	for _, one := range []struct {
		address string
		into    *account.PersonID
	}{{in.Assignee, &s.queue.Assignee}, {in.Person, &s.queue.Person}} {
		if one.address == "" {
			continue
		}
		p, err := k.Accounts.PersonByEmail(ctx, strings.ToLower(one.address))
		switch {
		case fault.Is(err, fault.NotFound):
			s.none = true
		case err != nil:
			return s, err
		}
		*one.into = p.ID
	}
	return s, nil
}

// page reads one page and says where the next one begins.
func (k *Requests) page(ctx context.Context, v visitor, s *selection) (list []tickets.Ticket, next string, err error) {
	switch {
	case s.none:
		return nil, "", nil
	case s.all:
		if list, err = k.Desk.Queue(ctx, v.person, s.queue); err == nil && len(list) == s.queue.Limit {
			next = s.queue.Cursor(list[len(list)-1])
		}
		s.queue.After = next
	default:
		if list, err = k.Desk.Mine(ctx, v.person, s.filter); err == nil && len(list) == s.filter.Limit {
			next = string(list[len(list)-1].Number)
		}
		s.filter.Before = tickets.Number(next)
	}
	return list, next, err
}

func (k *Requests) list(ctx context.Context, v visitor, in *ListInput) (answer, error) {
	s, err := k.selected(ctx, v, in)
	if err != nil {
		return answer{}, err
	}
	list, next, err := k.page(ctx, v, &s)
	if err != nil {
		return answer{}, err
	}
	if err := k.untell(ctx, v, list, nil); err != nil {
		return answer{}, err
	}
	known, err := k.know(ctx, v, list, nil)
	out := List{Tickets: []Ticket{}, Next: next}
	seen := []byte(next)
	for _, t := range list {
		out.Tickets = append(out.Tickets, known.ticket(v.person, t))
		seen = append(strconv.AppendInt(append(append(seen, ' '), t.Number...), int64(t.Version), 36), ' ')
	}
	a := answer{body: out, etag: `W/"` + sum(seen, []byte(v.token.ID)) + `"`}
	if next != "" {
		a.header = map[string]string{"Link": "<" + in.next(next) + `>; rel="next"`}
	}
	return a, err
}

// next is the address of the next page.
func (in *ListInput) next(cursor string) string {
	q := url.Values{"cursor": {cursor}, "limit": {strconv.Itoa(in.Limit)}}
	for name, value := range map[string]string{"of": in.Of, "q": in.Q, "assignee": in.Assignee, "person": in.Person, "since": in.Since, "order": in.Order} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var statuses []string
	for _, status := range in.Status {
		statuses = append(statuses, string(status))
	}
	for name, values := range map[string][]string{"status": statuses, "team": in.Team} {
		if len(values) > 0 {
			q.Set(name, strings.Join(values, ","))
		}
	}
	for name, set := range map[string]bool{"open": in.Open, "unassigned": in.Unassigned} {
		if set {
			q.Set(name, "true")
		}
	}
	return ticketsRoot + "?" + q.Encode()
}
