package bot

import (
	"context"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// Dossier is all that is kept of a person, as they may have it (GDPR, articles
// 15 and 20): what they told, what was answered, what became of it. Internal
// notes about a ticket are not theirs.
type Dossier struct {
	MadeAt        time.Time         `json:"made_at"`
	Person        DossierPerson     `json:"person"`
	Identities    []DossierIdentity `json:"identities"`
	Tokens        []DossierToken    `json:"tokens"`
	Tickets       []DossierTicket   `json:"tickets"`
	Unsent        []DossierUnsent   `json:"unsent_requests"`
	Conversations []DossierTalk     `json:"conversations"`
}

// DossierPerson is who it is about.
type DossierPerson struct {
	ID          account.PersonID    `json:"id"`
	Email       string              `json:"email"`
	Name        string              `json:"name"`
	Office      string              `json:"office"`
	Area        string              `json:"area"`
	Phone       string              `json:"phone"`
	External    bool                `json:"external"`
	Shared      bool                `json:"shared_mailbox"`
	Roles       []account.Role      `json:"roles"`
	Teams       []string            `json:"teams"`
	Lang        string              `json:"lang"`
	Preferences account.Preferences `json:"preferences"`
	Since       time.Time           `json:"since"`
}

// DossierIdentity is one of a chat, or of a provider.
type DossierIdentity struct {
	Channel  string    `json:"channel"`
	ID       string    `json:"id"`
	LinkedAt time.Time `json:"linked_at"`
}

// DossierToken is the key of a program, without its secret.
type DossierToken struct {
	ID        string          `json:"id"`
	Name      string          `json:"name"`
	Scopes    []account.Scope `json:"scopes"`
	CreatedAt time.Time       `json:"created_at"`
	UsedAt    *time.Time      `json:"used_at,omitempty"`
	ExpiresAt *time.Time      `json:"expires_at,omitempty"`
	RevokedAt *time.Time      `json:"revoked_at,omitempty"`
}

// DossierTicket is a ticket with its public history.
type DossierTicket struct {
	Number      tickets.Number     `json:"number"`
	Status      tickets.Status     `json:"status"`
	Role        string             `json:"your_role"` // author, beneficiary or observer
	RequestType string             `json:"request_type"`
	Application string             `json:"application"`
	Subject     string             `json:"subject"`
	Body        string             `json:"body"`
	ErrorText   string             `json:"error_text,omitempty"`
	Fields      map[string]string  `json:"fields,omitempty"`
	Attachments []Attachment       `json:"attachments,omitempty"`
	Office      string             `json:"office,omitempty"`
	Phone       string             `json:"phone,omitempty"`
	Channel     string             `json:"channel"`
	OpenedAt    time.Time          `json:"opened_at"`
	Rating      *DossierRating     `json:"rating,omitempty"`
	History     []DossierHappening `json:"history"`
}

// DossierRating is what was said of the help.
type DossierRating struct {
	Score      int       `json:"score"`
	Suggestion string    `json:"suggestion,omitempty"`
	At         time.Time `json:"at"`
}

// DossierHappening is something that everybody concerned could see.
type DossierHappening struct {
	At          time.Time      `json:"at"`
	Kind        string         `json:"kind"`
	Yours       bool           `json:"yours"`
	Text        string         `json:"text,omitempty"`
	From        tickets.Status `json:"from,omitempty"`
	To          tickets.Status `json:"to,omitempty"`
	Attachments []Attachment   `json:"attachments,omitempty"`
}

// DossierUnsent is a request on its form, not sent yet.
type DossierUnsent struct {
	RequestType string            `json:"request_type"`
	Written     map[string]string `json:"written"`
	Attachments []Attachment      `json:"attachments,omitempty"`
	SavedAt     time.Time         `json:"saved_at"`
}

// DossierTalk is a conversation, as it was said.
type DossierTalk struct {
	ID      ConversationID  `json:"id"`
	Channel string          `json:"channel"`
	Began   time.Time       `json:"began"`
	Said    []DossierSaying `json:"said"`
}

// DossierSaying is one message.
type DossierSaying struct {
	At          time.Time         `json:"at"`
	Author      Author            `json:"author"`
	Text        string            `json:"text"`
	Fields      map[string]string `json:"fields,omitempty"` // of a form that was filled in at once
	Attachments []Attachment      `json:"attachments,omitempty"`
}

// Registry puts dossiers together.
type Registry struct {
	Accounts interface {
		Person(ctx context.Context, id account.PersonID) (account.Person, error)
		Identities(ctx context.Context, id account.PersonID) ([]account.Link, error)
		Tokens(ctx context.Context, person account.PersonID) ([]account.Token, error)
	}
	Tickets interface {
		Of(ctx context.Context, person account.PersonID, filter tickets.Filter) ([]tickets.Ticket, error)
		History(ctx context.Context, id tickets.ID) ([]tickets.Event, error)
	}
	Talks interface {
		Conversation(ctx context.Context, id ConversationID) (Record, error)
		Events(ctx context.Context, id ConversationID, after int64, limit int) ([]Event, error)

		// Of lists the conversations that are linked to a person, the oldest first.
		Of(ctx context.Context, person account.PersonID) ([]ConversationID, error)
	}
	Forms interface {
		AllUnsent(ctx context.Context, person account.PersonID) ([]tickets.Unsent, error)
	}
	Now func() time.Time
}

// dossierPage is how much is read at once.
const dossierPage = 200

// Dossier returns all that is kept of a person.
func (r *Registry) Dossier(ctx context.Context, id account.PersonID) (d Dossier, err error) {
	defer fault.Wrap(&err, "put together what is kept of %s", id)
	p, err := r.Accounts.Person(ctx, id)
	if err != nil {
		return d, err
	}
	d = Dossier{MadeAt: r.Now().UTC(), Identities: []DossierIdentity{}, Tokens: []DossierToken{}, Tickets: []DossierTicket{}, Unsent: []DossierUnsent{}, Conversations: []DossierTalk{}}
	d.Person = DossierPerson{p.ID, p.Email, p.Name, p.Office, p.Area, p.Phone, p.External, p.Shared, p.Roles, append([]string{}, p.Teams...), p.Lang, p.Preferences, p.CreatedAt}
	links, err := r.Accounts.Identities(ctx, id)
	if err != nil {
		return d, err
	}
	for _, l := range links {
		d.Identities = append(d.Identities, DossierIdentity{l.Identity.Channel, l.Identity.PlatformID, l.At})
	}
	tokens, err := r.Accounts.Tokens(ctx, id)
	if err != nil {
		return d, err
	}
	for _, t := range tokens {
		d.Tokens = append(d.Tokens, DossierToken{t.ID, t.Name, t.Scopes, t.CreatedAt, some(t.UsedAt), some(t.ExpiresAt), some(t.RevokedAt)})
	}
	if err := r.tickets(ctx, &d); err != nil {
		return d, err
	}
	unsent, err := r.Forms.AllUnsent(ctx, id)
	if err != nil {
		return d, err
	}
	for _, u := range unsent {
		d.Unsent = append(d.Unsent, DossierUnsent{u.RequestType, u.Values, u.Attachments, u.SavedAt})
	}
	return d, r.talks(ctx, &d)
}

func some(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (r *Registry) tickets(ctx context.Context, d *Dossier) error {
	for filter := (tickets.Filter{Limit: dossierPage}); ; {
		page, err := r.Tickets.Of(ctx, d.Person.ID, filter)
		if err != nil {
			return err
		}
		for _, t := range page {
			one, err := r.ticket(ctx, d.Person.ID, t)
			if err != nil {
				return err
			}
			d.Tickets = append(d.Tickets, one)
		}
		if len(page) < dossierPage {
			return nil
		}
		filter.Before = page[len(page)-1].Number
	}
}

func (r *Registry) ticket(ctx context.Context, person account.PersonID, t tickets.Ticket) (one DossierTicket, err error) {
	one = DossierTicket{
		Number: t.Number, Status: t.Status, Role: "observer", RequestType: t.RequestType, Application: t.Application, Subject: t.Subject, Body: t.Body,
		ErrorText: t.ErrorText, Fields: t.Fields, Attachments: t.Attachments, Channel: t.Channel, OpenedAt: t.OpenedAt, History: []DossierHappening{},
	}
	switch person {
	case t.Author:
		one.Role, one.Office, one.Phone = "author", t.Office, t.Phone
	case t.Beneficiary.Person:
		one.Role = "beneficiary"
	}
	if t.Rating != nil {
		one.Rating = &DossierRating{t.Rating.Score, t.Rating.Suggestion, t.Rating.At}
	}
	events, err := r.Tickets.History(ctx, t.ID)
	for _, e := range events {
		if e.Public {
			one.History = append(one.History, DossierHappening{e.At, string(e.Kind), e.By == person, e.Text, e.From, e.To, e.Attachments})
		}
	}
	return one, err
}

func (r *Registry) talks(ctx context.Context, d *Dossier) error {
	ids, err := r.Talks.Of(ctx, d.Person.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		record, err := r.Talks.Conversation(ctx, id)
		if fault.Is(err, fault.NotFound) {
			continue // purged this moment
		}
		if err != nil {
			return err
		}
		talk := DossierTalk{ID: id, Channel: record.Channel, Began: record.StartedAt, Said: []DossierSaying{}}
		for after := int64(0); ; {
			events, err := r.Talks.Events(ctx, id, after, dossierPage)
			if err != nil {
				return err
			}
			for _, e := range events {
				after = e.Seq
				if e.Act == ActNote && e.Author == Operator { // for operators alone
					continue
				}
				if text := e.Said(); text != "" || len(e.Attachments) > 0 {
					talk.Said = append(talk.Said, DossierSaying{e.At, e.Author, text, e.Fields, e.Attachments})
				}
			}
			if len(events) < dossierPage {
				break
			}
		}
		d.Conversations = append(d.Conversations, talk)
	}
	return nil
}
