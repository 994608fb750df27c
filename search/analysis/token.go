package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longest is the length in bytes beyond which a run of letters is no word of
// anybody's language, and is cut.
const longest = 64

// tokens reads the words of a text: folded, with marks for names and elided
// articles, not yet stemmed.
func tokens(text string) []Word {
	words := make([]Word, 0, len(text)/6+1)
	shouting := shouts(text)
	for start := 0; start < len(text); {
		r, size := utf8.DecodeRuneInString(text[start:])
		if unicode.IsSpace(r) {
			start += size
			continue
		}
		end := start + size
		for end < len(text) {
			r, size = utf8.DecodeRuneInString(text[end:])
			if unicode.IsSpace(r) {
				break
			}
			end += size
		}
		words = chunk(words, text, start, end, shouting)
		start = end
	}
	return words
}

// shouts reports whether a text is written in capitals throughout, so that
// capitals do not tell acronyms.
func shouts(text string) bool {
	upper, lower := 0, 0
	for _, r := range text {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	return upper > 6 && upper > 3*lower
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '`', '´', 'ʼ', '′':
		return true
	}
	return false
}

// chunk adds the words of text[start:end], which holds no space.
func chunk(words []Word, text string, start, end int, shouting bool) []Word {
	if strings.ContainsAny(text[start:end], "@.,") && strings.IndexFunc(text[start:end], isApostrophe) < 0 {
		if w, rest, ok := whole(text, start, end); ok {
			return append(append(words, w), rest...)
		}
	}
	for at := start; at < end; {
		r, size := utf8.DecodeRuneInString(text[at:end])
		if !inWord(r) {
			at += size
			continue
		}
		stop := at + size
		for stop < end {
			r, size = utf8.DecodeRuneInString(text[stop:end])
			if !inWord(r) {
				break
			}
			stop += size
		}
		w := Word{Text: cut(Fold(text[at:stop])), Start: at, End: stop}
		if stop < end {
			if r, size = utf8.DecodeRuneInString(text[stop:end]); isApostrophe(r) {
				stop += size
				if elided[w.Text] {
					w.Function = true
					return chunk(append(words, w), text, stop, end, shouting)
				}
			}
		}
		if w.Text != "" {
			w.Name = hasDigit(w.Text) || !shouting && acronym(text[at:w.End])
			words = append(words, w)
		}
		at = stop
	}
	return words
}

func cut(word string) string {
	if len(word) <= longest {
		return word
	}
	at := longest
	for at > 0 && !utf8.RuneStart(word[at]) {
		at--
	}
	return word[:at]
}

func hasDigit(word string) bool {
	for i := 0; i < len(word); i++ {
		if word[i] >= '0' && word[i] <= '9' {
			return true
		}
	}
	return false
}

// acronym reports whether a word is written with two or more capitals and
// nothing else.
func acronym(word string) bool {
	letters := 0
	for _, r := range word {
		if !unicode.IsUpper(r) {
			return false
		}
		letters++
	}
	return letters > 1
}

// whole reads what must not be taken apart: addresses ("a@b.it"), product
// names with an at sign ("Script@", "TIAP@Document"), numbers with points
// ("11.2", "800.749.049") and dotted acronyms ("R.G.").
func whole(text string, start, end int) (w Word, parts []Word, ok bool) {
	for start < end {
		r, size := utf8.DecodeRuneInString(text[start:end])
		if inWord(r) {
			break
		}
		start += size
	}
	for start < end {
		r, size := utf8.DecodeLastRuneInString(text[start:end])
		if inWord(r) || r == '@' {
			break
		}
		end -= size
	}
	if end-start > longest || start >= end {
		return w, nil, false
	}
	s := Fold(text[start:end])
	w = Word{Text: s, Term: s, Start: start, End: end, Name: true}
	if at := strings.IndexByte(s, '@'); at > 0 {
		if strings.Count(s, "@") > 1 || !onlyName(s) {
			return w, nil, false
		}
		if strings.Contains(s[at:], ".") {
			return w, nil, true // an e-mail address
		}
		for _, part := range []Word{
			{Text: s[:at], Start: start, End: start + at, Name: true},
			{Text: s[at+1:], Start: start + at + 1, End: end, Name: true},
		} {
			if len(part.Text) > 1 && part.End <= end {
				parts = append(parts, part)
			}
		}
		return w, parts, true
	}
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == ',' })
	if len(fields) < 2 {
		return w, nil, false
	}
	digits, single, triples := true, true, true
	for i, field := range fields {
		for j := 0; j < len(field); j++ {
			if field[j] < '0' || field[j] > '9' {
				digits = false
			}
		}
		single = single && utf8.RuneCountInString(field) == 1
		triples = triples && (len(field) == 3 || i == 0 && len(field) < 3)
	}
	switch {
	case digits && strings.Trim(s, "0123456789.,") == "":
		if triples { // a telephone number or thousands: the points mean nothing
			w.Text = strings.Join(fields, "")
		} else {
			w.Text = strings.Join(fields, ".")
		}
	case single && !digits && !strings.Contains(s, ","):
		w.Text = strings.Join(fields, "")
	default:
		return w, nil, false
	}
	w.Term = w.Text
	return w, nil, true
}

// onlyName reports whether s holds only what addresses and product names are
// made of.
func onlyName(s string) bool {
	for _, r := range s {
		if !inWord(r) && !strings.ContainsRune("@.-_+", r) {
			return false
		}
	}
	return true
}
