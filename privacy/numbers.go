package privacy

import (
	"regexp"
	"strings"
)

// Secrets that are known by their shape.
var (
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)`)
	bearer     = regexp.MustCompile(`(?i)\bbearer\s+([a-z0-9._~+/=\-]{16,})`)
	webToken   = regexp.MustCompile(`\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?`)
	ownedToken = regexp.MustCompile(`\b(?:gh[pousr]_|github_pat_|glpat-|xox[abps]-|sk-|AKIA|AIza)[A-Za-z0-9_\-]{14,}`)

	ibanStart = regexp.MustCompile(`(?i)\b[a-z]{2}[ \-]?\d[ \-]?\d`)
	cardForm  = regexp.MustCompile(`\d{4}([ \-]?)\d{4}([ \-]?)\d{4}([ \-]?)\d{1,7}|3[47]\d{2}[ \-]?\d{6}[ \-]?\d{5}`)
	taxForm   = regexp.MustCompile(`(?i)[A-Z](?:[ \-]?[A-Z]){5}(?:[ \-]?[0-9LMNPQRSTUV]){2}[ \-]?[ABCDEHLMPRST](?:[ \-]?[0-9LMNPQRSTUV]){2}[ \-]?[A-Z](?:[ \-]?[0-9LMNPQRSTUV]){3}[ \-]?[A-Z]`)

	mobileForm = regexp.MustCompile(`(?:(?:\+ ?39|0039)[ .\-]?)?3[2-9]\d(?:[ ./\-]?\d){6,7}`)
	// numbers that people give after these words are no telephone numbers
	otherNumber = regexp.MustCompile(`(?i)(?:error[ei]?|codice|code|exit|status|ticket|richiesta|r\.?\s?g\.?|n\.?r?\.?|id|deposito|busta|protocollo|prot\.?|matricola|inventario|etichetta|serial[ei]?|seriale|fascicolo|procedimento|verde)[\s:.=#°(]*$`)
)

func keys(text string) []span {
	var spans []span
	for _, shape := range []struct {
		form *regexp.Regexp
		sign string // that each one holds
	}{{privateKey, "-----BEGIN "}, {webToken, "eyJ"}, {ownedToken, ""}} {
		if !strings.Contains(text, shape.sign) {
			continue
		}
		for _, at := range shape.form.FindAllStringIndex(text, -1) {
			spans = append(spans, span{at[0], at[1], Key})
		}
	}
	for _, at := range bearer.FindAllStringSubmatchIndex(text, -1) {
		spans = append(spans, span{at[2], at[3], Key})
	}
	return spans
}

// candidates calls is with each match of form, also with those that begin
// within a match that was none. is returns where the secret ends, or -1.
func candidates(text string, form *regexp.Regexp, kind Kind, is func(start, end int) int) []span {
	var spans []span
	for at := 0; at < len(text); {
		match := form.FindStringIndex(text[at:])
		if match == nil {
			break
		}
		start, end := at+match[0], at+match[1]
		if end = is(start, end); end < 0 {
			at = start + 1
			continue
		}
		spans = append(spans, span{start, end, kind})
		at = end
	}
	return spans
}

// alone reports whether text[start:end] is not part of a longer word or number.
func alone(text string, start, end int) bool {
	if start > 0 && (isWord(text[start-1]) || start > 1 && joins(text[start-1]) && isDigit(text[start-2])) {
		return false
	}
	if end < len(text) && (isWord(text[end]) || end+1 < len(text) && joins(text[end]) && isDigit(text[end+1])) {
		return false
	}
	return true
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }
func isWord(b byte) bool {
	return isDigit(b) || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_'
}
func joins(b byte) bool { return b == '-' || b == '/' || b == '.' || b == ',' }

// bare is a value without the blanks and hyphens that people put in, in capitals.
func bare(value string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "", ".", "", "/", "").Replace(value))
}

func ibans(text string) []span {
	return candidates(text, ibanStart, IBAN, func(start, _ int) int {
		if start > 0 && isWord(text[start-1]) {
			return -1
		}
		return ibanEnd(text, start)
	})
}

// ibanEnd reads up to 34 letters and digits, and returns where the longest
// valid IBAN among them ends. Two words beside a number are none: most of an
// IBAN is digits.
func ibanEnd(text string, start int) int {
	var value []byte
	found, digits := -1, 0
	for at := start; at < len(text) && len(value) < 34; at++ {
		c := text[at]
		switch {
		case isDigit(c):
			digits++
			value = append(value, c)
		case isWord(c) && c != '_':
			value = append(value, c&^0x20) // capitals
		case (c == ' ' || c == '-') && at+1 < len(text) && isWord(text[at+1]):
			continue
		default:
			return found
		}
		ends := at+1 == len(text) || !isWord(text[at+1])
		if ends && len(value) >= 15 && digits >= 10 && ibanLength(value) && mod97(value) == 1 {
			found = at + 1
		}
	}
	return found
}

// ibanLength knows the countries that people here write most; others may be
// of any length.
func ibanLength(value []byte) bool {
	length, known := map[string]int{"IT": 27, "SM": 27, "VA": 22, "FR": 27, "DE": 22, "ES": 24, "AT": 20, "CH": 21}[string(value[:2])]
	return !known || length == len(value)
}

func mod97(iban []byte) int {
	rest := 0
	for i := range iban {
		c := iban[(i+4)%len(iban)]
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest
}

func cards(text string) []span {
	return candidates(text, cardForm, Card, func(start, end int) int {
		number := bare(text[start:end])
		if !alone(text, start, end) || len(number) < 13 || !issued(number) || !luhn(number) {
			return -1
		}
		return end
	})
}

// issued reports whether a payment network gives out numbers like this one.
func issued(number string) bool {
	switch {
	case number[0] == '4':
		return len(number) == 13 || len(number) == 16 || len(number) == 19
	case number[:2] >= "51" && number[:2] <= "55", number[:4] >= "2221" && number[:4] <= "2720", number[:2] == "65", number[:4] == "6011":
		return len(number) == 16
	case number[:2] == "34", number[:2] == "37":
		return len(number) == 15
	case number[:2] == "50", number[:2] >= "56" && number[:2] <= "69":
		return len(number) >= 13 && len(number) <= 19
	}
	return false
}

func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func taxCodes(text string) []span {
	return candidates(text, taxForm, TaxCode, func(start, end int) int {
		if start > 0 && isWord(text[start-1]) || end < len(text) && isWord(text[end]) {
			return -1
		}
		code := bare(text[start:end])
		doubtful := len(code) != end-start // with blanks inside it may be words of a sentence
		for _, i := range []int{6, 7, 9, 10, 12, 13, 14} {
			doubtful = doubtful || !isDigit(code[i])
		}
		if doubtful && code[15] != checkLetter(code) {
			return -1
		}
		return end
	})
}

// checkLetter computes the sixteenth letter of a codice fiscale: characters in
// odd places have values of their own, those in even places their rank.
func checkLetter(code string) byte {
	odd := [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		rank := int(code[i] - 'A')
		if isDigit(code[i]) {
			rank = int(code[i] - '0')
		}
		if i%2 == 0 {
			rank = odd[rank] // places are counted from one
		}
		sum += rank
	}
	return byte('A' + sum%26)
}

func mobiles(text string) []span {
	return candidates(text, mobileForm, Mobile, func(start, end int) int {
		following := strings.HasPrefix(text[end:], "/3") // another one beside it
		if !alone(text, start, end) && !(following && alone(text[:end], start, end)) || otherNumber.MatchString(text[max(0, start-24):start]) {
			return -1
		}
		number := strings.TrimPrefix(bare(text[start:end]), "+")
		prefixed := strings.HasPrefix(number, "39") && text[start] == '+' || strings.HasPrefix(number, "0039")
		digits := len(strings.TrimPrefix(strings.TrimPrefix(number, "00"), "39"))
		if !prefixed {
			digits = len(number)
		}
		if digits == 10 || prefixed && digits == 9 {
			return end
		}
		return -1
	})
}
