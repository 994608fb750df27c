package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// defaultList is how many tickets a list holds where nobody said.
const defaultList = 50

// list is a query for tickets that is being put together.
type list struct {
	from  string
	where []string
	args  []any
	order string
	limit int
}

func (l *list) only(condition string, args ...any) {
	l.where, l.args = append(l.where, condition), append(l.args, args...)
}

// words narrows the list to tickets that hold these words; those of a person,
// if one is named.
func (l *list) words(text string, person account.PersonID) {
	var match []string
	if person != "" {
		match = append(match, `"`+tickets.PersonWord(person)+`"`)
	}
	words := tickets.SearchWords(text)
	for i, word := range words {
		word = `"` + word + `"` // letters and digits only
		if i == len(words)-1 {
			word += "*"
		}
		match = append(match, word)
	}
	l.from = `ticket_words w JOIN tickets t ON t.ordinal = w.rowid`
	l.only(`ticket_words MATCH ?`, strings.Join(match, " "))
	l.order = `w.rowid DESC`
}

// holding narrows a short list to tickets that hold these words: looking at
// each is cheaper than the index of all tickets, and does not grow with them.
func (l *list) holding(text string) {
	words := tickets.SearchWords(text)
	for i, word := range words {
		form := `% ` + word + ` %` // letters and digits only
		if i == len(words)-1 {
			form = `% ` + word + `%`
		}
		l.only(`t.words LIKE ?`, form)
	}
}

// fewTickets are looked at one by one.
const fewTickets = 1000

// hasMany reports whether somebody has more tickets than that.
func (s *Tickets) hasMany(ctx context.Context, person account.PersonID) (bool, error) {
	n := 0
	err := s.db.queryRow(ctx, `SELECT COUNT(*) FROM (SELECT 1 FROM ticket_people WHERE person_id = ? LIMIT ?) AS own`, person, fewTickets+1).Scan(&n)
	return n > fewTickets, err
}

func (s *Tickets) list(ctx context.Context, l list) ([]tickets.Ticket, error) {
	if l.limit <= 0 {
		l.limit = defaultList
	}
	text := `SELECT ` + ticketColumns + ` FROM ` + l.from
	if len(l.where) > 0 {
		text += ` WHERE ` + strings.Join(l.where, ` AND `)
	}
	r, err := s.db.query(ctx, text+` ORDER BY `+l.order+` LIMIT ?`, append(l.args, l.limit)...)
	return rows(r, err, scanTicket)
}

// in is a condition that a column has one of these values.
func in[T any](column string, values []T) (string, []any) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	return column + ` IN (?` + strings.Repeat(`, ?`, len(values)-1) + `)`, args
}

// numbered finds the one ticket whose number a search is.
func (s *Tickets) numbered(ctx context.Context, text string) (t tickets.Ticket, is bool) {
	number, is := tickets.ParseNumber(text, 0)
	if !is || len(tickets.SearchWords(text)) > 2 {
		return t, false
	}
	var newest int64 // without a year a number is one of the year of the newest ticket, whatever our clock says
	if err := s.db.queryRow(ctx, `SELECT COALESCE(MAX(ordinal), 0) FROM tickets`).Scan(&newest); err != nil {
		return t, false
	}
	t, err := s.ByNumber(ctx, number.In(int(newest/1_000_000_000)))
	return t, err == nil
}

// Of implements tickets.Store.
func (s *Tickets) Of(ctx context.Context, person account.PersonID, f tickets.Filter) (_ []tickets.Ticket, err error) {
	defer fault.Wrap(&err, "list tickets of %s", person)
	l := list{from: `ticket_people p JOIN tickets t ON t.id = p.ticket_id`, order: `p.ordinal DESC`, limit: f.Limit}
	if len(tickets.SearchWords(f.Text)) > 0 {
		if t, is := s.numbered(ctx, f.Text); is && f.Before == "" {
			l.only(`p.person_id = ? AND t.id = ?`, person, t.ID)
			return s.list(ctx, l)
		}
		many, err := s.hasMany(ctx, person)
		if err != nil {
			return nil, err
		}
		if many {
			l.words(f.Text, person)
		} else {
			l.only(`p.person_id = ?`, person)
			l.holding(f.Text)
		}
	} else {
		l.only(`p.person_id = ?`, person)
	}
	if f.Before != "" {
		l.only(strings.TrimSuffix(l.order, ` DESC`)+` < ?`, f.Before.Ordinal())
	}
	if len(f.Statuses) > 0 {
		condition, args := in(`t.status`, f.Statuses)
		l.only(condition, args...)
	}
	if f.Channel != "" {
		l.only(`t.channel = ?`, f.Channel)
	}
	switch f.Part {
	case tickets.AsAuthor:
		l.only(`t.author_id = ?`, person)
	case tickets.AsBeneficiary:
		l.only(`t.beneficiary_id = ? AND t.author_id <> ?`, person, person)
	case tickets.AsObserver:
		l.only(`t.beneficiary_id <> ? AND t.author_id <> ?`, person, person)
	}
	return s.list(ctx, l)
}

// Queue implements tickets.Store.
func (s *Tickets) Queue(ctx context.Context, q tickets.Queue) (_ []tickets.Ticket, err error) {
	defer fault.Wrap(&err, "list tickets")
	l := list{from: `tickets t`, order: `t.due_rank, t.ordinal`, limit: q.Limit}
	rank, after, from := q.From()
	switch {
	case len(tickets.SearchWords(q.Text)) > 0:
		if t, is := s.numbered(ctx, q.Text); is && q.After == "" {
			return []tickets.Ticket{t}, nil
		}
		l.words(q.Text, q.Person)
		if from {
			l.only(`w.rowid < ?`, after.Ordinal())
		}
	case q.ByNumber():
		l.order = `t.ordinal DESC`
		if from {
			l.only(`t.ordinal < ?`, after.Ordinal())
		}
	case from:
		l.only(`(t.due_rank, t.ordinal) > (?, ?)`, rank, after.Ordinal())
	}
	if q.Person != "" && l.from == `tickets t` {
		l.only(`t.id IN (SELECT p.ticket_id FROM ticket_people p WHERE p.person_id = ?)`, q.Person)
	}
	if q.Open {
		l.only(`t.is_open = 1`)
	}
	if len(q.Teams) > 0 {
		condition, args := in(`t.team`, q.Teams)
		l.only(condition, args...)
	}
	if len(q.Statuses) > 0 {
		condition, args := in(`t.status`, q.Statuses)
		l.only(condition, args...)
	}
	if len(q.Priorities) > 0 {
		condition, args := in(`t.priority`, q.Priorities)
		l.only(condition, args...)
	}
	for column, values := range map[string][]string{`t.application`: q.Applications, `t.request_type`: q.RequestTypes, `t.channel`: q.Channels} {
		if len(values) > 0 {
			condition, args := in(column, values)
			l.only(condition, args...)
		}
	}
	if q.Assignee != "" {
		l.only(`t.assignee_id <> '' AND t.assignee_id = ?`, q.Assignee)
	}
	if q.Unassigned {
		l.only(`t.assignee_id = ''`)
	}
	if !q.Overdue.IsZero() {
		l.only(`t.due_rank <= ?`, millis(q.Overdue))
	}
	if !q.Since.IsZero() {
		l.only(`t.opened_at >= ?`, millis(q.Since))
	}
	return s.list(ctx, l)
}

const countOpen = `
	SELECT team, status, assignee_id = '', COUNT(*) FROM tickets
	WHERE  is_open = 1
	GROUP  BY team, status, assignee_id = ''
	ORDER  BY team, status`

// Counts implements tickets.Store.
func (s *Tickets) Counts(ctx context.Context) (_ []tickets.Count, err error) {
	defer fault.Wrap(&err, "count open tickets")
	r, err := s.db.query(ctx, countOpen)
	return rows(r, err, func(r scanner) (c tickets.Count, err error) {
		err = r.Scan(&c.Team, &c.Status, &c.Unassigned, &c.Tickets)
		return c, err
	})
}

// Waking implements tickets.Store.
func (s *Tickets) Waking(ctx context.Context, now time.Time, limit int) (_ []tickets.Ticket, err error) {
	defer fault.Wrap(&err, "list tickets to look after")
	if limit <= 0 {
		return nil, fmt.Errorf("a limit of %d", limit)
	}
	l := list{from: `tickets t`, order: `t.wake_at, t.ordinal`, limit: limit}
	l.only(`t.wake_at > 0 AND t.wake_at <= ?`, millis(now))
	return s.list(ctx, l)
}
