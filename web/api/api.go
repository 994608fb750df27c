// Package api is what other programs, and the search boxes of ours, ask over
// HTTP beside the conversation: what completes the words being typed, and what
// a search finds.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"sportello/account"
	"sportello/internal/httpstatus"
	"sportello/internal/phrases"
	"sportello/internal/ratelimit"
	"sportello/search"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
)

// Searcher finds articles, as search.Index does.
type Searcher interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
	Suggest(ctx context.Context, q search.Query) ([]search.Suggestion, error)
}

// Phrases tells texts by language and key.
type Phrases interface {
	Say(lang, key string, values map[string]any) string
}

// API answers for the search. It is safe for concurrent use.
type API struct {
	Searcher Searcher
	Phrases  Phrases
	Person   func(*http.Request) *account.Person // who is signed in, nil for nobody; may be nil itself
	Log      *slog.Logger
	Now      func() time.Time

	limits ratelimit.Limits
}

// How often one address may ask in a minute: a whole office may have one.
const (
	keystrokes = 6000
	searches   = 1200
)

// fresh is for how long browsers may keep an answer, in seconds.
const fresh = "private, max-age=60"

// Register adds the operations to an API.
func (a *API) Register(api huma.API) {
	refusals := []int{http.StatusUnprocessableEntity, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	huma.Register(api, huma.Operation{
		OperationID: "suggest", Method: http.MethodGet, Path: "/api/v1/suggestions", Tags: []string{"search"},
		Summary:     "Complete a question that is being typed",
		Description: "Titles and stored questions that hold the words typed so far, one of each article. The last word may be unfinished; slips are forgiven.",
		Middlewares: huma.Middlewares{a.knowReader}, Errors: refusals,
	}, a.suggest)
	huma.Register(api, huma.Operation{
		OperationID: "search", Method: http.MethodGet, Path: "/api/v1/search", Tags: []string{"search"},
		Summary:     "Search the articles",
		Description: "What the assistant would find by the words, without a language model, and what it would do with it: answer with the first, clarify among the first three, or abstain.",
		Middlewares: huma.Middlewares{a.knowReader}, Errors: refusals,
	}, a.search)
}

// Asked is what both operations are asked.
type Asked struct {
	Peer     string `header:"X-Sportello-Peer" hidden:"true"` // set by our own server, never by the client
	Language string `header:"Accept-Language" doc:"Of what is told about failures"`
	Lang     string `query:"lang" enum:"it,en" doc:"Language of the question; guessed without it"`
}

type readerKey struct{}

// knowReader finds out what whoever asks may read.
func (a *API) knowReader(ctx huma.Context, next func(huma.Context)) {
	r, w := humachi.Unwrap(ctx)
	w.Header().Add("Vary", "Cookie")
	var person *account.Person
	if a.Person != nil {
		person = a.Person(r)
	}
	next(huma.WithValue(ctx, readerKey{}, audiences(person)))
}

func audiences(person *account.Person) (all []search.Audience) {
	for _, one := range account.Audiences(person) {
		all = append(all, search.Audience(one))
	}
	return all
}

// query is what to ask the index, unless this address has asked too much of
// the same.
func (a *API) query(ctx context.Context, in Asked, what string, perMinute int) (search.Query, error) {
	if wait := a.limits.Take(what+" "+in.Peer, perMinute, a.Now()); wait > 0 {
		return search.Query{}, a.problems().TooMany(phrases.Preferred(in.Language), wait)
	}
	reader, _ := ctx.Value(readerKey{}).([]search.Audience)
	return search.Query{Lang: in.Lang, Audiences: reader}, nil
}

func (a *API) problems() httpstatus.Problems {
	return httpstatus.Problems{Phrases: a.Phrases, Log: a.Log}
}

func (a *API) failure(ctx context.Context, in Asked, err error) error {
	return a.problems().Of(ctx, phrases.Preferred(in.Language), err)
}
