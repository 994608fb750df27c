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
	if len(plainWords(rest)) > 3 || t.conv.Asked.What != "" {
		return false
	}
	t.say("ask", "question", "bot.what", nil)
	return true
}

// maskedPart is what privacy.Mask puts in the place of a secret.
var maskedPart = regexp.MustCompile(`‹[^›]*›`)

// chooseLanguage follows a person who writes in the other language. A word or
// two are no evidence, nor is an answer to a question of ours.
func (t *turn) chooseLanguage() {
	if t.in.Choice != "" || t.conv.Asked.What == "field" || len(strings.Fields(t.text)) < 3 {
		return
	}
	if lang, sure := search.GuessLanguage(t.text); sure && lang != t.conv.Lang {
		t.do("language", lang, &Change{Lang: &lang})
	}
}
