package bot

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/search"
	"sportello/tickets"
)

// ActNotice is the action of events that tell a notice.
const ActNotice = "notice"

// Notices are answered where they are told: "risolto, grazie" closes a ticket
// that is said to be solved, "non va ancora" takes it up again, and what is
// said after an operator's question goes to the operator. A new question is
// answered like any other; the notice can still be answered by its choices.

// heed finds the notices that a message may answer: told before it was written,
// with nothing else said since, and nothing under way.
func (t *turn) heed() {
	if t.in.Choice != "" || t.conv.underWay() || t.conv.Operated() {
		return
	}
	for _, h := range t.conv.Heard {
		if h.Fresh && h.Seq < t.in.Seq {
			t.fresh = append(t.fresh, h)
			t.conv.Ticket = h.Number // it was spoken of last
			t.last, t.conv.Choices = h.Reply, h.Reply.Choices
			if h.Kind == NoticeWaiting || h.Kind == NoticeReminded {
				t.asked = append(t.asked, h)
			}
		}
	}
}

// narrow narrows the fresh notices down to the ticket that the message names,
// which may be one whose notice is not fresh any more.
func (t *turn) narrow() {
	number, named := tickets.ParseNumber(t.text, 0)
	if !named || t.in.Choice != "" || t.conv.underWay() {
		return
	}
	for _, one := range t.meant(number) {
		if h, heard := t.conv.heard(one); heard && h.Seq < t.in.Seq {
			t.fresh = []Heard{h}
			return
		}
	}
}

// noticed takes the message as the answer to a notice, if it is one.
func (t *turn) noticed() (bool, error) {
	t.narrow()
	if len(t.fresh) == 0 || !t.person.Known() {
		return t.notNoticed()
	}
	if t.typedNotice() || t.elsewhere() {
		return t.notNoticed()
	}
	var meant []Heard
	for _, h := range t.fresh {
		if answers, err := t.answers(h); err != nil {
			return true, err
		} else if answers {
			meant = append(meant, h)
		}
	}
	switch len(meant) {
	case 0:
		return t.notNoticed()
	case 1:
		return true, t.answerNotice(meant[0])
	}
	return true, t.askAbout(meant)
}

// notNoticed goes on with the other policies. Files that came with the words
// are kept for the ticket that may follow.
func (t *turn) notNoticed() (bool, error) {
	if len(t.fresh) > 0 && len(t.in.Attachments) > 0 {
		t.fresh = nil
		return t.attachmentsOnly()
	}
	return false, nil
}

// typedNotice reports whether the message is the label, or the number, of a
// choice of the notice.
func (t *turn) typedNotice() bool {
	words := strings.Join(plainWords(t.text), " ")
	if n, numbered := numberIn(t.text); numbered && n >= 1 && n <= len(t.conv.Choices) && !t.expectsWords() {
		return true
	}
	return slices.ContainsFunc(t.conv.Choices, func(c Choice) bool { return words != "" && words == strings.Join(plainWords(c.Label), " ") })
}

// expectsWords reports whether one of the fresh notices is a question, so that
// "2" may well be its answer.
func (t *turn) expectsWords() bool {
	return slices.ContainsFunc(t.fresh, func(h Heard) bool { return h.converses() && h.Bond != AsObserver })
}

// converses reports whether what is said after the notice is for the operator.
func (h Heard) converses() bool {
	return h.Kind == NoticeWaiting || h.Kind == NoticeReminded || h.Kind == NoticeMessage
}

// decides reports whether the notice asks if the matter is settled.
func (h Heard) decides() bool {
	return h.Kind == NoticeSolved || h.Kind == NoticeWarned || h.Kind == NoticeClosed
}

// elsewhere reports whether the message is a command or a courtesy that has
// nothing to do with notices.
func (t *turn) elsewhere() bool {
	switch t.intent {
	case Cancel, Stop, Restart, Repeat, Human, SpeakItalian, SpeakEnglish, ForgetMe, TicketOpen, TicketThird, TicketStatus,
		TicketMessage, TicketClose, TicketReopen, TicketRate, Services, Chats, Elsewhere, Greet, Goodbye, Insult, Help, Identity, WhoAmI, Privacy:
		return true
	}
	return anotherMatter.MatchString(t.text) || onlyNumber(t.text) || t.intent != "" && t.asksContacts() || wantsTicket(t.text)
}

var (
	anotherMatter = regexp.MustCompile(`(?i)\b(?:altr[oa]|nuov[oa]|divers[oa]) (?:problema|ticket|argomento|cosa|domanda|richiesta|questione)\b|\b(?:another|new|different) (?:problem|ticket|matter|question|request|thing|issue)\b`)
	stillTheSame  = regexp.MustCompile(`(?i)\b(?:ancora|continua|continuano|sempre|di nuovo|come prima|stess[oa]|peggio|still|again|same|keeps?)\b`)
	affirmed      = regexp.MustCompile(`(?i)\b(?:ok|okay|va bene|perfetto|benissimo|ottimo|bene|certo|fine|great|perfect)\b`)
)

// agrees, denies and thanks are what a few words say to "is it solved?".
func (t *turn) agrees() bool {
	return t.intent == Solved || t.intent == Yes || t.intent == Thanks && affirmed.MatchString(t.text)
}

func (t *turn) denies() bool { return t.intent == Unsolved || t.intent == No || t.intent == None }

// answers reports whether the message is an answer to this notice.
func (t *turn) answers(h Heard) (bool, error) {
	if h.Bond == AsObserver {
		return false, nil
	}
	switch {
	case h.converses():
		if !strings.HasSuffix(strings.TrimSpace(t.text), "?") || stillTheSame.MatchString(t.text) {
			return true, nil
		}
		known, err := t.knows(search.Answer)
		return !known, err
	case h.decides():
		if t.intent == Thanks || t.agrees() || t.denies() || t.text == "" || stillTheSame.MatchString(t.text) {
			return true, nil
		}
		if other, err := t.namesAnother(h.Number); other || err != nil {
			return false, err
		}
		if strings.HasSuffix(strings.TrimSpace(t.text), "?") {
			known, err := t.knows(search.Clarify)
			return !known, err
		}
		known, err := t.knows(search.Answer)
		return !known && len(plainWords(t.text)) > 2, err
	}
	return t.intent == Solved && t.mentions(), nil
}

// namesAnother reports whether the message is about another application than
// the ticket.
func (t *turn) namesAnother(number tickets.Number) (bool, error) {
	named := t.applicationOf(t.text)
	if named == "" {
		return false, nil
	}
	one, err := t.mine(string(number))
	if fault.Is(err, fault.NotFound) {
		return true, nil
	}
	about := one.Application
	if about == "" {
		about = t.applicationOf(one.Subject)
	}
	return about != "" && about != named, err
}

// mentions reports whether nothing else may be meant by "risolto" than the
// ticket: no answer waits to be judged.
func (t *turn) mentions() bool { return t.conv.Asked.What != "solved" }

// knows reports whether the knowledge base has an answer, or something near to
// one, to what was said: then it is a question of its own.
func (t *turn) knows(least search.Decision) (bool, error) {
	r, err := t.find(t.question())
	return r.Decision == search.Answer || least == search.Clarify && r.Decision == search.Clarify, err
}

// answerNotice does what the message says to a notice.
func (t *turn) answerNotice(h Heard) error {
	one, err := t.mine(string(h.Number))
	if fault.Is(err, fault.NotFound) { // it is theirs no more
		t.say("refuse", "ticket.not_found", "ticket.not_found", fault.Values{"Number": h.Number}, t.choice("status", "choice.status"))
		t.change(Change{Answered: []tickets.Number{h.Number}})
		return nil
	}
	if err != nil {
		return err
	}
	switch {
	case h.converses():
		return t.replyTo(one)
	case h.decides():
		return t.settle(one)
	}
	return t.ticketErrand("close", string(one.Number))
}

// replyTo sends what was said to the operator. Thanks alone are none of it, and
// "risolto" is worth a question.
func (t *turn) replyTo(one tickets.Ticket) error {
	switch {
	case t.intent == Solved && one.Status.CanBecome(tickets.Closed) && len(t.in.Attachments) == 0:
		t.change(Change{Answered: []tickets.Number{one.Number}})
		return t.ticketErrand("close", string(one.Number))
	case t.intent == Thanks && len(t.in.Attachments) == 0:
		phrase := "bot.thank"
		if one.Status == tickets.Waiting {
			phrase = "notice.chat.thank_waiting"
		}
		t.say("thank", "", phrase, fault.Values{"Number": one.Number})
		t.change(Change{Attends: &one.Number})
		return nil
	}
	return t.passOn(one)
}

// passOn adds what was said to the ticket. On one that is closed it is the
// reason to take it up again.
func (t *turn) passOn(one tickets.Ticket) error {
	if one.Status == tickets.Closed {
		return t.takeUpAgain(one)
	}
	return t.writeTo(one)
}

// writeTo adds what was said to the ticket, as a message. Who meant something
// else, to which there may be an answer, gets that by a tap.
func (t *turn) writeTo(one tickets.Ticket) error {
	change, err := one.Say(tickets.Message{Text: t.text, Attachments: t.in.Attachments}, t.stamp())
	if err != nil {
		return t.refuseTicket(err, one)
	}
	t.keep(change)
	offer := []Choice{t.choice("show:"+string(one.Number), "choice.show_ticket")}
	if len(t.fresh) > 0 && len(plainWords(t.text)) > 3 {
		known, err := t.knows(search.Clarify)
		if err != nil {
			return err
		}
		if known {
			offer = append(offer, t.choice("question:"+strconv.FormatInt(t.in.Seq, 10), "choice.other_question"))
		}
	}
	t.say("message", string(one.Number), "ticket.chat.message_sent", fault.Values{"Number": one.Number}, offer...).Reply.Ticket = t.ref(change.Ticket)
	t.change(Change{Answered: []tickets.Number{one.Number}, Ticket: &one.Number, Asked: &Asked{}})
	return nil
}

// settle closes a ticket that is said to be solved, or takes it up again.
func (t *turn) settle(one tickets.Ticket) error {
	switch {
	case t.agrees() && one.Status.CanBecome(tickets.Closed):
		return t.closeSettled(one)
	case t.agrees():
		t.change(Change{Answered: []tickets.Number{one.Number}})
		return t.offerRating(one)
	case t.intent == Thanks:
		t.say("thank", "", "bot.thank", nil)
		t.change(Change{Attends: &one.Number})
		return nil
	case (t.denies() || stillTheSame.MatchString(t.text)) && one.Status.CanBecome(tickets.Reopened):
		return t.takeUpAgain(one)
	}
	return t.passOn(one)
}

// closeSettled closes the ticket, and asks what the service was like.
func (t *turn) closeSettled(one tickets.Ticket) error {
	change, err := one.Close("", t.stamp())
	if err != nil {
		return t.refuseTicket(err, one)
	}
	t.keep(change)
	t.sayClosed(change.Ticket)
	t.change(Change{Answered: []tickets.Number{one.Number}, Ticket: &one.Number})
	return nil
}

// sayClosed tells that a ticket is closed and until when it can be taken up
// again, and offers to rate the service.
func (t *turn) sayClosed(one tickets.Ticket) {
	t.say("close", string(one.Number), "ticket.chat.closed", fault.Values{"Number": one.Number, "Days": int(t.Terms.Reopening().Hours() / 24)},
		t.choice("yes", "choice.rate_ticket"), t.choice("no", "choice.not_now")).Reply.Ticket = t.ref(one)
	t.change(Change{Asked: &Asked{What: "rate", Object: string(one.Number)}})
}

// offerRating offers to rate the service on a ticket that is closed already.
func (t *turn) offerRating(one tickets.Ticket) error {
	if one.Rating != nil || !account.Can(t.person, account.RateTicket, one.Thing()) || !suits("rate", one) {
		t.say("thank", "", "bot.glad", nil)
		t.done()
		return nil
	}
	return t.askScore(one)
}

// takeUpAgain reopens a ticket. What was said is the reason; a mere "no" is
// worth the question what is wrong.
func (t *turn) takeUpAgain(one tickets.Ticket) error {
	change, err := one.Reopen(t.text, t.Terms.Reopening(), t.stamp())
	if err != nil {
		return t.refuseTicket(err, one)
	}
	t.keep(change)
	if len(t.in.Attachments) > 0 {
		if change, err = change.Ticket.Say(tickets.Message{Attachments: t.in.Attachments}, t.stamp()); err != nil {
			return t.refuseTicket(err, one)
		}
		t.keep(change)
	}
	phrase, asked := "ticket.chat.reopened", Asked{}
	offer := []Choice{t.choice("show:"+string(one.Number), "choice.show_ticket")}
	if t.denies() && len(plainWords(t.text)) <= 4 {
		phrase, asked = "notice.chat.reopened", Asked{What: "message", Object: string(one.Number)}
		offer = append(offer, t.choice("enough", "choice.nothing_more"))
	}
	t.say("reopen", string(one.Number), phrase, fault.Values{"Number": one.Number}, offer...).Reply.Ticket = t.ref(change.Ticket)
	t.change(Change{Answered: []tickets.Number{one.Number}, Ticket: &one.Number, Asked: &asked})
	return nil
}

// askAbout asks which of several tickets the message is about. It is read again
// once that is known.
func (t *turn) askAbout(meant []Heard) error {
	var offer []Choice
	for _, h := range meant[:min(listed, len(meant))] {
		label := string(h.Number)
		if one, err := t.mine(label); err == nil {
			label += " " + one.Subject
		}
		offer = append(offer, t.labelled("about:"+string(h.Number), label))
	}
	t.say("ask", "which-ticket", "ticket.chat.which", nil, append(offer, t.choice("cancel", "choice.cancel"))...)
	t.change(Change{Asked: &Asked{What: "about", Object: strconv.FormatInt(t.in.Seq, 10)}})
	return nil
}

// takeAbout does to this ticket's notice what an earlier message said.
func (t *turn) takeAbout(number string) error {
	h, heard := t.conv.heard(tickets.Number(number))
	seq, err := strconv.ParseInt(t.conv.Asked.Object, 10, 64)
	if !heard || err != nil || t.conv.Asked.What != "about" {
		return t.noLonger()
	}
	if heard, err := t.sayAgain(seq); !heard || err != nil {
		return err
	}
	t.change(Change{Asked: &Asked{}})
	return t.answerNotice(h)
}

// sayAgain takes an earlier message in the place of this one; false: it cannot.
func (t *turn) sayAgain(seq int64) (bool, error) {
	said, is, err := t.Event(t.ctx, t.conv.ID, seq)
	if err != nil {
		return false, err
	}
	if !is || said.Author != User {
		return false, t.noLonger()
	}
	t.text, t.in.Attachments = said.Text, said.Attachments
	t.intent = t.hear()
	return true, nil
}

// takeQuestion answers, as a question, what was passed on to an operator.
func (t *turn) takeQuestion(of string) error {
	seq, err := strconv.ParseInt(of, 10, 64)
	if err != nil {
		return t.noLonger()
	}
	if heard, err := t.sayAgain(seq); !heard || err != nil {
		return err
	}
	_, err = t.answer()
	return err
}

// settleByTap answers "is it solved?" by a choice.
func (t *turn) settleByTap(one tickets.Ticket, solved bool) error {
	switch {
	case solved:
		t.intent = Solved
		return t.settle(one)
	case one.Status.CanBecome(tickets.Reopened):
		return t.ticketErrand("reopen", string(one.Number))
	}
	return t.ticketErrand("message", string(one.Number)) // it was to be closed for want of an answer
}

// offerReply reminds of an operator's question that something else came before:
// the answer to that gets one choice more.
func (t *turn) offerReply() {
	if t.conv.underWay() || len(t.result.Events) == 0 {
		return
	}
	last := &t.result.Events[len(t.result.Events)-1]
	for _, asked := range t.asked {
		h, open := t.conv.heard(asked.Number)
		if !open || h.Fresh || last.Reply == nil || last.Act == ActNotice {
			continue
		}
		reply := *last.Reply
		reply.Choices = append(slices.Clone(reply.Choices), t.choice("reply:"+string(h.Number), "choice.reply_ticket", fault.Values{"Number": h.Number}))
		last.Reply = &reply
		t.conv.Choices, t.conv.Last = reply.Choices, &reply
	}
}
