package mattermost

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// ErrRevoked says that the server does not take the bot's token (any more).
var ErrRevoked = errors.New("the server refuses the bot's token: make a new one and write it to mattermost.token_file")

// ErrRefused says that the server refuses what was asked, and would again: the
// bot may not, or there is no such thing.
var ErrRefused = errors.New("the server refuses it")

// ErrServerAway says that the server cannot be reached, or cannot work.
var ErrServerAway = errors.New("the server cannot be reached")

// Failure is an answer of the server that is none. It tells neither tokens nor
// what the server wrote around its error.
type Failure struct {
	Status int           // 0: there was no answer
	ID     string        // the server's name of the error, such as api.context.permissions.app_error
	After  time.Duration // that it asks to wait
	cause  error
}

// Error implements error.
func (f *Failure) Error() string {
	switch {
	case f.Status == 0:
		return fmt.Sprint("the server does not answer: ", f.cause)
	case f.ID != "":
		return fmt.Sprintf("the server answers %d %s", f.Status, f.ID)
	}
	return fmt.Sprintf("the server answers %d", f.Status)
}

// Unwrap returns what went wrong below.
func (f *Failure) Unwrap() error { return f.cause }

// Is sorts failures: as ErrRevoked, ErrRefused or ErrServerAway.
func (f *Failure) Is(target error) bool {
	switch target {
	case ErrRevoked:
		return f.Status == http.StatusUnauthorized
	case ErrRefused:
		return f.ID != "" && (f.Status == http.StatusForbidden || f.Status == http.StatusNotFound)
	case ErrServerAway:
		return f.Status == 0 || f.Status == http.StatusBadGateway || f.Status == http.StatusServiceUnavailable || f.Status == http.StatusGatewayTimeout ||
			f.ID == "" && !slices.Contains(ofAProxy, f.Status) // a proxy speaks for it
	}
	return false
}

// ofAProxy are answers that mean the same whoever gives them.
var ofAProxy = []int{http.StatusUnauthorized, http.StatusTooManyRequests, http.StatusRequestEntityTooLarge}

// failed sorts an error of the client. It is nil if err is.
func failed(response *model.Response, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) { // we were asked to stop
		return err
	}
	f := &Failure{}
	if response != nil {
		f.Status, f.After = response.StatusCode, patience(response.Header)
	}
	var told *model.AppError
	if errors.As(err, &told) {
		f.ID = told.Id
		if f.Status == 0 {
			f.Status = told.StatusCode
		}
	}
	if f.Status == 0 || f.Status < 300 { // no answer, or one that broke off
		f.Status, f.cause = 0, err
	}
	return f
}

// patience is how long an answer asks to wait, if it does.
func patience(header http.Header) time.Duration {
	for _, name := range []string{"Retry-After", "X-Ratelimit-Reset"} {
		if seconds, err := strconv.Atoi(header.Get(name)); err == nil && seconds >= 0 {
			return min(time.Duration(seconds)*time.Second, time.Hour)
		}
	}
	return 0
}
