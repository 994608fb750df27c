package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"sportello/internal/fault"
	"sportello/tickets"
	"sportello/tickets/webhook"
)

type webhookCommand struct {
	Add        webhookAdd        `cmd:"" help:"Tell an address what happens to tickets. Prints its secret, once."`
	List       webhookList       `cmd:"" help:"List webhooks."`
	Remove     webhookRemove     `cmd:"" help:"Remove a webhook and its log."`
	Deliveries webhookDeliveries `cmd:"" help:"Show the log of deliveries, the newest first."`
	Replay     webhookReplay     `cmd:"" help:"Send again: one delivery, or all since a time, those included that were missed. The service sends them."`
}

// withHooks runs work on the webhooks of the data folder.
func (c *console) withHooks(ctx context.Context, work func(*webhook.Sender) error) (err error) {
	a, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	return work(a.hooks())
}

type webhookAdd struct {
	URL    string         `arg:"" help:"Where to send, beginning with https://."`
	Name   string         `help:"What it is for."`
	Event  []tickets.Kind `help:"Only these: opened, moved, message, note, rated, changed, attached, linked, warned, reminded."`
	Notes  bool           `help:"Internal notes, too."`
	Secret string         `help:"A secret that is there already (whsec_…), instead of a new one."`
}

func (c *webhookAdd) Run(ctx context.Context, con *console) error {
	return con.withHooks(ctx, func(s *webhook.Sender) error {
		h, err := webhook.New(webhook.Wanted{Name: c.Name, URL: c.URL, Secret: c.Secret, Events: c.Event, Notes: c.Notes, Active: true}, "", s.Now(), s.Config)
		if err != nil {
			return inFull(err)
		}
		if h, err = s.Store.AddHook(ctx, h, ""); err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.Out, "%s: %s\nsecret: %s\nIt is not shown again.\n", h.ID, h.URL, h.Secret)
		return err
	})
}

// inFull tells all that is wrong, not only the first.
func inFull(err error) error {
	problems, is := errors.AsType[tickets.Problems](err)
	if !is {
		return err
	}
	var told []error
	for _, p := range problems {
		told = append(told, fmt.Errorf("%s: %s", p.Field, say(p.Phrase, p.Values)))
	}
	return mistakes{errors.Join(told...)}
}

type webhookList struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// listedHook is a webhook as programs read it.
type listedHook struct {
	ID      webhook.HookID `json:"id"`
	Name    string         `json:"name"`
	URL     string         `json:"url"`
	Events  []tickets.Kind `json:"events"`
	Notes   bool           `json:"notes"`
	Active  bool           `json:"active"`
	Stopped webhook.Reason `json:"stopped,omitempty"`
}

func (c *webhookList) Run(ctx context.Context, con *console) error {
	return con.withHooks(ctx, func(s *webhook.Sender) error {
		all, err := s.Store.Hooks(ctx)
		if err != nil {
			return err
		}
		list := []listedHook{}
		for _, h := range all {
			list = append(list, listedHook{h.ID, h.Name, h.URL, append([]tickets.Kind{}, h.Events...), h.Notes, h.Active, h.Stopped})
		}
		if c.JSON {
			return json.NewEncoder(con.Out).Encode(list)
		}
		w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
		for _, h := range list {
			state := "active"
			if !h.Active {
				state = "stopped: " + string(h.Stopped)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", h.ID, h.URL, state, h.Name)
		}
		return w.Flush()
	})
}

type webhookRemove struct {
	ID webhook.HookID `arg:"" help:"ID of the webhook."`
}

func (c *webhookRemove) Run(ctx context.Context, con *console) error {
	return con.withHooks(ctx, func(s *webhook.Sender) error {
		if err := s.Store.RemoveHook(ctx, c.ID); err != nil {
			return unlisted(err, c.ID)
		}
		_, err := fmt.Fprintf(con.Out, "%s: removed\n", c.ID)
		return err
	})
}

// unlisted says where IDs are listed, if there is none like this.
func unlisted(err error, id webhook.HookID) error {
	if fault.Is(err, fault.NotFound) {
		return fmt.Errorf("there is no webhook %s: 'sportello webhook list' shows all", id)
	}
	return err
}

type webhookDeliveries struct {
	ID    webhook.HookID `arg:"" help:"ID of the webhook."`
	Limit int            `help:"How many." default:"50"`
}

func (c *webhookDeliveries) Run(ctx context.Context, con *console) error {
	if c.Limit < 1 {
		return usageError{errors.New("--limit is a number from 1")}
	}
	return con.withHooks(ctx, func(s *webhook.Sender) error {
		if _, err := s.Store.Hook(ctx, c.ID); err != nil {
			return unlisted(err, c.ID)
		}
		log, err := s.Store.Deliveries(ctx, c.ID, 0, c.Limit)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
		for _, d := range log {
			fmt.Fprintf(w, "%d\t%s\t%s\t%d tries\t%s\t%d\t%d ms\t%s\n", d.Seq, d.Kind, d.State, d.Tries, d.PlannedAt.Format(time.RFC3339), d.Status, d.Took.Milliseconds(), short(d.Answer))
		}
		return w.Flush()
	})
}

// short is a text that leaves a line its shape.
func short(text string) string {
	letters := []rune(strings.Join(strings.Fields(text), " "))
	return string(letters[:min(len(letters), 60)])
}

type webhookReplay struct {
	ID    webhook.HookID `arg:"" help:"ID of the webhook."`
	Seq   int64          `help:"One delivery, by its number in the log." xor:"what" required:""`
	Since string         `help:"All since a time, such as 2026-11-27T08:00:00Z, or since so long ago, such as 2h." xor:"what" required:""`
}

func (c *webhookReplay) Run(ctx context.Context, con *console) error {
	return con.withHooks(ctx, func(s *webhook.Sender) error {
		n := 1
		var err error
		if c.Since == "" {
			err = s.Replay(ctx, c.ID, c.Seq)
		} else {
			since, wrong := readSince(c.Since, s.Now())
			if wrong != nil {
				return usageError{wrong}
			}
			if n, err = s.ReplaySince(ctx, c.ID, since); err != nil {
				return unlisted(err, c.ID)
			}
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.Out, "%d planned\n", n)
		return err
	})
}

func readSince(text string, now time.Time) (time.Time, error) {
	if ago, err := time.ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q is neither a time such as 2026-11-27T08:00:00Z nor a duration such as 2h", text)
	}
	return at, nil
}
