package bot

import (
	"crypto/rand"
	"slices"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// mail writes letters of notices that are due to be mailed: those of one
// ticket in one letter, and those of many tickets, too. What the person does
// not want, or what cannot reach them, is left to the portal.
func (d *desk) mail(person account.Person, list []Placed) error {
	if len(list) == 0 {
		return nil
	}
	_, refused, err := d.Store.Undeliverable(d.ctx, person.Email)
	if err != nil {
		return err
	}
	var mailed []Placed
	subjects := map[tickets.Number]string{}
	for _, n := range list {
		n.Due = time.Time{}
		one, err := d.Engine.Tickets.Ticket(d.ctx, n.Ticket)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		wanted := n.Needed() || !person.Preferences.MailOff && !refused
		if _, still := BondOf(one, person.ID); still && wanted && !d.Engine.NoMail {
			subjects[n.Number] = one.Subject
			mailed = append(mailed, n)
		} else {
			d.Notices = append(d.Notices, n)
		}
	}
	if len(mailed) == 0 {
		return nil
	}
	lang := person.Lang
	if lang != "en" {
		lang = "it"
	}
	groups := byTicket(mailed)
	say := teller{d.Engine, lang, subjects}
	if len(groups) > fewTickets {
		if err := d.post(person, say.digest(groups), mailed); err != nil {
			return err
		}
	} else {
		for _, group := range groups {
			if err := d.post(person, say.letter(group), group); err != nil {
				return err
			}
		}
	}
	for _, n := range mailed {
		n.Text = ""
		d.Notices = append(d.Notices, n)
	}
	d.count(mailed, "mail")
	return nil
}

// UnsubscribePath is where, below the root of the site, optional letters are
// switched off; the token follows, signed with the key of this name.
const (
	UnsubscribePath = "/unsubscribe/"
	UnsubscribeKey  = "unsubscribe"
)

// lettersLast is how long a notice is worth delivering.
const lettersLast = 3 * 24 * time.Hour

// post addresses a letter. It can be unsubscribed from if nothing in it asks
// something of the person.
func (d *desk) post(person account.Person, letter Outgoing, list []Placed) error {
	needed := slices.ContainsFunc(list, func(n Placed) bool { return n.Needed() })
	if !needed && d.Engine.SiteURL != "" {
		key, err := d.Store.Key(d.ctx, UnsubscribeKey)
		if err != nil {
			return err
		}
		letter.Unsubscribe = d.Engine.SiteURL + UnsubscribePath + account.Unsubscribe{Key: key}.Sign(person.ID, account.OptionalMail)
	}
	letter.ID, letter.Channel, letter.To = rand.Text(), d.Engine.MailBy, person.Email
	letter.Kind, letter.Expires = LetterNotice, d.Engine.Now().Add(lettersLast)
	d.Letters = append(d.Letters, letter)
	return nil
}
