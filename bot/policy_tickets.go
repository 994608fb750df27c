package bot

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/tickets"
)

// listed is how many tickets a list shows; the portal shows them all.
const listed = 5

// statusErrand is the errand for a list of all tickets, of the open ones or of
// those that are not any more.
func statusErrand(text string) string {
	switch {
	case onlyOpen.MatchString(text):
		return "status:open"
	case onlyClosed.MatchString(text):
		return "status:closed"
	}
	return "status"
}

var (
	onlyOpen   = regexp.MustCompile(`(?i)\b(?:apert[ie]|in corso|in sospeso|open|pending)\b`)
	onlyClosed = regexp.MustCompile(`(?i)\b(?:chius[ie]|risolt[ie]|conclus[ie]|closed|solved|resolved)\b`)
)

// listTickets tells how all tickets of the person are going, whatever channel
// opened them (F4a), or only the open or the closed ones.
func (t *turn) listTickets(which string) error {
	filter, suffix := tickets.Filter{Limit: listed + 1}, ""
	if which == "open" || which == "closed" {
		suffix = "_" + which
		for _, s := range tickets.Statuses {
			if s.Open() == (which == "open") {
				filter.Statuses = append(filter.Statuses, s)
			}
		}
	}
	mine, err := t.Tickets.Of(t.ctx, t.person.ID, filter)
	if err != nil {
		return err
	}
	switch {
	case len(mine) == 0 && suffix != "":
		t.say("status", "none", "ticket.chat.none"+suffix, nil, t.choice("status", "choice.status"), t.choice("ticket", "choice.ticket"))
		t.done()
		return nil
	case len(mine) == 0:
		t.say("status", "none", "ticket.chat.none", nil, t.choice("ticket", "choice.ticket"))
		t.done()
		return nil
	case len(mine) == 1:
		return t.showTicket(mine[0])
	}
	more := len(mine) > listed
	mine = mine[:min(listed, len(mine))]
	var lines []string
	var offer []Choice
	for _, one := range mine {
		lines = append(lines, fmt.Sprintf("- **%s** %s: %s (%s)", one.Number, quote(one.Subject), quote(t.statusLabel(one.Status)), quote(t.origin(one))))
		offer = append(offer, t.labelled("show:"+string(one.Number), string(one.Number)))
	}
	phrase := "ticket.chat.list" + suffix
	if more && suffix == "" {
		phrase = "ticket.chat.list_more"
	}
	t.say("status", strconv.Itoa(len(mine)), phrase, fault.Values{"List": Markdown(strings.Join(lines, "\n"))}, offer...)
	t.done()
	return nil
}

// origin says by which channel a ticket came, and what the person is to it if
// they did not open it.
func (t *turn) origin(one tickets.Ticket) string {
	told := t.Phrases.Say(t.conv.Lang, "ticket.chat.by_channel", fault.Values{"Channel": t.channelName(one.Channel)})
	switch bond, _ := BondOf(one, t.person.ID); bond {
	case AsBeneficiary:
		told += ", " + t.Phrases.Say(t.conv.Lang, "ticket.chat.as_beneficiary", nil)
	case AsObserver:
		told += ", " + t.Phrases.Say(t.conv.Lang, "ticket.chat.as_observer", nil)
	}
	return told
}

func (t *turn) statusLabel(s tickets.Status) string {
	return t.Phrases.Say(t.conv.Lang, s.Phrase(), nil)
}

func (t *turn) ref(one tickets.Ticket) *TicketRef {
	return &TicketRef{ID: string(one.ID), Number: string(one.Number), Status: string(one.Status)}
}

// ticketErrand does something to the ticket of this number, or asks which one
// is meant.
func (t *turn) ticketErrand(verb, number string) error {
	if which, asked := strings.CutPrefix(verb, "which-"); asked {
		return t.chooseTicket(which)
	}
	one, err := t.mine(number)
	if fault.Is(err, fault.NotFound) {
		t.say("refuse", "ticket.not_found", "ticket.not_found", fault.Values{"Number": number}, t.choice("status", "choice.status"))
		t.done()
		return nil
	}
	if err != nil {
		return err
	}
	switch verb {
	case "show":
		return t.showTicket(one)
	case "message":
		t.ask("message", string(one.Number), "ticket.chat.ask_message", fault.Values{"Number": one.Number}, t.choice("cancel", "choice.cancel"))
	case "close":
		if err := t.mayMove(one, tickets.Closed, account.CloseTicket); err != nil {
			return t.refuseTicket(err, one)
		}
		t.ask("close", string(one.Number), "ticket.chat.ask_close", fault.Values{"Number": one.Number, "Subject": one.Subject}, t.choice("yes", "choice.yes"), t.choice("no", "choice.no"))
	case "reopen":
		if err := t.mayMove(one, tickets.Reopened, account.ReopenTicket); err != nil {
			return t.refuseTicket(err, one)
		}
		t.ask("reopen", string(one.Number), "ticket.chat.ask_reopen", fault.Values{"Number": one.Number}, t.choice("cancel", "choice.cancel"))
	case "rate":
		return t.askScore(one)
	case "attach":
		return t.attachTo(one)
	case "settled", "unsettled":
		return t.settleByTap(one, verb == "settled")
	}
	t.change(Change{Ticket: &one.Number})
	return nil
}

func (t *turn) mayMove(one tickets.Ticket, to tickets.Status, act account.Act) error {
	switch {
	case !account.Can(t.person, act, one.Thing()):
		return fault.New(fault.Forbidden, "ticket.not_allowed", fault.Values{"Number": one.Number})
	case !one.Status.CanBecome(to):
		return fault.New(fault.Invalid, "ticket.chat.cannot", fault.Values{"Number": one.Number, "Status": t.statusLabel(one.Status)})
	}
	return nil
}

// refuseTicket tells why not, and shows how the ticket stands.
func (t *turn) refuseTicket(err error, one tickets.Ticket) error {
	phrase, values := fault.Public(err)
	if phrase == "error.internal" {
		return err
	}
	t.say("refuse", phrase, phrase, values, t.choice("show:"+string(one.Number), "choice.show_ticket"))
	t.done()
	return nil
}

// chooseTicket asks which ticket is meant, unless the conversation says so or
// there is but one that it can be.
func (t *turn) chooseTicket(verb string) error {
	mine, err := t.Tickets.Of(t.ctx, t.person.ID, tickets.Filter{Limit: 50})
	if err != nil {
		return err
	}
	mine = slices.DeleteFunc(mine, func(one tickets.Ticket) bool { return !suits(verb, one) })
	for _, one := range mine {
		if one.Number == t.conv.Ticket || len(mine) == 1 {
			return t.ticketErrand(verb, string(one.Number))
		}
	}
	if len(mine) == 0 {
		t.say("status", "none", "ticket.chat.none_to_"+verb, nil, t.choice("status", "choice.status"), t.choice("ticket", "choice.ticket"))
		t.done()
		return nil
	}
	var offer []Choice
	for _, one := range mine[:min(listed, len(mine))] {
		offer = append(offer, t.labelled(verb+":"+string(one.Number), string(one.Number)+" "+one.Subject))
	}
	t.say("ask", "which-ticket", "ticket.chat.which", nil, append(offer, t.choice("cancel", "choice.cancel"))...)
	t.change(Change{Asked: &Asked{What: "which", Object: verb}})
	return nil
}

// suits reports whether a verb of ticketErrand makes sense for a ticket.
func suits(verb string, one tickets.Ticket) bool {
	switch verb {
	case "close":
		return one.Status.CanBecome(tickets.Closed)
	case "reopen":
		return one.Status.CanBecome(tickets.Reopened)
	case "rate":
		return one.Status == tickets.Solved || one.Status == tickets.Closed
	case "message":
		return one.Status != tickets.Closed && one.Status != tickets.Cancelled
	}
	return true
}

// showTicket tells how one ticket is going, with its last public history.
func (t *turn) showTicket(one tickets.Ticket) error {
	history, err := t.Tickets.History(t.ctx, one.ID)
	if err != nil {
		return err
	}
	var lines []string
	for _, e := range history {
		if line := "- " + t.historyLine(e); e.Public && line != "- " && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	lines = lines[max(0, len(lines)-6):]
	e := t.say("show", string(one.Number), "ticket.chat.show", fault.Values{
		"Number": one.Number, "Subject": one.Subject, "Status": t.statusLabel(one.Status),
		"Opened": phrases.DateTime(t.conv.Lang, one.OpenedAt.In(t.Book.Zone())), "History": Markdown(strings.Join(lines, "\n")),
	}, t.ticketChoices(one)...)
	e.Reply.Ticket = t.ref(one)
	t.change(Change{Ticket: &one.Number, Asked: &Asked{}})
	return nil
}

func (t *turn) historyLine(e tickets.Event) string {
	values := fault.Values{
		"At": phrases.DateTime(t.conv.Lang, e.At.In(t.Book.Zone())), "Text": strings.Join(strings.Fields(e.Text), " "),
		"Who": t.Phrases.Say(t.conv.Lang, "ticket.chat.by_desk", nil),
	}
	if e.By == t.person.ID {
		values["Who"] = t.Phrases.Say(t.conv.Lang, "ticket.chat.by_you", nil)
	}
	if e.To != "" {
		values["Status"] = t.statusLabel(e.To)
	}
	switch e.Kind {
	case tickets.KindOpened, tickets.KindMoved, tickets.KindMessage, tickets.KindRated, tickets.KindAttached:
		return t.tell("ticket.chat.history."+string(e.Kind), values)
	}
	return ""
}

// ticketChoices offers what the person may do to the ticket now.
func (t *turn) ticketChoices(one tickets.Ticket) []Choice {
	number := string(one.Number)
	var offer []Choice
	add := func(verb, phrase string, act account.Act) {
		if suits(verb, one) && account.Can(t.person, act, one.Thing()) {
			offer = append(offer, t.choice(verb+":"+number, phrase))
		}
	}
	add("message", "choice.write_ticket", account.WriteTicket)
	add("close", "choice.close_ticket", account.CloseTicket)
	add("rate", "choice.rate_ticket", account.RateTicket)
	add("reopen", "choice.reopen_ticket", account.ReopenTicket)
	return offer
}

// attachTo adds the files that came without words to a ticket.
func (t *turn) attachTo(one tickets.Ticket) error {
	topic := t.conv.Topic
	if len(topic.Attachments) == 0 {
		return t.ticketErrand("message", string(one.Number))
	}
	t.in.Attachments, topic.Attachments = topic.Attachments, nil
	t.change(Change{Topic: &topic})
	return t.writeTo(one)
}

// sendMessage adds the message to the ticket it was asked for.
func (t *turn) sendMessage(number string) error {
	one, err := t.mine(number)
	if err != nil {
		return err
	}
	return t.writeTo(one)
}

// agreed and declined answer the questions whether to close a ticket, and
// whether to rate the service then.
func (t *turn) agreed() error {
	if t.conv.Asked.What != "close" && t.conv.Asked.What != "rate" {
		return t.noLonger()
	}
	one, err := t.mine(t.conv.Asked.Object)
	if err != nil {
		return err
	}
	if t.conv.Asked.What == "rate" {
		return t.askScore(one)
	}
	return t.closeSettled(one)
}

func (t *turn) declined() error {
	if t.conv.Asked.What == "rate" {
		t.say("thank", "", "bot.fine", nil)
	} else {
		t.say("confirm", "unchanged", "ticket.chat.unchanged", nil)
	}
	t.done()
	return nil
}

// reopen takes the message as the reason.
func (t *turn) reopen(number string) error {
	one, err := t.mine(number)
	if err != nil {
		return err
	}
	change, err := one.Reopen(t.text, t.Terms.Reopening(), t.stamp())
	if err != nil {
		return t.refuseTicket(err, one)
	}
	t.keep(change)
	t.say("reopen", number, "ticket.chat.reopened", fault.Values{"Number": one.Number}, t.choice("show:"+number, "choice.show_ticket")).Reply.Ticket = t.ref(change.Ticket)
	t.change(Change{Asked: &Asked{}, Answered: []tickets.Number{one.Number}})
	return nil
}

// askScore asks for a rating from 1 to 5.
func (t *turn) askScore(one tickets.Ticket) error {
	if !suits("rate", one) {
		return t.refuseTicket(fault.New(fault.Invalid, "ticket.rate_open", fault.Values{"Number": one.Number}), one)
	}
	if !account.Can(t.person, account.RateTicket, one.Thing()) {
		return t.refuseTicket(fault.New(fault.Forbidden, "ticket.not_allowed", fault.Values{"Number": one.Number}), one)
	}
	var offer []Choice
	for score := 1; score <= 5; score++ {
		offer = append(offer, t.choice("score:"+strconv.Itoa(score), fmt.Sprintf("choice.score_%d", score)))
	}
	offer = append(offer, t.choice("cancel", "choice.cancel"))
	t.say("ask", "rating", "ticket.chat.ask_score", fault.Values{"Number": one.Number}, offer...)
	t.change(Change{Asked: &Asked{What: "score", Object: string(one.Number)}, Ticket: &one.Number})
	return nil
}

// takeScore takes a number written out; other words are a new question.
func (t *turn) takeScore() (bool, error) {
	n, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(t.text), "/5")))
	if err != nil {
		return false, nil
	}
	return true, t.score(strconv.Itoa(n))
}

// score keeps the rating and asks for a suggestion.
func (t *turn) score(text string) error {
	if t.conv.Asked.What != "score" {
		return t.noLonger()
	}
	number := t.conv.Asked.Object
	one, err := t.mine(number)
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(text) // no number is no valid score either
	change, err := one.Rate(n, "", t.stamp())
	if err != nil {
		phrase, values := fault.Public(err)
		if phrase == "error.internal" {
			return err
		}
		t.say("refuse", phrase, phrase, values)
		return t.askScore(one)
	}
	t.keep(change)
	t.ask("suggestion", number, "ticket.chat.ask_suggestion", fault.Values{"Number": one.Number}, t.choice("skip", "choice.skip"))
	return nil
}

// suggest adds the suggestion to the rating.
func (t *turn) suggest(number string) error {
	one, err := t.mine(number)
	if err != nil {
		return err
	}
	if one.Rating != nil && t.text != "" {
		change, err := one.Rate(one.Rating.Score, t.text, t.stamp())
		if err != nil {
			return t.refuseTicket(err, one)
		}
		t.keep(change)
	}
	return t.finishRating()
}

func (t *turn) finishRating() error {
	t.say("rate", string(t.conv.Ticket), "ticket.chat.rated", nil)
	t.done()
	return nil
}

// mine returns the first ticket of this number that the person may see.
func (t *turn) mine(number string) (found tickets.Ticket, err error) {
	for _, one := range t.meant(tickets.Number(number)) {
		found, err = t.Tickets.ByNumber(t.ctx, one)
		if err == nil && !account.Can(t.person, account.ReadTicket, found.Thing()) {
			err = fault.New(fault.NotFound, "ticket.not_found", fault.Values{"Number": number})
		}
		if !fault.Is(err, fault.NotFound) {
			break
		}
	}
	return found, err
}
