package intake

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Results is one Authentication-Results line (RFC 8601): what a server found
// out about a mail.
type Results struct {
	Server string // the authserv-id of whoever wrote it, in lower case
	Checks []Check
}

// Check is the result of one method, such as dmarc.
type Check struct {
	Method, Result string            // in lower case
	Properties     map[string]string // such as header.from, names in lower case
}

// ParseResults reads such a line. One that says nothing (none), or that is no
// such line, has no checks.
func ParseResults(value string) Results {
	clauses := splitOutside(withoutComments(value), ';')
	var r Results
	if words := strings.Fields(clauses[0]); len(words) > 0 && len(words) <= 2 { // a version may follow
		r.Server = strings.ToLower(unquoted(words[0]))
	}
	for _, clause := range clauses[1:] {
		if c, ok := parseCheck(clause); ok && len(r.Checks) < 100 {
			r.Checks = append(r.Checks, c)
		}
	}
	return r
}

// parseCheck reads "dkim=pass reason="…" header.d=giustizia.it".
func parseCheck(clause string) (Check, bool) {
	pairs := pairsOf(clause)
	if len(pairs) == 0 {
		return Check{}, false
	}
	method, _, _ := strings.Cut(pairs[0][0], "/")
	c := Check{Method: strings.ToLower(method), Result: strings.ToLower(pairs[0][1]), Properties: map[string]string{}}
	for _, p := range pairs[1:] {
		name := strings.ToLower(p[0])
		if _, twice := c.Properties[name]; !twice {
			c.Properties[name] = p[1]
		}
	}
	return c, c.Method != "" && c.Result != ""
}

// pairsOf reads name=value pairs, with space around the sign or not.
func pairsOf(clause string) (pairs [][2]string) {
	rest := strings.TrimSpace(clause)
	for rest != "" && len(pairs) < 50 {
		name, after, found := strings.Cut(rest, "=")
		if !found {
			break
		}
		words := strings.Fields(name)
		if len(words) == 0 {
			break
		}
		name = words[len(words)-1] // words without a value are no pair
		after = strings.TrimLeft(after, " \t")
		var value string
		if strings.HasPrefix(after, `"`) {
			end := endOfQuote(after)
			value, rest = unquoted(after[:end]), after[end:]
		} else {
			end := strings.IndexAny(after, " \t")
			if end < 0 {
				end = len(after)
			}
			value, rest = after[:end], after[end:]
		}
		pairs = append(pairs, [2]string{name, value})
		rest = strings.TrimSpace(rest)
	}
	return pairs
}

// endOfQuote is where the quoted text ends that begins text.
func endOfQuote(text string) int {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

func unquoted(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	var out strings.Builder
	text = strings.TrimSuffix(text[1:], `"`)
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' && i+1 < len(text) {
			i++
		}
		out.WriteByte(text[i])
	}
	return out.String()
}

// withoutComments puts a space where a comment was; comments nest, and none
// begins within quotes.
func withoutComments(value string) string {
	var out strings.Builder
	depth, quoted := 0, false
	for i := 0; i < len(value); i++ {
		c := value[i]
		if c == '\\' && i+1 < len(value) && (quoted || depth > 0) {
			if depth == 0 {
				out.WriteString(value[i : i+2])
			}
			i++
			continue
		}
		switch {
		case quoted:
			quoted = c != '"'
			out.WriteByte(c)
		case c == '(':
			depth++
			out.WriteByte(' ')
		case depth > 0:
			if c == ')' {
				depth--
			}
		default:
			quoted = c == '"'
			out.WriteByte(c)
		}
	}
	return out.String()
}

// splitOutside splits at a sign that stands outside of quotes; it returns at
// least one part.
func splitOutside(value string, sign byte) (parts []string) {
	start, quoted := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == sign && !quoted:
			parts = append(parts, value[start:i])
			start = i + 1
		}
	}
	return append(parts, value[start:])
}

// Relay is the server whose results we believe: the last one that took a mail
// in from outside. It takes lines that claim to be its own out of what it
// receives (RFC 8601, section 5); the other rules guard against one that
// forgets to.
type Relay struct {
	ID    string // its authserv-id
	Lines int    // how many such lines it writes on each mail; 1 if zero
	Hops  int    // how many Received lines may stand above its lines; 3 if zero
}

// results returns the checks of the relay: from the topmost lines that bear
// its ID, no more than it writes, with no Received line between them, and not
// below the Received lines of our own servers.
func (r Relay) results(h header) (checks []Check) {
	if r.ID == "" {
		return nil
	}
	lines, hops := max(r.Lines, 1), r.Hops
	if hops == 0 {
		hops = 3
	}
	for _, f := range h {
		switch f.name {
		case "received":
			if lines < max(r.Lines, 1) { // its lines stand together
				return checks
			}
			if hops--; hops < 0 {
				return checks
			}
		case "authentication-results":
			found := ParseResults(f.value)
			if found.Server != strings.ToLower(r.ID) {
				continue
			}
			checks = append(checks, found.Checks...)
			if lines--; lines == 0 {
				return checks
			}
		}
	}
	return checks
}

// Vouches reports whether the relay found that a mail is from the domain its
// From line names: DMARC passed, or, where the relay has no verdict of DMARC,
// a signature or the envelope of the same organisation passed.
func (r Relay) vouches(h header, domain string) bool {
	checks := r.results(h)
	judged := false
	for _, c := range checks {
		if c.Method != "dmarc" || c.Result == "none" {
			continue
		}
		if c.Result == "pass" && strings.EqualFold(c.Properties["header.from"], domain) {
			return true
		}
		judged = true
	}
	if judged {
		return false
	}
	for _, c := range checks {
		if c.Result != "pass" {
			continue
		}
		var of string
		switch c.Method {
		case "dkim":
			if of = c.Properties["header.d"]; of == "" {
				of = c.Properties["header.i"]
			}
		case "spf":
			of = c.Properties["smtp.mailfrom"]
		}
		if of = of[strings.LastIndexByte(of, '@')+1:]; of != "" && sameOrganisation(of, domain) {
			return true
		}
	}
	return false
}

// sameOrganisation reports whether two domains are registered as one.
func sameOrganisation(a, b string) bool {
	a, b = strings.ToLower(strings.TrimSuffix(a, ".")), strings.ToLower(b)
	if a == b {
		return true
	}
	one, err1 := publicsuffix.EffectiveTLDPlusOne(a)
	two, err2 := publicsuffix.EffectiveTLDPlusOne(b)
	return err1 == nil && err2 == nil && one == two
}
