package mail

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/bot"
)

// server is a small SMTP server. It takes mail, unless answers has another
// line for a command; the line "drop" closes the connection instead.
type server struct {
	host    string
	port    int
	mu      sync.Mutex
	answers map[string]string // command → line; "." is the end of the data
	mails   []string
}

func serve(t *testing.T, answers map[string]string) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	s := &server{host: host, answers: answers}
	s.port, _ = strconv.Atoi(port)
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		running.Wait()
	})
	return s
}

// answer writes the line for a command and reports whether the conversation
// goes on.
func (s *server) answer(c *textproto.Conn, command, usual string) bool {
	s.mu.Lock()
	line, other := s.answers[command]
	s.mu.Unlock()
	if !other {
		line = usual
	}
	return line != "drop" && c.PrintfLine("%s", line) == nil
}

func (s *server) talk(conn net.Conn) {
	c := textproto.NewConn(conn)
	defer c.Close()
	usual := map[string]string{"EHLO": "250 here", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "NOOP": "250 ok", "RSET": "250 ok", "QUIT": "221 bye"}
	goesOn := s.answer(c, "hello", "220 here")
	for goesOn {
		line, err := c.ReadLine()
		if err != nil {
			return
		}
		command := strings.ToUpper(line[:min(4, len(line))])
		answer, known := usual[command]
		if !known {
			answer = "502 unknown"
		}
		goesOn = s.answer(c, command, answer)
		if s.mu.Lock(); command == "DATA" && s.answers["DATA"] == "" && goesOn {
			s.mu.Unlock()
			mail, err := io.ReadAll(c.DotReader())
			if err != nil {
				return
			}
			s.mu.Lock()
			if s.answers["."] == "" {
				s.mails = append(s.mails, string(mail))
			}
			s.mu.Unlock()
			goesOn = s.answer(c, ".", "250 taken")
		} else {
			s.mu.Unlock()
		}
		goesOn = goesOn && command != "QUIT"
	}
}

func (s *server) sender() Sender {
	return Sender{Config: Config{Host: s.host, Port: s.port, From: "noreply@giustizia.it", Name: "Sportello è qui", TLS: "none"}}
}

var letter = bot.Outgoing{
	ID: "letter-1", Channel: "mail", To: "anna@giustizia.it", Subject: "Il Suo codice è pronto: perché, città, 😀",
	Markdown: "Gentile Utente,\n\nil codice è **123456**.\n\n- uno\n- due <script>alert(1)</script>\n\n.\n\n[Sportello](https://example.it/a?b=1&c=2)",
}

func TestALetterArrivesAsTextAndHTML(t *testing.T) {
	s := serve(t, nil)
	id, err := s.sender().Send(t.Context(), letter)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.mails) != 1 {
		t.Fatalf("%d mails arrived", len(s.mails))
	}
	m, err := netmail.ReadMessage(strings.NewReader(s.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Message-Id": "<letter-1@giustizia.it>", "To": "<anna@giustizia.it>",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if id != m.Header.Get("Message-Id") {
		t.Errorf("the platform's ID is %q, want the Message-ID", id)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject {
		t.Errorf("the subject is %q (%v)", subject, err)
	}
	from, err := netmail.ParseAddress(m.Header.Get("From"))
	if err != nil || from.Name != "Sportello è qui" || from.Address != "noreply@giustizia.it" {
		t.Errorf("the sender is %v (%v)", from, err)
	}
	if when, err := m.Header.Date(); err != nil || time.Since(when) > time.Minute {
		t.Errorf("the date is %v (%v)", when, err)
	}
	kind, values, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("the content is %q (%v)", kind, err)
	}
	parts := map[string]string{}
	reader := multipart.NewReader(m.Body, values["boundary"])
	var order []string
	for {
		part, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, values, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || !strings.EqualFold(values["charset"], "UTF-8") || part.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Errorf("a part is %v (%v)", part.Header, err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		parts[kind], order = string(body), append(order, kind)
	}
	if strings.Join(order, " ") != "text/plain text/html" {
		t.Errorf("the parts are %v: the richest has to come last", order)
	}
	if text := parts["text/plain"]; !strings.Contains(text, "il codice è 123456.") || strings.Contains(text, "**") {
		t.Errorf("the text is %q", text)
	}
	if html := parts["text/html"]; !strings.Contains(html, "<strong>123456</strong>") || strings.Contains(html, "<script") {
		t.Errorf("the HTML is %q", html)
	}
}

func TestASecondTryIsTheSameMail(t *testing.T) {
	s := serve(t, map[string]string{".": "451 later"})
	if _, err := s.sender().Send(t.Context(), letter); err == nil {
		t.Fatal("a mail that was put off counts as sent")
	}
	s.mu.Lock()
	delete(s.answers, ".")
	s.mu.Unlock()
	first, err1 := s.sender().Send(t.Context(), letter)
	second, err2 := s.sender().Send(t.Context(), letter)
	if err := errors.Join(err1, err2); err != nil || first != second || first == "" {
		t.Errorf("Message-IDs are %q and %q (%v), want one", first, second, err)
	}
}

func TestWhatTheServerSays(t *testing.T) {
	const sent, again, hopeless = "sent", "to be tried again", "hopeless"
	for name, test := range map[string]struct {
		answers map[string]string
		want    string
	}{
		"no such mailbox": {map[string]string{"RCPT": "550 5.1.1 no such mailbox"}, hopeless},
		"no such mailbox, without an enhanced code":   {map[string]string{"RCPT": "553 no"}, hopeless},
		"the mailbox is busy":                         {map[string]string{"RCPT": "451 4.7.1 greylisted"}, again},
		"the mailbox is full for now":                 {map[string]string{"RCPT": "452 4.2.2 full"}, again},
		"the sender is refused":                       {map[string]string{"MAIL": "550 not you"}, again},
		"the mail is refused once it was read":        {map[string]string{".": "554 5.7.1 no"}, hopeless},
		"the text is refused for now":                 {map[string]string{".": "451 later"}, again},
		"no service":                                  {map[string]string{"hello": "421 closing"}, again},
		"the connection drops at once":                {map[string]string{"hello": "drop"}, again},
		"the connection drops at the recipient":       {map[string]string{"RCPT": "drop"}, again},
		"the connection drops before the mail is had": {map[string]string{".": "drop"}, again},
		"the connection drops after the mail was had": {map[string]string{"QUIT": "drop", "RSET": "drop"}, sent},
		"an odd good-bye":                             {map[string]string{"QUIT": "500 what?"}, sent},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.answers)
			_, err := s.sender().Send(t.Context(), letter)
			got := again
			switch {
			case err == nil:
				got = sent
			case errors.Is(err, bot.ErrHopeless):
				got = hopeless
			}
			if got != test.want || (got == sent) != (len(s.mails) == 1) {
				t.Errorf("the letter is %s, %d mails arrived (%v); want it %s", got, len(s.mails), err, test.want)
			}
		})
	}
}

func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	sender := (&server{host: "127.0.0.1"}).sender()
	sender.Config.Port, _ = strconv.Atoi(port)
	if _, err := sender.Send(t.Context(), letter); err == nil || errors.Is(err, bot.ErrHopeless) {
		t.Errorf("without a server the letter gets %v, want it tried again", err)
	}
}

func TestNothingInALetterBecomesAHeaderOrACommand(t *testing.T) {
	s := serve(t, nil)
	sneaky := letter
	sneaky.Subject = "Oggetto\r\nBcc: all@giustizia.it\r\n\r\ntesto"
	if _, err := s.sender().Send(t.Context(), sneaky); err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(strings.NewReader(s.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("the headers are %v", m.Header)
	}
	for _, to := range []string{"", "nobody", "a@giustizia.it>\r\nRCPT TO:<b@giustizia.it", "a@giustizia.it, b@giustizia.it"} {
		letter := letter
		letter.To = to
		if _, err := s.sender().Send(t.Context(), letter); !errors.Is(err, bot.ErrHopeless) {
			t.Errorf("a letter to %q gets %v, want ErrHopeless", to, err)
		}
	}
	if len(s.mails) != 1 {
		t.Errorf("%d mails left", len(s.mails))
	}
}

func TestConfigTellsEveryMistake(t *testing.T) {
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := Config{Host: "smtp.giustizia.it", Port: 587, From: "noreply@giustizia.it", TLS: "starttls", Username: "u", PasswordFile: password}
	for _, c := range []Config{{}, DefaultConfig(), good, {Host: "::1", Port: 25, From: good.From, TLS: "none"}} {
		if err := c.Check(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
	bad := Config{Host: "smtp.giustizia.it", Port: 70000, From: "noreply", TLS: "none", Username: "u"}
	err := bad.Check()
	for _, part := range []string{"mail.from", "mail.port", "mail.tls", "password_file"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("nothing is said of %s: %v", part, err)
		}
	}
	bad = good
	bad.TLS, bad.PasswordFile = "ssl", filepath.Join(t.TempDir(), "none")
	if err := bad.Check(); err == nil || !strings.Contains(err.Error(), `"ssl"`) || !strings.Contains(err.Error(), "mail.password_file") {
		t.Errorf("of a wrong policy and a missing file is said: %v", err)
	}
}
