package privacy

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWords = 8   // words between "password" and its value
	maxToken = 200 // bytes of a word that are looked at
)

var (
	trigger = regexp.MustCompile(`(?i)(pas{1,3}wo{0,2}r?d|passphrase|psswd|passw|pass|pwd|psw|pw|parola chiave|parola d['’]ordine|chiave d['’]accesso|credenziali|credentials|pin|puk|otp|cvv|cvc2?|codice di (?:verifica|sicurezza|conferma)|codice temporaneo|verification code|security code|one[ \-]time (?:code|password)|api[_ \-]?key|secret|token)`)

	// "Estate2024 è la mia password"
	before = regexp.MustCompile(`(?i)(\S+)\s+(?:è|é|e['’]|is|sarebbe|era|was)\s+(?:la\s+|il\s+|lo\s+|l['’]|my\s+|the\s+)?(?:mia\s+|mio\s+|nuova\s+|vecchia\s+|new\s+|old\s+|codice\s+)*(password|passwd|pwd|psw|pw|pass|pin|puk|otp)(?:[\s.,;!?]|$)`)

	// "ho messo Estate2024 come password"
	as = regexp.MustCompile(`(?i)(\S+)\s+(?:come|as)\s+(?:la\s+|my\s+|the\s+|nuova\s+|new\s+)*(password|passwd|pwd|psw|pw|pass|pin)(?:[\s.,;!?]|$)`)

	spacedDigits = regexp.MustCompile(`^\d(?: ?\d){3,11}`)
	another      = regexp.MustCompile(`^[\s,]+(?:(?:e poi|/|\||a|in|to|e|ed|o|oppure|or|and|poi|then|con|with|adesso|ora)\s+)`)
)

// told finds secrets by what people say about them.
func told(text string) []span {
	if !trigger.MatchString(text) { // the other forms hold one of its words, too
		return nil
	}
	var spans []span
	for _, at := range append(before.FindAllStringSubmatchIndex(text, -1), as.FindAllStringSubmatchIndex(text, -1)...) {
		value := text[at[2]:at[3]]
		kind := kindOf(text[at[4]:at[5]])
		if kind == Code && codeShape(value) || kind == Password && strictSecret(value) {
			spans = append(spans, span{at[2], at[3], kind})
		}
	}
	for at := 0; at < len(text); {
		match := trigger.FindStringIndex(text[at:])
		if match == nil {
			break
		}
		start, end := at+match[0], at+match[1]
		at = end
		if !stands(text, start, end) {
			continue
		}
		name := strings.ToLower(text[start:end])
		r := reader{text: text, at: end, kind: kindOf(name), pair: strings.HasPrefix(name, "creden") || start > 0 && text[start-1] == '/'}
		for _, s := range r.values() {
			spans = append(spans, s)
			at = s.end
		}
	}
	return spans
}

func kindOf(word string) Kind {
	word = strings.ToLower(word)
	switch {
	case strings.HasPrefix(word, "pin"), strings.HasPrefix(word, "puk"), strings.HasPrefix(word, "otp"), strings.HasPrefix(word, "cv"),
		strings.HasPrefix(word, "codice"), strings.HasSuffix(word, "code"):
		return Code
	case strings.HasPrefix(word, "api"), word == "secret", word == "token":
		return Key
	}
	return Password
}

// stands reports whether the trigger is a word, or the end of a name such as
// db.password or ADN_PASSWORD.
func stands(text string, start, end int) bool {
	if start > 0 {
		r, _ := utf8.DecodeLastRuneInString(text[:start])
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '‹' {
			return false
		}
	}
	if end == len(text) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(text[end:])
	return unicode.IsSpace(r) || strings.ContainsRune(`:=_"'’([,`, r)
}

// link is what joins the name of a secret to its value.
type link int

const (
	beside link = iota // password X
	copula             // password è X
	colon              // password: X
)

// reader walks from the name of a secret to its value.
type reader struct {
	text string
	at   int
	kind Kind
	pair bool // a name comes before the value: "credenziali: mrossi / X"
}

// values returns the value, and others told in the same breath: "da X a Y".
func (r *reader) values() []span {
	first, ok := r.value()
	if !ok {
		return nil
	}
	spans := []span{first}
	for range maxWords {
		r.at = spans[len(spans)-1].end
		joint := another.FindString(r.text[r.at:min(len(r.text), r.at+maxToken)])
		if joint == "" {
			break
		}
		r.at += len(joint)
		token := r.token()
		if isPlaceholder(trimmed(token)) || !strictSecret(token) || r.kind == Code && !codeShape(token) {
			break
		}
		spans = append(spans, r.take(token))
	}
	return spans
}

func (r *reader) value() (span, bool) {
	how, strayed, last := beside, false, "" // last is the word before
	r.identifier()
	for range maxWords {
		how = r.blanks(how)
		if r.kind == Code {
			if digits := spacedDigits.FindString(r.text[r.at:]); digits != "" && !strayed && alone(r.text, r.at, r.at+len(digits)) {
				return span{r.at, r.at + len(digits), Code}, true
			}
		}
		token := r.token()
		word := trimmed(token)
		switch plain := simple(word); {
		case token == "" || isPlaceholder(word) || strings.Contains(word, "‹"):
			return span{}, false
		case isCopula(token):
			how = max(how, copula)
		case r.kind == Password && how == beside && beforeNames[last] && !connectors[plain],
			how == copula && beforeNouns[last] && letters(word) && !connectors[plain]:
			return span{}, false // "la password dell'utente mrossi82", "la password è un mistero"
		case how == beside && !strayed && (r.secret(token, how) || last == "" && r.pinLike(token)),
			how != beside && r.secret(token, how) && (!strayed || strictSecret(token)):
			return r.take(token), true
		case r.kind == Code && digitsOnly(word) && len(word) <= 2: // "a 5 cifre"
		case connectors[plain], strings.HasPrefix(plain, "password") && how == beside:
			if strings.HasSuffix(token, ":") || strings.HasSuffix(token, "=") {
				how = colon
			}
		case r.pair && how == colon && (strings.Trim(word, "/|-–") == "" || !strayed && !stops[plain]):
			strayed = true
		case how != beside, stops[plain], !letters(word), strings.ContainsAny(token[len(token)-1:], ".,;!?"):
			return span{}, false
		default:
			strayed = true // "password del portale della ragioneria è X"
			if strings.HasSuffix(token, ":") {
				how = colon
			}
		}
		r.at += len(token)
		last = simple(word)
	}
	return span{}, false
}

// pinLike reports whether the word right after "password" is a short number
// that closes the clause: a password of the careless.
func (r *reader) pinLike(token string) bool {
	word := trimmed(token)
	return r.kind == Password && len(word) >= 4 && digitsOnly(word) && r.clauseEnds(token)
}

// identifier skips the rest of a name such as password_adn, and its closing quote.
func (r *reader) identifier() {
	for r.at < len(r.text) && r.text[r.at] == '_' {
		for r.at < len(r.text) && isWord(r.text[r.at]) {
			r.at++
		}
	}
	if r.at+1 < len(r.text) && (r.text[r.at] == '"' || r.text[r.at] == '\'') && (r.text[r.at+1] == ':' || r.text[r.at+1] == '=') {
		r.at++
	}
}

// blanks skips blanks and separators, and says how the value is joined now.
func (r *reader) blanks(how link) link {
	for r.at < len(r.text) {
		c := r.text[r.at]
		switch {
		case c == ':' || c == '=' || c == '>' && how == colon:
			how = colon
		case strings.HasPrefix(r.text[r.at:], "->"), strings.HasPrefix(r.text[r.at:], "→"):
			how = colon
			_, size := utf8.DecodeRuneInString(r.text[r.at:])
			r.at += size
			continue
		case c == ' ' || c == '\t' || c == '(' || c == '[' || c == ',' && how == beside:
		case (c == '\n' || c == '\r') && how == colon:
		default:
			return how
		}
		r.at++
	}
	return how
}

// token is the text up to the next blank, or within quotes.
func (r *reader) token() string {
	rest := r.text[r.at:min(len(r.text), r.at+maxToken)]
	for _, quotes := range [...]string{`""`, `''`, "«»", "“”", "``"} {
		open, size := utf8.DecodeRuneInString(quotes)
		if strings.HasPrefix(rest, string(open)) {
			if end := strings.Index(rest[size:], quotes[size:]); end > 0 && !strings.Contains(rest[size:size+end], "\n") {
				return rest[:size+end+len(quotes)-size]
			}
		}
	}
	end := strings.IndexFunc(rest, func(c rune) bool { return unicode.IsSpace(c) || c == '&' })
	if end == 0 && rest[0] == '&' {
		end = 1
	}
	if end < 0 {
		return rest
	}
	return rest[:end]
}

// take is the place of a value: all of the word, however long.
func (r *reader) take(token string) span {
	end := r.at + len(token)
	if len(token) >= maxToken {
		for end < len(r.text) && !unicode.IsSpace(rune(r.text[end])) {
			end++
		}
	}
	return span{r.at, end, r.kind}
}

// secret decides whether a word is the value, given how it is joined.
func (r *reader) secret(token string, how link) bool {
	word := trimmed(token)
	if r.kind == Code {
		return how == colon && codeShape(token)
	}
	if r.kind == Key {
		return how == colon && len(word) >= 12 && strictSecret(token)
	}
	if how == beside {
		return strictSecret(token)
	}
	if quoted(token) {
		return len(word) >= 3 && !ordinary(simple(word))
	}
	if len(word) < 3 || isErrorCode(word) || how == copula && notSecret(word) {
		return false
	}
	if !letters(word) || mixedCase(word) {
		return how == colon && !strings.ContainsAny(word, `'’`) || strictSecret(token) || mixedCase(word) && !names[simple(word)] || digitsOnly(word) && len(word) >= 4
	}
	return len(word) >= 4 && !ordinary(simple(word)) && r.clauseEnds(token)
}

// clauseEnds reports whether nothing more is said about the word: a word of a
// sentence is no value, a word that closes one may be.
func (r *reader) clauseEnds(token string) bool {
	if strings.ContainsAny(token[len(token)-1:], `.,;!?)"`) {
		return true
	}
	end := r.at + len(token)
	line, _, _ := strings.Cut(r.text[end:min(len(r.text), end+maxToken)], "\n")
	next := strings.Fields(line)
	return len(next) == 0 || goesOn[simple(trimmed(next[0]))] || strings.HasSuffix(next[0], ":")
}
