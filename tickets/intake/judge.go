package intake

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"sportello/account"
)

// verdict is what a mail may become, judged by its header and envelope alone.
// A mail without an outcome may become a ticket.
type verdict struct {
	outcome Outcome
	reason  Reason
	from    Address // the one sender, if there is one
}

// maxReceived is how many servers a mail may have passed.
const maxReceived = 40

// OwnMark is the line that our letters carry, so that we know them again.
const OwnMark = "X-Sportello"

// judge decides what can be decided without knowing the person. The order
// matters: what must never be answered comes first.
func (i *Intake) judge(m Mail, e Envelope) verdict {
	h := m.header
	from := Address{}
	if len(m.Senders) == 1 {
		from = m.Senders[0]
	}
	held := func(r Reason) verdict { return verdict{Held, r, from} }
	switch {
	case i.loops(m, from):
		return verdict{Ignored, Loop, from}
	case bounce(h, e, from):
		return verdict{Bounced, "", from}
	case receipt(h):
		return verdict{Ignored, Receipt, from}
	case automaticReply(h, m.Subject):
		return verdict{Ignored, Reply, from}
	case m.Bomb:
		return held(Bomb)
	case list(h):
		return held(List)
	case automatic(h, e):
		return held(Automatic)
	case len(m.Senders) > 1 || len(h.all("from")) > 1:
		return held(Senders)
	case from.Email == "":
		return held(NoSender)
	case disguised(from):
		return held(Disguised)
	}
	_, domain, _ := strings.Cut(from.Email, "@")
	switch {
	case !i.Config.relay().vouches(h, domain):
		return held(Unauthenticated)
	case certified(h):
		return held(Certified) // its sender is a machine: the person stands elsewhere
	case oneOf(domain, i.Config.PEC):
		return verdict{Refused, Certified, from}
	case !oneOf(domain, i.domains()):
		return verdict{Refused, Outside, from}
	case i.sharedMailbox(from.Email):
		return verdict{Refused, Shared, from}
	}
	return verdict{from: from}
}

func (i *Intake) domains() []string {
	if len(i.Config.Domains) > 0 {
		return i.Config.Domains
	}
	return i.Domains.Employee
}

func oneOf(domain string, domains []string) bool {
	return slices.ContainsFunc(domains, func(d string) bool { return strings.EqualFold(d, domain) })
}

// sharedMailbox reports whether an address is one of the known offices'.
func (i *Intake) sharedMailbox(email string) bool {
	return slices.ContainsFunc(i.Config.Shared, func(pattern string) bool {
		match, err := path.Match(strings.ToLower(pattern), email)
		return err == nil && match
	})
}

// ownID is the shape of the Message-IDs of our letters: the letter's ID.
var ownID = regexp.MustCompile(`^[A-Z2-7]{26}@`)

// loops reports whether a letter of ours came back, or a mail has been going
// round.
func (i *Intake) loops(m Mail, from Address) bool {
	_, idDomain, _ := strings.Cut(m.MessageID, "@")
	own := ownID.MatchString(m.MessageID) && slices.ContainsFunc(i.Config.Addresses, func(a string) bool {
		return strings.EqualFold(a[strings.LastIndexByte(a, '@')+1:], idDomain)
	})
	return own || m.header.has(strings.ToLower(OwnMark)) ||
		from.Email != "" && slices.ContainsFunc(i.Config.Addresses, func(a string) bool { return strings.EqualFold(a, from.Email) }) ||
		len(m.header.all("received")) > maxReceived
}

// reportType is what kind of report a mail is, if it is one.
func reportType(h header) string {
	kind := strings.ToLower(h.get("content-type"))
	if !strings.HasPrefix(kind, "multipart/report") {
		return ""
	}
	for _, known := range []string{"delivery-status", "disposition-notification", "feedback-report"} {
		if strings.Contains(kind, known) {
			return known
		}
	}
	return "unknown"
}

var daemon = regexp.MustCompile(`^(?:mailer-daemon|postmaster|mail-daemon|mailerdaemon)@`)

// bounce reports whether a mail says that a letter could not be delivered.
func bounce(h header, e Envelope, from Address) bool {
	return reportType(h) == "delivery-status" || e.null(h) && daemon.MatchString(from.Email) || h.has("x-failed-recipients")
}

// receipt reports whether a mail says that another one arrived or was read,
// also by certified mail.
func receipt(h header) bool {
	return reportType(h) == "disposition-notification" || h.has("x-ricevuta", "x-tiporicevuta")
}

var replySubject = regexp.MustCompile(`(?i)^(?:risposta automatica|automatic reply|auto(?:matic)?[ -]?(?:reply|response)|out of (?:the )?office|fuori (?:sede|ufficio)|assenza dall'ufficio|risposta di assenza|messaggio di assenza)\b`)

// automaticReply reports whether a machine answers a mail of ours.
func automaticReply(h header, subject string) bool {
	submitted, _, _ := strings.Cut(strings.ToLower(h.get("auto-submitted")), ";")
	return strings.TrimSpace(submitted) == "auto-replied" || strings.EqualFold(h.get("precedence"), "auto_reply") ||
		h.has("x-autoreply", "x-autorespond", "x-auto-reply", "x-vacation") ||
		replySubject.MatchString(subject) && h.has("x-auto-response-suppress", "auto-submitted", "x-ms-exchange-inbox-rules-loop", "in-reply-to")
}

func list(h header) bool {
	switch strings.ToLower(h.get("precedence")) {
	case "list", "bulk", "junk":
		return true
	}
	return h.has("list-id", "list-post", "list-unsubscribe", "list-help", "list-subscribe", "list-owner", "list-archive", "mailing-list", "feedback-id")
}

// automatic reports whether a program sent a mail that is no answer.
func automatic(h header, e Envelope) bool {
	submitted, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(h.get("auto-submitted"))), ";")
	return submitted != "" && strings.TrimSpace(submitted) != "no" || e.null(h) || reportType(h) != "" ||
		suppresses(h.get("x-auto-response-suppress"))
}

// suppresses reports whether the sender wants no answer by a machine.
func suppresses(value string) bool {
	return slices.ContainsFunc(strings.Split(value, ","), func(kind string) bool {
		kind = strings.TrimSpace(kind)
		return strings.EqualFold(kind, "all") || strings.EqualFold(kind, "autoreply")
	})
}

// disguised reports whether the name of a sender shows an address of another
// domain.
func disguised(from Address) bool {
	shown, found := account.FindAddress(strings.ReplaceAll(from.Name, "＠", "@"))
	if !found {
		return false
	}
	_, one, _ := strings.Cut(shown, "@")
	_, two, _ := strings.Cut(from.Email, "@")
	return one != two
}

// certified reports whether a mail comes in the envelope of certified mail.
func certified(h header) bool {
	return h.has("x-trasporto") || strings.HasPrefix(h.get("from"), `"Per conto di: `)
}
