package signin

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"sync"
	"time"

	"sportello/account"
	"sportello/internal/fault"

	"github.com/alexedwards/scs/v2"
)

// What a session knows.
const (
	keyPerson = "person" // who is signed in
	keyReturn = "return" // where to go then
	keyLang   = "lang"
	keyAsked  = "asked" // identity that a code was asked for by
	keyEmail  = "email" // where it went
	keyFirst  = "first" // who gave the right password, and owes a code of the app
	keyNew    = "new"   // who gave the right password, and has no app yet
	keyState  = "state" // what a provider was asked with
	keyNonce  = "nonce"
	keyProof  = "proof"
	keyWay    = "way"
)

// flowTime is how long somebody may take to sign in.
const flowTime = 30 * time.Minute

func newSessions(c Config, store account.SessionStore) *scs.SessionManager {
	s := scs.New()
	s.Store = shelf{store, s.Codec}
	s.IdleTimeout, s.Lifetime = c.Idle, c.Longest
	s.Cookie.Name, s.Cookie.HttpOnly, s.Cookie.SameSite, s.Cookie.Path = "sportello", true, http.SameSiteLaxMode, "/"
	s.Cookie.Persist = false // it goes with the browser
	if strings.HasPrefix(c.Base, "https://") {
		// The prefix keeps neighbours of our domain from planting one.
		s.Cookie.Name, s.Cookie.Secure = "__Host-sportello", true
	}
	return s
}

// shelf keeps sessions of scs in our database, under the hash of their secret.
type shelf struct {
	store account.SessionStore
	codec scs.Codec
}

var _ scs.CtxStore = shelf{}

func hashed(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// FindCtx implements scs.CtxStore.
func (s shelf) FindCtx(ctx context.Context, secret string) ([]byte, bool, error) {
	session, err := s.store.Session(ctx, hashed(secret), time.Now())
	if fault.Is(err, fault.NotFound) {
		return nil, false, nil
	}
	return session.Data, err == nil, err
}

type beginning struct{}

// CommitCtx implements scs.CtxStore. A session that is gone stays so, unless
// it is only beginning.
func (s shelf) CommitCtx(ctx context.Context, secret string, data []byte, until time.Time) error {
	_, values, err := s.codec.Decode(data)
	if err != nil {
		return err
	}
	person, _ := values[keyPerson].(string)
	session := account.Session{Hash: hashed(secret), Person: account.PersonID(person), Data: data, Until: until}
	err = s.store.KeepSession(ctx, session)
	if fault.Is(err, fault.NotFound) && ctx.Value(beginning{}) != nil {
		return s.store.BeginSession(ctx, session)
	}
	return err
}

// DeleteCtx implements scs.CtxStore.
func (s shelf) DeleteCtx(ctx context.Context, secret string) error {
	return s.store.EndSession(ctx, hashed(secret))
}

// Find implements scs.Store.
func (s shelf) Find(secret string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), secret)
}

// Commit implements scs.Store.
func (s shelf) Commit(secret string, data []byte, until time.Time) error {
	return s.CommitCtx(context.Background(), secret, data, until)
}

// Delete implements scs.Store.
func (s shelf) Delete(secret string) error { return s.DeleteCtx(context.Background(), secret) }

// visit is a request with its session.
type visit struct {
	*Pages
	w    http.ResponseWriter
	r    *http.Request
	ctx  context.Context
	lang string
}

// visit loads the session of a request; one that is not there begins when it
// is saved, with a secret of ours.
func (p *Pages) visit(w http.ResponseWriter, r *http.Request, lang string) (*visit, error) {
	secret := ""
	if cookie, err := r.Cookie(p.sessions.Cookie.Name); err == nil {
		secret = cookie.Value
	}
	ctx, err := p.sessions.Load(r.Context(), secret)
	return &visit{Pages: p, w: w, r: r, ctx: ctx, lang: lang}, err
}

func (v *visit) get(key string) string { return v.sessions.GetString(v.ctx, key) }

func (v *visit) put(key, value string) {
	if value == "" {
		v.sessions.Remove(v.ctx, key)
		return
	}
	v.sessions.Put(v.ctx, key, value)
}

// start makes room for another try to sign in.
func (v *visit) start() error {
	back := local(v.r.FormValue(returnField))
	if err := v.sessions.RenewToken(v.ctx); err != nil {
		return err
	}
	if err := v.sessions.Clear(v.ctx); err != nil {
		return err
	}
	v.sessions.SetDeadline(v.ctx, time.Now().Add(flowTime).UTC())
	v.put(keyReturn, back)
	v.put(keyLang, v.lang)
	return nil
}

// save keeps the session; one that begins gets its cookie.
func (v *visit) save() error {
	secret, until, err := v.sessions.Commit(context.WithValue(v.ctx, beginning{}, true))
	if err != nil {
		return err
	}
	v.sessions.WriteSessionCookie(v.ctx, v.w, secret, until)
	return nil
}

// go_ leads on.
func (v *visit) go_(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// enter begins a session as a person, under a new secret: what somebody else
// may have planted before is worth nothing.
func (v *visit) signIn(person account.Person) error {
	back := v.get(keyReturn)
	if err := v.become(person); err != nil {
		return err
	}
	if back == "" {
		back = paths[v.lang]["home"]
	}
	return v.go_(back)
}

func (v *visit) become(person account.Person) error {
	if err := v.sessions.RenewToken(v.ctx); err != nil {
		return err
	}
	if err := v.sessions.Clear(v.ctx); err != nil {
		return err
	}
	v.put(keyPerson, string(person.ID))
	if err := v.save(); err != nil {
		return err
	}
	v.Log.InfoContext(v.ctx, "signed in", "person", person.ID)
	return nil
}

// Begin begins a session as a person whom somebody else vouches for.
func (p *Pages) Begin(w http.ResponseWriter, r *http.Request, person account.Person) (err error) {
	defer fault.Wrap(&err, "begin a session")
	v, err := p.visit(w, r, "it")
	if err != nil {
		return err
	}
	return v.become(person)
}

func (p *Pages) dropCookie(w http.ResponseWriter, r *http.Request) {
	p.sessions.WriteSessionCookie(r.Context(), w, "", time.Time{})
}

// memo remembers who is asking, for the time of one request.
type memo struct {
	once   sync.Once
	person *account.Person
}

type memoKey struct{}

// Remember is a middleware that lets Person look once a request.
func (p *Pages) Remember(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), memoKey{}, &memo{})))
	})
}

// Person is who is signed in, as they are now; nil is nobody.
func (p *Pages) Person(r *http.Request) *account.Person {
	m, remembers := r.Context().Value(memoKey{}).(*memo)
	if !remembers {
		return p.Again(r)
	}
	m.once.Do(func() { m.person = p.Again(r) })
	if m.person == nil {
		return nil
	}
	person := *m.person
	return &person
}

// Again is Person for requests that last: it looks anew each time, so that
// whoever was signed out hears nothing more.
func (p *Pages) Again(r *http.Request) *account.Person {
	cookie, err := r.Cookie(p.sessions.Cookie.Name)
	if err != nil || cookie.Value == "" {
		return nil
	}
	ctx, err := p.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		p.Log.ErrorContext(r.Context(), "session not read", "error", err)
		return nil
	}
	id := p.sessions.GetString(ctx, keyPerson)
	if id == "" {
		return nil
	}
	person, err := p.Store.Person(ctx, account.PersonID(id))
	if err != nil {
		if !fault.Is(err, fault.NotFound) {
			p.Log.ErrorContext(ctx, "person of a session not read", "error", err)
		}
		return nil
	}
	if _, _, err := p.sessions.Commit(ctx); fault.Is(err, fault.NotFound) {
		return nil // signed out this moment
	} else if err != nil {
		p.Log.WarnContext(ctx, "session not kept longer", "error", err)
	}
	return &person
}
