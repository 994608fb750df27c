package api

import (
	"context"
	"crypto/rand"
	"net/http"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// Said is a message to be added.
type Said struct {
	Text     string `json:"text" maxLength:"20000"`
	Internal bool   `json:"internal,omitempty" doc:"A note that operators alone read"`
}

// Messages are what was said on a ticket.
type Messages struct {
	Messages []TicketMessage `json:"messages" doc:"Oldest first"`
}

func (k *Requests) registerMessages(api huma.API) {
	path := ticketsRoot + "/{number}/messages"
	serve(k.Door, api, operation{
		id: "list-messages", method: http.MethodGet, path: path, tag: "tickets", scope: account.TicketsRead,
		summary: "What was said on a ticket", answers: Messages{}, errors: []int{http.StatusNotFound},
		description: "Messages, files and what was said with a change of status, oldest first; notes for operators only.",
	}, k.messages)
	serve(k.Door, api, operation{
		id: "add-message", method: http.MethodPost, path: path, tag: "tickets", scope: account.TicketsWrite,
		summary: "Add a message or a note", status: http.StatusCreated, answers: TicketMessage{}, body: Said{}, bodyExample: Said{Text: "Ora funziona, grazie."},
		description: "A message of the person who was asked something lets the work go on. Secrets are masked before it is stored.",
		errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge},
	}, k.say)
}

func (k *Requests) messages(ctx context.Context, v visitor, in *struct {
	Reader
	Named
	After int64 `query:"after" minimum:"0" doc:"Only what came after the message with this ID"`
}) (answer, error) {
	t, events, known, err := k.happened(ctx, v, in.Named, in.After)
	out := Messages{Messages: []TicketMessage{}}
	for _, e := range events {
		if isMessage(e) {
			out.Messages = append(out.Messages, known.message(v.person, t, e))
		}
	}
	return answer{etag: "W/" + tagOf(t), body: out}, err
}

func (k *Requests) say(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
	Named
}) (answer, error) {
	if _, err := k.ticket(ctx, v, in.Named); err != nil { // told before anything about the request
		return answer{}, err
	}
	var said Said
	key, err := in.asked(v, &said)
	if err != nil {
		return answer{}, err
	}
	t, done, err := k.add(ctx, v, in.Named, key, tickets.Message{Text: said.Text, Internal: said.Internal, Channel: Channel})
	if err != nil {
		return answer{}, err
	}
	return k.told(ctx, v, t, done)
}

// add adds a message and returns which line of history it is. With an error
// nothing was added.
func (k *Requests) add(ctx context.Context, v visitor, n Named, key string, m tickets.Message) (t tickets.Ticket, done func(context.Context) (int64, error), err error) {
	number, err := n.parsed()
	if err != nil {
		return t, nil, err
	}
	if key == "" { // to know which line of history it becomes
		key = "api/" + v.token.ID + "/once/" + rand.Text()
	}
	t, err = k.Desk.Do(ctx, v.person, number, key, func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) { return t.Say(m, s) })
	return t, func(ctx context.Context) (int64, error) {
		done, err := k.Desk.Store.Done(ctx, key)
		return done.Seq, err
	}, err
}

// told is the answer that holds one message.
func (k *Requests) told(ctx context.Context, v visitor, t tickets.Ticket, done func(context.Context) (int64, error)) (answer, error) {
	seq, err := done(ctx)
	if err != nil {
		return answer{}, err
	}
	_, events, known, err := k.happened(ctx, v, Named{string(t.Number)}, seq-1)
	if err != nil {
		return answer{}, err
	}
	for _, e := range events {
		if e.Seq == seq {
			where := urlOf(t.Number) + "/messages?after=" + itoa(e.Seq-1)
			return answer{header: map[string]string{"Location": where}, body: known.message(v.person, t, e)}, nil
		}
	}
	return answer{}, fault.New(fault.NotFound, "ticket.not_found", fault.Values{"Number": t.Number})
}
