package tickets_test

import (
	"slices"
	"strings"
	"testing"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

var second = account.Person{ID: "second", Roles: []account.Role{account.User, account.Operator}}

func TestOfTwoOperatorsWhoClaimOneIsToldThatTheOtherWasFaster(t *testing.T) {
	c, err := ticket(t, tickets.Received).Claim(stamp(operator))
	if err != nil || c.Ticket.Assignee != operator.ID || c.Ticket.Status != tickets.Taken {
		t.Fatalf("claimed: %+v, %v", c.Ticket, err)
	}
	if _, err := c.Ticket.Claim(stamp(second)); !fault.Is(err, fault.Conflict) {
		t.Errorf("the slower one: %v", err)
	}
	if again, err := c.Ticket.Claim(stamp(operator)); err != nil || again.Ticket.Assignee != operator.ID {
		t.Errorf("the same one again: %v", err)
	}
	if _, err := ticket(t, tickets.Received).Claim(stamp(anna)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("somebody who is no operator: %v", err)
	}
	released, err := c.Ticket.Release(stamp(operator))
	if err != nil || released.Ticket.Assignee != "" {
		t.Errorf("released: %v", err)
	}
	assigned, err := released.Ticket.Assign(second, stamp(operator))
	if err != nil || assigned.Ticket.Assignee != second.ID {
		t.Errorf("assigned: %v", err)
	}
	if _, err := released.Ticket.Assign(anna, stamp(operator)); !fault.Is(err, fault.Invalid) {
		t.Errorf("assigned to somebody who is no operator: %v", err)
	}
}

func TestATransferLeavesTheTicketToTheOtherTeam(t *testing.T) {
	k := ticket(t, tickets.Working)
	k.Team, k.Assignee = "sud", operator.ID
	c, err := k.Transfer(tickets.Team{ID: "adi"}, "La mia password è Segreta123!", stamp(operator))
	if err != nil || c.Ticket.Team != "adi" || c.Ticket.Assignee != "" {
		t.Fatalf("%+v, %v", c.Ticket, err)
	}
	note := c.Happened[len(c.Happened)-1]
	if note.Kind != tickets.KindNote || note.Public || note.Text == "" || strings.Contains(note.Text, "Segreta123") {
		t.Errorf("the reason is %+v, want an internal note without the secret", note)
	}
	if _, err := k.Transfer(tickets.Team{ID: "sud"}, "", stamp(operator)); !fault.Is(err, fault.Invalid) {
		t.Errorf("to the same team: %v", err)
	}
}

func TestWhatIsMissingCanBeAskedAtAnyTime(t *testing.T) {
	for _, from := range []tickets.Status{tickets.Received, tickets.Taken, tickets.Working, tickets.Reopened} {
		c, err := ticket(t, from).Ask("Quale PC?", stamp(operator))
		if err != nil || c.Ticket.Status != tickets.Waiting || c.Happened[0].Text != "Quale PC?" || c.Ticket.Assignee != operator.ID {
			t.Errorf("from %s: %+v, %v", from, c, err)
		}
	}
	if _, err := ticket(t, tickets.Received).Ask(" ", stamp(operator)); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a question: %v", err)
	}
	c, err := ticket(t, tickets.Waiting).Ask("E quale stanza?", stamp(operator))
	if err != nil || c.Ticket.Status != tickets.Waiting || c.Happened[0].Kind != tickets.KindMessage {
		t.Errorf("one more question: %+v, %v", c, err)
	}
}

func TestAMailOnlyProposesWhomTheHelpIsFor(t *testing.T) {
	proposed := tickets.Beneficiary{Name: "Bruno Neri", Email: "bruno@giustizia.it"}
	c, err := tickets.Open(tickets.Draft{Subject: "VPN", Body: "Per conto di Bruno Neri.", Proposed: proposed}, "2026-000001", stamp(anna))
	if err != nil || c.Ticket.Beneficiary.Other() || c.Ticket.Proposed != proposed {
		t.Fatalf("opened: %+v, %v", c.Ticket, err)
	}
	accepted, err := c.Ticket.For(proposed, stamp(operator))
	if err != nil || accepted.Ticket.Beneficiary != proposed || accepted.Ticket.Proposed.Other() || !accepted.Happened[0].Public {
		t.Errorf("accepted: %+v, %v", accepted, err)
	}
	dismissed, err := c.Ticket.For(tickets.Beneficiary{}, stamp(operator))
	if err != nil || dismissed.Ticket.Proposed.Other() || len(dismissed.Happened) != 0 {
		t.Errorf("dismissed: %+v, %v", dismissed, err)
	}
}

func TestOnlyAnOperatorWritesARequestDownForSomebodyElse(t *testing.T) {
	d := tickets.Draft{Subject: "VPN", Body: "Ha chiamato.", Author: anna.ID, Channel: "phone"}
	c, err := tickets.Open(d, "2026-000001", stamp(operator))
	if err != nil || c.Ticket.Author != anna.ID || c.Happened[0].By != operator.ID {
		t.Errorf("by an operator: %+v, %v", c, err)
	}
	d.Author = bruno.ID
	if _, err := tickets.Open(d, "2026-000001", stamp(anna)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by somebody else: %v", err)
	}
}

func TestWhoObservesReadsAndMayLeave(t *testing.T) {
	watcher := account.Person{ID: "watcher", Roles: []account.Role{account.User}}
	c, err := ticket(t, tickets.Received).Observe(watcher, stamp(anna))
	if err != nil {
		t.Fatal(err)
	}
	k := c.Ticket
	if _, err := k.Observe(watcher, stamp(anna)); !fault.Is(err, fault.Invalid) {
		t.Errorf("twice: %v", err)
	}
	if _, err := k.Say(tickets.Message{Text: "ciao"}, stamp(watcher)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an observer writes: %v", err)
	}
	if _, err := k.Observe(second, stamp(watcher)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an observer brings another one: %v", err)
	}
	left, err := k.Unobserve(watcher.ID, stamp(watcher))
	if err != nil || slices.Contains(left.Ticket.Observers, watcher.ID) {
		t.Errorf("left: %v", err)
	}
	if _, err := left.Ticket.Unobserve(watcher.ID, stamp(watcher)); !fault.Is(err, fault.NotFound) {
		t.Errorf("who has left is told that there is a ticket: %v", err)
	}
}

func TestMergedTicketsGoOnAsOne(t *testing.T) {
	source, target := ticket(t, tickets.Received), ticket(t, tickets.Working)
	target.ID, target.Number, target.Author, target.Beneficiary = "other", "2026-000002", "carla", tickets.Beneficiary{}
	source.Links = []tickets.Link{{Kind: tickets.DuplicateOf, To: "2026-000009"}} // linked only
	changes, err := source.MergeInto(target, tickets.Stamp{By: operator, Key: "k"})
	if err != nil || len(changes) != 2 {
		t.Fatal(err)
	}
	closed, kept := changes[0].Ticket, changes[1].Ticket
	if into, merged := closed.MergedInto(); !merged || into != target.Number || closed.Status != tickets.Closed {
		t.Errorf("the duplicate: %s, %v", into, merged)
	}
	for _, person := range source.People() {
		if !slices.Contains(kept.Observers, person) {
			t.Errorf("%s does not follow the other ticket: %v", person, kept.Observers)
		}
	}
	if changes[0].Key == changes[1].Key {
		t.Error("both changes have the same key: the second would be left out")
	}
	if _, err := closed.MergeInto(kept, stamp(operator)); !fault.Is(err, fault.Invalid) {
		t.Errorf("once more: %v", err)
	}
	if _, err := target.MergeInto(target, stamp(operator)); !fault.Is(err, fault.Invalid) {
		t.Errorf("into itself: %v", err)
	}
	if _, err := source.MergeInto(target, stamp(anna)); err == nil {
		t.Error("by somebody who is no operator")
	}
}

func TestLinksAreSeenFromBothSides(t *testing.T) {
	one, other := ticket(t, tickets.Received), ticket(t, tickets.Working)
	other.ID, other.Number = "other", "2026-000002"
	changes, err := one.LinkTo(other, tickets.CausedBy, stamp(operator))
	if err != nil {
		t.Fatal(err)
	}
	one, other = changes[0].Ticket, changes[1].Ticket
	if one.Links[0] != (tickets.Link{Kind: tickets.CausedBy, To: other.Number}) || other.Links[0] != (tickets.Link{Kind: tickets.Causes, To: one.Number}) {
		t.Errorf("links: %v, %v", one.Links, other.Links)
	}
	for _, c := range changes {
		for _, e := range c.Happened {
			if e.Public {
				t.Error("a link tells of a ticket that may be somebody else's")
			}
		}
	}
	if _, err := one.LinkTo(other, tickets.Related, stamp(operator)); !fault.Is(err, fault.Invalid) {
		t.Errorf("twice: %v", err)
	}
	gone, err := one.Unlink(other, stamp(operator))
	if err != nil || len(gone[0].Ticket.Links)+len(gone[1].Ticket.Links) != 0 {
		t.Errorf("unlinked: %v", err)
	}
}
