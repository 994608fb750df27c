package mattermost

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/mattermostpeer"
	"sportello/store"

	"github.com/go-chi/chi/v5"
	"github.com/mattermost/mattermost/server/public/model"
)

// counter is a house whose operators have a channel, in their hours.
type counter struct {
	*house
	room      string // the operators' channel
	roomName  string
	began     time.Time
	pages     *httptest.Server
	routes    chi.Router
	operators *Operators
}

// newCounter makes the operators' channel; open serves it.
func newCounter(t *testing.T, server *mattermostpeer.Server) *counter {
	t.Helper()
	c := &counter{house: newHouse(t, server), began: time.Now()}
	c.roomName = c.name("operatori")
	made, _, err := server.Admin.Client.CreateChannel(t.Context(), &model.Channel{
		TeamId: server.Team.Id, Name: c.roomName, DisplayName: "Operatori", Type: model.ChannelTypePrivate,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.room = made.Id
	c.invite(c.bot.UserId)
	c.pages = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.routes.ServeHTTP(w, r) }))
	t.Cleanup(c.pages.Close)
	return c
}

func (c *counter) invite(user string) {
	c.Helper()
	if _, _, err := c.server.Admin.Client.AddChannelMember(c.Context(), c.room, user); err != nil {
		c.Fatal(err)
	}
}

// clock is a Monday morning, from where the test begins.
func (c *counter) clock() time.Time {
	return time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC).Add(time.Since(c.began))
}

// open starts the assistant with its operators, and waits until it is connected.
func (c *counter) open() {
	c.Helper()
	config := Config{URL: c.net.URL, TokenFile: c.token, Team: c.server.Team.Name, OperatorsChannel: c.roomName, CallbackURL: c.pages.URL}
	var courier *bot.Courier
	c.channel, courier = assembled(c.T, c.db, config, c.clock, func(p *bot.Parts) {
		p.Operated, p.Channels = true, map[string]bot.Traits{Name: {Sent: true, Pushable: true, Personal: true}}
	})
	c.operators = &Operators{Channel: c.channel, Reply: func(lang, id, _, name string) (string, bool, []string) {
		if id != "saluto" {
			return "", false, []string{"saluto"}
		}
		return "Gentile " + name + ", arriviamo.", name != "", nil
	}}
	c.channel.Overheard, c.channel.Changed, c.channel.Writing = c.operators.Overheard, c.operators.Changed, c.operators.Writing
	c.channel.Engine.Typists = map[string]bot.Typist{Name: c.channel}
	c.routes = chi.NewRouter()
	c.operators.Routes(c.routes)
	courier.Senders[bot.OperatorsChannel] = c.operators
	if err := courier.Store.Unclaim(c.Context(), []string{Name, bot.OperatorsChannel}); err != nil {
		c.Fatal(err)
	}
	c.stop = run(c.T, c.channel, courier)
	c.eventually("the assistant is connected", func() bool { return c.channel.Health() == nil })
}

// operator is somebody in the operators' channel, with an account of these roles
// unless there are none.
func (c *counter) operator(name string, roles ...account.Role) *mattermostpeer.User {
	c.Helper()
	u := c.server.User(c.name(name), c.name(name)+"@giustizia.it", "it")
	c.invite(u.Id)
	if len(roles) > 0 {
		c.account(u, strings.ToUpper(name[:1])+name[1:], roles...)
	}
	return u
}

// account links an account of ours to a user.
func (c *counter) account(u *mattermostpeer.User, name string, roles ...account.Role) {
	c.Helper()
	person := account.NewPerson(u.Email, false, "it", c.clock())
	person.Name, person.Office, person.Phone, person.Roles = name, "Tribunale di Bari", "080 123456", roles
	err := store.NewAccount(c.db).Apply(c.Context(), account.Change{Person: &person, Link: &account.Link{
		Identity: account.Identity{Channel: Name, PlatformID: u.Id}, Person: person.ID, At: c.clock(),
	}})
	if err != nil {
		c.Fatal(err)
	}
}

// inRoom are the posts in the operators' channel, oldest first.
func (c *counter) inRoom() (posts []*model.Post) {
	list, _, err := c.server.Admin.Client.GetPostsForChannel(c.Context(), c.room, 0, 200, "", false, false)
	if err != nil {
		return nil // the server is away
	}
	for _, id := range slices.Backward(list.Order) {
		if post := list.Posts[id]; post.Type == "" {
			posts = append(posts, post)
		}
	}
	return posts
}

// told waits for a post of the bot in the operators' channel that holds text.
func (c *counter) told(text string) (found *model.Post) {
	c.Helper()
	c.eventually("the operators read «"+text+"»", func() bool {
		for _, post := range c.inRoom() {
			if post.UserId == c.bot.UserId && strings.Contains(post.Message, text) {
				found = post
			}
		}
		return found != nil
	})
	return found
}

// times is how often the operators were told something.
func (c *counter) times(text string) (n int) {
	for _, post := range c.inRoom() {
		if post.UserId == c.bot.UserId && strings.Contains(post.Message, text) {
			n++
		}
	}
	return n
}

// request lets somebody ask for a person, and returns the card that follows.
func (c *counter) request(who *talk) *model.Post {
	c.Helper()
	who.says("la stampante non stampa")
	who.reads(2)
	who.says("voglio parlare con un operatore")
	if got := who.reads(1)[0]; !strings.Contains(got.Message, "operatore") {
		c.Fatalf("who asks for a person is told %q", got.Message)
	}
	return c.told("Richiesta di un operatore")
}

// actions are the buttons of a post, by their names.
func (c *counter) actions(post string) map[string]string {
	c.Helper()
	fresh, _, err := c.server.Admin.Client.GetPost(c.Context(), post, "")
	if err != nil {
		c.Fatal(err)
	}
	all := map[string]string{}
	for _, row := range fresh.Attachments() {
		for _, action := range row.Actions {
			all[action.Name] = action.Id
		}
	}
	return all
}

// tap taps a button once it is there.
func (c *counter) tap(u *mattermostpeer.User, post, button string) {
	c.Helper()
	c.eventually("there is the button "+button, func() bool { return c.actions(post)[button] != "" })
	if _, err := u.Client.DoPostActionWithCookie(c.Context(), post, c.actions(post)[button], "", ""); err != nil {
		c.Fatalf("%s is answered %v", button, err)
	}
}

// take takes a request over, and waits until the thread tells it: the server
// fails at two first posts of one thread that come at the same time.
func (c *counter) take(u *mattermostpeer.User, card *model.Post) {
	c.Helper()
	c.tap(u, card.Id, "Prendo io")
	c.told("ha preso in carico")
}

func (c *counter) ticked(post string) {
	c.Helper()
	c.eventually("the operator's post is ticked", func() bool {
		all, _, err := c.server.Admin.Client.GetReactions(c.Context(), post)
		return err == nil && len(all) == 1 && all[0].EmojiName == "white_check_mark" && all[0].UserId == c.bot.UserId
	})
}

func TestOperatorsOnARealServer(t *testing.T) {
	server := mattermostpeer.Start(t)
	for name, test := range map[string]func(*testing.T, *counter){
		"a thread carries the talk both ways and the card tells how it stands": talkBothWays,
		"of two who tap at once one has it and the other hears who":            twoTapAtOnce,
		"the person sees that the operator is writing":                         operatorWrites,
		"what a second operator writes is not sent":                            secondOperator,
		"who is no operator is told what to do":                                noOperator,
		"commands note reply hand back and close":                              operatorsCommands,
		"without the bot in the channel requests wait":                         botRemoved,
		"what is written while we are away arrives once":                       writtenMeanwhile,
		"a button that nobody of us made does nothing":                         forgedTap,
		"what an operator edits or deletes is said all the same":               editedWords,
		"a request whose answer was lost is posted once":                       lostRequest,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newCounter(t, server))
		})
	}
}

func talkBothWays(t *testing.T, c *counter) {
	c.open()
	olga := c.operator("olga", account.User, account.Operator)
	anna := c.talk("anna", "it")
	c.account(anna.User, "Anna Verdi", account.User)
	card := c.request(anna)
	for _, part := range []string{"Anna Verdi", "Tribunale di Bari", "080 123456", "Mattermost", "italiano", "Stampante ferma", "la stampante non stampa", "In attesa"} {
		if !strings.Contains(card.Message, part) {
			t.Errorf("the card does not tell %q: %s", part, card.Message)
		}
	}
	if found := addressed(card.Message); len(found) > 0 {
		t.Errorf("the card calls %q", found)
	}
	anna.says("è la stampante della stanza 12")
	anna.reads(1) // passed on
	if post := c.told("stanza 12"); post.RootId != card.Id {
		t.Errorf("what the person says stands in %q", post.RootId)
	}
	first := olga.Post(c.room, card.Id, "Buongiorno, la vedo *subito*.") // it takes the conversation
	said := anna.reads(2)
	if !strings.Contains(said[0].Message, "da ora Le risponde una persona") || !strings.Contains(said[1].Message, "Buongiorno, la vedo") || strings.Contains(said[1].Message, "Olga") {
		t.Errorf("the person reads %q, %q", said[0].Message, said[1].Message)
	}
	c.ticked(first.Id)
	c.eventually("the card tells who has it", func() bool { return c.times("La segue Olga") == 1 })
	file, _, err := olga.Client.UploadFile(t.Context(), []byte(png), c.room, "guida.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := olga.Client.CreatePost(t.Context(), &model.Post{ChannelId: c.room, RootId: card.Id, Message: "Ecco la guida", FileIds: model.StringArray{file.FileInfos[0].Id}}); err != nil {
		t.Fatal(err)
	}
	if got := anna.reads(1)[0]; len(got.FileIds) != 1 {
		t.Errorf("the file comes as %q with %q", got.Message, got.FileIds)
	}
	anna.says("grazie, funziona")
	c.told("grazie, funziona")
	c.tap(olga, card.Id, "Restituisco all'assistente")
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "passato di nuovo la conversazione a me") {
		t.Errorf("after it was handed back the person reads %q", got.Message)
	}
	c.eventually("the card tells that it is done", func() bool { return c.times("**Conclusa.**") == 1 })
	anna.says("stampante")
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "Stampante ferma") {
		t.Errorf("the assistant goes on with %q", got.Message)
	}
	late := olga.Post(c.room, card.Id, "Ancora una cosa")
	hint := c.told("non è stato inviato")
	if hint.RootId != card.Id {
		t.Errorf("the hint about %s stands in %q", late.Id, hint.RootId)
	}
	c.tap(olga, hint.Id, "Prendo io")
	anna.reads(1)
	c.tap(olga, card.Id, "Chiudo")
	if got := anna.reads(2); !strings.Contains(got[0].Message, "concluso") || !strings.Contains(got[1].Message, "risolto") {
		t.Errorf("after it was closed the person reads %q, %q", got[0].Message, got[1].Message)
	}
}

func operatorWrites(t *testing.T, c *counter) {
	c.open()
	olga := c.operator("olga", account.User, account.Operator)
	anna := c.talk("anna", "it")
	card := c.request(anna)
	c.take(olga, card)
	anna.reads(1)
	thread := anna.Post(anna.channel, "", "Eccomi")
	anna.Post(anna.channel, thread.Id, "la stampante è nella stanza 12")
	c.told("stanza 12")
	sees := anna.Listen()
	if _, err := olga.Client.PublishUserTyping(t.Context(), olga.Id, model.TypingRequest{ChannelId: c.room, ParentId: card.Id}); err != nil {
		t.Fatal(err)
	}
	seen, err := sees.Await(func(h heard) bool { return h.EventType() == model.WebsocketEventTyping })
	if err != nil {
		t.Fatal(err)
	}
	if d := seen.GetData(); d["user_id"] != c.bot.UserId || d["parent_id"] != thread.Id || seen.GetBroadcast().ChannelId != anna.channel {
		t.Errorf("%v is seen in %s, not in the thread %s", d, seen.GetBroadcast().ChannelId, thread.Id)
	}
}

func twoTapAtOnce(t *testing.T, c *counter) {
	c.open()
	olga, piero := c.operator("olga", account.User, account.Operator), c.operator("piero", account.User, account.Operator)
	anna := c.talk("anna", "it")
	card := c.request(anna)
	ears := map[string]*mattermostpeer.Socket{olga.Id: olga.Listen(), piero.Id: piero.Listen()}
	button := c.actions(card.Id)["Prendo io"]
	var both sync.WaitGroup
	errs := map[string]*error{olga.Id: new(error), piero.Id: new(error)}
	for _, u := range []*mattermostpeer.User{olga, piero} {
		both.Go(func() { _, *errs[u.Id] = u.Client.DoPostActionWithCookie(t.Context(), card.Id, button, "", "") })
	}
	both.Wait()
	anna.reads(1)
	c.eventually("the card tells who has it", func() bool { return c.times("La segue Olga")+c.times("La segue Piero") == 1 })
	lost, name := olga.Id, "Piero"
	if c.times("La segue Olga") == 1 {
		lost, name = piero.Id, "Olga"
	}
	for user, err := range errs {
		// The server refuses a button that the card has no more: it tells who has it.
		if *err != nil && (user != lost || !strings.Contains((*err).Error(), "action")) {
			t.Errorf("tapping is answered %v", *err)
		}
	}
	if *errs[lost] == nil {
		heard, err := ears[lost].Await(func(h mattermostpeer.Heard) bool { return h.EventType() == model.WebsocketEventEphemeralMessage })
		if err != nil {
			t.Fatal(err)
		}
		if got := heard.Post.Message; !strings.Contains(got, "la segue "+name) {
			t.Errorf("the other is told %q", got)
		}
	}
	c.told("ha preso in carico") // the thread tells it after the card does
	if n := c.times("ha preso in carico"); n != 1 {
		t.Errorf("it was taken %d times", n)
	}
}

func secondOperator(t *testing.T, c *counter) {
	c.open()
	olga, piero := c.operator("olga", account.User, account.Operator), c.operator("piero", account.User, account.Operator)
	anna := c.talk("anna", "it")
	card := c.request(anna)
	c.take(olga, card)
	anna.reads(1)
	piero.Post(c.room, card.Id, "Provi a spegnerla")
	hint := c.told("non è stato inviato")
	if !strings.Contains(hint.Message, "Olga") {
		t.Errorf("the second operator is told %q", hint.Message)
	}
	c.tap(piero, hint.Id, "Subentro")
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "un altro operatore") {
		t.Errorf("the person reads %q", got.Message)
	}
	if note := c.told("è subentrato a Olga"); note.RootId != card.Id {
		t.Errorf("the colleague is told in %q", note.RootId)
	}
	piero.Post(c.room, card.Id, "Eccomi")
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "Eccomi") {
		t.Errorf("the person reads %q", got.Message)
	}
	olga.Post(c.room, card.Id, "La mia password è Segreta.2026") // not hers any more
	c.eventually("the first one is told", func() bool { return c.times("la segue Piero") == 1 })
	piero.Post(c.room, card.Id, "la password è Segreta.2026")
	if got := anna.reads(1)[0]; strings.Contains(got.Message, "Segreta") {
		t.Errorf("the person reads %q", got.Message)
	}
	c.told("dato riservato")
}

func noOperator(t *testing.T, c *counter) {
	c.open()
	carla, dario := c.operator("carla", account.User), c.operator("dario") // he has no account
	anna := c.talk("anna", "it")
	card := c.request(anna)
	carla.Post(c.room, card.Id, "Rispondo io")
	c.told("Solo gli operatori")
	dario.Post(c.room, card.Id, "Rispondo io")
	c.told("Non so ancora chi è Lei")
	for _, u := range []*mattermostpeer.User{carla, dario} {
		ears := u.Listen()
		c.tap(u, card.Id, "Prendo io")
		if _, err := ears.Await(func(h mattermostpeer.Heard) bool { return h.EventType() == model.WebsocketEventEphemeralMessage }); err != nil {
			t.Error(err)
		}
	}
	if n := c.times("In attesa"); n != 1 {
		t.Error("the request does not wait any more")
	}
	if got := len(anna.posts()); got != anna.seen {
		t.Errorf("the person reads %d posts more", got-anna.seen)
	}
}

func operatorsCommands(t *testing.T, c *counter) {
	c.open()
	olga := c.operator("olga", account.User, account.Operator)
	anna, berto := c.talk("anna", "it"), c.talk("berto", "it")
	c.account(anna.User, "Anna Verdi", account.User)
	trigger := 0
	command := func(text string) string {
		t.Helper()
		trigger++
		order := Command{User: olga.Id, Channel: c.room, Trigger: fmt.Sprint("t", trigger), Text: text}
		answer, is, err := c.operators.Command(t.Context(), order)
		if again, _, err := c.operators.Command(t.Context(), order); err != nil || again == "" { // delivered twice
			t.Errorf("%s again is answered %q, %v", text, again, err)
		}
		if !is || err != nil {
			t.Fatalf("%s is answered %v, %v", text, is, err)
		}
		return answer
	}
	if got := command("chiudi"); !strings.Contains(got, "nessuna conversazione") {
		t.Errorf("without a conversation it is answered %q", got)
	}
	card := c.request(anna)
	c.tap(olga, card.Id, "Prendo io")
	anna.reads(1)
	command("nota chiamare il tecnico")
	if note := c.told("chiamare il tecnico"); note.RootId != card.Id || !strings.Contains(note.Message, "Nota di Olga") {
		t.Errorf("the note is %q", note.Message)
	}
	if got := command("risposta boh"); !strings.Contains(got, "saluto") {
		t.Errorf("a reply nobody wrote is answered %q", got)
	}
	command("risposta saluto")
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "Gentile Anna Verdi, arriviamo.") {
		t.Errorf("the person reads %q", got.Message)
	}
	c.told("Olga all'utente:")

	berto.says("voglio parlare con un operatore")
	berto.reads(2)
	var second *model.Post
	c.eventually("there is a second card", func() bool {
		for _, post := range c.inRoom() {
			if post.RootId == "" && post.UserId == c.bot.UserId && post.Id != card.Id {
				second = post
			}
		}
		return second != nil
	})
	c.tap(olga, second.Id, "Prendo io")
	berto.reads(1)
	which := command("restituisci")
	code := "#" + codeOf(bot.ConversationID(mustChat(t, c, berto)))
	if !strings.Contains(which, code) {
		t.Fatalf("with two conversations it is answered %q, without %s", which, code)
	}
	command("restituisci " + code)
	if got := berto.reads(1)[0]; !strings.Contains(got.Message, "passato di nuovo") {
		t.Errorf("the second person reads %q", got.Message)
	}
	command("chiudi")
	anna.reads(2)
	for _, other := range []Command{{User: olga.Id, Channel: anna.channel, Text: "chiudi"}, {User: olga.Id, Channel: c.room, Text: "la stampante"}} {
		if _, is, err := c.operators.Command(t.Context(), other); is || err != nil {
			t.Errorf("%+v is one of ours, %v", other, err)
		}
	}
}

func mustChat(t *testing.T, c *counter, who *talk) string {
	t.Helper()
	id, err := c.channel.Engine.Store.Chat(t.Context(), Name, who.channel)
	if err != nil {
		t.Fatal(err)
	}
	return string(id)
}

func botRemoved(t *testing.T, c *counter) {
	c.open()
	anna := c.talk("anna", "it")
	if _, err := c.server.Admin.Client.RemoveUserFromChannel(t.Context(), c.room, c.bot.UserId); err != nil {
		t.Fatal(err)
	}
	anna.says("voglio parlare con un operatore")
	anna.reads(2)
	c.eventually("health tells", func() bool { return c.operators.Health() != nil })
	if c.times("Richiesta di un operatore") != 0 {
		t.Fatal("there is a card all the same")
	}
	c.invite(c.bot.UserId)
	c.told("Richiesta di un operatore")
	c.eventually("health is well again", func() bool { return c.operators.Health() == nil })
	if n := c.times("Richiesta di un operatore"); n != 1 {
		t.Errorf("there are %d cards", n)
	}
}

func writtenMeanwhile(t *testing.T, c *counter) {
	c.open()
	olga := c.operator("olga", account.User, account.Operator)
	anna := c.talk("anna", "it")
	card := c.request(anna)
	c.stop()
	one := olga.Post(c.room, card.Id, "Prima riga")
	two := olga.Post(c.room, card.Id, "Seconda riga")
	anna.says("sono qui")
	c.open()
	c.told("sono qui")
	c.ticked(one.Id)
	c.ticked(two.Id)
	// That her words are passed on is told unless they came after the operator.
	anna.eventually("the person reads the last of it", func() bool {
		return slices.ContainsFunc(anna.posts(), func(p *model.Post) bool { return strings.Contains(p.Message, "Seconda riga") })
	})
	time.Sleep(200 * time.Millisecond)
	said := anna.posts()[anna.seen:]
	anna.seen += len(said)
	var lines []string
	for _, post := range said {
		if strings.Contains(post.Message, "riga") {
			lines = append(lines, post.Message)
		}
	}
	if len(lines) != 2 || !strings.Contains(lines[0], "Prima") || !strings.Contains(lines[1], "Seconda") {
		t.Errorf("the person reads %q", lines)
	}
	c.stop()
	c.open() // and catches up with the same posts again
	anna.says("grazie")
	c.told("grazie")
	if got := len(anna.posts()); got != anna.seen {
		t.Errorf("%d posts came again", got-anna.seen)
	}
	for text, want := range map[string]int{"sono qui": 1, "grazie": 1, "ha preso in carico": 1, "Richiesta di un operatore": 1} {
		if n := c.times(text); n != want {
			t.Errorf("%q stands there %d times", text, n)
		}
	}
}

func editedWords(t *testing.T, c *counter) {
	c.open()
	olga := c.operator("olga", account.User, account.Operator)
	anna := c.talk("anna", "it")
	card := c.request(anna)
	post := olga.Post(c.room, card.Id, "Riavii")
	anna.reads(2)
	c.ticked(post.Id)
	for _, text := range []string{"Riavvii", "Riavvii."} {
		if _, _, err := olga.Client.PatchPost(t.Context(), post.Id, &model.PostPatch{Message: &text}); err != nil {
			t.Fatal(err)
		}
	}
	if hint := c.told("Le modifiche e le cancellazioni non arrivano"); hint.RootId != card.Id {
		t.Errorf("the hint stands in %q", hint.RootId)
	}
	if _, err := olga.Client.DeletePost(t.Context(), post.Id); err != nil {
		t.Fatal(err)
	}
	olga.Post(c.room, card.Id, "La riavvii")
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "La riavvii") {
		t.Errorf("the person reads %q", got.Message)
	}
	if n := c.times("Le modifiche e le cancellazioni non arrivano"); n != 1 {
		t.Errorf("the hint stands there %d times", n)
	}
}

func lostRequest(t *testing.T, c *counter) {
	c.open()
	anna := c.talk("anna", "it")
	anna.says("ciao")
	anna.reads(2)
	var lost atomic.Int32
	c.net.breaks(nil, func(r *http.Request) bool {
		return isPost(r) && lost.Add(1) <= 4 // of the card, and of what is said to the person
	})
	anna.says("voglio parlare con un operatore")
	c.told("Richiesta di un operatore")
	anna.says("la stampante della stanza 12")
	c.told("stanza 12")
	c.eventually("all is posted", func() bool { return len(anna.posts()) >= anna.seen+2 })
	anna.reads(2)
	for _, text := range []string{"Richiesta di un operatore", "stanza 12"} {
		if n := c.times(text); n != 1 {
			t.Errorf("%q stands there %d times", text, n)
		}
	}
	c.eventually("four answers are lost", func() bool { return lost.Load() >= 4 }) // a post is seen before it is answered
}

func forgedTap(t *testing.T, c *counter) {
	c.open()
	olga := c.operator("olga", account.User, account.Operator)
	anna := c.talk("anna", "it")
	c.request(anna)
	sign, err := c.channel.signer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, body := range map[string]string{
		"without a signature": `{"user_id":"` + olga.Id + `","context":{"conversation":"` + mustChat(t, c, anna) + `","choice":"take 1","expires":"9999999999"}}`,
		"no JSON":             `{`,
	} {
		answer, err := http.Post(c.pages.URL+sign.path(operatorsCallback), "application/json", bytes.NewReader([]byte(body)))
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusInternalServerError {
			t.Errorf("%s is answered %d", name, answer.StatusCode)
		}
	}
	if n := c.times("In attesa"); n != 1 {
		t.Error("it was taken")
	}
}

func TestRequestsOutliveAKilledServer(t *testing.T) {
	t.Parallel()
	server := mattermostpeer.Start(t)
	c := newCounter(t, server)
	c.open()
	olga := c.operator("olga", account.User, account.Operator)
	anna := c.talk("anna", "it")
	anna.says("ciao")
	anna.reads(2)
	id := bot.ConversationID(mustChat(t, c, anna))
	server.Kill()
	// The person's words were stored just before.
	if _, err := c.channel.Engine.Receive(t.Context(), bot.Inbound{Conversation: id, Channel: Name, ID: "before", Text: "voglio parlare con un operatore"}); err != nil {
		t.Fatal(err)
	}
	c.eventually("it is noticed", func() bool { return c.channel.Health() != nil })
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	card := c.told("Richiesta di un operatore")
	anna.reads(1)
	c.take(olga, card)
	anna.reads(1)
	post := olga.Post(c.room, card.Id, "Eccomi")
	server.Kill()
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	anna.eventually("the person reads it", func() bool { return len(anna.posts()) >= anna.seen+1 })
	c.ticked(post.Id)
	if got := anna.reads(1)[0]; !strings.Contains(got.Message, "Eccomi") {
		t.Errorf("the person reads %q", got.Message)
	}
	if n := c.times("Richiesta di un operatore"); n != 1 {
		t.Errorf("there are %d cards", n)
	}
}
