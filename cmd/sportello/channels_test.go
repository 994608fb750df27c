package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/channeltest"
	"sportello/bot/terminal"
	"sportello/bot/widget"
	"sportello/internal/fault"
)

// testApp is the program over an empty data folder, quiet, its index in memory,
// and with whatever change does to its configuration.
func testApp(t testing.TB, change ...func(*config)) *app {
	t.Helper()
	return testAppAt(t, nil, change...)
}

// testAppAt is testApp with a clock of its own.
func testAppAt(t testing.TB, now func() time.Time, change ...func(*config)) *app {
	t.Helper()
	m, err := readContent(contentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	settings := defaultConfig()
	settings.Widget = widget.Config{MessagesPerMinute: 10_000, StartsPerMinute: 10_000}
	for _, c := range change {
		c(&settings)
	}
	a, err := open(t.Context(), options{config: settings, data: t.TempDir(), material: m, memory: true, now: now, log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

func TestTheTerminalIsAChannel(t *testing.T) {
	a := testApp(t)
	channeltest.Run(t, func(t *testing.T) channeltest.Channel {
		box := &letterbox{come: make(chan bot.Outgoing, 100)}
		talk, courier, err := a.talk(t.Context(), "", "it", box)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(deliver(t.Context(), courier))
		return &typed{letterbox: box, app: a, talk: talk, lines: map[string]bool{}}
	})
}

// letterbox is where a test's mail arrives.
type letterbox struct{ come chan bot.Outgoing }

// Send implements bot.Sender.
func (b *letterbox) Send(_ context.Context, letter bot.Outgoing) (string, error) {
	b.come <- letter
	return letter.ID, nil
}

// Code implements channeltest.Mailed.
func (b *letterbox) Code(ctx context.Context, address string) (string, error) {
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case letter := <-b.come:
			if code, found := account.FindCode(letter.Markdown); found && letter.To == address {
				return code, nil
			}
		}
	}
}

// typed drives the terminal. Nobody delivers a line twice there: a copy is a
// line that the typist did not press Enter on.
type typed struct {
	*letterbox
	app   *app
	talk  *terminal.Terminal
	lines map[string]bool
	said  []channeltest.Message
}

func (c *typed) Send(ctx context.Context, id, text string) (string, error) {
	if c.lines[id] {
		return "", nil
	}
	c.lines[id] = true
	answer, err := c.talk.Say(ctx, text)
	if err != nil {
		return "", err
	}
	if len(answer.Messages) == 1 && answer.Messages[0].Author == "system" {
		return answer.Messages[0].Text, nil
	}
	c.heard(answer)
	return "", nil
}

func (c *typed) heard(answer terminal.Answer) {
	for _, m := range answer.Messages {
		said := channeltest.Message{Text: m.Text, From: operatorOnly(m.Author)}
		for _, choice := range m.Choices {
			said.Choices = append(said.Choices, choice.Label)
		}
		c.said = append(c.said, said)
	}
}

func (c *typed) Choose(ctx context.Context, id, label string) (string, error) {
	last := c.said[len(c.said)-1].Choices
	if !c.lines[id] && slices.Contains(last, label) {
		return c.Send(ctx, id, strconv.Itoa(slices.Index(last, label)+1))
	}
	return c.Send(ctx, id, label)
}

func (c *typed) Said(ctx context.Context) ([]channeltest.Message, error) {
	answer, err := c.talk.News(ctx)
	c.heard(answer)
	return c.said, err
}

// Operate implements channeltest.Operated.
func (c *typed) Operate(ctx context.Context, text string) error {
	return operate(ctx, c.app, c.talk.Conversation, text)
}

// operatorOnly is the author, if it is an operator.
func operatorOnly(author bot.Author) string {
	if author == bot.Operator {
		return string(author)
	}
	return ""
}

// operate has an operator take a conversation and say something.
func operate(ctx context.Context, a *app, id bot.ConversationID, text string) error {
	engine := a.engine("")
	if err := engine.Take(ctx, id, demoPeople[1], rand.Text(), true); err != nil {
		return err
	}
	_, err := engine.Speak(ctx, id, demoPeople[1], rand.Text(), text, nil)
	return err
}

// Elsewhere implements channeltest.Continuing.
func (c *typed) Elsewhere(ctx context.Context) (channeltest.Channel, error) {
	talk, courier, err := c.app.talk(ctx, "", "it", c.letterbox)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, deliver(ctx, courier))
	return &typed{letterbox: c.letterbox, app: c.app, talk: talk, lines: map[string]bool{}}, nil
}

// Tell implements channeltest.Telling.
func (c *typed) Tell(ctx context.Context, reply bot.Reply) error {
	return tell(ctx, c.app, c.talk.Conversation, reply)
}

// tell makes the assistant say something in a conversation.
func tell(ctx context.Context, a *app, id bot.ConversationID, reply bot.Reply) error {
	_, err := a.talks.Append(ctx, bot.Turn{Conversation: id, Events: []bot.Event{{At: a.now(), Author: bot.Assistant, Act: "say", Reply: &reply}}})
	return err
}

func TestTheWidgetIsAChannel(t *testing.T) {
	a := testApp(t)
	site := testSite(t, a, true).URL
	channeltest.Run(t, func(t *testing.T) channeltest.Channel {
		c, err := visit(t.Context(), t, a, site)
		if err != nil {
			t.Fatal(err)
		}
		return c
	})
}

// testSite serves an app as `serve` does, on loopback.
func testSite(t testing.TB, a *app, demo bool) *httptest.Server {
	t.Helper()
	s, err := a.site(t.Context(), demo)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.handler)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		s.stop()
	})
	return server
}

// posted drives the conversation API.
type posted struct {
	testing.TB
	app               *app
	site, path, token string
	last              int64
}

func (c *posted) call(ctx context.Context, method, path string, body, into any) (refused string, err error) {
	sent, err := json.Marshal(body)
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, method, c.site+"/api/v1/conversations"+path, bytes.NewReader(sent))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	return c.ask(r, into)
}

func (c *posted) ask(r *http.Request, into any) (refused string, err error) {
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if answer.StatusCode >= 400 {
		var problem struct{ Detail string }
		if err := json.Unmarshal(text, &problem); err != nil || problem.Detail == "" {
			return "", fmt.Errorf("%s without a problem: %s", answer.Status, text)
		}
		return problem.Detail, nil
	}
	return "", json.Unmarshal(text, into)
}

func (c *posted) post(ctx context.Context, body map[string]any) (string, error) {
	var sent struct{ Seq int64 }
	refused, err := c.call(ctx, http.MethodPost, c.path+"/messages", body, &sent)
	c.last = max(c.last, sent.Seq)
	return refused, err
}

func (c *posted) Send(ctx context.Context, id, text string) (string, error) {
	return c.post(ctx, map[string]any{"client_id": id, "text": text})
}

func (c *posted) Choose(ctx context.Context, id, label string) (string, error) {
	messages, err := c.messages(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range slices.Backward(messages) {
		for _, choice := range m.Choices {
			if choice.Label == label {
				return c.post(ctx, map[string]any{"client_id": id, "choice": choice.ID})
			}
		}
	}
	return "", fmt.Errorf("nobody offered %q", label)
}

// ChooseOld implements channeltest.Lasting.
func (c *posted) ChooseOld(ctx context.Context, id string, message int, label string) (string, error) {
	messages, err := c.messages(ctx)
	if err != nil {
		return "", err
	}
	messages = slices.DeleteFunc(messages, func(m widget.Message) bool { return m.Author == bot.User })
	for _, choice := range messages[message].Choices {
		if choice.Label == label {
			return c.post(ctx, map[string]any{"client_id": id, "choice": choice.ID})
		}
	}
	return "", fmt.Errorf("message %d does not offer %q", message, label)
}

// SendFile implements channeltest.Filing.
func (c *posted) SendFile(ctx context.Context, id, name string, content []byte, words string) (string, error) {
	body, kind := form(c, "file", name, content)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.site+"/api/v1/conversations"+c.path+"/attachments", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", kind)
	var file bot.Attachment
	if refused, err := c.ask(r, &file); refused != "" || err != nil {
		return refused, err
	}
	return c.post(ctx, map[string]any{"client_id": id, "text": words, "attachments": []string{file.ID}})
}

// visit starts a conversation in the widget.
func visit(ctx context.Context, t testing.TB, a *app, site string) (*posted, error) {
	c := &posted{TB: t, app: a, site: site}
	var started struct{ ID, Token string }
	refused, err := c.call(ctx, http.MethodPost, "", map[string]any{"lang": "it"}, &started)
	if refused != "" {
		err = errors.New(refused)
	}
	c.path, c.token = "/"+started.ID, started.Token
	return c, err
}

// Elsewhere implements channeltest.Continuing.
func (c *posted) Elsewhere(ctx context.Context) (channeltest.Channel, error) {
	return visit(ctx, c.TB, c.app, c.site)
}

func (c *posted) id() bot.ConversationID { return bot.ConversationID(strings.TrimPrefix(c.path, "/")) }

// Operate implements channeltest.Operated.
func (c *posted) Operate(ctx context.Context, text string) error {
	return operate(ctx, c.app, c.id(), text)
}

// Tell implements channeltest.Telling.
func (c *posted) Tell(ctx context.Context, reply bot.Reply) error {
	return tell(ctx, c.app, c.id(), reply)
}

// Code implements channeltest.Mailed.
func (c *posted) Code(_ context.Context, address string) (string, error) {
	return mailedCode(c, c.site, address), nil
}

func (c *posted) messages(ctx context.Context) (all []widget.Message, err error) {
	_, err = c.call(ctx, http.MethodGet, c.path+"/events?after=0", nil, &all)
	return all, err
}

var aLink = regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>`)

// Said waits until every message is answered. Whether one is not is asked before
// what was said: an answer is kept together with the mark that it was given.
func (c *posted) Said(ctx context.Context) ([]channeltest.Message, error) {
	for {
		_, unread := c.app.talks.NextUnread(ctx, c.id())
		if unread != nil && !fault.Is(unread, fault.NotFound) {
			return nil, unread
		}
		messages, err := c.messages(ctx)
		if err != nil {
			return nil, err
		}
		var said []channeltest.Message
		for _, m := range messages {
			if m.Author == "user" {
				continue
			}
			one := channeltest.Message{Text: m.Text, From: operatorOnly(m.Author)}
			for _, link := range aLink.FindAllStringSubmatch(m.HTML, -1) {
				if html.UnescapeString(link[1]) != html.UnescapeString(link[2]) {
					one.Behind = append(one.Behind, link[1])
				}
			}
			for _, choice := range m.Choices {
				one.Choices = append(one.Choices, choice.Label)
			}
			said = append(said, one)
		}
		if unread != nil { // there is none
			return said, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func TestTheAPIAnswersMistakesInThePersonsLanguage(t *testing.T) {
	a := testApp(t)
	site := testSite(t, a, false)
	post := func(path, token, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, site.URL+"/api/v1/conversations"+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept-Language", "en")
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		var problem struct{ Detail, ID, Token string }
		if err := json.NewDecoder(answer.Body).Decode(&problem); err != nil {
			t.Fatal(err)
		}
		if problem.ID != "" {
			return answer.StatusCode, problem.ID + " " + problem.Token
		}
		return answer.StatusCode, problem.Detail
	}
	_, started := post("", "", `{"lang":"en"}`)
	id, token, _ := strings.Cut(started, " ")
	say := func(key string, values map[string]any) string { return a.material.phrases.Say("en", key, values) }
	for name, test := range map[string]struct {
		path, token, body string
		status            int
		detail            string
	}{
		"malformed JSON":      {"/" + id + "/messages", token, `{"client_id":`, 400, say("error.malformed", nil)},
		"a field missing":     {"/" + id + "/messages", token, `{"text":"hello"}`, 422, say("error.malformed", nil)},
		"a wrong token":       {"/" + id + "/messages", "no", `{"client_id":"1","text":"hello"}`, 404, say("error.conversation", nil)},
		"no conversation":     {"/nobody/messages", token, `{"client_id":"1","text":"hello"}`, 404, say("error.conversation", nil)},
		"nothing":             {"/" + id + "/messages", token, `{"client_id":"2","text":" "}`, 422, say("error.text_empty", nil)},
		"a choice of nowhere": {"/" + id + "/messages", token, `{"client_id":"3","choice":"1.x"}`, 422, say("error.choice_unknown", nil)},
		"too long a text":     {"/" + id + "/messages", token, `{"client_id":"4","text":"` + strings.Repeat("x", 50_000) + `"}`, 413, say("error.text_too_long", map[string]any{"Most": 10000})},
		"an unknown language": {"", "", `{"lang":"de"}`, 422, say("error.malformed", nil)},
	} {
		if status, detail := post(test.path, test.token, test.body); status != test.status || detail != test.detail {
			t.Errorf("%s is answered %d %q, want %d %q", name, status, detail, test.status, test.detail)
		}
	}
}

func TestTheDemonstrationSignsInItsPeopleAndNobodyElse(t *testing.T) {
	site := testSite(t, testApp(t), true)
	signIn := func(body string) (int, []*http.Cookie) {
		t.Helper()
		answer, err := http.Post(site.URL+"/demo/sign-in", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode, answer.Cookies()
	}
	read := func(cookies []*http.Cookie) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, site.URL+"/kb/it/cisia-referenti", nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range cookies {
			r.AddCookie(c)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	if status := read(nil); status != http.StatusNotFound {
		t.Errorf("a stranger reads an article for employees: %d", status)
	}
	status, cookies := signIn(`{"email":"mario.rossi@giustizia.it"}`)
	if status != http.StatusOK || len(cookies) != 1 {
		t.Fatalf("signing in is answered %d with %d cookies", status, len(cookies))
	}
	if status := read(cookies); status != http.StatusOK {
		t.Errorf("an employee cannot read an article for employees: %d", status)
	}
	for body, want := range map[string]int{`{"email":"nobody@giustizia.it"}`: 404, `{"email":"x"}`: 422, `{`: 400} {
		if status, cookies := signIn(body); status != want || len(cookies) != 0 {
			t.Errorf("%s is answered %d with %d cookies", body, status, len(cookies))
		}
	}
}
