package intake

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/golden"
	"sportello/privacy"
)

// judging is an intake that judges: it knows the organisation, and nothing else.
func judging() *Intake {
	c := DefaultConfig()
	c.Domains, c.PEC = []string{"giustizia.it"}, []string{"pec.example"}
	c.Shared, c.Addresses = []string{"prot*@giustizia.it"}, []string{"noreply@giustizia.it", "assistenza@giustizia.it"}
	c.AuthservID = "mx.giustizia.it"
	return &Intake{Config: c, Domains: account.Domains{Employee: c.Domains}}
}

// reading writes what was read of a mail, as a person can review it.
func reading(raw []byte) []byte {
	in := judging()
	m := Read(raw)
	v := in.judge(m, Envelope{})
	var out strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&out, "%s: %v\n", name, value) }
	if v.outcome == "" {
		v.outcome = "may become a ticket"
	}
	line("outcome", strings.TrimSpace(string(v.outcome)+" "+string(v.reason)))
	line("message-id", m.MessageID)
	for _, s := range m.Senders {
		line("from", fmt.Sprintf("%q %s", s.Name, s.Email))
	}
	subject, _ := privacy.Mask(m.Subject)
	line("subject", fmt.Sprintf("%s (reply %v, forward %v)", subject, m.Reply, m.Forward))
	if third := in.third(m.Subject+"\n"+m.Text, account.Person{Email: "anna.bianchi@giustizia.it"}); third.Other() {
		line("for", third)
	}
	if quoted := numbers(m.Subject+"\n"+m.Text, 2026); quoted != nil {
		line("numbers", quoted)
	}
	for _, f := range m.Files {
		line("file", fmt.Sprintf("%q %d bytes, inline %v", f.Name, len(f.Content), f.Inline))
	}
	for _, t := range m.Troubles {
		line("trouble", fmt.Sprintf("%s %v", t.Phrase, map[string]any(t.Values)))
	}
	text, _ := privacy.Mask(m.Text)
	aside, _ := privacy.Mask(m.Aside)
	fmt.Fprintf(&out, "-- text --\n%s\n-- aside --\n%s\n", text, aside)
	return []byte(out.String())
}

func TestMailsAreReadAndJudgedAsReviewed(t *testing.T) {
	files, err := filepath.Glob("testdata/mails/*.eml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d mails: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".eml"), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden.Check(t, strings.TrimSuffix(file, ".eml")+".golden", reading(raw))
		})
	}
}

const mayBeTicket = "Authentication-Results: mx.giustizia.it; dmarc=pass header.from=giustizia.it\r\n" +
	"From: anna.bianchi@giustizia.it\r\nSubject: Prova\r\nMIME-Version: 1.0\r\n"

// nested is a mail of parts within parts.
func nested(levels int) []byte {
	var b bytes.Buffer
	b.WriteString(mayBeTicket)
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("Content-Type: text/plain\r\n\r\nin fondo\r\n")
	for i := levels - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return b.Bytes()
}

func TestBombsAreMarkedAndCostLittle(t *testing.T) {
	started := time.Now()
	if m := Read(nested(20)); m.Bomb || m.Text != "in fondo" {
		t.Errorf("twenty levels: bomb %v, text %q", m.Bomb, m.Text)
	}
	var unclosed bytes.Buffer // each level costs twice that above, for some readers
	unclosed.WriteString(mayBeTicket + "Content-Type: multipart/mixed; boundary=b0\r\n\r\n")
	for i := range 29 {
		fmt.Fprintf(&unclosed, "--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	unclosed.WriteString("--b29\r\n\r\nin fondo\r\n")
	if m := Read(unclosed.Bytes()); m.Bomb || m.Text != "in fondo" {
		t.Errorf("thirty levels that are not closed: bomb %v, text %q", m.Bomb, m.Text)
	}
	parts := bytes.NewBufferString(mayBeTicket + "Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	for range 20_000 {
		parts.WriteString("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n")
	}
	fields := mayBeTicket + strings.Repeat("X-Fill: x\r\n", 100_000) + "\r\ntesto"
	long := mayBeTicket + "X-Fill: " + strings.Repeat("x", 5<<20) + "\r\n\r\ntesto"
	folded := mayBeTicket + "X-Fill: x\r\n" + strings.Repeat(" x\r\n", 500_000) + "\r\ntesto"
	for name, raw := range map[string][]byte{
		"a hundred levels": nested(100), "ten thousand levels": nested(10_000), "twenty thousand parts": parts.Bytes(),
		"a hundred thousand lines of header": []byte(fields), "a line of header of five megabytes": []byte(long),
		"half a million folded lines": []byte(folded),
	} {
		m := Read(raw)
		if !m.Bomb || m.Files != nil || m.Text != "" {
			t.Errorf("%s: bomb %v, %d files, text of %d", name, m.Bomb, len(m.Files), len(m.Text))
		}
		if len(m.Senders) != 1 || m.Senders[0].Email != "anna.bianchi@giustizia.it" {
			t.Errorf("%s: senders %v", name, m.Senders)
		}
	}
	if took := time.Since(started); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestTenMegabytesOfBase64AreOneFile(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789abcdef"), 10<<20/16)
	raw := mayBeTicket + "Content-Type: application/pdf; name=grande.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString(content)
	m := Read([]byte(raw))
	if len(m.Files) != 1 || !bytes.Equal(m.Files[0].Content, content) || m.Files[0].Name != "grande.pdf" {
		t.Errorf("%d files", len(m.Files))
	}
}

func TestHostileTextsAreReadInTimeThatGrowsWithTheirLength(t *testing.T) {
	for name, body := range map[string]string{
		"quotation marks":      strings.Repeat(">\n", 200_000),
		"beginnings of quotes": strings.Repeat("Il giorno 1 ", 100_000),
		"addresses":            strings.Repeat("a@b ", 200_000),
		"lines of headers":     strings.Repeat("Da: x\nInviato: y\n", 50_000),
		"open tags":            strings.Repeat("<div><blockquote><ul><li><a href=x>", 50_000),
		"one tag":              "<p " + strings.Repeat("a=\"b\" ", 500_000),
		"numbers":              strings.Repeat("ticket 2026-000001 ", 50_000),
		"names":                strings.Repeat("per conto di Anna ", 50_000),
	} {
		for _, kind := range []string{"plain", "html"} {
			started := time.Now()
			m := Read([]byte(mayBeTicket + "Content-Type: text/" + kind + "; charset=utf-8\r\n\r\n" + body))
			judging().third(shortened(m.Text, 20_000), account.Person{})
			numbers(shortened(m.Text, 20_000), 2026)
			if took := time.Since(started); took > 3*time.Second {
				t.Errorf("%s as %s took %v", name, kind, took)
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/mails/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	in := judging()
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := Read(raw)
		in.judge(m, Envelope{})
		for _, text := range []string{m.Subject, m.Text, m.Aside} {
			if text != clean(text) {
				t.Errorf("%q has something that nobody sees", text)
			}
		}
		for _, s := range m.Senders {
			if normal, err := account.Address(s.Email); s.Email != "" && (err != nil || normal != s.Email) {
				t.Errorf("%q is no address", s.Email)
			}
		}
		key, _ := identify(m, raw)
		again, _ := identify(Read(raw), raw)
		if key != again {
			t.Error("the same mail has two names")
		}
	})
}

func FuzzParseResults(f *testing.F) {
	for _, line := range []string{
		"mx.giustizia.it; dmarc=pass header.from=giustizia.it", `a 1; dkim=pass reason="x; y" header.d="b"`,
		"mx; spf=fail (a (b) c) smtp.mailfrom=x@y", "mx; none", `"mx"; dkim/1 = pass header.d = a`,
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, c := range ParseResults(line).Checks {
			if c.Method == "" || c.Result == "" {
				t.Errorf("a check without a name or a result: %+v", c)
			}
		}
		if (Relay{ID: "mx.giustizia.it"}).vouches(header{{"authentication-results", "mx.evil.example; " + line}}, "giustizia.it") {
			t.Error("somebody else's results were believed")
		}
	})
}
