package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// Announcer tells people what happened to their tickets. It reads the feed of
// happenings after its mark and turns each, once, into events of conversations
// and letters, kept in the transaction that moves the mark: whatever is killed
// when, and however many processes do it, nobody hears of something twice.
//
// A notice is told in the conversation the person last spoke in, of those on a
// channel that can be pushed to, if the conversation still knows the person.
// It is mailed if there is none, or if it stays unread for MailAfter: read is
// what a client of the conversation showed (Store.Seen), and what the person
// spoke after.
//
// Quiet hours hold back all notices but those of tickets of the highest
// priority. What is optional can be switched off; Notice.Needed cannot.
type Announcer struct {
	Engine *Engine // its parts are used, and its conversations told
	Store  NoticeStore
	Log    *slog.Logger

	MailAfter   time.Duration // how long a notice may stay unread in a conversation
	GroupWithin time.Duration // what happens within is mailed together

	// Woken gets a value when something happened to a ticket; nil: the feed is
	// looked at every second.
	Woken <-chan struct{}

	// Observe hears of every notice that was told ("chat") or mailed ("mail"),
	// for figures; it may be nil.
	Observe func(kind NoticeKind, way string)
}

// How the announcer works.
const (
	feedPage    = 200 // happenings that are turned into notices together
	mostDue     = 100 // people whose due notices are seen to in one round
	fewTickets  = 3   // that are told one by one; more together
	noticeTries = 5   // against others who change the same

	noticeMemory = 21 * 24 * time.Hour // as the Garante wants of metadata of mail
)

// Run works until ctx is done.
func (a *Announcer) Run(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var forgot time.Time
	for {
		if err := a.Round(ctx); err != nil && ctx.Err() == nil {
			a.Log.ErrorContext(ctx, "notices not told", "error", err)
		}
		if now := a.Engine.Now(); now.Sub(forgot) > time.Hour {
			forgot = now
			if err := a.Store.ForgetNotices(ctx, now.Add(-noticeMemory)); err != nil && ctx.Err() == nil {
				a.Log.ErrorContext(ctx, "old notices not forgotten", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-a.Woken:
		case <-tick.C:
		}
	}
}

// Round reads the feed to its end and sees to what is due by now.
func (a *Announcer) Round(ctx context.Context) error {
	for {
		more, err := a.retried(ctx, a.readFeed)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	people, err := a.Store.Expecting(ctx, a.Engine.Now(), mostDue)
	if err != nil {
		return err
	}
	var errs []error
	for _, person := range people {
		_, err := a.retried(ctx, func(ctx context.Context) (bool, error) { return false, a.seeTo(ctx, person) })
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// retried does something again, on fresh data, when others were faster.
func (a *Announcer) retried(ctx context.Context, do func(context.Context) (bool, error)) (more bool, err error) {
	for range noticeTries {
		if more, err = do(ctx); !fault.Is(err, fault.Conflict) {
			return more, err
		}
	}
	return more, err
}

// readFeed turns the next page of the feed into notices.
func (a *Announcer) readFeed(ctx context.Context) (more bool, err error) {
	mark, err := a.Store.Announced(ctx)
	if err != nil {
		return false, err
	}
	happened, err := a.Engine.Tickets.Happenings(ctx, mark, feedPage)
	if err != nil || len(happened) == 0 {
		return false, err
	}
	made, err := a.notices(ctx, happened)
	if err != nil {
		return false, err
	}
	d := a.desk(ctx)
	d.From, d.To = mark, happened[len(happened)-1].Seq
	for _, person := range made.people {
		if err := d.place(person, made.of[person.ID]); err != nil {
			return false, err
		}
	}
	return true, d.keep()
}

// made are notices by person, in the order of the feed.
type made struct {
	people []account.Person
	of     map[account.PersonID][]Placed
}

// notices decides who hears of what happened.
func (a *Announcer) notices(ctx context.Context, happened []tickets.Event) (made, error) {
	m := made{of: map[account.PersonID][]Placed{}}
	known := map[tickets.ID]tickets.Ticket{}
	for _, e := range happened {
		if !e.Public {
			continue
		}
		one, read := known[e.Ticket]
		if !read {
			var err error
			if one, err = a.Engine.Tickets.Ticket(ctx, e.Ticket); fault.Is(err, fault.NotFound) {
				continue // it was erased
			} else if err != nil {
				return m, err
			}
			known[e.Ticket] = one
		}
		for _, id := range one.People() {
			n, told := NoticeOf(e, one, id, a.Engine.Now())
			if !told {
				continue
			}
			if err := a.address(ctx, &m, n, e, one); err != nil {
				return m, err
			}
		}
	}
	return m, nil
}

// address adds a notice for somebody who is still there.
func (a *Announcer) address(ctx context.Context, m *made, n Notice, e tickets.Event, one tickets.Ticket) error {
	person, err := a.Engine.Accounts.Person(ctx, n.Person)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, own := BondOf(one, e.By); own && n.Kind == NoticeMessage {
		if by, err := a.Engine.Accounts.Person(ctx, e.By); err == nil {
			n.By = by.Called()
		}
	}
	if m.of[n.Person] == nil {
		m.people = append(m.people, person)
	}
	m.of[n.Person] = append(m.of[n.Person], Placed{Notice: n})
	return nil
}

// seeTo mails what stayed unread, and tells what had to wait.
func (a *Announcer) seeTo(ctx context.Context, id account.PersonID) error {
	now := a.Engine.Now()
	list, err := a.Store.Notices(ctx, id, now.Add(a.GroupWithin))
	if err == nil && a.looked(ctx, list) {
		list, err = a.Store.Notices(ctx, id, now.Add(a.GroupWithin))
	}
	if err != nil || len(list) == 0 {
		return err
	}
	person, err := a.Engine.Accounts.Person(ctx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	var waiting []Placed
	d := a.desk(ctx)
	for _, n := range list {
		p := Placed{Notice: n, Was: n.Due}
		if n.Read || !person.Known() {
			p.Due = time.Time{}
			d.Notices = append(d.Notices, p)
			continue
		}
		waiting = append(waiting, p)
	}
	if err := d.place(person, waiting); err != nil {
		return err
	}
	return d.keep()
}

// desk is where an announcement is made ready.
type desk struct {
	*Announcer
	Announcement
	ctx  context.Context
	told map[ConversationID]bool
	ways []func()
}

func (a *Announcer) desk(ctx context.Context) *desk {
	return &desk{Announcer: a, ctx: ctx, told: map[ConversationID]bool{}}
}

// keep stores the announcement and wakes whoever shows the conversations.
func (d *desk) keep() error {
	if d.From == d.To && len(d.Notices) == 0 {
		return nil
	}
	if err := d.Store.Announce(d.ctx, d.Announcement); err != nil {
		return err
	}
	for id := range d.told {
		d.Engine.changed(id, nil)
	}
	if len(d.Letters) > 0 || len(d.told) > 0 {
		d.Engine.WakeCourier()
	}
	for _, count := range d.ways {
		count()
	}
	return nil
}

func (d *desk) count(list []Placed, way string) {
	if d.Observe == nil {
		return
	}
	for _, n := range list {
		d.ways = append(d.ways, func() { d.Observe(n.Kind, way) })
	}
}

// place decides for each of a person's notices where and when it is told. A
// defect in how one is told costs that notice, not all that follow.
func (d *desk) place(person account.Person, list []Placed) (err error) {
	if len(list) == 0 {
		return nil
	}
	before := *d
	defer func() {
		if p := recover(); p != nil {
			d.Log.ErrorContext(d.ctx, "notice panicked", "person", person.ID, "notices", len(list), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			d.Announcement, d.ways = before.Announcement, before.ways
			for _, n := range list {
				n.Due = time.Time{}
				d.Notices = append(d.Notices, n)
			}
			err = nil
		}
	}()
	now := d.Engine.Now()
	rest, err := d.hush(person, list)
	if err != nil {
		return err
	}
	chat, has, err := d.chat(person)
	if err != nil {
		return err
	}
	var pushed, mailed []Placed
	for _, n := range rest {
		switch {
		case has && n.Conversation == "" && (n.Needed() || !person.Preferences.ChatOff):
			pushed = append(pushed, n)
		case n.Was.IsZero(): // it is mailed with what follows soon
			n.Due = now.Add(d.GroupWithin)
			d.Notices = append(d.Notices, n)
		default:
			mailed = append(mailed, n)
		}
	}
	if err := d.push(person, chat, pushed); err != nil {
		return err
	}
	return d.mail(person, mailed)
}

// hush puts what falls into the quiet hours off until they end, and returns the
// rest.
func (d *desk) hush(person account.Person, list []Placed) (rest []Placed, err error) {
	end := quietEnd(person.Preferences, d.Engine.Now().In(d.Engine.Book.Zone()))
	if end.IsZero() {
		return list, nil
	}
	for _, n := range list {
		urgent, err := d.urgent(n.Notice)
		if err != nil {
			return nil, err
		}
		if urgent {
			rest = append(rest, n)
			continue
		}
		n.Due = end
		d.Notices = append(d.Notices, n)
	}
	return rest, nil
}

// urgent reports whether a notice is told at any hour.
func (d *desk) urgent(n Notice) (bool, error) {
	one, err := d.Engine.Tickets.Ticket(d.ctx, n.Ticket)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return one.Priority == tickets.Critical && n.Needed(), err
}

// chat is the conversation that the person last spoke in, if notices can be
// told there: it knows them still.
func (d *desk) chat(person account.Person) (Chat, bool, error) {
	var channels []string
	for channel, traits := range d.Engine.Channels {
		if traits.Pushable {
			channels = append(channels, channel)
		}
	}
	slices.Sort(channels)
	chats, err := d.Store.Chats(d.ctx, person.ID, channels, 1)
	if err != nil || len(chats) == 0 {
		return Chat{}, false, err
	}
	silent := d.Engine.Now().Sub(chats[0].StirredAt)
	personal := d.Engine.Channels[chats[0].Channel].Personal
	return chats[0], personal || d.Engine.TrustFor == 0 || silent <= d.Engine.TrustFor, nil
}

// push tells notices in a conversation: those of one ticket in one message, and
// those of many tickets, too.
func (d *desk) push(person account.Person, chat Chat, list []Placed) error {
	if len(list) == 0 {
		return nil
	}
	conv, err := d.Engine.Conversation(d.ctx, chat.Conversation)
	if err != nil {
		return err
	}
	groups := byTicket(list)
	subjects := map[tickets.Number]string{}
	for _, group := range groups {
		one, err := d.Engine.Tickets.Ticket(d.ctx, group[0].Ticket)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		subjects[group[0].Number] = one.Subject
	}
	say := teller{d.Engine, conv.Lang, subjects}
	if len(groups) > fewTickets {
		d.tell(person, chat, say.many(groups), list)
	} else {
		for _, group := range groups {
			d.tell(person, chat, say.one(group), group)
		}
	}
	for _, n := range list {
		n.Conversation, n.Due = chat.Conversation, d.Engine.Now().Add(d.MailAfter)
		d.Notices = append(d.Notices, n)
	}
	d.count(list, "chat")
	return nil
}

func (d *desk) tell(person account.Person, chat Chat, event Event, list []Placed) {
	event.At, event.Author = d.Engine.Now(), Assistant
	told := Told{Conversation: chat.Conversation, Person: person.ID, Event: event}
	for _, n := range list {
		told.Notices = append(told.Notices, n.ID)
	}
	d.Told = append(d.Told, told)
	d.told[chat.Conversation] = true
}

// byTicket groups notices, in the order in which their tickets come first.
func byTicket(list []Placed) (groups [][]Placed) {
	at := map[tickets.Number]int{}
	for _, n := range list {
		i, seen := at[n.Number]
		if !seen {
			i = len(groups)
			at[n.Number] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], n)
	}
	return groups
}
