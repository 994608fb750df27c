package telegram

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sportello/bot"
)

// sending is a channel whose Telegram answers as answer does.
func sending(t *testing.T, answer http.HandlerFunc) *Channel {
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("123456789:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), 0o600); err != nil {
		t.Fatal(err)
	}
	return &Channel{Config: Config{TokenFile: file, Mode: Polling, APIURL: server.URL}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Key: []byte("key")}
}

func TestWhatTelegramRefusesIsToldApart(t *testing.T) {
	letter := bot.Outgoing{ID: "a/1", Channel: ChannelName, To: "42", Markdown: "testo"}
	for name, one := range map[string]struct {
		status int
		body   string
		is     error // nil: an attempt that counts
		not    []error
	}{
		"the chat blocked us":         {403, `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`, bot.ErrBlocked, []error{bot.ErrAway}},
		"there is no such chat":       {400, `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`, bot.ErrHopeless, []error{bot.ErrBlocked, bot.ErrAway}},
		"a page of a gateway":         {502, `<html>Bad Gateway</html>`, bot.ErrAway, []error{bot.ErrHopeless}},
		"a failure of theirs":         {500, `{"ok":false,"error_code":500,"description":"Internal Server Error"}`, bot.ErrAway, []error{bot.ErrHopeless}},
		"the token was revoked":       {401, `{"ok":false,"error_code":401,"description":"Unauthorized"}`, bot.ErrAway, []error{bot.ErrHopeless}},
		"nobody knows the token":      {404, `{"ok":false,"error_code":404,"description":"Not Found"}`, bot.ErrAway, []error{bot.ErrHopeless}},
		"an answer without any sense": {200, `<html>`, nil, []error{bot.ErrHopeless, bot.ErrAway}},
	} {
		c := sending(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(one.status)
			_, _ = io.WriteString(w, one.body)
		})
		_, err := c.Send(t.Context(), letter)
		if err == nil || one.is != nil && !errors.Is(err, one.is) || strings.Contains(err.Error(), "AAAAA") {
			t.Errorf("%s: the letter ends with %v", name, err)
		}
		for _, other := range one.not {
			if errors.Is(err, other) {
				t.Errorf("%s: the letter ends with %v", name, err)
			}
		}
	}
	c := sending(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(429)
		_, _ = io.WriteString(w, `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 42","parameters":{"retry_after":42}}`)
	})
	_, err := c.Send(t.Context(), letter)
	if wait, is := errors.AsType[bot.Postponed](err); !is || wait.After != 42*time.Second {
		t.Errorf("who is to wait hears %v", err)
	}
	c = sending(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if _, err := c.Send(t.Context(), letter); !errors.Is(err, bot.ErrAway) || strings.Contains(err.Error(), "AAAAA") || strings.Contains(err.Error(), "/bot") {
		t.Errorf("a connection that breaks ends with %v", err)
	}
	if _, err := c.Send(t.Context(), bot.Outgoing{To: "nobody"}); !errors.Is(err, bot.ErrHopeless) {
		t.Errorf("what is no chat ends with %v", err)
	}
}

func TestHTMLThatTelegramDoesNotTakeIsSentAsPlainText(t *testing.T) {
	var texts []string
	c := sending(t, func(w http.ResponseWriter, r *http.Request) {
		texts = append(texts, r.FormValue("parse_mode")+" "+r.FormValue("text"))
		if r.FormValue("parse_mode") != "" {
			w.WriteHeader(400)
			_, _ = io.WriteString(w, `{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: Unsupported start tag"}`)
			return
		}
		_, _ = io.WriteString(w, `{"ok":true,"result":{"message_id":7,"date":1,"chat":{"id":42,"type":"private"}}}`)
	})
	id, err := c.Send(t.Context(), bot.Outgoing{ID: "a/1", To: "42", Markdown: "**a** & [b](https://x.example/)"})
	if err != nil || id != "42/7" {
		t.Errorf("it ends with %q, %v", id, err)
	}
	if len(texts) != 2 || texts[1] != " a & b (https://x.example/)" {
		t.Errorf("Telegram got %q", texts)
	}
	texts = nil
	many := strings.Repeat("[b](https://x.example/a/rather/long/way) ", 150) + "fine"
	if _, err := c.Send(t.Context(), bot.Outgoing{ID: "a/2", To: "42", Markdown: many}); err != nil || len(texts) != 2 || !strings.HasSuffix(texts[1], "fine") {
		t.Errorf("with more addresses than fit it ends with %v, and Telegram got %q", err, texts)
	}
}

func TestASilentTelegramIsNotWaitedForForEver(t *testing.T) {
	held := make(chan struct{})
	c := sending(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-held:
		case <-r.Context().Done():
		}
	})
	defer close(held)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	begin := time.Now()
	if _, err := c.Send(ctx, bot.Outgoing{ID: "a/1", To: "42", Markdown: "x"}); err == nil || time.Since(begin) > 2*grace {
		t.Errorf("asked to stop, it ends after %s with %v", time.Since(begin), err)
	}
}

func TestOnlyAddressesThatAreReachedFromAnywhereAreButtons(t *testing.T) {
	for address, want := range map[string]bool{
		"https://t.me/x?start=c_1": true, "https://help.example.it/": true, "http://127.0.0.1:8080/": false, "http://localhost/": false,
		"https://10.0.0.1/": false, "ftp://a.example/": false, "javascript:alert(1)": false, "": false,
	} {
		if got := opens(address); got != want {
			t.Errorf("%q is a button: %v", address, got)
		}
	}
}

func TestLabelsFitOnButtons(t *testing.T) {
	c := &Channel{Key: []byte("key")}
	long := strings.Repeat("Una scelta dalla descrizione lunga 😀 ", 5)
	r := &bot.Reply{Choices: []bot.Choice{{Label: "Sì"}, {Label: "No"}, {Label: long}, {Label: "Fatto"}, {Label: " "}}}
	rows := c.keyboard("c1", 1<<40, r, nil).InlineKeyboard
	if len(rows) != 3 || len(rows[0]) != 2 || len(rows[1]) != 1 || len(rows[2]) != 2 {
		t.Errorf("the rows are %v", rows)
	}
	for _, row := range rows {
		for _, b := range row {
			if units(b.Text) > longestLabel || strings.TrimSpace(b.Text) == "" || len(b.CallbackData) > 64 {
				t.Errorf("a button is %+v", b)
			}
		}
	}
	if text := rows[1][0].Text; !strings.HasPrefix(long, strings.TrimSuffix(text, "…")) || !strings.HasSuffix(text, "…") {
		t.Errorf("the long label is cut to %q", text)
	}
}

func TestTheTokenDoesNotFollowATrailElsewhere(t *testing.T) {
	var reached []string
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { reached = append(reached, r.URL.Path, r.Referer()) }))
	defer elsewhere.Close()
	c := sending(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		http.Redirect(w, r, elsewhere.URL+"/", http.StatusFound)
	})
	if _, err := c.Send(t.Context(), bot.Outgoing{ID: "a/1", Channel: ChannelName, To: "42", Markdown: "testo"}); err == nil || strings.Contains(err.Error(), "AAAAA") {
		t.Errorf("the letter ends with %v", err)
	}
	if len(reached) > 0 {
		t.Errorf("another server hears %q", reached)
	}
}

func TestAsidesDoNotKeepUsLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a asides
		a.aside(func(ctx context.Context) { <-ctx.Done() })
		begun := time.Now()
		a.wait()
		if took := time.Since(begun); took > grace {
			t.Errorf("we are kept for %s", took)
		}
	})
}
