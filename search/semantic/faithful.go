package semantic

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sportello/search"
)

// Limits of a text. The model is asked for 60 words.
const (
	mostWords    = 90
	mostLetters  = 700
	fromThere    = 0.6 // part of the longer words that must stand in the passage
	stemLetters  = 5
	fewestOfThem = 3
)

// faithful returns the text as one line, or why it is not shown. It cannot
// tell that a text is right; it can tell that nothing in it is made up which
// people would act upon: numbers, names, addresses, labels to press, and most
// of the words must stand in the passage.
func faithful(text, lang string, from search.Passage) (line, why string) {
	text = strings.Join(strings.Fields(text), " ")
	switch words := len(strings.Fields(text)); {
	case strings.EqualFold(strings.Trim(text, ".!\"«» "), "no"):
		return "", "declined"
	case words < 3:
		return "", "too short"
	case words > mostWords || utf8.RuneCountInString(text) > mostLetters:
		return "", "too long"
	case !utf8.ValidString(text) || strings.ContainsFunc(text, unprintable):
		return "", "unreadable"
	case strings.ContainsAny(text, "<>[]{}|`*#_‹›\\"):
		return "", "marked up"
	}
	if spoken, sure := search.GuessLanguage(text); sure && spoken != lang {
		return "", "other language"
	}
	source := newSource(from)
	switch {
	case !source.hasNumbers(text):
		return "", "number not in the article"
	case !source.hasAddresses(text):
		return "", "address not in the article"
	case !source.hasNames(text):
		return "", "name not in the article"
	case !source.hasQuotations(text):
		return "", "quotation not in the article"
	case !source.hasWords(text):
		return "", "words not of the article"
	}
	return text, ""
}

func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// source is a passage to compare with.
type source struct {
	text  string // in lower case, blanks as one
	words map[string]bool
	stems map[string]bool
}

func newSource(from search.Passage) source {
	s := source{text: lowered(from.Title + "\n" + from.Text), words: map[string]bool{}, stems: map[string]bool{}}
	for _, w := range wordsOf(s.text) {
		s.words[w] = true
		s.stems[stem(w)] = true
	}
	return s
}

func lowered(text string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(text), " ")), "’", "'")
}

// wordsOf are the runs of letters and digits.
func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// stem is the beginning of a word, where inflected forms are alike.
func stem(word string) string {
	if runes := []rune(word); len(runes) > stemLetters {
		return string(runes[:stemLetters])
	}
	return word
}

// numerals are the small numbers as words; "uno" and "one" are articles, too.
var numerals = map[string]string{
	"due": "2", "tre": "3", "quattro": "4", "cinque": "5", "sei": "6", "sette": "7", "otto": "8", "nove": "9", "dieci": "10", "undici": "11", "dodici": "12",
	"quindici": "15", "venti": "20", "ventiquattro": "24", "trenta": "30", "quaranta": "40", "quarantotto": "48", "cinquanta": "50", "sessanta": "60", "novanta": "90", "cento": "100", "mille": "1000",
	"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "eleven": "11", "twelve": "12",
	"fifteen": "15", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100", "thousand": "1000",
}

// hasNumbers reports whether every number and code stands in the source, one
// that is written out also as digits and the other way round.
func (s source) hasNumbers(text string) bool {
	written := map[string]bool{}
	for w := range s.words {
		if digits := numerals[w]; digits != "" {
			written[digits] = true
		}
	}
	for _, token := range strings.Fields(lowered(text)) {
		if token = trimSigns(token); strings.ContainsFunc(token, unicode.IsDigit) && !s.holds(token) && !written[token] {
			return false
		}
	}
	for _, w := range wordsOf(lowered(text)) {
		if digits := numerals[w]; digits != "" && !s.words[w] && !s.words[digits] {
			return false
		}
	}
	return true
}

// trimSigns takes the punctuation off that surrounds a word.
func trimSigns(token string) string {
	return strings.TrimFunc(token, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// holds reports whether a token stands in the source as a whole: "12" is not
// in "3128", nor "1.2" in "1.24".
func (s source) holds(token string) bool {
	for from := 0; ; {
		at := strings.Index(s.text[from:], token)
		if at < 0 {
			return false
		}
		begin := from + at
		end := begin + len(token)
		if apart(s.text[:begin], false) && apart(s.text[end:], true) {
			return true
		}
		from = begin + 1
	}
}

// apart reports whether a token may begin after a text, or end before it: at
// no letter or digit, and not amid a number such as 1.24.
func apart(text string, after bool) bool {
	last := utf8.DecodeLastRuneInString
	if after {
		last = utf8.DecodeRuneInString
	}
	r, size := last(text)
	if size == 0 {
		return true
	}
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return false
	}
	if !strings.ContainsRune(".,:/-", r) {
		return true
	}
	if after {
		r, _ = utf8.DecodeRuneInString(text[size:])
	} else {
		r, _ = utf8.DecodeLastRuneInString(text[:len(text)-size])
	}
	return !unicode.IsDigit(r)
}

// hasAddresses reports whether every address of mail or of a page, every file
// name and every path stands in the source.
func (s source) hasAddresses(text string) bool {
	for _, token := range strings.Fields(lowered(text)) {
		token = trimSigns(token)
		if isAddress(token) && !s.holds(token) {
			return false
		}
	}
	return true
}

func isAddress(token string) bool {
	if strings.ContainsAny(token, "@/") {
		return true
	}
	at := strings.IndexByte(token, '.') // trimmed: there is something on both sides
	return at > 0 && !strings.Contains(token, "..")
}

// hasNames reports whether whatever is written with a capital stands in the
// source, unless a sentence begins there or it is how people are addressed.
func (s source) hasNames(text string) bool {
	begins := true
	for _, token := range strings.Fields(text) {
		name := trimSigns(token)
		for i, w := range wordsOf(name) {
			if !s.isKnown(w, begins && i == 0) {
				return false
			}
		}
		if name != "" {
			begins = strings.ContainsAny(token[len(token)-1:], ".!?:;")
		}
	}
	return true
}

func (s source) isKnown(word string, begins bool) bool {
	capitals := 0
	for _, r := range word {
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	lower := lowered(word)
	switch {
	case capitals == 0, s.words[lower], s.stems[stem(lower)] && capitals == 1, addressed[lower]:
		return true
	}
	return begins && capitals == 1 // an acronym is a name even there
}

// addressed is how people are spoken to.
var addressed = map[string]bool{
	"lei": true, "le": true, "la": true, "suo": true, "sua": true, "suoi": true, "sue": true, "i": true,
}

// hasQuotations reports whether what stands in quotation marks is quoted: a
// label that does not exist cannot be pressed.
func (s source) hasQuotations(text string) bool {
	for _, marks := range []string{"«»", "“”", `""`} {
		open, size := utf8.DecodeRuneInString(marks)
		for rest := text; ; {
			_, after, found := strings.Cut(rest, string(open))
			if !found {
				break
			}
			quoted, left, closed := strings.Cut(after, marks[size:])
			if !closed || !strings.Contains(s.text, strings.Trim(lowered(quoted), " .,;")) {
				return false
			}
			rest = left
		}
	}
	return true
}

// hasWords reports whether most of the longer words are those of the source.
func (s source) hasWords(text string) bool {
	long, there := 0, 0
	for _, w := range wordsOf(lowered(text)) {
		if utf8.RuneCountInString(w) < stemLetters {
			continue
		}
		long++
		if s.stems[stem(w)] {
			there++
		}
	}
	return there >= fewestOfThem && float64(there) >= fromThere*float64(long)
}
