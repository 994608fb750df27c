package bot

import (
	"crypto/rand"
	"regexp"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
)

// MailChannel is the channel that letters are sent by.
const MailChannel = "mail"

// errand does something that needs to know the person, or finds out first who
// it is. Errands are remembered while an address is being confirmed.
func (t *turn) errand(what string) error {
	if t.conv.Public {
		return t.goPrivate(what)
	}
	if !t.person.Known() {
		t.change(Change{Errand: &what})
		return t.askAddress()
	}
	empty := ""
	if t.conv.Errand != "" {
		t.change(Change{Errand: &empty})
	}
	verb, number, _ := strings.Cut(what, ":")
	switch verb {
	case "open":
		return t.openForm(number == "other")
	case "status":
		return t.listTickets(number)
	case "request":
		return t.openRequest(number)
	case "carry":
		return t.takeCarried()
	case "address":
		t.whoAmI()
		return nil
	case "chats":
		return t.listChats()
	case "unlink":
		return t.unlinkChat(number)
	default:
		return t.ticketErrand(verb, number)
	}
}

// askAddress asks for an e-mail address to be confirmed by a code.
func (t *turn) askAddress() error {
	if t.conv.Public {
		return t.goPrivate("address")
	}
	if t.NoMail {
		t.say("refuse", "verify.no_mail", "verify.no_mail", fault.Values{"Number": t.Book.Number, "Portal": t.Book.Portal})
		t.done()
		return nil
	}
	if address, found := account.FindAddress(t.text); found && t.conv.Asked.What != "code" {
		return t.sendCode(address)
	}
	t.ask("email", "", "verify.email", nil, t.choice("cancel", "choice.cancel"))
	return nil
}

// takeAddress takes an address as the answer. Words without one are a new
// question.
func (t *turn) takeAddress() (bool, error) {
	address, found := account.FindAddress(t.text)
	if found {
		return true, t.sendCode(address)
	}
	if strings.Contains(t.text, "@") || len(plainWords(t.text)) <= 2 {
		t.ask("email", "", "verify.email_again", nil, t.choice("cancel", "choice.cancel"))
		return true, nil
	}
	return false, nil
}

// sendCode sends a one-time code to an address that may have an account.
func (t *turn) sendCode(text string) error {
	address, _, err := t.Domains.Decide(text)
	if err == nil {
		err = t.mayStillSend(address)
	}
	if err != nil {
		if t.conv.Asked.What == "code" { // the last code may still come
			return t.refuse(err, "code")
		}
		return t.refuse(err, "email")
	}
	challenge, code, err := account.NewChallenge(t.conv.Identity, address, t.now, t.Random)
	if err != nil {
		return err
	}
	t.result.Account.Challenge = &challenge
	t.result.Outbox = append(t.result.Outbox, Outgoing{
		ID: rand.Text(), Conversation: t.conv.ID, Channel: t.MailBy, To: address, Secret: true,
		Kind: LetterCode, Lang: t.conv.Lang, Expires: challenge.ExpiresAt,
		Subject:  t.Phrases.Say(t.conv.Lang, "mail.code.subject", nil),
		Markdown: t.tell("mail.code.body", fault.Values{"Code": code}),
	})
	t.ask("code", "", "verify.code", fault.Values{"Email": address},
		t.choice("resend", "choice.resend"), t.choice("address", "choice.other_address"), t.choice("cancel", "choice.cancel"))
	return nil
}

func (t *turn) mayStillSend(address string) error {
	sends, err := t.Accounts.Sends(t.ctx, t.conv.Identity, address, t.now.Add(-account.SendWindow))
	if err != nil {
		return err
	}
	return sends.Check(t.now)
}

// resend sends a new code to the address of the last one.
func (t *turn) resend() error {
	challenge, err := t.Accounts.Challenge(t.ctx, t.conv.Identity)
	if fault.Is(err, fault.NotFound) {
		return t.askAddress()
	}
	if err != nil {
		return err
	}
	return t.sendCode(challenge.Email)
}

// takeCode takes a code as the answer. A sentence without digits is a new
// question; the code stays valid.
func (t *turn) takeCode() (bool, error) {
	if address, found := account.FindAddress(t.text); found {
		return true, t.sendCode(address)
	}
	if t.intent == Yes || t.intent == Thanks {
		t.ask("code", "", "verify.code_wait", nil, t.choice("resend", "choice.resend"), t.choice("address", "choice.other_address"), t.choice("cancel", "choice.cancel"))
		return true, nil
	}
	if _, found := account.FindCode(t.text); !found && len(plainWords(t.text)) > 3 && !strings.ContainsAny(t.text, "0123456789‹") {
		return false, nil
	}
	challenge, err := t.Accounts.Challenge(t.ctx, t.conv.Identity)
	if fault.Is(err, fault.NotFound) {
		return true, t.askAddress()
	}
	if err != nil {
		return true, err
	}
	tried, wrong := challenge.Verify(t.text, t.now)
	t.result.Account.Challenge = &tried
	if wrong != nil {
		return true, t.refuse(wrong, "code")
	}
	return true, t.recognise(tried)
}

// bareCode reports whether the message is a one-time code and nothing else:
// one was sent, and something else was talked about meanwhile.
func (t *turn) bareCode() bool {
	return !t.person.Known() && t.conv.Errand != "" && sixDigits.MatchString(t.text)
}

var sixDigits = regexp.MustCompile(`^\s*\d{3}[ -]?\d{3}\s*$`)

// recognise links the identity to the owner of the address that was proved.
func (t *turn) recognise(proved account.Challenge) error {
	person, err := t.Accounts.PersonByEmail(t.ctx, proved.Email)
	if fault.Is(err, fault.NotFound) {
		_, external, refused := t.Domains.Decide(proved.Email)
		if refused != nil {
			return t.refuse(refused, "email")
		}
		person = account.NewPerson(proved.Email, external, t.conv.Lang, t.now)
		t.result.Account.Person = &person
	} else if err != nil {
		return err
	}
	t.result.Account.Spent = &proved.Identity
	t.result.Account.Link = &account.Link{Identity: proved.Identity, Person: person.ID, At: t.now}
	t.person, t.text = person, ""
	t.say(recognised, "", "verify.done", fault.Values{"Email": person.Email})
	t.done()
	if t.conv.Errand == "" {
		return nil
	}
	return t.errand(t.conv.Errand)
}

// refuse tells what is wrong with an answer and waits for another one.
func (t *turn) refuse(err error, what string) error {
	phrase, values := fault.Public(err)
	if phrase == "error.internal" {
		return err
	}
	offer := []Choice{t.choice("cancel", "choice.cancel")}
	if what == "code" {
		offer = append([]Choice{t.choice("resend", "choice.resend"), t.choice("address", "choice.other_address")}, offer...)
	}
	t.say("refuse", phrase, phrase, values, offer...)
	t.change(Change{Asked: &Asked{What: what}})
	return nil
}
