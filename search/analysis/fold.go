package analysis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold writes text in lower case without accents, and every apostrophe and
// accent typed as one alike. It is meant for single words and short phrases.
func Fold(text string) string {
	ascii := true
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' {
			ascii = false
			break
		}
	}
	if ascii {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteByte(lower(byte(r)))
			continue
		}
		if plain, known := foldedLatin[r]; known {
			b.WriteString(plain)
			continue
		}
		for _, part := range norm.NFKD.String(string(unicode.ToLower(r))) {
			part = unicode.ToLower(part)
			if plain, known := foldedLatin[part]; known {
				b.WriteString(plain)
			} else if !unicode.Is(unicode.Mn, part) {
				b.WriteRune(part)
			}
		}
	}
	return b.String()
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// foldedLatin answers the common letters without a look into Unicode's tables.
var foldedLatin = map[rune]string{
	'à': "a", 'á': "a", 'â': "a", 'ä': "a", 'ã': "a", 'å': "a", 'À': "a", 'Á': "a", 'Ä': "a",
	'è': "e", 'é': "e", 'ê': "e", 'ë': "e", 'È': "e", 'É': "e",
	'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'Ì': "i", 'Í': "i",
	'ò': "o", 'ó': "o", 'ô': "o", 'ö': "o", 'Ò': "o", 'Ó': "o", 'ø': "o",
	'ù': "u", 'ú': "u", 'û': "u", 'ü': "u", 'Ù': "u", 'Ú': "u",
	'ç': "c", 'ñ': "n", 'ß': "ss", 'æ': "ae", 'œ': "oe",
	'’': "'", '‘': "'", '`': "'", '´': "'", 'ʼ': "'", '′': "'",
}
