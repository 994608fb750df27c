package main

import "sportello/bot/mail"

// postman sends letters by the server of the configuration.
func (a *app) postman() mail.Sender {
	return mail.Sender{Config: a.config.Mail, Letterhead: a.letterhead(), Ledger: a.talks, Now: a.now}
}

// letterhead is what all letters have around their text, from what editors
// decided about the portal and the telephone.
func (a *app) letterhead() mail.Letterhead {
	h := mail.Letterhead{
		Owner: a.material.portal.Owner.Name, Parent: a.material.portal.Owner.Parent,
		Site: a.config.SiteURL, Portal: a.config.SiteURL, Number: a.material.book.Number, Phrases: a.material.phrases,
	}
	if h.Portal == "" {
		h.Portal = a.material.book.Portal
	}
	return h
}
