package main

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/mail"
	"sportello/internal/fault"
	"sportello/kb/markdown"
	"sportello/tickets"
	"sportello/web/signin"

	"github.com/go-chi/chi/v5"
)

// demoPeople are there in a demonstration, at addresses that do not change.
var demoPeople = []account.Person{
	{ID: "demo-user", Email: "mario.rossi@giustizia.it", Name: "Mario Rossi", Office: "Tribunale di Bari, cancelleria civile", Area: "sud", Roles: []account.Role{account.User}},
	{ID: "demo-operator", Email: "olga.operatore@giustizia.it", Name: "Olga Operatore", Roles: []account.Role{account.User, account.Operator}, Teams: []string{"sud", "centro", "smistamento"}},
	{ID: "demo-editor", Email: "elena.redattrice@giustizia.it", Name: "Elena Redattrice", Roles: []account.Role{account.User, account.Editor, account.Reviewer}},
	{ID: "demo-administrator", Email: "aldo.amministratore@giustizia.it", Name: "Aldo Amministratore", Roles: []account.Role{account.User, account.Administrator}},
}

// addDemo adds the people and a few tickets, once.
func (a *app) addDemo(ctx context.Context) error {
	for _, p := range demoPeople {
		if _, err := a.people.Person(ctx, p.ID); err == nil {
			continue
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
		p.Lang, p.CreatedAt = "it", a.now()
		if err := a.people.Apply(ctx, account.Change{Person: &p}); err != nil {
			return err
		}
	}
	user, operator := demoPeople[0], demoPeople[1]
	if mine, err := a.tickets.Of(ctx, user.ID, tickets.Filter{Limit: 1}); err != nil || len(mine) > 0 {
		return err
	}
	opened := a.now().Add(-48 * time.Hour)
	for i, d := range []tickets.Draft{
		{RequestType: "", Application: "consolle", Subject: "Consolle, fascicoli non aggiornati", Body: "Da ieri la Consolle non scarica i nuovi fascicoli.", Impact: tickets.Me, ForMe: true, Channel: "phone"},
		{RequestType: "", Application: "stampante", Subject: "Stampante, stampa in coda e non esce", Body: "La stampante della stanza 12 è accesa, ma le stampe restano in coda.", Impact: tickets.Office, ForMe: true, Channel: "widget"},
	} {
		d.Office = user.Office
		if err := a.addDemoTicket(ctx, d, user, operator, opened.Add(time.Duration(i)*time.Hour), i == 0); err != nil {
			return err
		}
	}
	return a.addDemoCases(ctx)
}

func (a *app) addDemoTicket(ctx context.Context, d tickets.Draft, user, operator account.Person, at time.Time, work bool) error {
	past := *a.desk // the ticket is some hours old
	past.Now = func() time.Time { return at }
	one, err := past.Open(ctx, user, d, "demo "+d.Application)
	if err != nil || !work {
		return err
	}
	for i, to := range []tickets.Status{tickets.Taken, tickets.Working} {
		past.Now = func() time.Time { return at.Add(time.Duration(i+1) * time.Hour) }
		_, err := past.Do(ctx, operator, one.Number, "demo "+string(to)+string(one.ID), func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Move(to, "", s)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// mailbox keeps the letters of a demonstration instead of sending them.
type mailbox struct {
	paper   mail.Letterhead
	mu      sync.Mutex
	letters []shownLetter
}

// mostLetters are kept, the newest.
const mostLetters = 1000

type shownLetter struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`  // what the letter says, without what stands below every letter
	HTML    string    `json:"html"`  // the whole letter as it would be sent
	Links   []string  `json:"links"` // where those of its text lead
	At      time.Time `json:"at"`
}

// Send implements bot.Sender.
func (m *mailbox) Send(_ context.Context, letter bot.Outgoing) (string, error) {
	page, err := m.paper.Write(letter)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = append(m.letters, shownLetter{
		To: letter.To, Subject: letter.Subject, Text: markdown.Plain(letter.Markdown), HTML: page.HTML, Links: page.Links, At: time.Now(),
	})
	m.letters = m.letters[max(0, len(m.letters)-mostLetters):]
	return letter.ID, nil
}

func (m *mailbox) to(address string) []shownLetter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.letters), func(l shownLetter) bool { return !strings.EqualFold(l.To, address) })
}

// demoPages show what a demonstration keeps, and let anybody be anybody: that
// is why it listens on loopback only.
type demoPages struct {
	app   *app
	box   *mailbox
	doors *signin.Pages
}

func newDemoPages(a *app) *demoPages { return &demoPages{app: a, box: &mailbox{paper: a.letterhead()}} }

// Routes implements web.Pages.
func (d *demoPages) Routes(r chi.Router) {
	r.With(calledLoopback).Get("/demo/mailbox", d.letters)
	r.With(calledLoopback).Post("/demo/sign-in", d.signIn)
}

// calledLoopback refuses requests that call us by another name: a page of
// somebody else whose name was made to lead here (DNS rebinding).
func calledLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !isLoopback(net.JoinHostPort(host, "0")) {
			answerJSON(w, http.StatusMisdirectedRequest, map[string]string{"detail": "the demonstration answers on loopback only"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (d *demoPages) letters(w http.ResponseWriter, r *http.Request) {
	letters := d.box.to(r.URL.Query().Get("to"))
	if letters == nil {
		letters = []shownLetter{}
	}
	answerJSON(w, http.StatusOK, letters)
}

// signIn begins a session as the person with an address.
func (d *demoPages) signIn(w http.ResponseWriter, r *http.Request) {
	var wanted struct{ Email string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10)).Decode(&wanted); err != nil {
		answerJSON(w, http.StatusBadRequest, map[string]string{"detail": "send {\"email\": …}"})
		return
	}
	address, err := account.Address(wanted.Email)
	if err != nil {
		answerJSON(w, http.StatusUnprocessableEntity, map[string]string{"detail": "not an e-mail address"})
		return
	}
	person, err := d.app.people.PersonByEmail(r.Context(), address)
	if err != nil {
		answerJSON(w, http.StatusNotFound, map[string]string{"detail": "nobody has this address"})
		return
	}
	if err := d.doors.Begin(w, r, person); err != nil {
		d.app.log.ErrorContext(r.Context(), "session not begun", "error", err)
		answerJSON(w, http.StatusInternalServerError, map[string]string{"detail": "no session"})
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{"email": person.Email, "name": person.Name, "roles": person.Roles})
}

func answerJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // who went away needs no answer
}
