package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// answerTime is how long the server may take to answer.
const answerTime = 20 * time.Second

// mostPatience is how often we ask again what the server does not want to answer
// yet.
const mostPatience = 30

// client speaks to the server by REST, as the bot. Errors of its own methods are
// sorted, see Failure; whoever uses the embedded ones sorts them by failed.
type client struct {
	*model.Client4
	me    *model.User    // the bot
	named *regexp.Regexp // where it is mentioned
}

// link is the way to the server that is open now. To look at it takes no waiting
// for the server.
type link struct {
	opening sync.Mutex
	open    atomic.Pointer[client]
}

// client returns a client with the token of the configuration, and knows who we
// are there.
func (c *Channel) client(ctx context.Context) (*client, error) {
	if open := c.link.open.Load(); open != nil {
		return open, nil
	}
	c.link.opening.Lock()
	defer c.link.opening.Unlock()
	if open := c.link.open.Load(); open != nil {
		return open, nil
	}
	token, err := readToken(c.Config.TokenFile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRevoked, err)
	}
	api := model.NewAPIv4Client(c.Config.URL)
	api.SetToken(token)
	api.HTTPClient = &http.Client{Timeout: answerTime, CheckRedirect: noRedirect}
	me, response, err := api.GetMe(ctx, "")
	if err != nil {
		return nil, failed(response, err)
	}
	open := &client{Client4: api, me: me, named: mentions(me.Username)}
	c.link.open.Store(open)
	return open, nil
}

// noRedirect keeps the token from going elsewhere.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// hangUp forgets the client: the token is read again.
func (c *Channel) hangUp() { c.link.open.Store(nil) }

// post posts, and returns what the server made of it.
func (k *client) post(ctx context.Context, post *model.Post) (*model.Post, error) {
	posted, response, err := k.CreatePost(ctx, post)
	return posted, failed(response, err)
}

// user returns an account of the server.
func (k *client) user(ctx context.Context, id string) (*model.User, error) {
	user, response, err := k.GetUser(ctx, id, "")
	return user, failed(response, err)
}

// patiently asks again, when it may, for what the server does not want to answer
// yet.
func patiently[T any](ctx context.Context, ask func() (T, *model.Response, error)) (answer T, err error) {
	for try := 0; ; try++ {
		answer, response, err := ask()
		err = failed(response, err)
		var f *Failure
		if !errors.As(err, &f) || f.Status != http.StatusTooManyRequests || try == mostPatience {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return answer, ctx.Err()
		case <-time.After(max(f.After, time.Second)):
		}
	}
}

// read returns one post.
func (k *client) read(ctx context.Context, id string) (*model.Post, error) {
	post, response, err := k.GetPost(ctx, id, "")
	return post, failed(response, err)
}
