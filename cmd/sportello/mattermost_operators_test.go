package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/bot"
	"sportello/bot/widget"
	"sportello/internal/mattermostpeer"
)

// Somebody in the widget asks for a person, an operator in the channel of a real
// Mattermost server takes over, they talk, and the assistant goes on: all by the
// whole program.
func TestAnOperatorOnMattermostTalksToSomebodyInTheWidget(t *testing.T) {
	room := newOperatorsRoom(t, mattermostpeer.Start(t), "uno")
	begun, site := time.Now(), newAddress(t)
	a := testAppAt(t, func() time.Time { return atWork.Add(time.Since(begun)) }, func(c *config) {
		c.SiteURL = site.url
		room.configure(c)
	})
	site.serve(a)
	awaitMattermost(t, site.server.Config.Handler)
	room.admit(a)

	w := &widgetTalk{T: t, base: site.url + "/api/v1/conversations"}
	w.begin()
	w.says("la vpn non si collega da casa")
	w.reads(bot.Assistant, "Ho risolto il Suo problema?")
	w.says("voglio parlare con un operatore")
	w.reads(bot.Assistant, "Lei è la prossima persona")

	card := room.reads("Richiesta di un operatore")
	for _, part := range []string{"chat del sito", "non ha ancora confermato chi è", "la vpn non si collega da casa", site.url + "/kb/it/vpn"} {
		if !strings.Contains(card.Message, part) {
			t.Errorf("the card lacks %q: %s", part, card.Message)
		}
	}
	room.takes(card)
	w.reads(bot.System, "da ora Le risponde una persona")
	room.writes(card, w.sees(`event: typing`+"\n"+`data: {"author":"operator"}`))
	room.answers(card, "Buongiorno, riavvii il router.")
	if m := w.reads(bot.Operator, "riavvii il router"); strings.Contains(m.Text, "Olga") {
		t.Errorf("the person reads who it is: %q", m.Text)
	}
	w.says("fatto, grazie: ora va")
	room.readsBelow(card, "fatto, grazie: ora va")
	room.commands("nota router da sostituire", "La nota è registrata")
	room.reads("router da sostituire")
	room.commands("risposta risolto", "qui non si conoscono") // neither the ticket nor the name
	room.commands("chiudi", "Ha chiuso la conversazione")
	w.reads(bot.System, "ha concluso la conversazione")
	w.reads(bot.Assistant, "Ho risolto il Suo problema?")
	w.says("sì, risolto")
	w.reads(bot.Assistant, "mi fa piacere che sia risolto")
	room.reads("**Conclusa.**")
	for _, m := range w.all() {
		if strings.Contains(m.Text, "router da sostituire") {
			t.Errorf("the person reads the note: %q", m.Text)
		}
	}
}

// widgetTalk is somebody in the widget.
type widgetTalk struct {
	*testing.T
	base, id, token string
	sent            int
	read            int64 // seq
}

func (w *widgetTalk) call(method, path string, body, answer any) {
	w.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		w.Fatal(err)
	}
	ask, err := http.NewRequestWithContext(w.Context(), method, w.base+path, bytes.NewReader(text))
	if err != nil {
		w.Fatal(err)
	}
	ask.Header.Set("Content-Type", "application/json")
	ask.Header.Set("Accept", "application/json")
	ask.Header.Set("Authorization", "Bearer "+w.token)
	got, err := http.DefaultClient.Do(ask)
	if err != nil {
		w.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode >= 300 {
		w.Fatalf("%s %s is answered %d", method, path, got.StatusCode)
	}
	if err := json.NewDecoder(got.Body).Decode(answer); err != nil {
		w.Fatal(err)
	}
}

func (w *widgetTalk) begin() {
	w.Helper()
	var begun struct{ ID, Token string }
	w.call(http.MethodPost, "", map[string]string{"lang": "it"}, &begun)
	w.id, w.token = begun.ID, begun.Token
}

func (w *widgetTalk) says(text string) {
	w.Helper()
	w.sent++
	var kept struct{ Seq int64 }
	w.call(http.MethodPost, "/"+w.id+"/messages", map[string]string{"client_id": strings.Repeat("m", w.sent), "text": text}, &kept)
}

func (w *widgetTalk) all() (messages []widget.Message) {
	w.Helper()
	w.call(http.MethodGet, "/"+w.id+"/events", nil, &messages)
	return messages
}

// sees follows the conversation until the test ends, and tells whether this
// came.
func (w *widgetTalk) sees(event string) (came func() bool) {
	w.Helper()
	ask, err := http.NewRequestWithContext(w.Context(), http.MethodGet, w.base+"/"+w.id+"/events", nil)
	if err != nil {
		w.Fatal(err)
	}
	ask.Header.Set("Authorization", "Bearer "+w.token)
	got, err := http.DefaultClient.Do(ask)
	if err != nil {
		w.Fatal(err)
	}
	var seen atomic.Bool
	go func() {
		defer got.Body.Close()
		var all strings.Builder
		for lines := bufio.NewScanner(got.Body); lines.Scan(); {
			all.WriteString(lines.Text() + "\n")
			seen.Store(strings.Contains(all.String(), event))
		}
	}()
	return seen.Load
}

// reads waits for a message of somebody with these words, after what was read.
func (w *widgetTalk) reads(author bot.Author, text string) widget.Message {
	w.Helper()
	for until := time.Now().Add(mattermostpeer.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		for _, m := range w.all() {
			if m.Seq > w.read && m.Author == author && strings.Contains(m.Text, text) {
				w.read = m.Seq
				return m
			}
		}
	}
	w.Fatalf("the person does not read %q: %+v", text, w.all())
	return widget.Message{}
}
