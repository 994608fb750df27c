package mattermost

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/internal/mattermostpeer"
	"sportello/store"
	"sportello/tickets"

	"github.com/go-chi/chi/v5"
	"github.com/mattermost/mattermost/server/public/model"
)

// called opens the assistant with an address that the server calls.
func (h *house) called() {
	h.Helper()
	var routes atomic.Pointer[chi.Mux]
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { routes.Load().ServeHTTP(w, r) }))
	h.Cleanup(server.Close)
	h.calls, h.command = server.URL, filepath.Join(h.TempDir(), "command")
	if err := os.WriteFile(h.command, []byte("not made yet\n"), 0o600); err != nil {
		h.Fatal(err)
	}
	h.open()
	r := chi.NewRouter()
	h.callbacks.Routes(r)
	routes.Store(r)
}

// known lets the direct conversation of a user know them.
func (k *talk) known() account.Person {
	k.Helper()
	people := store.NewAccount(k.db)
	person := account.NewPerson(k.Email, false, "it", time.Now())
	link := &account.Link{Identity: account.Identity{Channel: Name, PlatformID: k.Id}, Person: person.ID, At: time.Now()}
	if err := people.Apply(k.Context(), account.Change{Person: &person, Link: link}); err != nil {
		k.Fatal(err)
	}
	return person
}

// action finds the button, or the menu and its value, of a label.
func action(post *model.Post, label string) (id, value string) {
	for _, attachment := range post.Attachments() {
		for _, a := range attachment.Actions {
			if a.Name == label {
				return a.Id, ""
			}
			for _, o := range a.Options {
				if o.Text == label {
					return a.Id, o.Value
				}
			}
		}
	}
	return "", ""
}

// taps takes a choice as the user's own client does.
func (k *talk) taps(post *model.Post, label string) {
	k.Helper()
	id, value := action(post, label)
	if id == "" {
		k.Fatalf("%q offers no %q", post.Message, label)
	}
	if _, err := k.User.Client.DoPostActionWithCookie(k.Context(), post.Id, id, value, ""); err != nil {
		k.Fatal(err)
	}
}

// call calls us as the server does, or as somebody else.
func (h *house) call(kind string, what any) (status int, answer string) {
	h.Helper()
	body, err := json.Marshal(what)
	if err != nil {
		h.Fatal(err)
	}
	response, err := http.Post(h.calls+h.callbacks.sign.path(kind), "application/json", bytes.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	defer response.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(response.Body); err != nil {
		h.Fatal(err)
	}
	return response.StatusCode, b.String()
}

func tapTaken(t *testing.T, h *house) {
	h.called()
	anna, eve := h.talk("anna", "it"), h.talk("eve", "it")
	anna.says("la stampante non va")
	answer := anna.reads(2)[1]
	anna.taps(answer, "Non ancora")
	next := anna.reads(1)[0]
	if id, _ := action(next, "Apro un ticket"); id == "" {
		t.Errorf("after 'not yet' comes %q", next.Message)
	}
	settled, _, err := anna.User.Client.GetPost(t.Context(), answer.Id, "")
	if err != nil {
		t.Fatal(err)
	}
	if id, _ := action(settled, "Non ancora"); id != "" || !strings.Contains(settled.Attachments()[0].Text, "Non ancora") ||
		settled.Message != answer.Message || settled.GetProp(ours) != answer.GetProp(ours) || settled.GetProp(model.PostPropsFromBot) == nil {
		t.Errorf("the post is now %q with %v", settled.Message, settled.GetProps())
	}
	id := anna.conversation()
	said := func() int { return len(anna.said()) }
	before := said()

	letter := strings.TrimSuffix(next.GetProp(ours).(string), "#0")
	record, err := h.channel.Engine.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	choice := record.Choices[0].ID
	tap := Tap{Conversation: id, Letter: letter, Choice: choice, Expires: time.Now().Add(time.Minute)}
	as := func(user string, context map[string]any) model.PostActionIntegrationRequest {
		return model.PostActionIntegrationRequest{UserId: user, PostId: next.Id, ChannelId: anna.channel, Context: context}
	}
	forged := h.callbacks.sign.context(tap)
	forged["choice"] = "1.confirm"
	if status, _ := h.call("action", as(anna.Id, forged)); status != http.StatusForbidden {
		t.Errorf("a forged tap is answered %d", status)
	}
	if status, answer := h.call("action", as(eve.Id, h.callbacks.sign.context(tap))); status != http.StatusOK || !strings.Contains(answer, "altra persona") {
		t.Errorf("somebody else's tap is answered %d %s", status, answer)
	}
	late := tap
	late.Expires = time.Now().Add(-time.Minute)
	if status, answer := h.call("action", as(anna.Id, h.callbacks.sign.context(late))); status != http.StatusOK || !strings.Contains(answer, "non è più disponibile") || !strings.Contains(answer, `"update":{`) {
		t.Errorf("a late tap is answered %d %s", status, answer)
	}
	menu := tap
	menu.Choice = ""
	chosen := h.callbacks.sign.context(menu)
	chosen["selected_option"] = "999.confirm" // was never offered
	if status, answer := h.call("action", as(anna.Id, chosen)); status != http.StatusOK || !strings.Contains(answer, "non è più disponibile") {
		t.Errorf("a choice that was not offered is answered %d %s", status, answer)
	}
	if said() != before {
		t.Fatalf("%d taps were taken that should not", said()-before)
	}
	chosen["selected_option"] = choice
	for range 3 { // the server lost our answer
		if status, answer := h.call("action", as(anna.Id, chosen)); status != http.StatusOK || strings.Contains(answer, "non è più disponibile") {
			t.Errorf("a tap is answered %d %s", status, answer)
		}
	}
	anna.reads(1)
	if said() != before+1 {
		t.Errorf("one tap was taken %d times", said()-before)
	}
	old, _ := action(answer, "Sì, risolto")
	if _, err := anna.User.Client.DoPostActionWithCookie(t.Context(), answer.Id, old, "", ""); err == nil {
		t.Error("a button that was taken away can still be tapped")
	}
	for _, body := range []string{"", "[]", "{", `{"context": {"mac": 7}}`} {
		response, err := http.Post(h.calls+h.callbacks.sign.path("action"), "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode < 400 || response.StatusCode >= 500 {
			t.Errorf("%q is answered %d", body, response.StatusCode)
		}
	}
}

// dialog is the form that the server shows next.
func dialog(t *testing.T, hears *mattermostpeer.Socket) model.OpenDialogRequest {
	t.Helper()
	var opened model.OpenDialogRequest
	if _, err := hears.Await(func(e heard) bool {
		text, _ := e.GetData()["dialog"].(string)
		return e.EventType() == model.WebsocketEventOpenDialog && json.Unmarshal([]byte(text), &opened) == nil
	}); err != nil {
		t.Fatal(err)
	}
	return opened
}

// submits sends a form as the user's own client does.
func (k *talk) submits(opened model.OpenDialogRequest, more map[string]any) *model.SubmitDialogResponse {
	k.Helper()
	values := map[string]any{}
	for _, e := range opened.Dialog.Elements {
		if e.Default != "" {
			values[e.Name] = e.Default
		} else if len(e.Options) == 0 && e.Name != tickets.FieldPhone && e.Name != bot.SheetPerson {
			values[e.Name] = "Non lo so"
		}
	}
	for name, value := range more {
		values[name] = value
	}
	answer, _, err := k.User.Client.SubmitInteractiveDialog(k.Context(), model.SubmitDialogRequest{
		Type: "dialog_submission", URL: opened.URL, CallbackId: opened.Dialog.CallbackId, State: opened.Dialog.State, UserId: k.Id, ChannelId: k.channel, TeamId: k.server.Team.Id, Submission: values,
	})
	if err != nil {
		k.Fatal(err)
	}
	return answer
}

func formFilled(t *testing.T, h *house) {
	h.called()
	anna, eve := h.talk("anna", "it"), h.talk("eve", "it")
	person := anna.known()
	hears := anna.Listen()
	anna.says("apri un ticket per la stampante")
	asked := anna.reads(2)[1]
	anna.taps(asked, "Compilo tutto insieme")
	opened := dialog(t, hears)
	if err := opened.Dialog.IsValid(); err != nil {
		t.Errorf("the form is not valid: %v", err)
	}
	if len(opened.Dialog.Elements) < 7 || opened.Dialog.Elements[0].Default != "stampante" {
		t.Errorf("the form is %+v", opened.Dialog)
	}
	good := map[string]any{
		tickets.FieldBeneficiary: "me", tickets.FieldOffice: "Tribunale di Bari", tickets.FieldBody: "La stampante è ferma da ieri mattina.", tickets.FieldImpact: "me", tickets.FieldPhone: nil,
	}
	wrong := map[string]any{tickets.FieldPhone: "di sera", tickets.FieldBeneficiary: "other", bot.SheetPerson: "Bruno Neri", tickets.FieldImpact: "me", tickets.FieldOffice: "Bari", tickets.FieldBody: "x"}
	if answer := anna.submits(opened, wrong); answer == nil || !strings.Contains(answer.Errors[tickets.FieldPhone], "telefono") || !strings.Contains(answer.Errors[bot.SheetPerson], "e-mail") || len(answer.Errors) != 2 {
		t.Errorf("mistakes are told as %+v", answer)
	}
	anna.reads(0)
	forged := model.SubmitDialogRequest{UserId: eve.Id, State: opened.Dialog.State, Submission: good}
	if status, _ := h.call("dialog", forged); status != http.StatusForbidden {
		t.Errorf("somebody else's form is answered %d", status)
	}
	forged.UserId, forged.State = anna.Id, strings.Replace(opened.Dialog.State, anna.Id, eve.Id, 1)
	if status, _ := h.call("dialog", forged); status != http.StatusForbidden {
		t.Errorf("a forged form is answered %d", status)
	}
	parts := strings.Split(opened.Dialog.State, " ")
	late := form{bot.ConversationID(parts[0]), anna.Id, parts[2], time.Now().Add(-time.Minute)}
	if status, answer := h.call("dialog", model.SubmitDialogRequest{UserId: anna.Id, State: h.callbacks.sign.state(late), Submission: good}); status != http.StatusOK || !strings.Contains(answer, "non è più disponibile") {
		t.Errorf("a late form is answered %d %s", status, answer)
	}
	if status, answer := h.call("dialog", model.SubmitDialogRequest{UserId: anna.Id, State: opened.Dialog.State, Cancelled: true}); status != http.StatusOK || strings.Contains(answer, "error") {
		t.Errorf("a cancelled form is answered %d %s", status, answer)
	}
	anna.reads(0)
	for range 2 { // our answer was lost
		if answer := anna.submits(opened, good); answer != nil && (answer.Error != "" || len(answer.Errors) > 0) {
			t.Fatalf("the form is refused: %+v", answer)
		}
	}
	summary := anna.reads(1)[0]
	if !strings.Contains(summary.Message, "Tribunale di Bari") {
		t.Errorf("the summary is %q", summary.Message)
	}
	anna.taps(summary, "Invia il ticket")
	anna.reads(1)
	mine, err := store.NewTickets(h.db).Of(t.Context(), person.ID, tickets.Filter{})
	if err != nil || len(mine) != 1 || mine[0].Office != "Tribunale di Bari" || mine[0].Channel != Name {
		t.Errorf("the tickets are %+v, %v", mine, err)
	}
	if answer := anna.submits(opened, map[string]any{tickets.FieldBody: "un altro"}); answer != nil && (answer.Error != "" || len(answer.Errors) > 0) {
		t.Errorf("the same form again: %+v", answer)
	}
	anna.reads(0)
}

func commandGiven(t *testing.T, h *house) {
	h.called()
	anna := h.talk("anna", "it")
	anna.known()
	made, _, err := h.server.Admin.Client.CreateCommand(t.Context(), &model.Command{
		TeamId: h.server.Team.Id, Trigger: h.name("sportello"), Method: model.CommandMethodPost, URL: h.callbacks.CommandURL(),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.command, []byte(made.Token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	square, _, err := h.server.Admin.Client.GetChannelByName(t.Context(), "town-square", h.server.Team.Id, "")
	if err != nil {
		t.Fatal(err)
	}
	hears := anna.Listen()
	give := func(channel, text string) {
		t.Helper()
		if _, _, err := anna.User.Client.ExecuteCommandWithTeam(t.Context(), channel, h.server.Team.Id, "/"+h.name("sportello")+" "+text); err != nil {
			t.Fatalf("%q: %v", text, err)
		}
	}
	told := func(part string) *model.Post {
		t.Helper()
		var post *model.Post
		if _, err := hears.Await(func(e heard) bool {
			text, _ := e.GetData()["post"].(string)
			return e.EventType() == model.WebsocketEventEphemeralMessage && json.Unmarshal([]byte(text), &post) == nil && strings.Contains(post.Message, part)
		}); err != nil {
			t.Fatalf("%q is not told aside: %v", part, err)
		}
		return post
	}
	give(square.Id, "")
	told("/sportello")
	give(square.Id, "la stampante non va")
	told("> la stampante non va")
	told("Stampante ferma")
	anna.reads(0) // nothing of it is a post

	// After a restart nobody knows any more where to answer aside.
	h.channel.asides.mu.Lock()
	h.channel.asides.open = recent[aside]{}
	h.channel.asides.mu.Unlock()
	id, err := h.channel.Engine.Store.Chat(t.Context(), Name, square.Id+"/"+asideRoot+"/"+anna.Id)
	if err != nil {
		t.Fatal(err)
	}
	late := bot.Event{At: time.Now(), Author: bot.Assistant, Act: "say", Reply: &bot.Reply{Markdown: "più tardi"}}
	if _, err := h.channel.Engine.Store.Append(t.Context(), bot.Turn{Conversation: id, Events: []bot.Event{late}}); err != nil {
		t.Fatal(err)
	}
	h.channel.Engine.WakeCourier()
	if got := anna.reads(1)[0]; got.Message != "più tardi" {
		t.Errorf("in private comes %q", got.Message)
	}
	give(square.Id, "stato")
	told("messaggio diretto")
	if last := anna.reads(2)[1]; !strings.Contains(last.Message, "nessun ticket") {
		t.Errorf("in private comes %q", last.Message)
	}
	give(square.Id, "chi sono?")
	told("privato")
	if last := anna.reads(2)[1]; !strings.Contains(last.Message, anna.Email) && !strings.Contains(last.Message, strings.Split(anna.Email, "@")[0]) {
		t.Errorf("in private comes %q", last.Message)
	}
	give(anna.channel, "ticket")
	told("> apri un ticket")
	anna.reads(1)
	give(anna.channel, "aiuto")
	told("/sportello")

	list, _, err := anna.User.Client.GetPostsForChannel(t.Context(), square.Id, 0, 50, "", false, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, post := range list.Posts {
		if post.UserId == h.bot.UserId && post.Type == "" {
			t.Errorf("everybody reads %q", post.Message)
		}
	}
	values := url.Values{"token": {"wrong"}, "user_id": {anna.Id}, "channel_id": {square.Id}, "text": {"stato"}, "trigger_id": {"x"}}
	for _, token := range []string{"", "wrong", made.Token + "x"} {
		values.Set("token", token)
		response, err := http.PostForm(h.callbacks.CommandURL(), values)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("with the token %q a command is answered %d", token, response.StatusCode)
		}
	}
	anna.reads(0)
}

func movedToPrivate(t *testing.T, h *house) {
	h.called()
	anna := h.talk("anna", "it")
	anna.known()
	channel, _, err := h.server.Admin.Client.CreateChannel(t.Context(), &model.Channel{TeamId: h.server.Team.Id, Name: h.name("stanza"), DisplayName: "Stanza", Type: model.ChannelTypeOpen})
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{anna.Id, h.bot.UserId} {
		if _, _, err := h.server.Admin.Client.AddChannelMember(t.Context(), channel.Id, user); err != nil {
			t.Fatal(err)
		}
	}
	public := *anna
	public.channel = channel.Id
	public.says("@" + h.bot.Username + " la stampante non va")
	public.reads(2)
	public.says("@" + h.bot.Username + " apri un ticket per la stampante")
	posts := public.reads(2) // each thread is introduced
	if last := posts[1]; !strings.Contains(last.Message, "privato") || !strings.Contains(last.Message, "/messages/@"+h.bot.Username) {
		t.Errorf("in the channel stands %q", last.Message)
	}
	private := anna.reads(3)
	if !strings.Contains(private[1].Message, "stampante") || !strings.Contains(private[2].Message, "Stampanti") {
		t.Errorf("in private comes %q, %q", private[1].Message, private[2].Message)
	}
	// The letter is sent again after a crash: nothing goes on twice.
	id, err := h.channel.Engine.Store.Chat(context.Background(), Name, channel.Id+"/"+posts[1].RootId+"/"+anna.Id)
	if err != nil {
		t.Fatal(err)
	}
	events, err := h.channel.Engine.Store.Events(t.Context(), id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Act == bot.ActPrivate {
			var letter bot.Outgoing
			h.eventually("the letter is delivered", func() bool { // a post is seen before we note that it is there
				letter, err = h.channel.Engine.Store.PostedAs(t.Context(), Name, posts[1].Id)
				return !fault.Is(err, fault.NotFound)
			})
			if err != nil {
				t.Fatal(err)
			}
			letter.Doubtful = true
			if _, err := h.channel.Send(t.Context(), letter); err != nil {
				t.Fatal(err)
			}
		}
	}
	anna.reads(0)
	public.reads(0)
	// Where the assistant may not begin a private conversation, people have to.
	h.net.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/channels/direct") {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"id":"api.context.permissions.app_error","message":"x","status_code":403}`)
		return true
	}, nil)
	public.says("@" + h.bot.Username + " apri un ticket per la stampante")
	if last := public.reads(2)[1]; !strings.Contains(last.Message, "Mi scriva") || !strings.Contains(last.Message, "/messages/@"+h.bot.Username) {
		t.Errorf("in the channel stands %q", last.Message)
	}
}
