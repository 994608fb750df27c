package ui_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"sportello/internal/phrases"
	"sportello/web/ui"
)

// desk is a conversation API as the contract describes it, in memory, that
// answers a handful of things and can be made to misbehave.
type desk struct {
	*httptest.Server
	mu     sync.Mutex
	talks  map[string]*talk
	refuse func(r *http.Request) *refusal // nil lets everything pass
	typed  []string                       // what suggestions were asked for
	seen   []int                          // what was said to be seen
	saved  int                            // how often a file was fetched
}

type talk struct {
	token  string
	lang   string
	events []told
	seqs   map[string]int // client_id → seq
	wake   chan struct{}  // closed when something was told, or the line is cut
	cut    int            // grows when the streams shall end
}

type told struct {
	name string
	seq  int // 0: not resumable
	data map[string]any
}

type refusal struct {
	status int
	detail string
	pause  int
}

type words map[string]any

func newDesk(t *testing.T) *desk {
	t.Helper()
	said, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{talks: map[string]*talk{}}
	r := chi.NewRouter()
	r.Handle("/widget.js", ui.WidgetScript(said))
	r.Route("/api/v1/conversations", func(r chi.Router) {
		r.Use(d.gate)
		r.Options("/*", func(http.ResponseWriter, *http.Request) {})
		r.Post("/", d.open)
		r.Post("/{id}/messages", d.withTalk(d.say))
		r.Post("/{id}/seen", d.withTalk(d.see))
		r.Post("/{id}/attachments", d.withTalk(d.attach))
		r.Get("/{id}/attachments/{file}", d.withTalk(d.download))
		r.Get("/{id}/events", d.withTalk(d.listen))
	})
	r.With(d.gate).Get("/api/v1/suggestions", d.suggest)
	d.Server = httptest.NewServer(r)
	t.Cleanup(func() {
		d.cut()
		d.CloseClientConnections()
		d.Close()
	})
	return d
}

// gate answers for other origins and refuses what the test wants refused.
func (d *desk) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", cmp.Or(r.Header.Get("Origin"), "*"))
		w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Last-Event-ID")
		w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
		d.mu.Lock()
		refuse := d.refuse
		d.mu.Unlock()
		if refuse != nil && r.Method != http.MethodOptions {
			if no := refuse(r); no != nil {
				problem(w, *no)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func problem(w http.ResponseWriter, no refusal) {
	if no.pause > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(no.pause))
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(no.status)
	_ = json.NewEncoder(w).Encode(words{"status": no.status, "detail": no.detail})
}

func (d *desk) withTalk(handle func(http.ResponseWriter, *http.Request, *talk)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		t := d.talks[chi.URLParam(r, "id")]
		d.mu.Unlock()
		if t == nil || r.Header.Get("Authorization") != "Bearer "+t.token {
			problem(w, refusal{status: http.StatusNotFound, detail: "no such conversation"})
			return
		}
		handle(w, r, t)
	}
}

func (d *desk) open(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Lang string }
	_ = json.NewDecoder(r.Body).Decode(&asked)
	d.mu.Lock()
	defer d.mu.Unlock()
	id := fmt.Sprint("c", len(d.talks)+1)
	t := &talk{token: "token-of-" + id, lang: asked.Lang, seqs: map[string]int{}, wake: make(chan struct{})}
	d.talks[id] = t
	hello := "Buongiorno, sono l'assistente automatico dell'Help Desk. Mi scriva con parole Sue che cosa non funziona."
	if t.lang == "en" {
		hello = "Hello, I'm the Help Desk's automatic assistant. Tell me in your own words what isn't working."
	}
	t.tell(words{"author": "bot", "text": hello})
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(words{"id": id, "token": t.token})
}

// tell appends an event; the desk's lock is held.
func (t *talk) tell(data words) int {
	seq := 1
	for _, event := range t.events {
		seq += min(event.seq, 1)
	}
	data["seq"] = seq
	t.events = append(t.events, told{name: "message", seq: seq, data: data})
	t.rouse()
	return seq
}

func (t *talk) hint(name string, data words) {
	t.events = append(t.events, told{name: name, data: data})
	t.rouse()
}

func (t *talk) rouse() {
	close(t.wake)
	t.wake = make(chan struct{})
}

var choices = []words{{"id": "yes", "label": "Sì"}, {"id": "no", "label": "Non ancora"}, {"id": "person", "label": "Parlo con un operatore"}}

const answer = `<p>L'account si sblocca così. Attenda qualche minuto senza riprovare, poi segua questi tre passaggi.</p>
<ol><li>Controlli che <kbd>BLOC MAIUSC</kbd> sia spento.</li><li>Si colleghi alla rete dell'ufficio o alla <a href="/kb/it/vpn">VPN</a>.</li><li>Inserisca la password nuova e prema Invio.</li></ol>`

func (d *desk) say(w http.ResponseWriter, r *http.Request, t *talk) {
	var said struct {
		ClientID    string `json:"client_id"`
		Text        string
		Choice      string
		Attachments []string
	}
	if err := json.NewDecoder(r.Body).Decode(&said); err != nil || said.ClientID == "" {
		problem(w, refusal{status: http.StatusUnprocessableEntity, detail: "not a message"})
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	seq, again := t.seqs[said.ClientID]
	if !again {
		text := said.Text
		for _, choice := range choices {
			if choice["id"] == said.Choice {
				text = choice["label"].(string)
			}
		}
		mine := words{"author": "user", "text": text, "client_id": said.ClientID}
		if len(said.Attachments) > 0 {
			mine["attachments"] = []words{{"id": said.Attachments[0], "name": "schermata.png"}}
		}
		seq = t.tell(mine)
		t.seqs[said.ClientID] = seq
		t.answer(text, said.Choice)
	}
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(words{"seq": seq})
}

func (t *talk) answer(text, choice string) {
	switch {
	case choice == "person":
		t.hint("state", words{"holder": "queue", "position": 2})
		t.tell(words{"author": "system", "text": "Un operatore è stato avvisato."})
	case choice == "yes":
		t.tell(words{"author": "bot", "text": "Bene. Ho chiuso la richiesta."})
	case choice == "no", strings.Contains(text, "ticket"):
		t.tell(words{"author": "bot", "text": "Ho aperto il ticket 2026-004512: «Account ADN bloccato». Qui può seguirlo e scrivere all'operatore.",
			"ticket": words{"id": "t1", "number": "2026-004512", "status": "Ricevuto"}})
	case strings.Contains(text, "operatore"):
		t.hint("state", words{"holder": "operator"})
		t.hint("typing", words{"author": "operator"})
		t.tell(words{"author": "operator", "text": "Buongiorno, Le rispondo io. Leggo subito la conversazione.",
			"attachments": []words{{"id": "guida", "name": "guida vpn.pdf"}}})
	case strings.Contains(text, "codice"):
		t.tell(words{"author": "bot", "text": "Mi scriva il codice.", "awaits": true})
	case strings.Contains(text, "stampnate"):
		at := time.Now()
		t.tell(words{"author": "bot", "text": "Forse cercava: «stampante».", "at": at})
		t.tell(words{"author": "bot", "text": strings.Repeat("Controlli la carta e il cavo.\n", 40), "at": at})
	case strings.Contains(text, "altrove"):
		t.tell(words{"author": "bot", "text": "Può continuare da un'altra parte.", "links": []words{{"label": "Continuo su Telegram", "url": "https://t.me/assistenza?start=c_ABCD2345"}}})
	case strings.Contains(text, "silenzio"):
		t.hint("typing", words{"author": "bot"})
	default:
		t.hint("typing", words{"author": "bot"})
		t.tell(words{"author": "bot", "text": "L'account si sblocca così.", "html": answer,
			"sources": []words{{"id": "account-adn-bloccato", "title": "Account ADN bloccato", "url": "/kb/it/account-adn-bloccato"}}})
		t.tell(words{"author": "bot", "text": "Ho risolto il Suo problema?", "choices": choices})
	}
}

func (d *desk) see(w http.ResponseWriter, r *http.Request, _ *talk) {
	var shown struct{ Seq int }
	_ = json.NewDecoder(r.Body).Decode(&shown)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seen = append(d.seen, shown.Seq)
	w.WriteHeader(http.StatusNoContent)
}

func (d *desk) attach(w http.ResponseWriter, r *http.Request, _ *talk) {
	file, header, err := r.FormFile("file")
	if err != nil {
		problem(w, refusal{status: http.StatusUnprocessableEntity, detail: "no file"})
		return
	}
	defer file.Close()
	size, _ := io.Copy(io.Discard, file)
	if strings.HasSuffix(header.Filename, ".exe") {
		problem(w, refusal{status: http.StatusUnprocessableEntity, detail: "Questo tipo di file non si può allegare."})
		return
	}
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(words{"id": "f1", "name": header.Filename, "type": "image/png", "size": size})
}

func (d *desk) download(w http.ResponseWriter, r *http.Request, _ *talk) {
	if chi.URLParam(r, "file") != "guida" {
		problem(w, refusal{status: http.StatusNotFound, detail: "Questo file non c'è."})
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.saved++
	_, _ = io.WriteString(w, "una guida")
}

func (d *desk) listen(w http.ResponseWriter, r *http.Request, t *talk) {
	after, _ := strconv.Atoi(r.Header.Get("Last-Event-ID"))
	w.Header().Set("Content-Type", "text/event-stream")
	_, _ = io.WriteString(w, ": welcome\r\n\r\n")
	next := 0
	d.mu.Lock()
	cut := t.cut
	for r.Context().Err() == nil && t.cut == cut {
		for ; next < len(t.events); next++ {
			event := t.events[next]
			if event.seq > 0 && event.seq <= after || event.seq == 0 && next < len(t.events)-3 {
				continue
			}
			body, _ := json.Marshal(event.data)
			// In pieces, as networks deliver.
			frame := fmt.Sprintf("event: %s\ndata: %s\n", event.name, body)
			if event.seq > 0 {
				frame = fmt.Sprintf("id: %d\n", event.seq) + frame
			}
			_, _ = io.WriteString(w, frame[:len(frame)/2])
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, frame[len(frame)/2:]+"\n")
		}
		w.(http.Flusher).Flush()
		wake := t.wake
		d.mu.Unlock()
		select {
		case <-wake:
		case <-r.Context().Done():
		case <-time.After(time.Minute):
		}
		d.mu.Lock()
	}
	d.mu.Unlock()
}

// suggest completes all that is typed alike.
func (d *desk) suggest(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	d.typed = append(d.typed, r.URL.Query().Get("q"))
	d.mu.Unlock()
	one := func(text, title string, marks ...[2]int) words {
		return words{"id": "account", "lang": "it", "title": title, "text": text, "url": "/kb/it/account", "marks": marks}
	}
	_ = json.NewEncoder(w).Encode(words{"suggestions": []words{
		one("Account ADN bloccato", "Account ADN bloccato", [2]int{0, 7}),
		one("l'account a cui si fa riferimento è attualmente bloccato e potrebbe non essere possibile accedervi", "Account ADN bloccato", [2]int{2, 9}),
		one("Account per un nuovo collega", "Account per un nuovo collega", [2]int{0, 7}),
	}})
}

// asked lists what suggestions were asked for.
func (d *desk) asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.typed)
}

// cut ends every open stream.
func (d *desk) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.talks {
		t.cut++
		t.rouse()
	}
}

// forget loses every conversation, as a purge does.
func (d *desk) forget() {
	d.mu.Lock()
	for id, t := range d.talks {
		t.token = "gone"
		t.cut++
		t.rouse()
		delete(d.talks, id)
		d.talks["gone-"+id] = t
	}
	d.mu.Unlock()
}

// refusing makes the desk refuse what no returns a refusal for.
func (d *desk) refusing(no func(r *http.Request) *refusal) {
	d.mu.Lock()
	d.refuse = no
	d.mu.Unlock()
}

// said lists what the person said, over all conversations, as the desk got it.
func (d *desk) said() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var texts []string
	for _, t := range d.talks {
		for _, event := range t.events {
			if event.data["author"] == "user" {
				texts = append(texts, event.data["text"].(string))
			}
		}
	}
	return texts
}

// page serves a foreign page that embeds the widget, under a policy that
// forbids everything inline and everything from third parties.
func (d *desk) page(t *testing.T, attributes string) string {
	t.Helper()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", fmt.Sprintf("default-src 'none'; script-src %[1]s; connect-src %[1]s; img-src %[1]s", d.URL))
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="it"><head><title>Ufficio</title><meta name="viewport" content="width=device-width">
<script src="%s/widget.js" %s defer></script></head>
<body><header><a href="#main">Ufficio</a></header><main id="main"><h1>Ufficio</h1><p>Una pagina qualunque dell'organizzazione.</p><p><a href="#chat" id="link">Chieda all'assistente</a></p></main><footer>Piè di pagina</footer></body></html>`, d.URL, attributes)
	}))
	t.Cleanup(page.Close)
	return page.URL
}
