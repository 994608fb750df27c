package telegramtest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
	"github.com/google/go-cmp/cmp"

	"sportello/bot/telegram/telegramtest"
)

// answered is what the API says.
type answered struct {
	OK          bool
	Result      json.RawMessage
	ErrorCode   int `json:"error_code"`
	Description string
	Parameters  struct {
		RetryAfter int   `json:"retry_after"`
		MigrateTo  int64 `json:"migrate_to_chat_id"`
	}
	status int
}

// ask calls a method with a JSON body.
func ask(t *testing.T, d *telegramtest.Double, method string, in map[string]any) answered {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Post(d.URL+"/bot"+d.Token+"/"+method, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, answer)
}

func decode(t *testing.T, answer *http.Response) (a answered) {
	t.Helper()
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &a); err != nil {
		t.Fatalf("%s: %s", answer.Status, text)
	}
	a.status = answer.StatusCode
	return a
}

type arrived struct {
	ID      int64 `json:"update_id"`
	Message struct {
		Text string
		From struct{ ID int64 }
	}
	Callback *struct{ ID, Data string } `json:"callback_query"`
}

func updates(t *testing.T, a answered) (ids []int64, texts []string) {
	t.Helper()
	if !a.OK {
		t.Fatalf("no updates: %d %s", a.ErrorCode, a.Description)
	}
	var all []arrived
	if err := json.Unmarshal(a.Result, &all); err != nil {
		t.Fatal(err)
	}
	for _, u := range all {
		ids, texts = append(ids, u.ID), append(texts, u.Message.Text)
	}
	return ids, texts
}

// library is the client that Sportello uses, which sends multipart bodies.
func library(t *testing.T, d *telegramtest.Double) *telegram.Bot {
	t.Helper()
	b, err := telegram.New(d.Token, telegram.WithServerURL(d.URL), telegram.WithErrorsHandler(func(error) {}))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestBodiesAreReadInEveryEncoding(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	anna.Say("ciao")
	if a := ask(t, d, "sendMessage", map[string]any{"chat_id": 1, "text": "by JSON"}); !a.OK {
		t.Error(a.Description)
	}
	answer, err := http.PostForm(d.URL+"/bot"+d.Token+"/sendmessage", url.Values{"chat_id": {"1"}, "text": {"by form"}})
	if err != nil {
		t.Fatal(err)
	}
	if a := decode(t, answer); !a.OK {
		t.Error(a.Description)
	}
	if answer, err = http.Get(d.URL + "/bot" + d.Token + "/sendMessage?chat_id=1&text=by+address"); err != nil {
		t.Fatal(err)
	}
	if a := decode(t, answer); !a.OK {
		t.Error(a.Description)
	}
	if _, err := library(t, d).SendMessage(t.Context(), &telegram.SendMessageParams{ChatID: 1, Text: "by parts"}); err != nil {
		t.Error(err)
	}
	var said []string
	for _, m := range anna.Chat.FromBot() {
		said = append(said, m.Text)
	}
	if diff := cmp.Diff([]string{"by JSON", "by form", "by address", "by parts"}, said); diff != "" {
		t.Error(diff)
	}
}

func TestTokensOpenUntilTheyAreRevoked(t *testing.T) {
	d := telegramtest.Start(t)
	if a := ask(t, d, "getMe", nil); !a.OK || !strings.Contains(string(a.Result), d.Username) {
		t.Errorf("getMe: %s", a.Result)
	}
	old := d.Token
	d.Revoke()
	if a := ask(t, d, "getMe", nil); a.ErrorCode != 401 || a.status != 401 || a.Description != "Unauthorized" {
		t.Errorf("a revoked token is answered %d %s", a.ErrorCode, a.Description)
	}
	if _, err := telegram.New(old, telegram.WithServerURL(d.URL)); !errors.Is(err, telegram.ErrorUnauthorized) {
		t.Errorf("the library says %v", err)
	}
	if a := ask(t, telegramtest.Start(t), "sendNothing", nil); a.ErrorCode != 404 {
		t.Errorf("an unknown method is answered %d", a.ErrorCode)
	}
}

func TestAPollConfirmsWhatIsBeforeItsOffset(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	for _, text := range []string{"a", "b", "c", "d"} {
		anna.Say(text)
	}
	ids, texts := updates(t, ask(t, d, "getUpdates", map[string]any{"limit": 3}))
	if !slices.Equal(texts, []string{"a", "b", "c"}) {
		t.Fatalf("the first poll got %q", texts)
	}
	if _, texts = updates(t, ask(t, d, "getUpdates", nil)); len(texts) != 4 {
		t.Errorf("without an offset nothing is confirmed, but the next poll got %q", texts)
	}
	if _, texts = updates(t, ask(t, d, "getUpdates", map[string]any{"offset": ids[1] + 1})); !slices.Equal(texts, []string{"c", "d"}) {
		t.Errorf("after the offset came %q", texts)
	}
	if _, texts = updates(t, ask(t, d, "getUpdates", map[string]any{"offset": ids[0]})); !slices.Equal(texts, []string{"c", "d"}) {
		t.Errorf("what was confirmed came again: %q", texts)
	}
	if _, texts = updates(t, ask(t, d, "getUpdates", map[string]any{"offset": -1})); !slices.Equal(texts, []string{"d"}) {
		t.Errorf("the last one is %q", texts)
	}
	if _, texts = updates(t, ask(t, d, "getUpdates", nil)); !slices.Equal(texts, []string{"d"}) {
		t.Errorf("a negative offset forgets what is before it, but there is %q", texts)
	}
}

func TestALongPollEndsWhenSomethingComes(t *testing.T) {
	d := telegramtest.Start(t)
	got := make(chan []string, 1)
	go func() {
		_, texts := updates(t, ask(t, d, "getUpdates", map[string]any{"timeout": 30}))
		got <- texts
	}()
	if err := d.Until(soon(t), d.Polled); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	d.User(1, "it").Say("eccomi")
	if texts := <-got; !slices.Equal(texts, []string{"eccomi"}) {
		t.Errorf("the poll got %q", texts)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	began = time.Now()
	ids, _ := updates(t, ask(t, d, "getUpdates", nil))
	if _, texts := updates(t, ask(t, d, "getUpdates", map[string]any{"timeout": 1, "offset": ids[0] + 1})); len(texts) != 0 || time.Since(began) < time.Second {
		t.Errorf("a poll for nothing got %q after %s", texts, time.Since(began))
	}
}

func TestTheEarlierOfTwoPollsIsToldOfTheConflict(t *testing.T) {
	d := telegramtest.Start(t)
	got := make(chan answered, 1)
	go func() { got <- ask(t, d, "getUpdates", map[string]any{"timeout": 30}) }()
	if err := d.Until(soon(t), d.Polled); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, d, "getUpdates", nil); !a.OK {
		t.Errorf("the later poll: %s", a.Description)
	}
	if a := <-got; a.ErrorCode != 409 || !strings.Contains(a.Description, "terminated by other getUpdates request") {
		t.Errorf("the earlier poll: %d %s", a.ErrorCode, a.Description)
	}
	if a := ask(t, d, "setWebhook", map[string]any{"url": "http://127.0.0.1:9/hook"}); !a.OK {
		t.Fatal(a.Description)
	}
	if a := ask(t, d, "getUpdates", nil); a.ErrorCode != 409 || !strings.Contains(a.Description, "webhook is active") {
		t.Errorf("beside a webhook: %d %s", a.ErrorCode, a.Description)
	}
	if a := ask(t, d, "deleteWebhook", nil); !a.OK {
		t.Fatal(a.Description)
	}
	if a := ask(t, d, "getUpdates", nil); !a.OK {
		t.Errorf("after the webhook: %s", a.Description)
	}
}

// hook takes updates as a bot does.
type hook struct {
	mu      sync.Mutex
	refuse  int // so many first
	secrets []string
	texts   []string
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.refuse > 0 {
		h.refuse--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var u arrived
	_ = json.NewDecoder(r.Body).Decode(&u)
	h.secrets, h.texts = append(h.secrets, r.Header.Get("X-Telegram-Bot-Api-Secret-Token")), append(h.texts, u.Message.Text)
}

func TestAWebhookGetsEachUpdateInOrderUntilItTookIt(t *testing.T) {
	d := telegramtest.Start(t)
	h := &hook{refuse: 3}
	server := serve(t, h)
	anna := d.User(1, "it")
	anna.Say("a")
	if a := ask(t, d, "setWebhook", map[string]any{"url": server + "/hook", "secret_token": "s3cret_-"}); !a.OK {
		t.Fatal(a.Description)
	}
	anna.Say("b")
	anna.Say("c")
	if err := d.Settled(soon(t)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(h.texts, []string{"a", "b", "c"}) || slices.ContainsFunc(h.secrets, func(s string) bool { return s != "s3cret_-" }) {
		t.Errorf("the webhook got %q with %q", h.texts, h.secrets)
	}
	var info struct {
		URL       string
		Pending   int    `json:"pending_update_count"`
		LastError string `json:"last_error_message"`
	}
	if err := json.Unmarshal(ask(t, d, "getWebhookInfo", nil).Result, &info); err != nil || info.URL != server+"/hook" || info.Pending != 0 || !strings.Contains(info.LastError, "503") {
		t.Errorf("the webhook is told to be %+v (%v)", info, err)
	}
	for address, why := range map[string]string{"http://example.org/hook": "HTTPS", "nowhere": "invalid webhook URL"} {
		if a := ask(t, d, "setWebhook", map[string]any{"url": address}); a.ErrorCode != 400 || !strings.Contains(a.Description, why) {
			t.Errorf("%s: %d %s", address, a.ErrorCode, a.Description)
		}
	}
	if a := ask(t, d, "setWebhook", map[string]any{"url": server, "secret_token": "a b"}); a.ErrorCode != 400 {
		t.Errorf("a secret with a space is answered %d", a.ErrorCode)
	}
}

func TestABotHearsOnlyTheKindsItAskedFor(t *testing.T) {
	d := telegramtest.Start(t)
	ask(t, d, "getUpdates", map[string]any{"allowed_updates": []string{"callback_query"}})
	d.User(1, "it").Say("ciao")
	if n := d.Waiting(); n != 0 {
		t.Errorf("%d updates wait", n)
	}
	ask(t, d, "getUpdates", map[string]any{"allowed_updates": []string{}})
	d.User(1, "it").Say("ciao")
	if n := d.Waiting(); n != 1 {
		t.Errorf("%d updates wait", n)
	}
}

func TestMessagesAreRefusedAsTelegramDoes(t *testing.T) {
	d := telegramtest.Start(t)
	d.User(1, "it").Say("ciao")
	d.User(2, "it") // never wrote
	blocked := d.User(3, "it")
	blocked.Say("ciao")
	blocked.Block()
	group := d.Group(-5, "Ufficio", d.User(1, "it"))
	group.Upgrade(-1005)
	out := d.Group(-6, "Altro", d.User(1, "it"))
	out.Remove()
	button := func(fields map[string]any) map[string]any {
		return map[string]any{"chat_id": 1, "text": "x", "reply_markup": map[string]any{"inline_keyboard": []any{[]any{fields}}}}
	}
	many := make([]any, 101)
	for i := range many {
		many[i] = []any{map[string]any{"text": "x", "callback_data": "x"}}
	}
	for name, test := range map[string]struct {
		in   map[string]any
		code int
		why  string
	}{
		"no chat":                 {map[string]any{"text": "x"}, 400, "chat_id is empty"},
		"an unknown chat":         {map[string]any{"chat_id": 99, "text": "x"}, 400, "chat not found"},
		"somebody who never came": {map[string]any{"chat_id": 2, "text": "x"}, 403, "can't initiate conversation"},
		"somebody who blocked us": {map[string]any{"chat_id": 3, "text": "x"}, 403, "bot was blocked by the user"},
		"a group that moved":      {map[string]any{"chat_id": -5, "text": "x"}, 400, "upgraded to a supergroup"},
		"a group without us":      {map[string]any{"chat_id": -6, "text": "x"}, 403, "bot was kicked"},
		"no text":                 {map[string]any{"chat_id": 1, "text": " \n\u200b"}, 400, "message text is empty"},
		"too long":                {map[string]any{"chat_id": 1, "text": strings.Repeat("x", 4097)}, 400, "message is too long"},
		"too long in UTF-16":      {map[string]any{"chat_id": 1, "text": strings.Repeat("😀", 2049)}, 400, "message is too long"},
		"an unknown element":      {map[string]any{"chat_id": 1, "text": "<p>x</p>", "parse_mode": "HTML"}, 400, "can't parse entities: Unsupported start tag \"p\""},
		"an open element":         {map[string]any{"chat_id": 1, "text": "<b>x", "parse_mode": "HTML"}, 400, "can't parse entities: Can't find end tag"},
		"crossed elements":        {map[string]any{"chat_id": 1, "text": "<b><i>x</b></i>", "parse_mode": "HTML"}, 400, "can't parse entities: Unmatched end tag"},
		"an end too many":         {map[string]any{"chat_id": 1, "text": "x</b>", "parse_mode": "HTML"}, 400, "can't parse entities: Unexpected end tag"},
		"a bare less-than sign":   {map[string]any{"chat_id": 1, "text": "a < b", "parse_mode": "HTML"}, 400, "can't parse entities: Unsupported start tag"},
		"long button data":        {button(map[string]any{"text": "x", "callback_data": strings.Repeat("x", 65)}), 400, "BUTTON_DATA_INVALID"},
		"no button data":          {button(map[string]any{"text": "x"}), 400, "Text buttons are unallowed"},
		"no button text":          {button(map[string]any{"callback_data": "x"}), 400, "Field \"text\""},
		"a button to nowhere":     {button(map[string]any{"text": "x", "url": "http://localhost/"}), 400, "Wrong HTTP URL"},
		"too many buttons":        {map[string]any{"chat_id": 1, "text": "x", "reply_markup": map[string]any{"inline_keyboard": many}}, 400, "reply markup is too long"},
		"no message to reply to":  {map[string]any{"chat_id": 1, "text": "x", "reply_parameters": map[string]any{"message_id": 77}}, 400, "message to be replied not found"},
	} {
		a := ask(t, d, "sendMessage", test.in)
		if a.OK || a.ErrorCode != test.code || a.status != test.code || !strings.Contains(a.Description, test.why) {
			t.Errorf("%s is answered %d %q", name, a.ErrorCode, a.Description)
		}
		if name == "a group that moved" && a.Parameters.MigrateTo != -1005 {
			t.Errorf("the new number is told as %d", a.Parameters.MigrateTo)
		}
	}
	if n := len(d.User(1, "it").Chat.FromBot()); n != 0 {
		t.Errorf("%d refused messages were shown", n)
	}
	for name, text := range map[string]string{"as long as may be": strings.Repeat("😀", 2048), "long before parsing only": strings.Repeat("<b>&lt;</b>", 100) + strings.Repeat("x", 3996)} {
		if a := ask(t, d, "sendMessage", map[string]any{"chat_id": 1, "text": text, "parse_mode": "HTML"}); !a.OK {
			t.Errorf("%s: %s", name, a.Description)
		}
	}
}

func TestHTMLBecomesTextAndEntities(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	anna.Say("ciao")
	for html, want := range map[string]telegramtest.Message{
		`a &lt;b&gt; &amp; &#8364; &nbsp;`:                  {Text: "a <b> & € &nbsp;"},
		`  😀<b>x<i>y</i></b> `:                              {Text: "😀xy", Entities: []telegramtest.Entity{{Type: "bold", Offset: 2, Length: 2}, {Type: "italic", Offset: 3, Length: 1}}},
		`<a href="https://a.it/?x=1&amp;y=2">qui</a>`:       {Text: "qui", Entities: []telegramtest.Entity{{Type: "text_link", Length: 3, URL: "https://a.it/?x=1&y=2"}}},
		`<a href="javascript:x">qui</a>`:                    {Text: "qui"},
		`<pre><code class="language-sh">ls</code></pre>`:    {Text: "ls", Entities: []telegramtest.Entity{{Type: "pre", Length: 2, Language: "sh"}}},
		`<blockquote expandable>detto</blockquote>`:         {Text: "detto", Entities: []telegramtest.Entity{{Type: "blockquote", Length: 5}}},
		`scriva a @qualcuno o /aiuto o https://a.it/b.`:     {Text: "scriva a @qualcuno o /aiuto o https://a.it/b.", Entities: []telegramtest.Entity{{Type: "mention", Offset: 9, Length: 9}, {Type: "bot_command", Offset: 21, Length: 6}, {Type: "url", Offset: 30, Length: 14}}},
		`<b></b>niente <code>@nessuno</code> a@b.it`:        {Text: "niente @nessuno a@b.it", Entities: []telegramtest.Entity{{Type: "code", Offset: 7, Length: 8}, {Type: "email", Offset: 16, Length: 6}}},
		`<span class="tg-spoiler">x</span><s>y</s><u>z</u>`: {Text: "xyz", Entities: []telegramtest.Entity{{Type: "spoiler", Length: 1}, {Type: "strikethrough", Offset: 1, Length: 1}, {Type: "underline", Offset: 2, Length: 1}}},
	} {
		if a := ask(t, d, "sendMessage", map[string]any{"chat_id": 1, "text": html, "parse_mode": "HTML"}); !a.OK {
			t.Errorf("%s: %s", html, a.Description)
			continue
		}
		seen := anna.Chat.FromBot()
		got := seen[len(seen)-1]
		if diff := cmp.Diff(want, telegramtest.Message{Text: got.Text, Entities: got.Entities}); diff != "" {
			t.Errorf("%s: %s", html, diff)
		}
	}
}

func TestMessagesAreEditedAndDeletedAsPeopleSeeIt(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	hers := anna.Say("ciao")
	b, ctx := library(t, d), soon(t)
	keyboard := func(label string) *models.InlineKeyboardMarkup {
		return &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{{{Text: label, CallbackData: "1"}}}}
	}
	m, err := b.SendMessage(ctx, &telegram.SendMessageParams{ChatID: 1, Text: "scelga", ReplyMarkup: keyboard("Uno")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.EditMessageText(ctx, &telegram.EditMessageTextParams{ChatID: 1, MessageID: m.ID, Text: "scelto", ReplyMarkup: keyboard("Due")}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.EditMessageText(ctx, &telegram.EditMessageTextParams{ChatID: 1, MessageID: m.ID, Text: "scelto", ReplyMarkup: keyboard("Due")}); err == nil || !strings.Contains(err.Error(), "message is not modified") {
		t.Errorf("the same again is answered %v", err)
	}
	if _, err := b.EditMessageReplyMarkup(ctx, &telegram.EditMessageReplyMarkupParams{ChatID: 1, MessageID: m.ID}); err != nil {
		t.Error(err)
	}
	seen := anna.Chat.FromBot()[0]
	if seen.Text != "scelto" || !slices.Equal(seen.Before, []string{"scelga"}) || len(seen.Keyboard) != 0 {
		t.Errorf("people see %+v", seen)
	}
	if _, err := b.EditMessageText(ctx, &telegram.EditMessageTextParams{ChatID: 1, MessageID: int(hers.ID), Text: "x"}); err == nil || !strings.Contains(err.Error(), "can't be edited") {
		t.Errorf("editing a person's message is answered %v", err)
	}
	if _, err := b.DeleteMessage(ctx, &telegram.DeleteMessageParams{ChatID: 1, MessageID: int(hers.ID)}); err != nil {
		t.Error(err)
	}
	if _, err := b.DeleteMessage(ctx, &telegram.DeleteMessageParams{ChatID: 1, MessageID: int(hers.ID)}); err == nil || !strings.Contains(err.Error(), "message to delete not found") {
		t.Errorf("deleting it again is answered %v", err)
	}
	if n := len(anna.Chat.Messages()); n != 1 {
		t.Errorf("people see %d messages", n)
	}
	if all := anna.Chat.History(); len(all) != 2 || !all[0].Deleted {
		t.Errorf("there were %v", all)
	}
}

func TestTapsAreAnsweredWhileTheyAreFresh(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	anna.Say("ciao")
	ask(t, d, "sendMessage", map[string]any{"chat_id": 1, "text": "x", "reply_markup": map[string]any{"inline_keyboard": []any{[]any{map[string]any{"text": "Sì", "callback_data": "7.yes"}}}}})
	if err := anna.Tap("No"); err == nil {
		t.Error("a button that nobody shows was pressed")
	}
	tap := func() string {
		t.Helper()
		if err := anna.Tap("Sì"); err != nil {
			t.Fatal(err)
		}
		var all []arrived
		if err := json.Unmarshal(ask(t, d, "getUpdates", nil).Result, &all); err != nil {
			t.Fatal(err)
		}
		last := all[len(all)-1].Callback
		if last == nil || last.Data != "7.yes" {
			t.Fatalf("the bot was told %+v", all)
		}
		return last.ID
	}
	if a := ask(t, d, "answerCallbackQuery", map[string]any{"callback_query_id": tap(), "text": "fatto"}); !a.OK {
		t.Error(a.Description)
	}
	late := tap()
	d.ExpireTaps()
	if a := ask(t, d, "answerCallbackQuery", map[string]any{"callback_query_id": late}); a.ErrorCode != 400 || !strings.Contains(a.Description, "query is too old") {
		t.Errorf("too late an answer is answered %d %s", a.ErrorCode, a.Description)
	}
	if acts := d.Acts(); len(acts) != 1 || acts[0].Text != "fatto" {
		t.Errorf("people were shown %+v", acts)
	}
}

func TestFilesGoBothWays(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	anna.SendDocument("note.txt", "text/plain", []byte("a note"), "ecco")
	b, ctx := library(t, d), soon(t)
	var got []struct {
		Message struct {
			Caption  string
			Document struct {
				FileID string `json:"file_id"`
			}
		}
	}
	if err := json.Unmarshal(ask(t, d, "getUpdates", nil).Result, &got); err != nil || got[0].Message.Caption != "ecco" {
		t.Fatalf("%+v %v", got, err)
	}
	file, err := b.GetFile(ctx, &telegram.GetFileParams{FileID: got[0].Message.Document.FileID})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.Get(b.FileDownloadLink(file))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	answer.Body.Close()
	if err != nil || string(text) != "a note" {
		t.Errorf("the file is %q (%v)", text, err)
	}
	picture := &bytes.Buffer{}
	if err := png.Encode(picture, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		t.Fatal(err)
	}
	upload := func(name string, data []byte) *models.InputFileUpload {
		return &models.InputFileUpload{Filename: name, Data: bytes.NewReader(data)}
	}
	if _, err := b.SendDocument(ctx, &telegram.SendDocumentParams{ChatID: 1, Document: upload("a.txt", []byte("x")), Caption: "<b>ecco</b>", ParseMode: models.ParseModeHTML}); err != nil {
		t.Error(err)
	}
	if _, err := b.SendPhoto(ctx, &telegram.SendPhotoParams{ChatID: 1, Photo: upload("a.png", picture.Bytes())}); err != nil {
		t.Error(err)
	}
	if _, err := b.SendPhoto(ctx, &telegram.SendPhotoParams{ChatID: 1, Photo: upload("a.png", []byte("none"))}); err == nil || !strings.Contains(err.Error(), "IMAGE_PROCESS_FAILED") {
		t.Errorf("what is no picture is answered %v", err)
	}
	if _, err := b.SendDocument(ctx, &telegram.SendDocumentParams{ChatID: 1, Document: upload("a.txt", nil)}); err == nil || !strings.Contains(err.Error(), "file must be non-empty") {
		t.Errorf("an empty file is answered %v", err)
	}
	if _, err := b.SendDocument(ctx, &telegram.SendDocumentParams{ChatID: 1, Document: upload("a.txt", []byte("x")), Caption: strings.Repeat("x", 1025)}); err == nil || !strings.Contains(err.Error(), "caption is too long") {
		t.Errorf("a long caption is answered %v", err)
	}
	album := []models.InputMedia{
		&models.InputMediaPhoto{Media: "attach://one.png", MediaAttachment: bytes.NewReader(picture.Bytes()), Caption: "due"},
		&models.InputMediaPhoto{Media: "attach://two.png", MediaAttachment: bytes.NewReader(picture.Bytes())},
	}
	if sent, err := b.SendMediaGroup(ctx, &telegram.SendMediaGroupParams{ChatID: 1, Media: album}); err != nil || len(sent) != 2 {
		t.Errorf("the album: %v, %v", sent, err)
	}
	var seen []string
	for _, m := range anna.Chat.FromBot() {
		seen = append(seen, m.String())
	}
	if diff := cmp.Diff([]string{"bot: ecco [document a.txt]", "bot:  [photo a.png]", "bot: due [photo one.png]", "bot:  [photo two.png]"}, seen); diff != "" {
		t.Error(diff)
	}
	anna.SendVoice(make([]byte, 21<<20))
	d.LoseFiles()
	if _, err := b.GetFile(ctx, &telegram.GetFileParams{FileID: got[0].Message.Document.FileID}); err == nil {
		t.Error("a file that is gone was given")
	}
}

func TestGroupsTellTheBotOnlyWhatIsMeantForIt(t *testing.T) {
	d := telegramtest.Start(t)
	group := d.Group(-5, "Ufficio", d.User(1, "it"))
	anna := d.User(1, "it").In(group)
	ask(t, d, "sendMessage", map[string]any{"chat_id": -5, "text": "buongiorno"})
	anna.Say("parliamo tra noi")
	anna.Say("/aiuto@AltroBot")
	anna.Say("/aiuto")
	anna.Say("@" + strings.ToLower(d.Username) + " la stampante?")
	anna.Reply(group.FromBot()[0].ID, "grazie")
	_, texts := updates(t, ask(t, d, "getUpdates", nil))
	if diff := cmp.Diff([]string{"", "/aiuto", "@sportellobot la stampante?", "grazie"}, texts); diff != "" {
		t.Error(diff)
	}
	d.SetPrivacy(false)
	anna.Say("tutti")
	if _, texts = updates(t, ask(t, d, "getUpdates", nil)); texts[len(texts)-1] != "tutti" {
		t.Errorf("without privacy the bot hears %q", texts)
	}
	larger := group.Upgrade(-1005)
	if a := ask(t, d, "sendMessage", map[string]any{"chat_id": -1005, "text": "eccoci"}); !a.OK || len(larger.FromBot()) != 1 {
		t.Errorf("in the larger group: %s", a.Description)
	}
}

func TestCommandsAreKeptByLanguage(t *testing.T) {
	d := telegramtest.Start(t)
	b, ctx := library(t, d), soon(t)
	for lang, description := range map[string]string{"": "Help", "it": "Aiuto"} {
		if _, err := b.SetMyCommands(ctx, &telegram.SetMyCommandsParams{LanguageCode: lang, Commands: []models.BotCommand{{Command: "aiuto", Description: description}}}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := b.GetMyCommands(ctx, &telegram.GetMyCommandsParams{LanguageCode: "it"}); err != nil || len(got) != 1 || got[0].Description != "Aiuto" {
		t.Errorf("in Italian there are %v (%v)", got, err)
	}
	for name, in := range map[string]map[string]any{
		"a capital letter": {"commands": []any{map[string]any{"command": "Aiuto", "description": "x"}}},
		"no description":   {"commands": []any{map[string]any{"command": "aiuto", "description": ""}}},
		"a long language":  {"commands": []any{}, "language_code": "ita"},
	} {
		if a := ask(t, d, "setMyCommands", in); a.ErrorCode != 400 {
			t.Errorf("%s is answered %d", name, a.ErrorCode)
		}
	}
	if a := ask(t, d, "setMyDescription", map[string]any{"description": strings.Repeat("x", 513)}); a.ErrorCode != 400 {
		t.Errorf("a long description is answered %d", a.ErrorCode)
	}
	if a := ask(t, d, "setMyShortDescription", map[string]any{"short_description": "Sportello", "language_code": "it"}); !a.OK {
		t.Error(a.Description)
	}
	if a := ask(t, d, "getMyShortDescription", map[string]any{"language_code": "it"}); !strings.Contains(string(a.Result), "Sportello") {
		t.Errorf("the description is %s", a.Result)
	}
}

func TestFaultsHappenFromASeedAndAreCounted(t *testing.T) {
	play := func(seed uint64) (map[telegramtest.Fault]int, []string, int, int) {
		d := telegramtest.Start(t)
		anna := d.User(1, "it")
		anna.Say("ciao")
		d.Inject(telegramtest.Faults{Seed: seed, Rate: 0.5, Latency: time.Millisecond, RetryAfter: 7})
		var outcomes []string
		heard := 0
		for i := range 60 {
			answer, err := http.PostForm(d.URL+"/bot"+d.Token+"/sendMessage", url.Values{"chat_id": {"1"}, "text": {fmt.Sprint(i)}})
			if err != nil {
				outcomes = append(outcomes, "cut")
				continue
			}
			text, _ := io.ReadAll(answer.Body)
			answer.Body.Close()
			outcomes = append(outcomes, answer.Status)
			switch answer.StatusCode {
			case http.StatusOK:
				heard++
			case http.StatusTooManyRequests:
				if !strings.Contains(string(text), `"retry_after":7`) {
					t.Errorf("429 says %s", text)
				}
			case http.StatusBadGateway:
				if !strings.HasPrefix(string(text), "<html>") {
					t.Errorf("502 says %s", text)
				}
			}
		}
		return d.Injected(), outcomes, len(anna.Chat.FromBot()) - heard, d.Lost()
	}
	counts, outcomes, unheard, lost := play(3)
	again, same, _, _ := play(3)
	if !slices.Equal(outcomes, same) || cmp.Diff(counts, again) != "" {
		t.Errorf("the same seed gave %v and %v", counts, again)
	}
	for _, f := range []telegramtest.Fault{telegramtest.Slow, telegramtest.TooMany, telegramtest.ServerError, telegramtest.BadGateway, telegramtest.Dropped, telegramtest.AnswerLost} {
		if counts[f] == 0 {
			t.Errorf("%s never happened: %v", f, counts)
		}
	}
	if lost == 0 || lost != unheard || lost != counts[telegramtest.AnswerLost] {
		t.Errorf("%d messages were taken without an answer, %d counted", unheard, lost)
	}
}

func TestUpdatesComeTwiceAndInDisorder(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	d.Inject(telegramtest.Faults{Seed: 5, Rate: 0.9, Only: []telegramtest.Fault{telegramtest.Duplicated, telegramtest.OutOfOrder}})
	var got []string
	var offset int64
	for i := range 20 {
		anna.Say(fmt.Sprint(2 * i))
		anna.Say(fmt.Sprint(2*i + 1))
		ids, texts := updates(t, ask(t, d, "getUpdates", map[string]any{"offset": offset}))
		got = append(got, texts...)
		offset = slices.Max(append(ids, offset-1)) + 1
	}
	counts := d.Injected()
	unique := slices.Compact(slices.Sorted(slices.Values(got)))
	if len(unique) != 40 || len(got) <= 40 || counts[telegramtest.Duplicated] == 0 || counts[telegramtest.OutOfOrder] == 0 || slices.IsSorted(got) {
		t.Errorf("of 40 messages came %d, %d different, with %v", len(got), len(unique), counts)
	}

	d = telegramtest.Start(t)
	h := &hook{}
	ask(t, d, "setWebhook", map[string]any{"url": serve(t, h)})
	d.Inject(telegramtest.Faults{Seed: 5, Rate: 0.6, Only: []telegramtest.Fault{telegramtest.Duplicated, telegramtest.OutOfOrder, telegramtest.HookUnheard}})
	for i := range 40 {
		d.User(1, "it").Say(fmt.Sprint(i))
	}
	if err := d.Settled(soon(t)); err != nil {
		t.Fatal(err)
	}
	counts = d.Injected()
	unique = slices.Compact(slices.Sorted(slices.Values(h.texts)))
	if len(unique) != 40 || len(h.texts) < 40+counts[telegramtest.Duplicated]+counts[telegramtest.HookUnheard] || len(counts) != 3 {
		t.Errorf("by webhook came %d, %d different, with %v", len(h.texts), len(unique), counts)
	}
}

func TestTheServerGoesAwayAndComesBack(t *testing.T) {
	d := telegramtest.Start(t)
	d.User(1, "it").Say("ciao")
	d.Leave()
	if _, err := http.Get(d.URL + "/bot" + d.Token + "/getMe"); err == nil {
		t.Error("a server that is away answered")
	}
	d.Return(t)
	if a := ask(t, d, "sendMessage", map[string]any{"chat_id": 1, "text": "eccomi"}); !a.OK {
		t.Error(a.Description)
	}
}

func TestBlockingAndComingBackAreTold(t *testing.T) {
	d := telegramtest.Start(t)
	anna := d.User(1, "it")
	anna.Say("ciao")
	anna.Block()
	anna.Unblock()
	answer := ask(t, d, "getUpdates", nil)
	var got []struct {
		Member *struct {
			New struct{ Status string } `json:"new_chat_member"`
		} `json:"my_chat_member"`
	}
	if err := json.Unmarshal(answer.Result, &got); err != nil || len(got) != 3 || got[1].Member.New.Status != "kicked" || got[2].Member.New.Status != "member" {
		t.Errorf("the bot was told %s", answer.Result)
	}
	if a := ask(t, d, "sendMessage", map[string]any{"chat_id": 1, "text": "bentornata"}); !a.OK {
		t.Error(a.Description)
	}
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}
