// Package web is the HTTP side: the list of routes, what every answer carries,
// and the health of the service. The pages and the API live below it.
package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sportello/account"
	"sportello/internal/httpstatus"
	"sportello/internal/phrases"
	"sportello/internal/ratelimit"
	"sportello/web/api"
	"sportello/web/ui"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Pages is a set of pages.
type Pages interface{ Routes(r chi.Router) }

// Operations is a set of API operations.
type Operations interface{ Register(api huma.API) }

// Server answers HTTP.
type Server struct {
	Pages    []Pages
	Called   []Pages // by chat platforms: they prove themselves, and come in bursts from one address
	API      []Operations
	Phrases  *phrases.Catalogue
	Ready    func(context.Context) error // nil if the service can do its work
	Channels map[string]func() error     // chat platforms, nil as long as they work
	Metrics  *prometheus.Registry
	Origins  []string                            // pages elsewhere that may call the conversation API
	Loopback bool                                // so may any page of this machine: for demonstrations
	Person   func(*http.Request) *account.Person // who is signed in, nil for nobody; may be nil itself
	Proxies  []string                            // addresses of proxies in front of us, whose X-Forwarded-For is believed
	Version  string
	Log      *slog.Logger
	Now      func() time.Time

	// Around is laid around everything, the first outermost.
	Around []func(http.Handler) http.Handler

	changes ratelimit.Limits
}

// How often something may be changed on pages in a minute: by somebody who is
// signed in, and from one address by all others. Behind one address may be a
// ministry, so the second only stops machines.
const (
	changesOfPerson  = 240
	changesOfAddress = 600
)

// Handler is everything the server answers.
func (s *Server) Handler() http.Handler {
	r := chi.NewRouter()
	r.Use(s.recover, s.headers, s.peer)
	r.Use(s.Around...)
	r.Get("/healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	r.Get("/readyz", s.ready)
	r.Handle("/metrics", promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{}))
	r.Handle("/widget.js", ui.WidgetScript(s.Phrases))
	r.Handle(ui.Prefix+"*", ui.Assets())
	r.Group(func(r chi.Router) { // keyed by a bearer token, so no other site can act for its reader
		r.Use(s.cors)
		s.register(r)
	})
	for _, p := range s.Called {
		p.Routes(r)
	}
	guard := http.NewCrossOriginProtection()
	r.Group(func(r chi.Router) {
		r.Use(guard.Handler, s.slowDown)
		for _, p := range s.Pages {
			p.Routes(r)
		}
	})
	return r
}

func (s *Server) register(r chi.Router) {
	config := huma.DefaultConfig("Sportello", s.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/v1/openapi", "", "/api/v1/schemas"
	config.CreateHooks = nil // no $schema in answers
	config.Transformers = append(config.Transformers, s.translate)
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"conversation": {Type: "http", Scheme: "bearer", Description: "The token of the conversation"},
		api.Scheme:     api.SecurityScheme(),
	}
	operated := humachi.New(r, config)
	for _, operations := range s.API {
		operations.Register(operated)
	}
	r.Options("/api/v1/*", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
}

// slowDown bounds what one person, or one address, changes on pages.
func (s *Server) slowDown(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			who, most := r.Header.Get("X-Sportello-Peer"), changesOfAddress
			if s.Person != nil {
				if person := s.Person(r); person != nil {
					who, most = "person "+string(person.ID), changesOfPerson
				}
			}
			if wait := s.changes.Take(who, most, s.Now()); wait > 0 {
				seconds := int(wait.Seconds()) + 1
				w.Header().Set("Retry-After", strconv.Itoa(seconds))
				text := s.Phrases.Say(phrases.Preferred(r.Header.Get("Accept-Language")), "error.too_many", map[string]any{"Seconds": seconds})
				http.Error(w, text, http.StatusTooManyRequests)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// translate tells what the API framework finds wrong with a request in the
// reader's language. What is ours has a type of its own and is told already.
func (s *Server) translate(ctx huma.Context, _ string, answer any) (any, error) {
	problem, is := answer.(*huma.ErrorModel)
	if !is || problem.Type != "" {
		return answer, nil
	}
	phrase := "error.malformed"
	if problem.Status == http.StatusRequestEntityTooLarge {
		phrase = "error.too_large"
	}
	lang := phrases.Preferred(ctx.Header("Accept-Language"))
	told := &httpstatus.Problem{
		Type: "about:blank", Title: problem.Title, Status: problem.Status, Detail: s.Phrases.Say(lang, phrase, nil),
	}
	for _, one := range problem.Errors {
		_, field, _ := strings.Cut(one.Location, ".") // such as query.limit
		told.Errors = append(told.Errors, httpstatus.Wrong{Field: field, Detail: s.Phrases.Say(lang, "api.field_wrong", nil)})
	}
	return told, nil
}

// headers are those of every answer. Scripts and styles come from here only.
func (s *Server) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		next.ServeHTTP(w, r)
	})
}

// peer tells the API who is calling, from the connection itself, or from the
// last entry that a proxy of ours added: what a client says is not believed.
func (s *Server) peer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		if forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ","); forwarded != "" && slices.Contains(s.Proxies, host) {
			host = strings.TrimSpace(forwarded[strings.LastIndex(forwarded, ",")+1:])
		}
		r.Header.Set("X-Sportello-Peer", network(host))
		next.ServeHTTP(w, r)
	})
}

// network is an address as limits count it: of IPv6, where anybody has more
// addresses than one can count, the /64.
func network(host string) string {
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return prefix.String()
}

func (s *Server) cors(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Origin")
		if origin := r.Header.Get("Origin"); s.admits(origin) {
			h := w.Header()
			h.Set("Access-Control-Allow-Origin", origin)
			h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
			h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Accept, Last-Event-ID, Idempotency-Key, If-Match, If-None-Match")
			h.Set("Access-Control-Expose-Headers", "Retry-After, ETag, Link, Location")
			h.Set("Access-Control-Max-Age", "600")
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) admits(origin string) bool {
	if slices.Contains(s.Origins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || !s.Loopback || origin == "" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// ready tells whether the service can do its work, and which chat platforms
// cannot be talked to: the others, and the pages, still serve.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	if err := s.Ready(ctx); err != nil {
		s.Log.WarnContext(ctx, "not ready", "error", err)
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	_, _ = w.Write([]byte("ready\n"))
	for _, name := range slices.Sorted(maps.Keys(s.Channels)) {
		state := "ok"
		if err := s.Channels[name](); err != nil {
			state = err.Error()
		}
		_, _ = fmt.Fprintf(w, "%s: %s\n", name, state)
	}
}

func (s *Server) recover(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, is := p.(error); is && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			s.Log.ErrorContext(r.Context(), "handler panicked", "path", strings.ToValidUTF8(r.URL.Path, ""), "panic", p)
			http.Error(w, s.Phrases.Say("it", "error.internal", nil), http.StatusInternalServerError)
		}()
		next.ServeHTTP(w, r)
	})
}
