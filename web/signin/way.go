package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"sportello/account"
	"sportello/internal/fault"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-chi/chi/v5"
	"golang.org/x/oauth2"
)

// providerTime is how long a provider may take to answer.
const providerTime = 10 * time.Second

// wayPause is how long a provider that did not answer is left alone.
const wayPause = 2 * time.Second

// way is a provider, found when somebody first wants to use it: the service
// starts while it is away.
type way struct {
	Provider
	log *slog.Logger

	mu     sync.Mutex
	found  *oidc.Provider
	failed time.Time
	why    error
}

func (w *way) url(lang, back string) string {
	values := url.Values{}
	if lang == "en" {
		values.Set("lang", lang)
	}
	if back != "" {
		values.Set(returnField, back)
	}
	to := viaPath + w.Name
	if len(values) > 0 {
		to += "?" + values.Encode()
	}
	return to
}

// client talks to providers.
var client = &http.Client{Timeout: providerTime}

// discover finds the provider, or says why it cannot.
func (w *way) discover() (*oidc.Provider, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.found != nil {
		return w.found, nil
	}
	if time.Since(w.failed) < wayPause {
		return nil, w.why
	}
	// The provider keeps this context to fetch its keys with.
	found, err := oidc.NewProvider(oidc.ClientContext(context.Background(), client), w.Issuer)
	if err != nil {
		w.failed, w.why = time.Now(), fault.New(fault.Unavailable, "signin.provider_away").Because(err)
		w.log.Warn("provider does not answer", "provider", w.Name, "error", err)
		return nil, w.why
	}
	w.found = found
	return found, nil
}

func (w *way) client(provider *oidc.Provider, redirect string) (*oauth2.Config, error) {
	c := &oauth2.Config{ClientID: w.ClientID, Endpoint: provider.Endpoint(), RedirectURL: redirect, Scopes: w.Scopes}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{oidc.ScopeOpenID, "email", "profile"}
	}
	if w.ClientSecretFile != "" {
		secret, err := os.ReadFile(w.ClientSecretFile)
		if err != nil {
			return nil, err
		}
		c.ClientSecret = strings.TrimSpace(string(secret))
	}
	return c, nil
}

// chosen is the provider that an address names.
func (p *Pages) chosen(v *visit) (*way, error) {
	name := chi.URLParam(v.r, "provider")
	for _, w := range p.ways {
		if w.Name == name {
			return w, nil
		}
	}
	return nil, fault.New(fault.NotFound, "error.not_found")
}

func (p *Pages) redirect(v *visit, w *way) string {
	base := p.Base
	if base == "" {
		base = "http://" + v.r.Host
	}
	return base + viaPath + w.Name + "/ritorno"
}

// leaves is how often one network may set out for a provider, a minute.
const leaves = 120

// leave sends somebody to a provider. It is bound to this browser by state, to
// this try by nonce, and the code to whoever holds the proof (PKCE).
func (p *Pages) leave(v *visit) error {
	w, err := p.chosen(v)
	if err != nil {
		return err
	}
	if p.Person(v.r) != nil {
		return v.go_(v.back(v.r.URL.Query().Get(returnField)))
	}
	if wait := p.limits.Take(network(v.r), leaves, p.Now()); wait > 0 {
		return p.showEnter(v, enterPage{}, fault.New(fault.TooMany, "error.too_many", fault.Values{"Seconds": int(wait/time.Second) + 1}))
	}
	provider, err := w.discover()
	if err != nil {
		return p.showEnter(v, enterPage{}, err)
	}
	c, err := w.client(provider, p.redirect(v, w))
	if err != nil {
		return err
	}
	if err := v.start(); err != nil {
		return err
	}
	state, nonce, proof := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	v.put(keyWay, w.Name)
	v.put(keyState, state)
	v.put(keyNonce, nonce)
	v.put(keyProof, proof)
	if err := v.save(); err != nil {
		return err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(proof), oauth2.SetAuthURLParam("ui_locales", v.lang)}
	if w.ACRValues != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", w.ACRValues))
	}
	return v.go_(c.AuthCodeURL(state, options...))
}

// arrive takes back whoever comes from a provider.
func (p *Pages) arrive(v *visit) error {
	w, err := p.chosen(v)
	if err != nil {
		return err
	}
	said := v.r.URL.Query()
	state, nonce, proof := v.get(keyState), v.get(keyNonce), v.get(keyProof)
	if state == "" || v.get(keyWay) != w.Name || subtle.ConstantTimeCompare([]byte(state), []byte(said.Get("state"))) != 1 {
		return p.showEnter(v, enterPage{}, fault.New(fault.Invalid, "signin.provider_state"))
	}
	for _, key := range []string{keyState, keyNonce, keyProof, keyWay} { // it counts once, whatever comes of it
		v.put(key, "")
	}
	if err := v.save(); err != nil {
		return err
	}
	if said.Get("error") != "" {
		p.Log.InfoContext(v.ctx, "provider refused", "provider", w.Name, "error", clean(said.Get("error")))
		return p.showEnter(v, enterPage{}, fault.New(fault.Invalid, "signin.provider_refused"))
	}
	subject, told, err := p.redeem(v, w, said.Get("code"), nonce, proof)
	if err != nil {
		p.Log.WarnContext(v.ctx, "provider's answer not taken", "provider", w.Name, "error", err)
		return p.showEnter(v, enterPage{}, err)
	}
	person, err := p.welcome(v, w, subject, told)
	if err != nil {
		return p.showEnter(v, enterPage{}, err)
	}
	return v.signIn(person)
}

// redeem exchanges a code for what the provider says of somebody.
func (p *Pages) redeem(v *visit, w *way, code, nonce, proof string) (subject string, told claims, err error) {
	refused := fault.New(fault.Invalid, "signin.provider_answer")
	provider, err := w.discover()
	if err != nil {
		return "", nil, err
	}
	c, err := w.client(provider, p.redirect(v, w))
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(oidc.ClientContext(v.ctx, client), providerTime)
	defer cancel()
	token, err := c.Exchange(ctx, code, oauth2.VerifierOption(proof))
	if err != nil {
		if answer, is := asRetrieve(err); !is || answer.Response.StatusCode >= http.StatusInternalServerError {
			return "", nil, fault.New(fault.Unavailable, "signin.provider_away").Because(err)
		}
		return "", nil, refused.Because(err)
	}
	raw, is := token.Extra("id_token").(string)
	if !is {
		return "", nil, refused.Because(fmt.Errorf("no id_token"))
	}
	id, err := provider.Verifier(&oidc.Config{ClientID: w.ClientID}).Verify(ctx, raw)
	if err != nil {
		return "", nil, refused.Because(err)
	}
	if nonce == "" || subtle.ConstantTimeCompare([]byte(nonce), []byte(id.Nonce)) != 1 {
		return "", nil, refused.Because(fmt.Errorf("another nonce"))
	}
	told = claims{}
	if err := id.Claims(&told); err != nil {
		return "", nil, refused.Because(err)
	}
	if provider.UserInfoEndpoint() != "" && w.wantsMore(told) {
		more, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err == nil && more.Subject == id.Subject { // else it may be about anybody (OpenID Connect Core, 5.3.2)
			extra := claims{}
			if err := more.Claims(&extra); err == nil {
				for name, value := range extra {
					if _, there := told[name]; !there {
						told[name] = value
					}
				}
			}
		} else if err != nil {
			p.Log.InfoContext(v.ctx, "provider tells no more", "provider", w.Name, "error", err)
		}
	}
	return id.Issuer + " " + id.Subject, told, nil
}

// wantsMore reports whether a claim that we are to use is not among those of
// the token.
func (w *way) wantsMore(c claims) bool {
	email := w.EmailClaim
	if email == "" {
		email = "email"
	}
	for _, claim := range []string{email, w.NameClaim, w.OfficeClaim, w.AreaClaim, w.PhoneClaim, w.TeamsClaim, w.RolesClaim} {
		if claim != "" && c.find(claim) == nil {
			return true
		}
	}
	return false
}

// welcome returns the person whom a provider vouches for: who came by this
// subject before, else the owner of the address. What the provider tells of
// them is kept.
func (p *Pages) welcome(v *visit, w *way, subject string, told claims) (account.Person, error) {
	email, err := w.email(told)
	if err != nil {
		return account.Person{}, err
	}
	identity := account.Identity{Channel: account.ProviderChannel + w.Name, PlatformID: subject}
	for try := 0; ; try++ {
		person, err := p.Store.PersonByIdentity(v.ctx, identity)
		if fault.Is(err, fault.NotFound) {
			person, _, err = p.personFor(v, email)
		}
		if err != nil {
			return account.Person{}, err
		}
		now := w.apply(person, told)
		if now.Email != email { // the organisation gave them another address
			if _, err := p.Store.PersonByEmail(v.ctx, email); fault.Is(err, fault.NotFound) {
				now.Email = email
			}
		}
		change := account.Change{Link: &account.Link{Identity: identity, Person: now.ID, At: p.Now()}}
		if now.Version == 0 || !reflect.DeepEqual(now, person) {
			change.Person = &now
		}
		err = p.Store.Apply(v.ctx, change)
		if fault.Is(err, fault.Conflict) && try < 3 {
			continue // somebody changed them meanwhile: look again
		}
		return now, err
	}
}

// asRetrieve is the answer of a provider that refused a code.
func asRetrieve(err error) (*oauth2.RetrieveError, bool) {
	var refused *oauth2.RetrieveError
	is := errors.As(err, &refused)
	return refused, is && refused.Response != nil
}
