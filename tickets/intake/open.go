package intake

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// saysNothing are subjects that name no problem.
var saysNothing = regexp.MustCompile(`(?i)^[\s\W]*(?:(?:(?:richiesta|rich\.?)\s+(?:di\s+)?)?(?:assistenza|aiuto|supporto|intervento)(?:\s+(?:tecnica|informatica|urgente))?|help(?:\s*desk)?|ticket|problem[ai]?|urgente|urgent|richiesta|segnalazione|informazion[ei]|info|ciao|salve|buongiorno|buonasera|hello|hi|nessun oggetto|no subject|senza oggetto|test|prova)?[\s\W]*$`)

// open makes a ticket of a mail. Its number is given when it is kept.
func (h *handling) open(ctx context.Context, person account.Person, stamp tickets.Stamp, about reference) (tickets.Change, error) {
	draft := h.draft(ctx, person)
	draft.Attachments = h.files
	change, err := h.Desk.Opening(ctx, draft, stamp)
	if err != nil {
		return change, err
	}
	if about.links {
		link(&change, about.ticket.Number, h.taken.At)
	}
	if about.others != "" {
		h.note(&change, h.say("intake.note.others", fault.Values{"Number": about.others}))
	}
	h.troubles(&change)
	return change, nil
}

// link ties a ticket to another one, by the service itself.
func link(c *tickets.Change, to tickets.Number, at time.Time) {
	c.Ticket.Links = append(slices.Clone(c.Ticket.Links), tickets.Link{Kind: tickets.Related, To: to})
	c.Happened = append(c.Happened, tickets.Event{Ticket: c.Ticket.ID, Kind: tickets.KindLinked, At: at, Field: string(tickets.Related), New: string(to)})
}

// aside is what came along with a mail, as a ticket keeps it.
func (h *handling) aside() string { return shortened(h.mail.Aside, tickets.MaxMessage) }

// draft reads a request out of a mail, by the same conventions as every form.
func (h *handling) draft(ctx context.Context, person account.Person) tickets.Draft {
	subject, _ := privacy.Mask(h.mail.Subject)
	text := strings.TrimSpace(h.mail.Text)
	application, known := h.application(ctx, subject, text)
	d := tickets.Draft{
		Application: application.ID, Channel: Channel,
		Proposed: h.third(h.mail.Subject+"\n"+shortened(text, 20_000), person), Aside: h.aside(),
		Phone: person.Phone, Office: person.Office, Area: person.Area,
	}
	if request, found := h.Desk.Catalogue.RequestFor(d.Application, subject+" "+shortened(text, 2000)); found {
		d.RequestType = request.ID
	}
	d.Subject = shortened(subject, tickets.MaxSubject)
	if saysNothing.MatchString(subject) {
		called := ""
		if known {
			called = application.Name
		}
		if proposed := tickets.ProposeSubject(called, shortened(text, 4000)); proposed != "" {
			d.Subject = proposed
		}
	}
	if saysNothing.MatchString(d.Subject) && strings.TrimSpace(subject) == "" {
		d.Subject = h.say("intake.subject_none", nil)
	}
	switch {
	case text == "" && len(h.files) > 0:
		text = h.say("intake.body_none", nil)
	case text == "":
		text = subject
	case subject != "" && d.Subject != subject && !saysNothing.MatchString(subject):
		text = h.say("intake.subject_whole", fault.Values{"Subject": shortened(subject, 1000)}) + "\n\n" + text
	}
	d.Body = shortened(text, tickets.MaxBody-2000) // masking may lengthen it
	if strings.TrimSpace(d.Body) == "" {
		d.Body = h.say("intake.body_none", nil)
	}
	return d
}

// application guesses what a mail is about: what its subject names, what its
// text names, what the best article for it is about.
func (h *handling) application(ctx context.Context, subject, text string) (tickets.Application, bool) {
	for _, where := range []string{subject, shortened(text, 2000)} {
		if a, found := h.Desk.Catalogue.FindApplication(where); found {
			return a, true
		}
	}
	if h.Guess == nil {
		return tickets.Application{}, false
	}
	question := subject
	if saysNothing.MatchString(subject) {
		question = shortened(text, 300)
	}
	question, _ = privacy.Mask(question)
	return h.Desk.Catalogue.Application(h.Guess.Application(ctx, question, h.language()))
}

// note adds an internal note to what happened.
func (h *handling) note(c *tickets.Change, text string) {
	text, _ = privacy.Mask(text)
	c.Happened = append(c.Happened, tickets.Event{
		Ticket: c.Ticket.ID, Kind: tickets.KindNote, At: h.taken.At, Text: shortened(text, tickets.MaxMessage),
	})
}

// troubles tells in one note what of a mail was not read or kept.
func (h *handling) troubles(c *tickets.Change) {
	var lines []string
	for _, t := range append(h.mail.Troubles, h.noted...) {
		lines = append(lines, h.say(t.Phrase, t.Values))
	}
	if len(lines) > 0 {
		h.note(c, strings.Join(lines, "\n"))
	}
}
