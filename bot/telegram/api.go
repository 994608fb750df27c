package telegram

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sportello/bot"

	tg "github.com/go-telegram/bot"
)

// api calls Telegram. Its errors never hold the token.
type api struct {
	*tg.Bot
	door  door
	root  string
	token string
}

// newAPI returns an api that has called nobody yet.
func newAPI(root, token string) (*api, error) {
	a := &api{root: root, token: token, door: door{&http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second,
			TLSHandshakeTimeout: 10 * time.Second,
		},
		// whoever is behind a redirection would find the token in the Referer
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}}
	var err error
	a.Bot, err = tg.New(token, tg.WithSkipGetMe(), tg.WithServerURL(root), tg.WithHTTPClient(time.Minute, a.door), tg.WithErrorsHandler(func(error) {}))
	return a, err
}

// answered bounds what is read of an answer, in bytes.
const answered = 16 << 20

// door is the way out. It tells a platform that is away from one that says no:
// the library knows no status, and puts whatever it cannot read into its error.
type door struct{ client *http.Client }

// Do implements the library's HttpClient.
func (d door) Do(r *http.Request) (*http.Response, error) {
	answer, err := d.client.Do(r)
	if err != nil {
		if named, is := errors.AsType[*url.Error](err); is {
			err = named.Err // without the address: the token is part of it
		}
		return nil, errors.Join(bot.ErrAway, err)
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		_ = answer.Body.Close()
		return nil, errors.Join(bot.ErrAway, fmt.Errorf("it answered %d", answer.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, answered))
	_ = answer.Body.Close()
	switch {
	case err != nil:
		return nil, errors.Join(bot.ErrAway, err)
	case !json.Valid(body): // the library would quote all of it, and with it what people wrote
		return nil, fmt.Errorf("its answer with status %d cannot be read", answer.StatusCode)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}

// How long a call may take.
const (
	callTime   = 20 * time.Second
	uploadTime = 60 * time.Second
)

// updates are what getUpdates returns: each as it came, so that one that
// cannot be read keeps nobody from reading the others.
func (a *api) updates(ctx context.Context, offset int64, wait time.Duration) (list []json.RawMessage, err error) {
	ctx, cancel := context.WithTimeout(ctx, wait+callTime)
	defer cancel()
	query, _ := json.Marshal(map[string]any{ // it holds numbers and names only
		"offset": offset, "limit": batch, "timeout": int(wait / time.Second), "allowed_updates": allowed,
	})
	return list, a.call(ctx, "getUpdates", query, &list)
}

// answer is what every call is answered with.
type answer struct {
	OK          bool            `json:"ok"`
	Result      json.RawMessage `json:"result"`
	Description string          `json:"description"`
	Code        int             `json:"error_code"`
	Parameters  struct {
		RetryAfter int `json:"retry_after"`
	} `json:"parameters"`
}

// call makes a call that the library offers within its own loop only.
func (a *api) call(ctx context.Context, method string, query []byte, result any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.root+"/bot"+a.token+"/"+method, bytes.NewReader(query))
	if err != nil {
		return fmt.Errorf("telegram.api_url does not make an address for %s", method)
	}
	r.Header.Set("Content-Type", "application/json")
	got, err := a.door.Do(r)
	if err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	defer got.Body.Close()
	var said answer
	if err := json.NewDecoder(got.Body).Decode(&said); err != nil {
		return fmt.Errorf("%s: the answer with status %d is none of the Bot API's", method, got.StatusCode)
	}
	if said.OK {
		return json.Unmarshal(said.Result, result)
	}
	kind := map[int]error{401: tg.ErrorUnauthorized, 404: tg.ErrorNotFound, 409: tg.ErrorConflict, 400: tg.ErrorBadRequest, 403: tg.ErrorForbidden}[said.Code]
	switch {
	case said.Code == http.StatusTooManyRequests:
		return &tg.TooManyRequestsError{Message: method, RetryAfter: said.Parameters.RetryAfter}
	case kind == nil:
		kind = bot.ErrAway
	}
	return fmt.Errorf("%s: %w, %s", method, kind, said.Description)
}

// file fetches the content of a file; fetch reads it.
func (a *api) file(ctx context.Context, id string, fetch func(io.Reader) error) error {
	found, err := a.GetFile(ctx, &tg.GetFileParams{FileID: id})
	if err != nil {
		return err
	}
	if found.FilePath == "" || strings.HasPrefix(found.FilePath, "/") { // a server of one's own that keeps files to itself
		return errors.New("the Bot API server gives no path to fetch the file by: it must not run with --local")
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.root+"/file/bot"+a.token+"/"+(&url.URL{Path: found.FilePath}).EscapedPath(), nil)
	if err != nil {
		return errors.New("the path of a file makes no address")
	}
	got, err := a.door.client.Do(r)
	if err != nil {
		if named, is := errors.AsType[*url.Error](err); is {
			err = named.Err
		}
		return errors.Join(bot.ErrAway, err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		return errors.Join(bot.ErrAway, fmt.Errorf("fetching a file was answered %d", got.StatusCode))
	}
	return fetch(got.Body)
}

// retryAfter is how long Telegram wants to be left in peace, if it does.
func retryAfter(err error) (time.Duration, bool) {
	many, is := errors.AsType[*tg.TooManyRequestsError](err)
	if !is {
		return 0, false
	}
	return time.Duration(max(many.RetryAfter, 1)) * time.Second, true
}

// movedTo is the chat that a group became, if that is what err says.
func movedTo(err error) (int64, bool) {
	moved, is := errors.AsType[*tg.MigrateError](err)
	if !is {
		return 0, false
	}
	return int64(moved.MigrateToChatID), true
}

// refused reports whether Telegram said no, with these words in its reason.
func refused(err error, words ...string) bool {
	if !errors.Is(err, tg.ErrorBadRequest) {
		return false
	}
	for _, w := range words {
		if strings.Contains(strings.ToLower(err.Error()), strings.ToLower(w)) {
			return true
		}
	}
	return len(words) == 0
}

// judged is what a Sender says of a failure.
func judged(err error) error {
	wait, many := retryAfter(err)
	switch {
	case err == nil:
		return nil
	case many:
		return bot.Postponed{After: wait, Err: err}
	case errors.Is(err, tg.ErrorForbidden):
		return errors.Join(bot.ErrBlocked, err)
	case errors.Is(err, tg.ErrorBadRequest):
		return errors.Join(bot.ErrHopeless, err)
	case errors.Is(err, tg.ErrorUnauthorized), errors.Is(err, tg.ErrorNotFound): // the token is no good: letters wait for another one
		return errors.Join(bot.ErrAway, err)
	}
	return err
}
