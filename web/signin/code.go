package signin

import (
	"crypto/rand"
	"net/http"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/web/ui"
)

// channel is that of browsers which ask for a code.
const channel = "browser"

// resendPause is how long a letter may take before another one is sent.
const resendPause = 30 * time.Second

type codePage struct {
	ui.Frame
	Problem string
	Notice  string
	Email   string
	Action  string
	Resend  string
	Other   string // where another address is given
	Wait    int    // seconds until another code may be asked for
	Cancel  string
}

func (v *visit) identity() account.Identity {
	return account.Identity{Channel: channel, PlatformID: v.get(keyAsked)}
}

// sendCode takes an address and sends a code there. What the page shows does
// not depend on whether the address is known.
func (p *Pages) sendCode(v *visit) error {
	page := enterPage{Of: "code", Email: v.r.FormValue("email")}
	if p.MailBy == "" {
		return p.showEnter(v, page, fault.New(fault.Unavailable, "signin.no_mail"))
	}
	address, err := account.Address(page.Email)
	if err != nil {
		return p.showEnter(v, page, err)
	}
	if err := p.throttle.Take(v.ctx, network(v.r)+" mails", account.MailsFrom); err != nil {
		return p.showEnter(v, page, err)
	}
	if err := v.start(); err != nil {
		return err
	}
	v.put(keyAsked, rand.Text())
	v.put(keyEmail, address)
	if err := p.mail(v, address); err != nil {
		return p.showEnter(v, page, err)
	}
	if err := v.save(); err != nil {
		return err
	}
	return v.go_(paths[v.lang]["code"])
}

// mail stores a challenge, and the letter with its code unless the address is
// nobody's and may not become somebody's.
func (p *Pages) mail(v *visit, address string) error {
	now := p.Now()
	sends, err := p.Store.Sends(v.ctx, v.identity(), address, now.Add(-account.SendWindow))
	if err != nil {
		return err
	}
	if err := sends.Check(now); err != nil {
		return err
	}
	challenge, code, err := account.NewChallenge(v.identity(), address, now, rand.Reader)
	if err != nil {
		return err
	}
	var letters []bot.Outgoing
	if _, _, err := p.personFor(v, address); err == nil {
		letters = append(letters, bot.Outgoing{
			ID: rand.Text(), Channel: p.MailBy, To: address, Secret: true, Kind: bot.LetterCode, Lang: v.lang, Expires: challenge.ExpiresAt,
			Subject:  p.Phrases.Say(v.lang, "signin.code_subject", nil),
			Markdown: p.Phrases.Say(v.lang, "signin.code_letter", fault.Values{"Code": code}),
		})
	} else if !fault.Is(err, fault.Forbidden) {
		return err
	}
	if err := p.Post.Post(v.ctx, account.Change{Challenge: &challenge}, letters...); err != nil {
		return err
	}
	p.Sent()
	return nil
}

// resendCode sends another code to the same address.
func (p *Pages) resendCode(v *visit) error {
	address := v.get(keyEmail)
	if address == "" {
		return v.go_(paths[v.lang]["enter"])
	}
	if wait := p.wait(v); wait > 0 {
		return p.showCode(v, codePage{}, fault.New(fault.TooMany, "signin.code_wait", fault.Values{"Count": wait}))
	}
	if err := p.throttle.Take(v.ctx, network(v.r)+" mails", account.MailsFrom); err != nil {
		return p.showCode(v, codePage{}, err)
	}
	if err := p.mail(v, address); err != nil {
		return p.showCode(v, codePage{}, err)
	}
	return v.go_(paths[v.lang]["code"] + "?nuovo=1")
}

// wait is how many seconds to wait before another code.
func (p *Pages) wait(v *visit) int {
	challenge, err := p.Store.Challenge(v.ctx, v.identity())
	if err != nil {
		return 0
	}
	return int((challenge.SentAt.Add(resendPause).Sub(p.Now()) + time.Second - 1) / time.Second)
}

// askCode shows the field for the code.
func (p *Pages) askCode(v *visit) error {
	if v.get(keyEmail) == "" {
		return v.go_(paths[v.lang]["enter"])
	}
	page := codePage{}
	if v.r.URL.Query().Has("nuovo") {
		page.Notice = p.Phrases.Say(v.lang, "signin.code_sent_again", nil)
	}
	return p.showCode(v, page, nil)
}

func (p *Pages) showCode(v *visit, page codePage, wrong error) error {
	title, status := p.Phrases.Say(v.lang, "signin.code_title", nil), http.StatusOK
	if wrong != nil {
		if !known(wrong) {
			return wrong
		}
		key, values := fault.Public(wrong)
		page.Problem, status = p.Phrases.Say(v.lang, key, values), statusOf(wrong)
		title = p.Phrases.Say(v.lang, "signin.error_title", fault.Values{"Title": title})
	}
	at := paths[v.lang]
	page.Frame, page.Email = p.frame(v, title, both("code")), v.get(keyEmail)
	page.Action, page.Resend, page.Other = at["code"], at["resend"], at["enter"]+query(v.get(keyReturn))
	page.Wait, page.Cancel = max(0, p.wait(v)), v.back(v.get(keyReturn))
	return ui.Show(v.w, status, pages["code"], page)
}

// takeCode tries a code.
func (p *Pages) takeCode(v *visit) error {
	if v.get(keyEmail) == "" {
		return v.go_(paths[v.lang]["enter"])
	}
	if err := p.throttle.Take(v.ctx, network(v.r), account.ByNetwork); err != nil {
		return p.showCode(v, codePage{}, err)
	}
	identity := v.identity()
	challenge, err := p.Store.Challenge(v.ctx, identity)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			err = fault.New(fault.Invalid, "account.code_none").Because(err)
		}
		return p.showCode(v, codePage{}, err)
	}
	tried, wrong := challenge.Verify(v.r.FormValue("code"), p.Now())
	change := account.Change{Challenge: &tried}
	if wrong != nil {
		if err := p.Store.Apply(v.ctx, change); err != nil {
			wrong = err
		}
		return p.showCode(v, codePage{}, wrong)
	}
	person, fresh, err := p.personFor(v, tried.Email)
	if err != nil {
		return err
	}
	change.Spent = &identity
	if fresh {
		change.Person = &person
	}
	if err := p.Store.Apply(v.ctx, change); err != nil {
		return p.showCode(v, codePage{}, err)
	}
	return p.secondFactor(v, person)
}

// secondFactor asks whoever has an app for its code, and lets others in.
func (p *Pages) secondFactor(v *visit, person account.Person) error {
	c, err := p.Store.Credential(v.ctx, person.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if !c.Enrolled {
		return v.signIn(person)
	}
	v.put(keyEmail, "")
	v.put(keyAsked, "")
	v.put(keyFirst, string(person.ID))
	if err := v.save(); err != nil {
		return err
	}
	return v.go_(paths[v.lang]["app"])
}
