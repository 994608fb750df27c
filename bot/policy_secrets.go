package bot

import (
	"regexp"
	"slices"
	"strings"

	"sportello/privacy"
	"sportello/search"
)

// warnMasked tells that secrets were taken out of the message, and why. It is
// sure only if nothing else is left to talk about.
func (t *turn) warnMasked() bool {
	for _, kind := range t.in.Masked {
		phrase := privacy.Kind(kind).Phrase()
		if !t.traits(t.conv).Erases && len(t.in.Fields) == 0 { // what is typed into a form is in no chat
			phrase = "privacy.visible." + kind
		}
		t.say("warn", kind, phrase, nil)
	}
	if len(t.in.Masked) == 0 {
		return false
	}
	rest := maskedPart.ReplaceAllString(t.text, " ")
	if slices.ContainsFunc(plainWords(rest), tells) || t.awaitsWords() || t.conv.Asked.What == "code" || t.conv.Asked.What == "email" {
		return false
	}
	if t.last != nil && len(t.last.Choices) > 0 { // they still stand
		t.result.Events[len(t.result.Events)-1].Reply.Choices = t.last.Choices
		return true
	}
	t.say("ask", "question", "bot.what", nil)
	return true
}

// tells reports whether a word tells something besides a secret.
func tells(word string) bool { return !light[stem(word)] && !slices.Contains(secretWords, word) }

var secretWords = strings.Fields(`password pw pwd psw pass parola chiave pin puk otp codice fiscale cf iban carta numero cellulare cell telefono
	tax code card number phone mobile nuova vecchia attuale segreta new old scrivo ecco`)

// maskedPart is what privacy.Mask puts in the place of a secret.
var maskedPart = regexp.MustCompile(`‹[^›]*›`)

// longestPlain is how long a text may be to tell a language: what is longer was
// pasted, such as a stack trace.
const longestPlain = 600

// chooseLanguage follows a person who writes in the other language. A word or
// two are no evidence, nor is an answer to a question of ours.
func (t *turn) chooseLanguage() {
	if t.in.Choice != "" || t.in.Continue != "" || len(t.in.Fields) > 0 || t.conv.Asked.What == "field" || len(strings.Fields(t.text)) < 3 {
		return
	}
	if lang, sure := search.GuessLanguage(asked(t.text)); sure && lang != t.conv.Lang && len(asked(t.text)) < longestPlain {
		t.do("language", lang, &Change{Lang: &lang})
	}
}
