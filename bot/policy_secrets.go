package bot

import (
	"regexp"
	"strings"

	"sportello/privacy"
	"sportello/search"
)

// warnMasked tells that secrets were taken out of the message, and why. It is
// sure only if nothing else is left to talk about.
func (t *turn) warnMasked() bool {
	for _, kind := range t.in.Masked {
		t.say("warn", kind, privacy.Kind(kind).Phrase(), nil)
	}
	if len(t.in.Masked) == 0 {
		return false
	}
	rest := maskedPart.ReplaceAllString(t.text, " ")
	if len(plainWords(rest)) > 3 || t.awaitsWords() || t.conv.Asked.What == "code" || t.conv.Asked.What == "email" {
		return false
	}
	if t.last != nil && len(t.last.Choices) > 0 { // they still stand
		t.result.Events[len(t.result.Events)-1].Reply.Choices = t.last.Choices
		return true
	}
	t.say("ask", "question", "bot.what", nil)
	return true
}

// maskedPart is what privacy.Mask puts in the place of a secret.
var maskedPart = regexp.MustCompile(`‹[^›]*›`)

// longestPlain is how long a text may be to tell a language: what is longer was
// pasted, such as a stack trace.
const longestPlain = 600

// chooseLanguage follows a person who writes in the other language. A word or
// two are no evidence, nor is an answer to a question of ours.
func (t *turn) chooseLanguage() {
	if len(t.text) > longestPlain || t.in.Choice != "" || t.conv.Asked.What == "field" || len(strings.Fields(t.text)) < 3 {
		return
	}
	if lang, sure := search.GuessLanguage(t.text); sure && lang != t.conv.Lang {
		t.do("language", lang, &Change{Lang: &lang})
	}
}
