package main

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/kb/markdown"
	"sportello/store"
	"sportello/tickets/intake"
	"sportello/web/desk"
	"sportello/web/portal"
	"sportello/web/signin"
)

// deskPath is where the operators' desk is.
const deskPath = "/desk"

// operatorsDesk puts the rooms of the operators together.
func (a *app) operatorsDesk(doors *signin.Pages, public *portal.Portal, in *intake.Intake) *desk.Pages {
	return desk.New(desk.Deps{
		Desk: a.desk, Talk: a.tickets, Feed: a.feed, People: &deskPeople{Account: a.people, now: a.now}, Domains: a.config.Account.domains(),
		Book: a.material.book, Searcher: a.finder, Files: a.cabinet, Replies: a.material.replies, Phrases: a.material.phrases, Base: a.config.SiteURL,
		Frame: public.Frame, Person: doors.Person, Enter: signin.Enter, Now: a.now, Log: a.log,
		Quarantine: quarantine{in, a.material.phrases}, Letters: undelivered{a.talks}, Transcript: transcript{a.talks},
	})
}

// operatorsFresh is how long the list of operators is remembered: it is offered
// on every page, and changes a few times a year.
const operatorsFresh = time.Minute

// deskPeople are the people of the store, with the operators at hand.
type deskPeople struct {
	*store.Account
	now func() time.Time

	mu        sync.Mutex
	readAt    time.Time
	operators []account.Person
}

// Operators implements desk.People.
func (d *deskPeople) Operators(ctx context.Context) ([]account.Person, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if now := d.now(); d.readAt.IsZero() || now.Sub(d.readAt) > operatorsFresh {
		all, err := d.Having(ctx, account.Operator)
		if err != nil {
			return nil, err
		}
		d.operators = all
		slices.SortStableFunc(d.operators, func(a, b account.Person) int {
			return strings.Compare(strings.ToLower(a.Called()), strings.ToLower(b.Called()))
		})
		d.readAt = now
	}
	return slices.Clone(d.operators), nil
}

// undelivered tells the desk of letters that were given up.
type undelivered struct{ talks *store.Conversations }

// Undelivered implements desk.Letters.
func (u undelivered) Undelivered(ctx context.Context, limit int) (letters []desk.Letter, err error) {
	parked, err := u.talks.Parked(ctx, limit)
	for _, l := range parked {
		letters = append(letters, desk.Letter{Channel: l.Channel, To: l.To, Subject: l.Subject, Attempts: l.Attempts, Reason: l.Reason})
	}
	return letters, err
}

// quarantine shows the desk what the intake held back.
type quarantine struct {
	*intake.Intake
	phrases *phrases.Catalogue
}

// heldShown are the newest mails that the desk shows.
const heldShown = 200

// Quarantined implements desk.Quarantine.
func (q quarantine) Quarantined(ctx context.Context, by account.Person, lang string) (mails []desk.Mail, err error) {
	held, err := q.Intake.Quarantined(ctx, by, "", heldShown)
	for _, m := range held {
		mails = append(mails, q.told(m, lang))
	}
	return mails, err
}

// Preview implements desk.Quarantine.
func (q quarantine) Preview(ctx context.Context, by account.Person, id, lang string) (desk.Mail, error) {
	p, err := q.Intake.Preview(ctx, by, id)
	if err != nil {
		return desk.Mail{}, err
	}
	if p.Status != intake.Waiting {
		return desk.Mail{}, fault.New(fault.Conflict, "intake.settled")
	}
	m := q.told(p.HeldMail, lang)
	if p.Sender != "" {
		m.From = p.Sender
	}
	m.Text, m.Aside, m.Files = p.Text, p.Aside, p.Files
	return m, nil
}

func (q quarantine) told(m intake.HeldMail, lang string) desk.Mail {
	return desk.Mail{ID: m.ID, From: m.From, Subject: m.Subject, Reason: q.phrases.Say(lang, "intake.reason."+string(m.Reason), nil), At: m.At}
}

// transcript tells the desk what was said in a conversation.
type transcript struct{ talks *store.Conversations }

// Lines implements desk.Transcript.
func (t transcript) Lines(ctx context.Context, conversation string, limit int) (lines []desk.Line, err error) {
	const page = 500
	for after := int64(0); ; {
		events, err := t.talks.Events(ctx, bot.ConversationID(conversation), after, page)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			after = e.Seq
			text := e.Said()
			if e.Reply != nil {
				text = markdown.Plain(text)
			}
			if text = strings.TrimSpace(text); text != "" {
				lines = append(lines, desk.Line{At: e.At, User: e.Author == bot.User, Operator: e.Author == bot.Operator, Text: text})
			}
		}
		lines = lines[max(0, len(lines)-limit):]
		if len(events) < page {
			return lines, nil
		}
	}
}
