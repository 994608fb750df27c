package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/bot/widget"
	"sportello/internal/fault"

	"github.com/google/go-cmp/cmp"
)

// caller talks to the conversation API as any program would.
type caller struct {
	testing.TB
	url, id, token string
}

// call starts a conversation.
func call(t testing.TB, url, lang string) caller {
	t.Helper()
	c := caller{TB: t, url: url + "/api/v1/conversations"}
	status, _, body := c.do(http.MethodPost, "", `{"lang":"`+lang+`"}`)
	var started struct{ ID, Token string }
	if err := json.Unmarshal([]byte(body), &started); err != nil || status != http.StatusCreated {
		t.Fatalf("a start is answered %d %s (%v)", status, body, err)
	}
	c.id, c.token = "/"+started.ID, started.Token
	return c
}

func (c caller) request(ctx context.Context, method, path string, body io.Reader, headers ...string) *http.Response {
	c.Helper()
	r, err := http.NewRequestWithContext(ctx, method, c.url+path, body)
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	return answer
}

func (c caller) do(method, path, body string, headers ...string) (status int, header http.Header, text string) {
	c.Helper()
	answer := c.request(c.Context(), method, path, strings.NewReader(body), headers...)
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil {
		c.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(all)
}

// wantProblem fails the test unless the answer is this problem, told in words.
func wantProblem(t testing.TB, status int, body string, want int, detail string) {
	t.Helper()
	var problem struct{ Detail string }
	if err := json.Unmarshal([]byte(body), &problem); err != nil || status != want || problem.Detail != detail {
		t.Errorf("the answer is %d %s (%v), want %d %q", status, body, err, want, detail)
	}
}

// listed are the seqs of all messages, as the list gives them.
func (c caller) listed() (seqs []int64) {
	c.Helper()
	_, _, body := c.do(http.MethodGet, c.id+"/events", "", "Accept", "application/json")
	var all []widget.Message
	if err := json.Unmarshal([]byte(body), &all); err != nil {
		c.Fatal(err)
	}
	for _, m := range all {
		seqs = append(seqs, m.Seq)
	}
	return seqs
}

// stream is an open stream of events.
type stream struct {
	lines *bufio.Scanner
	close func() error
}

func (c caller) follow(ctx context.Context, last int64) stream {
	c.Helper()
	answer := c.request(ctx, http.MethodGet, c.id+"/events", nil, "Last-Event-ID", strconv.FormatInt(last, 10))
	if answer.StatusCode != http.StatusOK {
		c.Fatalf("the stream is answered %s", answer.Status)
	}
	return stream{bufio.NewScanner(answer.Body), answer.Body.Close}
}

// next returns the seq of the next message; ok is false if the stream ended.
func (s stream) next() (seq int64, ok bool) {
	for s.lines.Scan() {
		if id, is := strings.CutPrefix(s.lines.Text(), "id: "); is {
			seq, err := strconv.ParseInt(id, 10, 64)
			return seq, err == nil
		}
	}
	return 0, false
}

func TestAStreamThatBreaksResumesWithExactlyWhatCameSince(t *testing.T) {
	a := testApp(t)
	c := call(t, testSite(t, a, false).URL, "it")
	written := make(chan bool)
	var writing sync.WaitGroup
	defer writing.Wait()
	writing.Go(func() {
		for i := range 41 {
			if i == 40 { // who has heard all before they knew it hears once more
				close(written)
			}
			if status, _, body := c.do(http.MethodPost, c.id+"/messages", fmt.Sprintf(`{"client_id":"%d","text":"buongiorno"}`, i)); status != http.StatusAccepted {
				t.Errorf("message %d is answered %d %s", i, status, body)
			}
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got, want []int64
	last := int64(0)
	for turn := 0; want == nil || last < want[len(want)-1]; turn++ {
		s := c.follow(ctx, last)
		for range 1 + turn%5 {
			seq, ok := s.next()
			if !ok {
				t.Fatalf("the stream ended after %d: %v", last, s.lines.Err())
			}
			got, last = append(got, seq), seq
			if want != nil && last == want[len(want)-1] {
				break
			}
			select {
			case <-written:
				if unread, err := a.talks.Unread(t.Context(), widget.Channel); err != nil || len(unread) > 0 {
					continue
				}
				want = c.listed()
			default:
			}
			if want != nil && last == want[len(want)-1] {
				break
			}
		}
		s.close()
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 81 {
		t.Errorf("%d messages; by stream (-list +stream):\n%s", len(want), diff)
	}
}

func TestAStreamOutlivesTheLimitsOfTheServer(t *testing.T) {
	a := testApp(t)
	a.config.Widget = widget.DefaultConfig()
	s, err := a.site(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(s.handler)
	server.Config.ReadTimeout, server.Config.WriteTimeout = 300*time.Millisecond, 300*time.Millisecond
	server.Start()
	patient := httptest.NewServer(s.handler) // for what is no stream: a slow disk takes longer than the limits
	t.Cleanup(func() {
		for _, one := range []*httptest.Server{server, patient} {
			one.CloseClientConnections()
			one.Close()
		}
		s.stop()
	})
	c := call(t, patient.URL, "it")
	limited := c
	limited.url = strings.Replace(c.url, patient.URL, server.URL, 1)
	follow := limited.follow(t.Context(), 0)
	defer follow.close()
	follow.next() // the greeting
	time.Sleep(time.Second)
	c.do(http.MethodPost, c.id+"/messages", `{"client_id":"1","text":"buongiorno"}`)
	if seq, ok := follow.next(); !ok || seq != 2 {
		t.Errorf("after the limits the stream gives %d, %v: %v", seq, ok, follow.lines.Err())
	}
}

func TestStoppingTheServiceEndsStreams(t *testing.T) {
	a := testApp(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stopped := make(chan error)
	go func() { stopped <- a.serve(ctx, listener, false) }()
	c := call(t, "http://"+listener.Addr().String(), "it")
	s := c.follow(t.Context(), 0)
	defer s.close()
	s.next()
	stop()
	if _, more := s.next(); more || s.lines.Err() != nil {
		t.Errorf("the stream goes on, or breaks off: %v", s.lines.Err())
	}
	select {
	case err := <-stopped:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * shutdownTime):
		t.Error("the service does not stop")
	}
}

func TestAWrongKeyOpensNothing(t *testing.T) {
	a := testApp(t)
	c := call(t, testSite(t, a, false).URL, "it")
	detail := a.material.phrases.Say("en", "error.conversation", nil)
	body, kind := form(t, "file", "a.png", []byte("\x89PNG\r\n\x1a\n"))
	for name, try := range map[string]struct{ method, path, body, kind string }{
		"messages":    {http.MethodPost, "/messages", `{"client_id":"1","text":"buongiorno"}`, "application/json"},
		"attachments": {http.MethodPost, "/attachments", body, kind},
		"events":      {http.MethodGet, "/events", "", ""},
	} {
		for _, token := range []string{"wrong", "", c.token + "x", call(t, strings.TrimSuffix(c.url, "/api/v1/conversations"), "it").token} {
			for _, id := range []string{c.id, "/nobody"} {
				t.Run(name+" of "+id, func(t *testing.T) {
					stranger := caller{t, c.url, id, token}
					status, _, text := stranger.do(try.method, id+try.path, try.body, "Content-Type", try.kind, "Accept-Language", "en")
					wantProblem(t, status, text, http.StatusNotFound, detail)
				})
			}
		}
	}
	if seqs := c.listed(); !slices.Equal(seqs, []int64{1}) {
		t.Errorf("the conversation has messages %v", seqs)
	}
}

func TestTooManyRequestsAreToldWhenToComeBack(t *testing.T) {
	a := testApp(t)
	a.config.Widget = widget.Config{MessagesPerMinute: 4, StartsPerMinute: 4}
	c := call(t, testSite(t, a, false).URL, "en")
	wantLimit := func(path, body string, lang string, headers ...string) {
		t.Helper()
		for range 5 {
			status, header, text := c.do(http.MethodPost, path, body, headers...)
			if status != http.StatusTooManyRequests {
				continue
			}
			seconds, err := strconv.Atoi(header.Get("Retry-After"))
			if err != nil || seconds < 1 || seconds > 15 {
				t.Errorf("Retry-After is %q", header.Get("Retry-After"))
			}
			wantProblem(t, status, text, status, a.material.phrases.Say(lang, "error.too_many", fault.Values{"Seconds": seconds}))
			return
		}
		t.Errorf("five requests to %q are not too many", path)
	}
	wantLimit(c.id+"/messages", `{"client_id":"1","text":"hello"}`, "en")
	spoofed := 0
	for i := range 5 { // the address is the connection's, whatever a client says of it
		if status, _, _ := c.do(http.MethodPost, "", `{}`, "X-Sportello-Peer", fmt.Sprint("192.0.2.", i)); status == http.StatusTooManyRequests {
			spoofed++
		}
	}
	if spoofed < 3 {
		t.Errorf("of five starts under invented addresses %d are refused", spoofed)
	}
	wantLimit("", `{"lang":"it"}`, "it")
}

func TestPagesElsewhereCallOnlyIfTheyMay(t *testing.T) {
	a := testApp(t)
	a.config.Widget.Origins = []string{"https://intranet.example.it"}
	server := testSite(t, a, false)
	c := call(t, server.URL, "it")
	for origin, allowed := range map[string]string{
		"https://intranet.example.it": "https://intranet.example.it", "https://elsewhere.example.com": "", "http://intranet.example.it": "", "null": "", "http://localhost:3000": "",
	} {
		for _, path := range []string{"", c.id + "/messages", c.id + "/attachments", c.id + "/events"} {
			status, header, _ := c.do(http.MethodOptions, path, "", "Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization,content-type")
			if got := header.Get("Access-Control-Allow-Origin"); status != http.StatusNoContent || got != allowed {
				t.Errorf("a preflight from %s is answered %d, allowing %q", origin, status, got)
			}
			if headers := header.Get("Access-Control-Allow-Headers"); strings.Contains(headers, "Authorization") != (allowed != "") {
				t.Errorf("a page of %s may send %q", origin, headers)
			}
		}
		_, header, _ := c.do(http.MethodGet, c.id+"/events", "", "Origin", origin, "Accept", "application/json")
		if got := header.Get("Access-Control-Allow-Origin"); got != allowed || !slices.Contains(header.Values("Vary"), "Origin") || header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("an answer to %s allows %q, varying by %q", origin, got, header.Values("Vary"))
		}
	}
}

func TestTheAPIDescribesItself(t *testing.T) {
	server := testSite(t, testApp(t), false)
	c := caller{TB: t, url: server.URL}
	status, _, body := c.do(http.MethodGet, "/api/v1/openapi.json", "")
	var document struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal([]byte(body), &document); err != nil || status != http.StatusOK || !strings.HasPrefix(document.OpenAPI, "3.1") {
		t.Fatalf("the document is answered %d (%v), version %q", status, err, document.OpenAPI)
	}
	got := map[string]string{}
	for path, methods := range document.Paths {
		for method, operation := range methods {
			if strings.HasPrefix(path, "/api/v1/conversations") {
				got[method+" "+strings.TrimPrefix(path, "/api/v1/conversations")] = operation.OperationID
			}
		}
	}
	want := map[string]string{
		"post ": "start-conversation", "post /{id}/seen": "note-seen", "post /{id}/identity": "identify-person",
		"post /{id}/messages": "send-message", "post /{id}/attachments": "attach-file", "get /{id}/attachments/{file}": "download-file",
		"get /{id}/events": "follow-conversation",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("operations (-want +got):\n%s", diff)
	}
	if !strings.Contains(body, "multipart/form-data") || strings.Contains(body, "X-Sportello-Peer") {
		t.Error("the document does not tell of the form, or tells of a header that clients must not send")
	}
}

// Whatever comes as a message, the service does not fail.
func FuzzMessages(f *testing.F) {
	c := call(f, testSite(f, testApp(f), false).URL, "it")
	for _, seed := range []string{
		`{"client_id":"1","text":"buongiorno"}`, `{"client_id":"1","choice":"1.x","attachments":["a",""]}`, `{"client_id":"","text":null}`, `{`, ``, `[]`, `"x"`,
		`{"client_id":"\u0000","text":"\ud800"}`, "{\"client_id\":\"\xff\",\"text\":\"\xff\x00\"}", `{"client_id":"2","text":"` + strings.Repeat("è", 10_001) + `"}`,
		`{"client_id":"3","text":"a","text":"b","x":{"y":[[[]]]}}`, `{"client_id":1e999,"text":"1"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c := c
		c.TB = t
		status, _, text := c.do(http.MethodPost, c.id+"/messages", string(body))
		if status >= 500 || status < 200 || !json.Valid([]byte(text)) {
			t.Errorf("%q is answered %d %s", body, status, text)
		}
	})
}
