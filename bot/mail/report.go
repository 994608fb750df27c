package mail

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strings"

	"sportello/account"
)

// What of a mail is read in search of a report. Reports are small; what is
// larger holds the mail that came back.
const (
	mostReport  = 1 << 20
	mostParts   = 30
	mostBounces = 50
	deepest     = 4
)

// report collects what a mail says of a delivery that failed.
type report struct {
	head     netmail.Header
	letters  []string       // envelope IDs
	told     []recipient    // by delivery-status parts, which are meant for machines
	original netmail.Header // of the mail that came back
	words    string         // what it tells people
	formal   bool           // it is a multipart/report of a delivery
	parts    int
}

// recipient is one block of a delivery-status part (RFC 3464, 2.3).
type recipient struct{ address, action, status, diagnostic string }

// Bounces reads a mail as a report of a failed or delayed delivery: one by the
// standard (RFC 3464), or one of those that servers wrote before it, and some
// still do. It says false if the mail is none. Whatever the mail, it neither
// fails nor takes long.
func (c Config) Bounces(mail []byte) (bounces []Bounce, isReport bool) {
	message, err := netmail.ReadMessage(bytes.NewReader(mail[:min(len(mail), mostReport)]))
	if err != nil {
		return nil, false
	}
	r := &report{head: message.Header}
	body, _ := io.ReadAll(message.Body) // from memory
	r.read(textproto.MIMEHeader(message.Header), body, 0)
	told := r.told
	if len(told) == 0 {
		if !r.formal && !r.byMachine() {
			return nil, false
		}
		told = r.guess()
	}
	letter, messageID := c.find(r)
	for _, t := range told {
		b, worth := t.bounce()
		if !worth || len(bounces) >= mostBounces {
			continue
		}
		b.Letter, b.MessageID = letter, messageID
		bounces = append(bounces, b)
	}
	return bounces, len(told) > 0
}

// bounce is what a recipient's block comes to; it is worth nothing if the mail
// was delivered or if it names nobody.
func (t recipient) bounce() (Bounce, bool) {
	b := Bounce{Status: t.status, Diagnostic: diagnosis(t.diagnostic)}
	address, found := account.FindAddress(t.address)
	if !found {
		return b, false
	}
	b.Recipient = address
	if b.Status == "" || strings.HasSuffix(b.Status, ".0.0") { // as good as none
		if said := statusIn(b.Diagnostic); said != "" {
			b.Status = said
		}
	}
	switch t.action {
	case "delivered", "relayed", "expanded":
		return b, false
	case "failed":
		b.Permanent = true
	case "delayed":
	default:
		b.Permanent = !strings.HasPrefix(b.Status, "4")
	}
	return b, true
}

// byMachine reports whether a mail server wrote the mail, by what its head says.
func (r *report) byMachine() bool {
	if r.head.Get("X-Failed-Recipients") != "" {
		return true
	}
	if strings.HasPrefix(strings.ToLower(r.head.Get("Auto-Submitted")), "auto-replied") && r.original == nil {
		return false // somebody is on holiday
	}
	from := strings.ToLower(r.head.Get("From"))
	return slices.ContainsFunc([]string{"mailer-daemon", "postmaster", "mail delivery", "microsoftexchange"}, func(name string) bool { return strings.Contains(from, name) }) ||
		strings.TrimSpace(r.head.Get("Return-Path")) == "<>" && r.original != nil
}

// find is the letter that a report is about. The server was asked to name it;
// else the address names it that the report came to, or the mail that came
// back does.
func (c Config) find(r *report) (letter, messageID string) {
	messageID = strings.Trim(strings.TrimSpace(r.original.Get("Message-Id")), "<>")
	if messageID == "" {
		messageID = messageIDIn(r.words)
	}
	candidates := []func() (string, bool){func() (string, bool) { return c.letterOf(messageID) }}
	for _, id := range r.letters {
		candidates = append(candidates, func() (string, bool) { return unwritten(strings.ReplaceAll(id, "+3D", "=")) })
	}
	for _, name := range []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To"} {
		if address, found := addressIn(r.head.Get(name)); found {
			candidates = append(candidates, func() (string, bool) { return c.returned(address) })
		}
	}
	for _, name := range []string{"In-Reply-To", "References"} {
		for _, id := range strings.Fields(r.head.Get(name)) {
			candidates = append(candidates, func() (string, bool) { return c.letterOf(id) })
		}
	}
	for _, candidate := range candidates {
		if id, ours := candidate(); ours {
			letter = id
			break
		}
	}
	if messageID == "" && letter != "" {
		messageID = c.messageID(letter)
	}
	return letter, messageID
}

// addressIn is the address of a header, as it is written.
func addressIn(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if i := strings.LastIndexByte(text, '<'); i >= 0 {
		text, _, _ = strings.Cut(text[i+1:], ">")
	}
	return text, strings.Contains(text, "@") && !strings.ContainsAny(text, " \t,")
}

// read takes in one part of the mail and those within it.
func (r *report) read(head textproto.MIMEHeader, body []byte, depth int) {
	if r.parts++; r.parts > mostParts || depth > deepest {
		return
	}
	kind, values, err := mime.ParseMediaType(head.Get("Content-Type"))
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		reportOf := strings.ToLower(values["report-type"])
		r.formal = r.formal || kind == "multipart/report" && (reportOf == "delivery-status" || reportOf == "")
		parts := multipart.NewReader(bytes.NewReader(body), values["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil { // the last one, or one that is broken: what came before counts
				return
			}
			inner, _ := io.ReadAll(part) // cut short by a missing boundary: what is there counts
			r.read(part.Header, inner, depth+1)
		}
	}
	body = decoded(head.Get("Content-Transfer-Encoding"), body)
	switch kind {
	case "message/delivery-status", "message/global-delivery-status":
		r.status(body)
	case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
		r.returned(body)
	case "text/plain":
		r.speak(string(body))
	case "text/html":
		if r.words == "" {
			r.speak(withoutTags(string(body)))
		}
	}
}

func decoded(encoding string, body []byte) []byte {
	var reader io.Reader
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "base64":
		reader = base64.NewDecoder(base64.StdEncoding, bytes.NewReader(bytes.Join(bytes.Fields(body), nil)))
	case "quoted-printable":
		reader = quotedprintable.NewReader(bytes.NewReader(body))
	default:
		return body
	}
	text, err := io.ReadAll(reader)
	if err != nil && len(text) == 0 {
		return body // said to be encoded, and is not
	}
	return text
}

// speak adds what the report tells people, up to the copy of the mail.
func (r *report) speak(text string) {
	words, copied := splitCopy(text)
	r.words += words + "\n"
	if copied != "" {
		r.returned([]byte(copied))
	}
}

// returned reads the head of the mail that came back; the first one counts.
func (r *report) returned(text []byte) {
	if r.original != nil {
		return
	}
	head, err := fields(bytes.TrimLeft(text, "\r\n\t "))
	if len(head) > 0 && (err == nil || head.Get("Message-Id") != "") {
		r.original = netmail.Header(head)
	}
}

// fields reads a block of header lines as far as they are some.
func fields(text []byte) (textproto.MIMEHeader, error) {
	return textproto.NewReader(bufio.NewReader(io.MultiReader(bytes.NewReader(text), strings.NewReader("\r\n\r\n")))).ReadMIMEHeader()
}

// status reads a delivery-status part: blocks of fields, the first of them
// about the mail as a whole, the others about one recipient each. Some servers
// leave the empty line between the first two out.
func (r *report) status(text []byte) {
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	for _, block := range bytes.Split(text, []byte("\n\n")) {
		head, _ := fields(bytes.Trim(block, "\n")) // broken lines end it: what came before counts
		if id := strings.TrimSpace(head.Get("Original-Envelope-Id")); id != "" {
			r.letters = append(r.letters, id)
		}
		if head.Get("Final-Recipient") == "" && head.Get("Original-Recipient") == "" {
			continue
		}
		address := typed(head.Get("Original-Recipient"))
		if _, found := account.FindAddress(address); !found {
			address = typed(head.Get("Final-Recipient"))
		}
		action, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(head.Get("Action"))), " ")
		r.told = append(r.told, recipient{
			address: address, action: action, status: statusIn(head.Get("Status")), diagnostic: typed(head.Get("Diagnostic-Code")),
		})
	}
}

// typed is the value of a field such as "rfc822;anna@giustizia.it" without its type.
func typed(value string) string {
	kind, rest, found := strings.Cut(value, ";")
	if !found || strings.ContainsAny(strings.TrimSpace(kind), " @<") {
		return strings.TrimSpace(value)
	}
	return strings.TrimSpace(rest)
}
