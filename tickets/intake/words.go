package intake

import (
	"strings"
	"unicode/utf8"

	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/search"
)

// say tells something to operators, in the language of the service.
func (i *Intake) say(key string, values fault.Values) string {
	return i.Phrases.Say(phrases.Fallback, key, values)
}

// language is the one that a mail seems to be written in.
func (h *handling) language() string {
	lang, _ := search.GuessLanguage(h.mail.Subject + "\n" + shortened(h.mail.Text, 2000))
	return lang
}

// shortened cuts a text to so many characters, with a sign that it was longer.
func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	letters := []rune(text)[:most-1]
	if at := strings.LastIndexByte(string(letters), ' '); at > len(string(letters))*2/3 {
		return strings.TrimRight(string(letters)[:at], " ,:;") + "…"
	}
	return string(letters) + "…"
}
