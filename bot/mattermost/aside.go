package mattermost

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"path"
	"sync"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// A question put by the slash command in a channel is answered aside: only who
// asked sees it. The server takes such answers for half an hour, at an address
// that it tells with the command; after that, and after a restart of ours, they
// are direct messages.

// asideRoot stands for the thread in the name of such a conversation.
const asideRoot = "command"

const asideTime = 29 * time.Minute

// asides are the addresses that answers may be sent to now, by user and channel.
type asides struct {
	mu   sync.Mutex
	open recent[aside]
}

type aside struct {
	hook  string // of the server's, such as x1y2z3
	until time.Time
}

func (a *asides) put(chat, responseURL string, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	// The server may know itself by another address than we do.
	a.open.put(chat, aside{path.Base(responseURL), now.Add(asideTime)})
}

func (a *asides) get(chat string, now time.Time) (hook string, is bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one, is := a.open.get(chat)
	return one.hook, is && now.Before(one.until) && model.IsValidId(one.hook)
}

// isAside reports whether letters to a place are for one person's eyes only.
func (p place) isAside() bool { return p.root == asideRoot }

// sayAside answers a command, and reports whether the server took it. It has no
// buttons for long: they are taken by who sees them.
func (c *Channel) sayAside(ctx context.Context, k *client, p place, said composed) (taken bool, err error) {
	hook, is := c.asides.get(p.chat(), c.Now())
	if !is {
		return false, nil
	}
	for i, text := range said.texts {
		answer := model.CommandResponse{ResponseType: model.CommandResponseTypeEphemeral, Text: text, Username: k.me.Username, SkipSlackParsing: true}
		if i == len(said.texts)-1 {
			answer.Attachments = said.choices
		}
		body, err := json.Marshal(answer)
		if err != nil {
			return false, err
		}
		ask, err := http.NewRequestWithContext(ctx, http.MethodPost, c.Config.URL+"/hooks/commands/"+hook, bytes.NewReader(body))
		if err != nil {
			return false, err
		}
		ask.Header.Set("Content-Type", "application/json")
		response, err := k.HTTPClient.Do(ask)
		if away, is := errors.AsType[*url.Error](err); is {
			return false, &Failure{cause: away.Err} // without the address, which is a key
		}
		response.Body.Close()
		switch {
		case response.StatusCode >= http.StatusInternalServerError || response.StatusCode == http.StatusTooManyRequests:
			return false, &Failure{Status: response.StatusCode, After: patience(response.Header)}
		case response.StatusCode != http.StatusOK:
			return false, nil
		}
	}
	return true, nil
}
