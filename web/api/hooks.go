package api

import (
	"context"
	"net/http"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
	"sportello/tickets/webhook"

	"github.com/danielgtaylor/huma/v2"
)

// Replayer plans deliveries again; *webhook.Sender does.
type Replayer interface {
	Replay(ctx context.Context, hook webhook.HookID, seq int64) error
	ReplaySince(ctx context.Context, hook webhook.HookID, since time.Time) (int, error)
}

// Hooks answers for webhooks, to administrators. It is safe for concurrent use.
type Hooks struct {
	*Door
	Store    webhook.Store
	Replayer Replayer
	Config   webhook.Config
}

// Hook is a webhook. Its secret is shown once, when it was made.
type Hook struct {
	ID           webhook.HookID `json:"id"`
	Name         string         `json:"name"`
	URL          string         `json:"url"`
	Events       []tickets.Kind `json:"events" doc:"All if empty"`
	Notes        bool           `json:"notes" doc:"Whether it hears of internal lines, too"`
	Active       bool           `json:"active"`
	Stopped      webhook.Reason `json:"stopped,omitempty" enum:"paused,failing,gone" doc:"Why it is not active"`
	Failures     int            `json:"failures" doc:"In a row"`
	FailingSince *time.Time     `json:"failing_since,omitempty"`
	CreatedAt    time.Time      `json:"created_at"`
	Version      int            `json:"version"`
	Secret       string         `json:"secret,omitempty" doc:"Only when the webhook is made or gets a new one: keep it"`
}

// WantedHook is what is asked of a new webhook.
type WantedHook struct {
	Name   string         `json:"name,omitempty" maxLength:"100"`
	URL    string         `json:"url" example:"https://itsm.example.it/hooks/sportello"`
	Secret string         `json:"secret,omitempty" doc:"whsec_ and 24 to 64 bytes in base64; made, if absent"`
	Events []tickets.Kind `json:"events,omitempty" doc:"opened, moved, message, note, rated, changed, attached, linked, warned, reminded; all if absent"`
	Notes  bool           `json:"notes,omitempty"`
}

// HookChange is what is to become of a webhook. What is absent stays.
type HookChange struct {
	Name   *string         `json:"name,omitempty" maxLength:"100"`
	URL    *string         `json:"url,omitempty"`
	Secret *string         `json:"secret,omitempty" doc:"Empty: a new one is made"`
	Events *[]tickets.Kind `json:"events,omitempty"`
	Notes  *bool           `json:"notes,omitempty"`
	Active *bool           `json:"active,omitempty" doc:"false pauses it, true wakes it"`
}

// HookList are all webhooks.
type HookList struct {
	Webhooks []Hook `json:"webhooks"`
}

// Delivery is one message to a webhook.
type Delivery struct {
	ID        string         `json:"id" doc:"As in webhook-id"`
	Seq       int64          `json:"seq" doc:"Of the happening"`
	Kind      tickets.Kind   `json:"kind"`
	State     webhook.State  `json:"state" enum:"planned,delivered,parked"`
	Tries     int            `json:"tries"`
	PlannedAt time.Time      `json:"planned_at"`
	NextAt    *time.Time     `json:"next_at,omitempty" doc:"Of one that is planned"`
	EndedAt   *time.Time     `json:"ended_at,omitempty"`
	Status    int            `json:"status,omitempty" doc:"Of the last answer"`
	TookMS    int64          `json:"took_ms"`
	Answer    string         `json:"answer,omitempty" doc:"The beginning of the last answer, or why there was none"`
	Hook      webhook.HookID `json:"webhook"`
}

// Deliveries is a page of the log.
type Deliveries struct {
	Deliveries []Delivery `json:"deliveries" doc:"The newest happening first"`
	Next       string     `json:"next,omitempty" doc:"Cursor of the next page"`
}

// Again says what to repeat: one delivery, or all since a time.
type Again struct {
	Seq   int64  `json:"seq,omitempty" doc:"Of one delivery"`
	Since string `json:"since,omitempty" doc:"All since then (RFC 3339), those included that were missed while it was stopped"`
}

// Repeated says how many deliveries were planned.
type Repeated struct {
	Planned int `json:"planned"`
}

const hooksRoot = "/api/v1/webhooks"

// Register adds the operations to an API.
func (k *Hooks) Register(api huma.API) {
	add := func(op operation) operation {
		op.tag, op.scope = "webhooks", account.Webhooks
		return op
	}
	one := []int{http.StatusNotFound}
	example := WantedHook{Name: "ITSM", URL: "https://itsm.example.it/hooks/sportello", Events: []tickets.Kind{tickets.KindOpened, tickets.KindMoved, tickets.KindMessage}}
	serve(k.Door, api, add(operation{
		id: "list-webhooks", method: http.MethodGet, path: hooksRoot, summary: "List webhooks", answers: HookList{}, description: "For administrators.",
	}), k.list)
	serve(k.Door, api, add(operation{
		id: "add-webhook", method: http.MethodPost, path: hooksRoot, summary: "Add a webhook", status: http.StatusCreated, answers: Hook{}, body: WantedHook{}, bodyExample: example,
		description: "For administrators. Messages are signed as Standard Webhooks describe it (`webhook-id`, `webhook-timestamp`, `webhook-signature`), come at least once, each time under the same ID, and in order for each ticket.",
		errors:      []int{http.StatusConflict},
	}), k.add)
	serve(k.Door, api, add(operation{id: "read-webhook", method: http.MethodGet, path: hooksRoot + "/{id}", summary: "Read a webhook", answers: Hook{}, errors: one}), k.read)
	serve(k.Door, api, add(operation{
		id: "change-webhook", method: http.MethodPatch, path: hooksRoot + "/{id}", summary: "Change, pause or wake a webhook", answers: Hook{}, body: HookChange{}, errors: append(one, http.StatusConflict),
	}), k.change)
	serve(k.Door, api, add(operation{
		id: "remove-webhook", method: http.MethodDelete, path: hooksRoot + "/{id}", summary: "Remove a webhook and its log", status: http.StatusNoContent, errors: one,
	}), k.remove)
	serve(k.Door, api, add(operation{
		id: "list-deliveries", method: http.MethodGet, path: hooksRoot + "/{id}/deliveries", summary: "The log of deliveries", answers: Deliveries{}, errors: one,
	}), k.deliveries)
	serve(k.Door, api, add(operation{
		id: "replay-deliveries", method: http.MethodPost, path: hooksRoot + "/{id}/replay", summary: "Send again: one delivery, or all since a time", status: http.StatusAccepted,
		answers: Repeated{}, body: Again{}, bodyExample: Again{Since: "2026-11-27T00:00:00Z"}, errors: one,
	}), k.replay)
}

// HookNamed is a request about one webhook.
type HookNamed struct {
	ID webhook.HookID `path:"id" maxLength:"60"`
}

// may fails for everybody but administrators.
func (k *Hooks) may(v visitor) error {
	if !account.Can(v.person, account.ManageHooks, account.Thing{}) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return nil
}

func shownHook(h webhook.Hook) Hook {
	shown := Hook{
		ID: h.ID, Name: h.Name, URL: h.URL, Events: append([]tickets.Kind{}, h.Events...), Notes: h.Notes, Active: h.Active, Stopped: h.Stopped,
		Failures: h.Failures, CreatedAt: moment(h.CreatedAt), Version: h.Version,
	}
	if !h.Failing.IsZero() {
		shown.FailingSince = &h.Failing
	}
	return shown
}

func (k *Hooks) list(ctx context.Context, v visitor, _ *struct{ Reader }) (answer, error) {
	if err := k.may(v); err != nil {
		return answer{}, err
	}
	all, err := k.Store.Hooks(ctx)
	out := HookList{Webhooks: []Hook{}}
	for _, h := range all {
		out.Webhooks = append(out.Webhooks, shownHook(h))
	}
	return answer{body: out}, err
}

func (k *Hooks) add(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
}) (answer, error) {
	if err := k.may(v); err != nil {
		return answer{}, err
	}
	var w WantedHook
	key, err := in.asked(v, &w)
	if err != nil {
		return answer{}, err
	}
	h, err := webhook.New(webhook.Wanted{Name: w.Name, URL: w.URL, Secret: w.Secret, Events: w.Events, Notes: w.Notes, Active: true}, v.person.ID, k.Now(), k.Config)
	if err != nil {
		return answer{}, err
	}
	if h, err = k.Store.AddHook(ctx, h, key); err != nil {
		return answer{}, err
	}
	shown := shownHook(h)
	shown.Secret = h.Secret
	return answer{header: map[string]string{"Location": hooksRoot + "/" + string(h.ID)}, body: shown}, nil
}

func (k *Hooks) hook(ctx context.Context, v visitor, n HookNamed) (webhook.Hook, error) {
	if err := k.may(v); err != nil {
		return webhook.Hook{}, err
	}
	return k.Store.Hook(ctx, n.ID)
}

func (k *Hooks) read(ctx context.Context, v visitor, in *struct {
	Reader
	HookNamed
}) (answer, error) {
	h, err := k.hook(ctx, v, in.HookNamed)
	return answer{body: shownHook(h)}, err
}

func (k *Hooks) change(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
	HookNamed
}) (answer, error) {
	h, err := k.hook(ctx, v, in.HookNamed)
	if err != nil {
		return answer{}, err
	}
	var c HookChange
	if _, err := in.decode(&c); err != nil {
		return answer{}, err
	}
	w := webhook.Wanted{Name: h.Name, URL: h.URL, Secret: h.Secret, Events: h.Events, Notes: h.Notes, Active: h.Active}
	set(&w.Name, c.Name)
	set(&w.URL, c.URL)
	set(&w.Events, c.Events)
	set(&w.Notes, c.Notes)
	set(&w.Active, c.Active)
	if set(&w.Secret, c.Secret); w.Secret == "" {
		w.Secret = webhook.NewSecret()
	}
	now, err := h.With(w, k.Config)
	if err != nil {
		return answer{}, err
	}
	now.Version++
	if err := k.Store.SaveHook(ctx, now); err != nil {
		return answer{}, err
	}
	shown := shownHook(now)
	if now.Secret != h.Secret {
		shown.Secret = now.Secret
	}
	return answer{body: shown}, nil
}

// set takes over a value that was given.
func set[T any](into *T, given *T) {
	if given != nil {
		*into = *given
	}
}

func (k *Hooks) remove(ctx context.Context, v visitor, in *struct {
	Caller
	HookNamed
}) (answer, error) {
	h, err := k.hook(ctx, v, in.HookNamed)
	if err != nil {
		return answer{}, err
	}
	return answer{write: func(hc huma.Context) error {
		hc.SetStatus(http.StatusNoContent)
		return nil
	}}, k.Store.RemoveHook(ctx, h.ID)
}

func (k *Hooks) deliveries(ctx context.Context, v visitor, in *struct {
	Reader
	HookNamed
	Cursor int64 `query:"cursor" minimum:"0" doc:"Where the page before ended"`
	Limit  int   `query:"limit" minimum:"1" maximum:"200" default:"50"`
}) (answer, error) {
	h, err := k.hook(ctx, v, in.HookNamed)
	if err != nil {
		return answer{}, err
	}
	log, err := k.Store.Deliveries(ctx, h.ID, in.Cursor, in.Limit)
	out := Deliveries{Deliveries: []Delivery{}}
	for _, d := range log {
		out.Deliveries = append(out.Deliveries, shownDelivery(d))
	}
	given := answer{}
	if len(log) == in.Limit {
		out.Next = itoa(log[len(log)-1].Seq)
		given.header = map[string]string{"Link": "<" + hooksRoot + "/" + string(h.ID) + "/deliveries?cursor=" + out.Next + "&limit=" + itoa(int64(in.Limit)) + `>; rel="next"`}
	}
	given.body = out
	return given, err
}

func shownDelivery(d webhook.Delivery) Delivery {
	shown := Delivery{
		ID: d.ID(), Seq: d.Seq, Kind: d.Kind, State: d.State, Tries: d.Tries, PlannedAt: d.PlannedAt,
		Status: d.Status, TookMS: d.Took.Milliseconds(), Answer: d.Answer, Hook: d.Hook,
	}
	if d.State == webhook.Planned {
		shown.NextAt = &d.NextAt
	} else {
		shown.EndedAt = &d.EndedAt
	}
	return shown
}

func (k *Hooks) replay(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
	HookNamed
}) (answer, error) {
	h, err := k.hook(ctx, v, in.HookNamed)
	if err != nil {
		return answer{}, err
	}
	var again Again
	if _, err := in.decode(&again); err != nil {
		return answer{}, err
	}
	if again.Seq > 0 && again.Since == "" {
		return answer{body: Repeated{1}}, k.Replayer.Replay(ctx, h.ID, again.Seq)
	}
	since, err := time.Parse(time.RFC3339, again.Since)
	if err != nil || again.Seq != 0 {
		var w wrong
		w.add("since", "api.field_time")
		return answer{}, w
	}
	n, err := k.Replayer.ReplaySince(ctx, h.ID, since)
	return answer{body: Repeated{n}}, err
}
