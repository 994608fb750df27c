package intake

import (
	"bytes"
	"net/mail"
	"path"
	"regexp"
	"slices"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets/intake/tnef"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"
)

// Limits of what one mail may consist of.
const (
	maxLevels = 30  // of parts within parts
	maxParts  = 300 // in all
	maxText   = 1 << 20
)

// Read makes of a mail what can be made of it. It never fails: what it cannot
// read is told in Troubles, and a mail that is made to break programs is
// marked as a Bomb, with the header only.
func Read(raw []byte) Mail {
	h, body, bomb := splitHeader(raw)
	m := Mail{header: h, Bomb: bomb}
	m.MessageID = strings.Trim(firstWord(h.get("message-id")), "<>")
	if at, err := mail.ParseDate(h.get("date")); err == nil {
		m.Date = at
	}
	m.Senders = senders(h)
	m.Subject, m.Reply, m.Forward = plainSubject(h.text("subject"))
	if m.Bomb {
		return m
	}
	m.readBody(raw, body)
	return m
}

func firstWord(text string) string {
	if words := strings.Fields(text); len(words) > 0 {
		return words[0]
	}
	return ""
}

func (m *Mail) readBody(raw, body []byte) {
	if bytes.HasPrefix(raw, []byte("From ")) { // of a mailbox file
		_, raw, _ = bytes.Cut(raw, []byte("\n"))
	}
	r := &bodyReader{mail: m}
	split := &splitter{}
	root := split.split(raw, 0)
	if split.bomb {
		m.Bomb = true
		return
	}
	if r.walk(root); r.unreadable {
		m.Troubles = append(m.Troubles, Trouble{Phrase: "intake.note.unreadable"})
		m.Files = append(m.Files, File{Name: "messaggio.eml", Content: raw})
	}
	if slices.ContainsFunc(m.Troubles, func(t Trouble) bool { return t.Phrase == "intake.note.winmail" }) {
		m.Files = append(m.Files, File{Name: "messaggio.eml", Content: raw}) // somebody's Outlook may read it
	}
	if textOf(r.pieces) == "" && len(m.Files) == 0 || root.decoded() == nil && len(root.children) == 0 { // parts that are none, or whose beginning is missing
		r.pieces = []piece{{text: decodeText(cut(body, maxText), "")}}
	}
	m.divide(r.pieces)
}

// divide makes Text and Aside of the pieces.
func (m *Mail) divide(pieces []piece) {
	forward := m.Forward
	var said, aside []string
	for _, p := range pieces {
		text := strings.TrimSpace(clean(p.text))
		switch {
		case text == "":
		case p.aside && !forward:
			aside = append(aside, text)
		default:
			said = append(said, text)
		}
	}
	if len(said) == 0 { // all of it is quoted or signed: then that is the message
		said, aside = aside, nil
	}
	text, more := setAside(strings.Join(said, "\n\n"), forward)
	if text == "" && len(aside) > 0 {
		text, aside = strings.Join(aside, "\n\n"), nil
	}
	if more != "" {
		aside = append([]string{more}, aside...)
	}
	m.Text, m.Aside = text, strings.Join(aside, "\n\n")
}

type bodyReader struct {
	mail       *Mail
	pieces     []piece
	unreadable bool // something was no part at all
}

// walk reads a part and those within. Of alternatives the plain text is read,
// or the richest that says anything.
func (r *bodyReader) walk(n *node) {
	switch {
	case len(n.children) == 0:
		if p := n.decoded(); p != nil {
			r.leaf(p)
		} else {
			r.unreadable = true
		}
	case n.media == "multipart/alternative":
		r.alternatives(n)
	default:
		for _, c := range n.children {
			r.walk(c)
		}
	}
}

func (r *bodyReader) alternatives(n *node) {
	var plain, rich *bodyReader
	for _, c := range n.children {
		own := &bodyReader{mail: &Mail{}}
		own.walk(c)
		r.unreadable = r.unreadable || own.unreadable
		switch {
		case textOf(own.pieces) == "":
		case c.media == "" || c.media == "text/plain":
			plain = own
		default:
			rich = own
		}
		// Files stand in any of them: images of the rich text, calendars.
		r.mail.Files, r.mail.Troubles = append(r.mail.Files, own.mail.Files...), append(r.mail.Troubles, own.mail.Troubles...)
	}
	switch {
	case plain != nil && !pointsElsewhere(textOf(plain.pieces)):
		r.pieces = append(r.pieces, plain.pieces...)
	case rich != nil:
		r.pieces = append(r.pieces, rich.pieces...)
	case plain != nil:
		r.pieces = append(r.pieces, plain.pieces...)
	}
}

func textOf(pieces []piece) string {
	var all strings.Builder
	for _, p := range pieces {
		all.WriteString(p.text)
	}
	return strings.TrimSpace(all.String())
}

// pointsElsewhere is a plain part that only says that it is none.
func pointsElsewhere(text string) bool {
	return len(text) < 300 && elsewhere.MatchString(text)
}

var elsewhere = regexp.MustCompile(`(?i)(?:non (?:supporta|visualizza).{0,40}html|does not support html|view (?:this|the) (?:e-?mail|message) in (?:your|a) browser|this is an html|html e-?mail|visualizzare .{0,30}in (?:formato )?html)`)

func isText(p *enmime.Part) bool { return p.ContentType == "" || p.ContentType == "text/plain" }

// leaf reads a part without parts.
func (r *bodyReader) leaf(p *enmime.Part) {
	name := path.Base(strings.ReplaceAll(decodeWords(p.FileName), `\`, "/"))
	if p.FileName == "" {
		name = ""
	}
	attached := p.Disposition == "attachment" || name != "" && !strings.HasPrefix(p.ContentType, "multipart/")
	switch {
	case tnef.Is(p.Content) && (p.ContentType == "application/ms-tnef" || p.ContentType == "application/vnd.ms-tnef" || strings.EqualFold(name, "winmail.dat") || p.ContentType == "application/octet-stream"):
		r.outlook(p.Content)
	case attached && len(p.Content) == 0:
		r.mail.Troubles = append(r.mail.Troubles, Trouble{"intake.note.empty_file", fault.Values{"Name": fileName(name, p)}})
	case attached:
		r.file(name, p, false)
	case isText(p) || strings.HasPrefix(p.ContentType, "multipart/") || p.ContentType == "text/enriched":
		text := decodeText(cut(p.Content, maxText), charsetOf(p))
		if flowed(p) {
			text = unflow(text)
		}
		r.pieces = append(r.pieces, piece{text: text})
	case p.ContentType == "text/html":
		r.pieces = append(r.pieces, htmlPieces([]byte(decodeText(cut(p.Content, maxText), htmlCharset(p))))...)
	case len(p.Content) == 0:
	case p.ContentType == "text/calendar" || p.ContentType == "text/rfc822-headers":
		r.file(name, p, false)
	default:
		r.file(name, p, p.Disposition == "inline" || p.ContentID != "")
	}
	if len(p.Content) > maxText && !attached && strings.HasPrefix(p.ContentType, "text/") {
		r.file("testo.txt", p, false) // the text goes on there
	}
}

func (r *bodyReader) file(name string, p *enmime.Part, inline bool) {
	r.mail.Files = append(r.mail.Files, File{Name: fileName(name, p), Content: p.Content, Inline: inline})
}

// fileName is how a part is called, or a name by its type.
func fileName(name string, p *enmime.Part) string {
	if name = strings.TrimSpace(clean(name)); name != "" && name != "." && name != "/" {
		return name
	}
	switch {
	case p.ContentType == "message/rfc822":
		return "messaggio.eml"
	case p.ContentType == "text/calendar":
		return "invito.txt"
	case strings.HasPrefix(p.ContentType, "image/"):
		return "immagine"
	}
	return "allegato"
}

// outlook reads what Outlook wraps into winmail.dat.
func (r *bodyReader) outlook(content []byte) {
	found, err := tnef.Read(content)
	if err != nil {
		r.mail.Troubles = append(r.mail.Troubles, Trouble{"intake.note.winmail", fault.Values{"Name": "winmail.dat"}})
	}
	for _, f := range found.Files {
		r.mail.Files = append(r.mail.Files, File{Name: strings.TrimSpace(clean(decodeText([]byte(f.Name), ""))), Content: f.Content})
	}
	if textOf(r.pieces) != "" {
		return // the text stands beside it as well
	}
	switch {
	case found.Text != "":
		r.pieces = append(r.pieces, piece{text: decodeText([]byte(found.Text), "")})
	case len(found.HTML) > 0:
		r.pieces = append(r.pieces, htmlPieces([]byte(decodeText(cut(found.HTML, maxText), metaCharset(found.HTML))))...)
	}
}

func cut(content []byte, most int) []byte { return content[:min(len(content), most)] }

// params are those of a part's type, as they were written.
func params(p *enmime.Part) map[string]string {
	_, written, _, err := mediatype.ParseWithOptions(p.Header.Get("Content-Type"), mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
	if err != nil {
		return nil
	}
	return written
}

func charsetOf(p *enmime.Part) string { return params(p)["charset"] }

func htmlCharset(p *enmime.Part) string {
	if label := charsetOf(p); label != "" {
		return label
	}
	return metaCharset(p.Content)
}

var metaTag = regexp.MustCompile(`(?i)<meta[^>]{0,200}charset\s*=\s*["']?([a-z0-9_:.-]{1,40})`)

func metaCharset(markup []byte) string {
	if m := metaTag.FindSubmatch(cut(markup, 4096)); m != nil {
		return string(m[1])
	}
	return ""
}

func flowed(p *enmime.Part) bool { return strings.EqualFold(params(p)["format"], "flowed") }

// unflow joins the lines that a program broke to fit a screen (RFC 3676).
func unflow(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var out strings.Builder
	for i, line := range lines {
		line = strings.TrimPrefix(line, " ") // stuffed
		out.WriteString(line)
		soft := strings.HasSuffix(line, " ") && line != "-- " && i+1 < len(lines) &&
			strings.HasPrefix(lines[i+1], ">") == strings.HasPrefix(line, ">")
		if !soft {
			out.WriteByte('\n')
		}
	}
	return out.String()
}

// subjectMarks are what programs and relays put before a subject: answers,
// forwards, warnings of origin.
var subjectMarks = regexp.MustCompile(`(?i)^\s*(?:(re|r|ris|rif|risposta|aw|sv|antw)\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]|(fwd?|i|inoltra|inoltro|wg|tr|rv|enc)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]|\[(?:external|ext|esterno|esterna|spam|\*+spam\*+)\]|\*{3,}\s*spam\s*\*{3,})\s*`)

// plainSubject takes the marks off a subject.
func plainSubject(subject string) (plain string, reply, forward bool) {
	for range 20 {
		m := subjectMarks.FindStringSubmatchIndex(subject)
		if m == nil {
			break
		}
		if !reply && !forward { // the outermost says what this mail is
			reply, forward = m[2] >= 0, m[4] >= 0
		}
		subject = subject[m[1]:]
	}
	return strings.TrimSpace(subject), reply, forward
}

// senders reads every From line. An address that cannot be read is there
// without its Email: nobody may hide behind a second one.
func senders(h header) (all []Address) {
	for _, line := range h.all("from") {
		all = append(all, addresses(line)...)
	}
	return all
}

var angled = regexp.MustCompile(`<([^<>]*)>`)

func addresses(line string) (all []Address) {
	list, err := mail.ParseAddressList(stripWords(line))
	if err != nil || len(list) == 0 {
		// No list of addresses. One in angle brackets may still be meant; more are not guessed at.
		found := angled.FindAllStringSubmatch(line, -1)
		if len(found) == 1 && strings.Count(line, "@") == strings.Count(found[0][1], "@") && strings.HasSuffix(strings.TrimSpace(line), ">") {
			return []Address{address(decodeWords(line[:strings.Index(line, "<")]), found[0][1])}
		}
		if bare, err := account.Address(line); err == nil {
			return []Address{{Email: bare}}
		}
		return []Address{{Name: decodeWords(line)}}
	}
	names := angled.Split(line, -1)
	for _, a := range list {
		name := a.Name
		if len(list) == 1 && len(names) == 2 {
			name = strings.Trim(decodeWords(names[0]), `" `)
		}
		all = append(all, address(name, a.Address))
	}
	return all
}

// stripWords replaces encoded words by a letter: the parser of addresses need
// not know character sets. No address has that letter, so a word within one
// makes it none.
func stripWords(line string) string {
	return encodedWord.ReplaceAllString(clean(decodeText([]byte(line), "")), "è")
}

func address(name, email string) Address {
	normal, err := account.Address(email)
	if err != nil {
		normal = ""
	}
	return Address{Name: strings.TrimSpace(clean(name)), Email: normal}
}
