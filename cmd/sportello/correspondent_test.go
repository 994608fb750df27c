package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/widget"

	"github.com/jhillyerd/enmime/v2"
)

// correspondent is somebody with a mailbox at a post office, who uses the
// service by a browser without scripts, by mail and by the chat.
type correspondent struct {
	*postOffice
	email string
	http  *http.Client
	chat  caller
	read  map[string]bool // mails
	last  int64           // of the chat's messages they heard
	acts  int
}

// correspondent makes somebody known, with what else `account add` is to be
// told of them.
func (o *postOffice) correspondent(email string, more ...string) *correspondent {
	o.t.Helper()
	o.run(append([]string{"account", "add", email}, more...)...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &correspondent{postOffice: o, email: email, http: &http.Client{Jar: jar, Transport: front(o.address)}, read: map[string]bool{}}
}

// run runs a command of the real binary beside the service.
func (o *postOffice) run(arguments ...string) string {
	o.t.Helper()
	binary, err := program()
	if err != nil {
		o.t.Fatal(err)
	}
	out, err := exec.Command(binary, append([]string{"--config", o.config, "--data", o.data}, arguments...)...).Output()
	if err != nil {
		if failed, is := err.(*exec.ExitError); is {
			err = fmt.Errorf("%w: %s", err, failed.Stderr)
		}
		o.t.Fatalf("%v: %v", arguments, err)
	}
	return strings.TrimSpace(string(out))
}

// front stands before the service as its proxy does: people speak HTTPS to the
// site's address, and it hands their requests on.
type front string

func (f front) RoundTrip(r *http.Request) (*http.Response, error) {
	inner := r.Clone(r.Context())
	inner.Host, inner.URL.Scheme, inner.URL.Host = r.URL.Host, "http", string(f)
	answer, err := http.DefaultTransport.RoundTrip(inner)
	if answer != nil {
		answer.Request = r
	}
	return answer, err
}

// siteOf is the address that the configuration of a post office names.
const siteOf = "https://assistenza.example.it"

func (c *correspondent) page(answer *http.Response, err error) (path, text string) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		c.t.Fatalf("%s answers %s, %v: %s", answer.Request.URL, answer.Status, err, all)
	}
	return answer.Request.URL.Path, string(all)
}

func (c *correspondent) get(path string) string {
	c.t.Helper()
	_, text := c.page(c.http.Get(siteOf + path))
	return text
}

// post sends a form and follows where it leads.
func (c *correspondent) post(path string, form url.Values) (to, text string) {
	c.t.Helper()
	return c.page(c.http.PostForm(siteOf+path, form))
}

// letter waits for a mail with these words that was not read yet, and returns
// its text.
func (c *correspondent) letter(words string) (text string) {
	c.t.Helper()
	c.eventually(fmt.Sprintf("%s gets a letter with %q", c.email, words), func() bool {
		for _, mail := range c.dovecot.Mails(c.email) {
			envelope, err := enmime.ReadEnvelope(strings.NewReader(mail))
			if err != nil {
				c.t.Fatal(err)
			}
			said := envelope.GetHeader("Subject") + "\n" + envelope.Text
			if c.read[mail] || !strings.Contains(said, words) {
				continue
			}
			c.read[mail], text = true, said
			return true
		}
		return false
	})
	return text
}

// code is in the next letter with one.
func (c *correspondent) code() string {
	c.t.Helper()
	text := c.letter("codice")
	code, found := account.FindCode(text)
	if !found {
		c.t.Fatalf("no code in %q", text)
	}
	return code
}

// signIn goes in by a code from the mailbox.
func (c *correspondent) signIn() {
	c.t.Helper()
	c.post("/accedi", url.Values{"email": {c.email}})
	if to, text := c.post("/accedi/codice", url.Values{"code": {c.code()}}); to == "/accedi/codice" {
		c.t.Fatalf("the code is refused: %s", text)
	}
}

// calls begins a conversation and is recognised in it.
func (c *correspondent) calls() {
	c.t.Helper()
	c.chat = call(c.t, "http://"+c.address, "it")
	c.says("come vanno i miei ticket", "indirizzo e-mail")
	c.says(c.email, "Ho mandato un codice")
	c.says(c.code(), "confermato")
}

// says says something in the chat and waits for these words in what is
// answered, which it returns.
func (c *correspondent) says(text, hears string) string {
	c.t.Helper()
	c.acts++
	status, _, body := c.chat.do(http.MethodPost, c.chat.id+"/messages", fmt.Sprintf(`{"client_id":"m%d","text":%q}`, c.acts, text))
	var sent struct{ Seq int64 }
	if err := json.Unmarshal([]byte(body), &sent); err != nil || status != http.StatusAccepted {
		c.t.Fatalf("%q is answered %d %s", text, status, body)
	}
	c.last = sent.Seq
	return c.hears(hears).Text
}

// hears waits for a message in the chat, after the person's last one.
func (c *correspondent) hears(words string) (heard widget.Message) {
	c.t.Helper()
	var said []widget.Message
	defer func() {
		if heard.Seq == 0 {
			for _, m := range said {
				c.t.Logf("%s: %s", m.Author, m.Text)
			}
		}
	}()
	c.eventually(fmt.Sprintf("%s hears %q", c.email, words), func() bool {
		time.Sleep(200 * time.Millisecond) // no program asks more often than it may
		status, _, body := c.chat.do(http.MethodGet, c.chat.id+"/events", "", "Accept", "application/json")
		var all []widget.Message
		if err := json.Unmarshal([]byte(body), &all); err != nil {
			c.t.Fatalf("%d %s", status, body)
		}
		said = all
		for _, m := range all {
			if m.Seq > c.last && m.Author == bot.Assistant && strings.Contains(m.Text, words) {
				heard = m
				return true
			}
		}
		return false
	})
	return heard
}
