package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/mattermost"
	"sportello/bot/widget"
	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

// Somebody in the widget asks for a person, an operator in the channel of a real
// Mattermost server takes over, they talk, and the assistant goes on: all by the
// whole program.
func TestAnOperatorOnMattermostTalksToSomebodyInTheWidget(t *testing.T) {
	server := mattermostpeer.Start(t)
	admin := server.Admin.Client
	assistant, token := server.Bot("assistente")
	olga := server.User("olga", "olga@giustizia.it", "it")
	room, _, err := admin.CreateChannel(t.Context(), &model.Channel{TeamId: server.Team.Id, Name: "operatori", DisplayName: "Operatori", Type: model.ChannelTypePrivate})
	if err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{assistant.UserId, olga.Id} {
		if _, _, err := admin.AddChannelMember(t.Context(), room.Id, member); err != nil {
			t.Fatal(err)
		}
	}
	tokens := map[string]string{"bot": filepath.Join(t.TempDir(), "bot"), "command": filepath.Join(t.TempDir(), "command")}
	write := func(name, text string) {
		if err := os.WriteFile(tokens[name], []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("bot", token)
	write("command", "not-yet")

	begun := time.Now()
	inHours := func() time.Time { return time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC).Add(time.Since(begun)) }
	web := httptest.NewUnstartedServer(nil)
	address := "http://" + web.Listener.Addr().String()
	a := testAppAt(t, inHours, func(c *config) {
		c.Mattermost = mattermost.Config{
			URL: server.URL, TokenFile: tokens["bot"], Team: server.Team.Name, OperatorsChannel: room.Name, CommandTokenFile: tokens["command"], CallbackURL: address,
		}
		c.SiteURL = address
	})
	person := account.NewPerson(olga.Email, false, "it", inHours())
	person.Name, person.Roles = "Olga Neri", []account.Role{account.User, account.Operator}
	if err := a.people.Apply(t.Context(), account.Change{Person: &person, Link: &account.Link{
		Identity: account.Identity{Channel: mattermost.Name, PlatformID: olga.Id}, Person: person.ID, At: inHours(),
	}}); err != nil {
		t.Fatal(err)
	}
	s, err := a.site(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	web.Config.Handler = s.handler
	web.Start()
	t.Cleanup(func() {
		web.CloseClientConnections()
		web.Close()
		s.stop()
	})
	callbacks, err := (&mattermost.Channel{Config: a.config.Mattermost, Key: a.talks.Key}).Callbacks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made, _, err := admin.CreateCommand(t.Context(), &model.Command{TeamId: server.Team.Id, Trigger: "sportello", Method: model.CommandMethodPost, URL: callbacks.CommandURL()})
	if err != nil {
		t.Fatal(err)
	}
	write("command", made.Token)

	w := &widgetTalk{T: t, base: address + "/api/v1/conversations"}
	w.begin()
	w.says("la vpn non si collega da casa")
	w.reads(bot.Assistant, "Ho risolto il Suo problema?")
	w.says("voglio parlare con un operatore")
	w.reads(bot.Assistant, "Lei è la prossima persona")

	r := &operatorsRoom{T: t, channel: room.Id, client: admin, bot: assistant.UserId}
	card := r.reads("Richiesta di un operatore")
	for _, part := range []string{"chat del sito", "non ha ancora confermato chi è", "la vpn non si collega da casa", address + "/kb/it/vpn"} {
		if !strings.Contains(card.Message, part) {
			t.Errorf("the card lacks %q: %s", part, card.Message)
		}
	}
	buttons := card.Attachments()[0].Actions
	if _, err := olga.Client.DoPostActionWithCookie(t.Context(), card.Id, buttons[0].Id, "", ""); err != nil {
		t.Fatal(err)
	}
	w.reads(bot.System, "da ora Le risponde una persona")
	olga.Post(room.Id, card.Id, "Buongiorno, riavvii il router.")
	if m := w.reads(bot.Operator, "riavvii il router"); strings.Contains(m.Text, "Olga") {
		t.Errorf("the person reads who it is: %q", m.Text)
	}
	w.says("fatto, grazie: ora va")
	if said := r.reads("fatto, grazie: ora va"); said.RootId != card.Id {
		t.Errorf("what the person says stands in %q", said.RootId)
	}
	command := func(text, want string) {
		t.Helper()
		got, _, err := olga.Client.ExecuteCommandWithTeam(t.Context(), room.Id, server.Team.Id, "/sportello "+text)
		if err != nil {
			t.Fatalf("%s is answered %v", text, err)
		}
		if !strings.Contains(got.Text, want) {
			t.Errorf("%s is answered %q, want %q", text, got.Text, want)
		}
	}
	command("nota router da sostituire", "La nota è registrata")
	r.reads("router da sostituire")
	command("risposta risolto", "qui non si conoscono") // neither the ticket nor the name
	command("chiudi", "Ha chiuso la conversazione")
	w.reads(bot.System, "ha concluso la conversazione")
	w.reads(bot.Assistant, "Ho risolto il Suo problema?")
	w.says("sì, risolto")
	w.reads(bot.Assistant, "mi fa piacere che sia risolto")
	r.reads("**Conclusa.**")
	for _, m := range w.all() {
		if strings.Contains(m.Text, "router da sostituire") {
			t.Errorf("the person reads the note: %q", m.Text)
		}
	}
}

// operatorsRoom is the operators' channel, read.
type operatorsRoom struct {
	*testing.T
	channel, bot string
	client       *model.Client4
}

// reads waits for a post of the service with these words.
func (r *operatorsRoom) reads(text string) *model.Post {
	r.Helper()
	for until := time.Now().Add(mattermostpeer.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		list, _, err := r.client.GetPostsForChannel(r.Context(), r.channel, 0, 100, "", false, false)
		if err != nil {
			r.Fatal(err)
		}
		for _, post := range list.Posts {
			if post.UserId == r.bot && strings.Contains(post.Message, text) {
				return post
			}
		}
	}
	r.Fatalf("the operators do not read %q", text)
	return nil
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
