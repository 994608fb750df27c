package api

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/internal/phrases"
	"sportello/internal/ratelimit"

	"github.com/danielgtaylor/huma/v2"
)

// Tokens knows who a program is that comes with a token; *account.Keyring
// does. Whatever is wrong with one fails with fault.Unauthenticated.
type Tokens interface {
	Holder(ctx context.Context, secret string) (account.Token, account.Person, error)
}

// Door lets programs in by their token, within its scopes and its limits. A
// cookie opens nothing here, so no page of another site can act for whoever
// reads it. It is safe for concurrent use.
type Door struct {
	Tokens  Tokens
	Phrases Phrases
	Config  Config
	Log     *slog.Logger
	Now     func() time.Time

	limits ratelimit.Limits
}

// strangersPerMinute is how often one address may come without a token that
// opens.
const strangersPerMinute = 240

// Caller is what every request carries.
type Caller struct {
	Peer          string `header:"X-Sportello-Peer" hidden:"true"` // set by our own server, never by the client
	Authorization string `header:"Authorization" hidden:"true"`
	Language      string `header:"Accept-Language" doc:"Of what is told about failures: it or en"`
}

func (c *Caller) caller() *Caller { return c }

// Reader is a Caller who may have the answer already.
type Reader struct {
	Caller
	IfNoneMatch string `header:"If-None-Match" doc:"ETag of what is known already; answered 304 if it is still so"`
}

func (r *Reader) known() string { return r.IfNoneMatch }

// visitor is whoever came in.
type visitor struct {
	token  account.Token // zero for a stranger
	person account.Person
	lang   string // of failures
}

// may fails unless the token has a scope.
func (v visitor) may(scope account.Scope) error {
	if !v.token.Allows(scope) {
		return fault.New(fault.Forbidden, "api.scope_missing", fault.Values{"Scope": string(scope)})
	}
	return nil
}

// operation describes one operation to the document and to the door.
type operation struct {
	id, method, path, tag string
	summary, description  string
	scope                 account.Scope // that a token needs
	strangers             bool          // may come without a token
	status                int           // of success, 200 if zero
	answers               any           // what a success holds, by its type; nil for something else than JSON
	example               any
	body                  any // what is sent, by its type
	bodyExample           any
	errors                []int
}

// answer is what an operation gives.
type answer struct {
	etag   string
	header map[string]string
	body   any                      // as JSON
	write  func(huma.Context) error // something else, as it comes
}

// serve adds an operation to the document and lets those in who may.
func serve[I any, P interface {
	*I
	caller() *Caller
}](d *Door, api huma.API, op operation, handle func(context.Context, visitor, *I) (answer, error)) {
	described := op.describe(api)
	huma.Register(api, described, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		v, err := d.enter(ctx, *P(in).caller(), op)
		if err != nil {
			return nil, err
		}
		given, err := handle(ctx, v, in)
		if err != nil {
			return nil, d.problem(ctx, v.lang, err)
		}
		known := ""
		if r, reads := any(in).(interface{ known() string }); reads {
			known = r.known()
		}
		return given.stream(described.DefaultStatus, known)
	})
	op.describeBody(api)
}

// enter says who comes, if they may.
func (d *Door) enter(ctx context.Context, c Caller, op operation) (v visitor, err error) {
	v.lang = phrases.Preferred(c.Language)
	secret, bearer := strings.CutPrefix(c.Authorization, "Bearer ")
	if c.Authorization == "" && op.strangers {
		if wait := d.limits.Take("stranger "+c.Peer, d.Config.ReadsPerMinute, d.Now()); wait > 0 {
			return v, d.problems().TooMany(v.lang, wait)
		}
		return v, nil
	}
	if err = fault.New(fault.Unauthenticated, "api.token_missing"); bearer {
		v.token, v.person, err = d.Tokens.Holder(ctx, strings.TrimSpace(secret))
	}
	if fault.Is(err, fault.Unauthenticated) {
		if wait := d.limits.Take("refused "+c.Peer, strangersPerMinute, d.Now()); wait > 0 {
			return v, d.problems().TooMany(v.lang, wait)
		}
		return v, huma.ErrorWithHeaders(d.problem(ctx, v.lang, err), http.Header{"Www-Authenticate": {`Bearer realm="sportello"`}})
	}
	if err != nil {
		return v, d.problem(ctx, v.lang, err)
	}
	what, perMinute := "read ", d.Config.ReadsPerMinute
	if op.method != http.MethodGet {
		what, perMinute = "change ", d.Config.ChangesPerMinute
	}
	if wait := d.limits.Take(what+v.token.ID, perMinute, d.Now()); wait > 0 {
		return v, d.problems().TooMany(v.lang, wait)
	}
	if op.scope != "" {
		if err := v.may(op.scope); err != nil {
			return v, d.problem(ctx, v.lang, err)
		}
	}
	return v, nil
}

func (d *Door) problems() httpstatus.Problems {
	return httpstatus.Problems{Phrases: d.Phrases, Log: d.Log}
}
