package intake

import (
	"crypto/rand"

	"sportello/internal/fault"
)

// refusal is the polite answer to a mail that becomes no ticket. It repeats
// nothing of the mail.
func (h *handling) refusal(v verdict) *Letter {
	lang := h.language()
	key := "intake.refused." + string(v.reason)
	values := fault.Values{"Site": h.SiteURL, "Phone": h.Phone}
	return &Letter{
		ID: rand.Text(), To: v.from.Email,
		Subject:  h.Phrases.Say(lang, "intake.refused.subject", values),
		Markdown: h.Phrases.Say(lang, key, values),
	}
}
