package bot

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/search"
	"sportello/tickets"
)

// Case is what an operator should know who takes a conversation.
type Case struct {
	Conversation        // as it was when the floor was asked for
	Now          Floor  // who has it
	Holder       string // name of the operator who has it, if one has
	Opens        bool   // it is the last request: who has the floor got it by this one
	Person       account.Person
	Area         string // label of the branch of the phone tree that the request went to
	Since        time.Time
	Said         []Saying // the last exchanges, oldest first
	Open         []CaseTicket
	Articles     []Source // that may help, operators' own included
}

// Saying is something that was said.
type Saying struct {
	At    time.Time
	By    Author
	Text  string // CommonMark if the assistant said it
	Files []Attachment
}

// CaseTicket is a ticket of the person that is open.
type CaseTicket struct {
	Number  tickets.Number
	Subject string
	Status  tickets.Status
	URL     string // on the desk
}

// How much a Case tells.
const (
	mostSaid     = 10
	mostOpen     = 5
	mostArticles = 3
)

// Case tells what there is to know of the request that was the last one at seq.
func (e *Engine) Case(ctx context.Context, id ConversationID, seq int64) (c Case, err error) {
	defer fault.Wrap(&err, "tell the case of conversation %s", id)
	now, err := e.Conversation(ctx, id)
	if err != nil {
		return c, err
	}
	events, err := e.until(ctx, id, seq)
	if err != nil {
		return c, err
	}
	record, err := e.Store.Conversation(ctx, id)
	if err != nil {
		return c, err
	}
	// The story is the one before the request, however much was said since.
	if request := record.Conversation.Fold(events...).Request; request > 0 {
		events = slices.DeleteFunc(events, func(e Event) bool { return e.Seq > request })
	}
	c.Conversation, c.Now = record.Conversation.Fold(events...), now.Floor
	c.Opens = now.Request == c.Request
	c.Said = exchanges(events)
	if len(events) > 0 {
		c.Since = events[len(events)-1].At
	}
	if branch, known := e.Book.Branch(c.Branch); known {
		c.Area = branch.Label("it")
	}
	if now.Holder == ByOperator {
		holder, err := e.Accounts.Person(ctx, now.Operator)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return c, err
		}
		c.Holder = holder.Called()
	}
	if c.Articles, err = e.helpful(ctx, c); err != nil {
		return c, err
	}
	c.Person, err = e.Accounts.PersonByIdentity(ctx, c.Identity)
	if fault.Is(err, fault.NotFound) {
		return c, nil
	}
	if err == nil {
		c.Open, err = e.openTickets(ctx, c.Person.ID)
	}
	return c, err
}

// until are the events up to seq.
func (e *Engine) until(ctx context.Context, id ConversationID, seq int64) (all []Event, err error) {
	const page = 500
	for last := int64(0); last < seq; {
		events, err := e.Store.Events(ctx, id, last, int(min(page, seq-last)))
		if err != nil || len(events) == 0 {
			return all, err
		}
		all, last = append(all, events...), events[len(events)-1].Seq
	}
	return all, nil
}

// exchanges are the last things that were said before the end of events. Codes
// that were typed are none of it.
func exchanges(events []Event) (said []Saying) {
	for _, e := range slices.Backward(events) {
		if len(said) == mostSaid {
			break
		}
		s := Saying{At: e.At, By: e.Author}
		switch {
		case e.Author == User:
			if _, code := account.FindCode(e.Text); code && utf8.RuneCountInString(e.Text) <= 8 {
				continue
			}
			s.Text, s.Files = e.Text, e.Attachments
		case e.Spoken():
			s.Text, s.Files = e.Text, e.Attachments
		case e.Reply != nil && e.Act != "disclose" && e.Act != ActQueue && e.Act != ActTake:
			s.Text = e.Said()
		}
		if s.Text = strings.TrimSpace(s.Text); s.Text != "" || len(s.Files) > 0 {
			said = append(said, s)
		}
	}
	slices.Reverse(said)
	return said
}

// helpful are articles about what the person asks: what is under way first, then
// what they said last.
func (e *Engine) helpful(ctx context.Context, c Case) (all []Source, err error) {
	var questions []string
	if c.Form != nil {
		questions = append(questions, c.Form.Draft.Subject)
	}
	questions = append(questions, c.Topic.Question)
	for _, s := range slices.Backward(c.Said) {
		if s.By == User && len(plainWords(s.Text)) > 2 && e.Intents.Match(c.Lang, s.Text) == "" {
			questions = append(questions, s.Text)
		}
	}
	for _, question := range questions {
		if question == "" {
			continue
		}
		if all, err = e.articlesAbout(ctx, c.Lang, question); err != nil || len(all) > 0 {
			break
		}
	}
	return all, err
}

// articlesAbout are the best articles about a question, as operators may read
// them; none if it is not even likely that one of them is about it.
func (e *Engine) articlesAbout(ctx context.Context, lang, question string) (all []Source, err error) {
	audiences := []search.Audience{search.All, search.Employees, search.Operators}
	found, err := e.Search.Search(ctx, search.Query{Text: asked(maskedPart.ReplaceAllString(question, " ")), Lang: lang, Audiences: audiences, Limit: mostArticles})
	if err != nil || found.Decision == search.Abstain {
		return nil, err
	}
	for _, hit := range found.Hits {
		article, err := e.Library.Article(ctx, kb.Key{ID: hit.ID, Lang: hit.Lang}, []account.Audience{account.All, account.Employees, account.Operators})
		if fault.Is(err, fault.NotFound) { // archived this moment
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, Source{ID: article.ID, Title: article.Title, URL: article.URL()})
	}
	return all, nil
}

// openTickets are the latest of a person that are not closed.
func (e *Engine) openTickets(ctx context.Context, person account.PersonID) (all []CaseTicket, err error) {
	found, err := e.Tickets.Of(ctx, person, tickets.Filter{Limit: 20})
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		if len(all) < mostOpen && one.Status != tickets.Closed && one.Status != tickets.Cancelled {
			all = append(all, CaseTicket{Number: one.Number, Subject: one.Subject, Status: one.Status, URL: "/desk/ticket/" + string(one.Number)})
		}
	}
	return all, nil
}
