// Package webhook tells other systems what happens to tickets. What to tell
// whom is planned from the feed of happenings, in one transaction with how far
// the feed was read, and sent until it arrives: in the order in which it
// happened to a ticket, at least once, each time under the same ID.
//
// Messages are signed as Standard Webhooks describe it; Verify is the other
// end.
package webhook

import (
	"crypto/rand"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// HookID names a hook.
type HookID string

// Hook is an address that wants to hear of tickets.
type Hook struct {
	ID        HookID
	Name      string // what it is for, in its owner's words
	URL       string
	Secret    string         // see NewSecret
	Events    []tickets.Kind // that it hears of; all if empty
	Notes     bool           // internal lines, too
	Owner     account.PersonID
	CreatedAt time.Time
	Active    bool
	Stopped   Reason    // why it is not active
	Failures  int       // in a row
	Failing   time.Time // since when; zero if it does not
	Resting   time.Time // nothing is sent to it until then
	Version   int       // counts changes by people
}

// Reason says why a hook is not active.
type Reason string

// The reasons.
const (
	Paused  Reason = "paused"  // by an administrator
	Faulty  Reason = "failing" // for too long
	Gone    Reason = "gone"    // the other side said so (410)
	Running Reason = ""
)

// Limits of hooks.
const (
	MaxHooks = 50
	MaxName  = 100
)

// Wanted is what somebody asks of a hook.
type Wanted struct {
	Name   string
	URL    string
	Secret string // made, if empty
	Events []tickets.Kind
	Notes  bool
	Active bool
}

// New makes a hook. It fails with Problems that name what is wrong.
func New(w Wanted, owner account.PersonID, now time.Time, c Config) (Hook, error) {
	h := Hook{ID: HookID("wh_" + strings.ToLower(rand.Text())), Owner: owner, CreatedAt: now, Active: w.Active, Version: 1}
	if w.Secret == "" {
		w.Secret = NewSecret()
	}
	return h.With(w, c)
}

// With is h as somebody wants it. To wake one that was stopped forgets its
// failures.
func (h Hook) With(w Wanted, c Config) (Hook, error) {
	var found tickets.Problems
	if utf8.RuneCountInString(w.Name) > MaxName {
		found = append(found, tickets.Problem{Field: "name", Phrase: "webhook.name_long", Values: fault.Values{"Max": MaxName}})
	}
	if phrase := c.refuses(w.URL); phrase != "" {
		found = append(found, tickets.Problem{Field: "url", Phrase: phrase})
	}
	if _, err := key(w.Secret); err != nil {
		found = append(found, tickets.Problem{Field: "secret", Phrase: "webhook.secret"})
	}
	for _, kind := range w.Events {
		if !slices.Contains(Kinds, kind) {
			found = append(found, tickets.Problem{Field: "events", Phrase: "webhook.event", Values: fault.Values{"Values": kindNames()}})
			break
		}
	}
	if len(found) > 0 {
		return h, found
	}
	switch {
	case w.Active && !h.Active:
		h.Stopped, h.Failures, h.Failing, h.Resting = Running, 0, time.Time{}, time.Time{}
	case !w.Active && (h.Active || h.Stopped == Running):
		h.Stopped = Paused
	}
	h.Name, h.URL, h.Secret, h.Events, h.Notes, h.Active = w.Name, w.URL, w.Secret, w.Events, w.Notes, w.Active
	return h, nil
}

// Kinds of happenings that a hook may choose among.
var Kinds = []tickets.Kind{
	tickets.KindOpened, tickets.KindMoved, tickets.KindMessage, tickets.KindNote, tickets.KindRated, tickets.KindChanged,
	tickets.KindAttached, tickets.KindLinked, tickets.KindWarned, tickets.KindReminded,
}

func kindNames() string {
	var names []string
	for _, k := range Kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}

// Hears reports whether a hook is told of a happening.
func (h Hook) Hears(e tickets.Event) bool {
	return h.Active && (e.Public || h.Notes) && (len(h.Events) == 0 || slices.Contains(h.Events, e.Kind))
}

// refuses is the phrase that says why an address cannot be told anything,
// empty if it can. Names are looked up only when something is sent.
func (c Config) refuses(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || len(address) > 2000:
		return "webhook.url"
	case u.Scheme == "http" && len(c.AllowPrivate) > 0: // within the organisation's own network
	case u.Scheme != "https":
		return "webhook.url"
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !c.admits(ip, u.Scheme) {
		return "webhook.private"
	}
	return ""
}
