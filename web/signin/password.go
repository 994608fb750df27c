package signin

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image/png"
	"net/http"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/web/ui"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
)

// takePassword tries a password. It takes as long, and says the same, whether
// the address is nobody's, has no password or another one.
func (p *Pages) takePassword(v *visit) error {
	if !p.Passwords {
		return fault.New(fault.NotFound, "error.not_found")
	}
	page := enterPage{Of: "password", Email: v.r.FormValue("email")}
	address, err := account.Address(page.Email)
	if err != nil {
		return p.showEnter(v, page, err)
	}
	for name, bounds := range map[string][]account.Bound{network(v.r): account.ByNetwork, "account " + address: account.ByAccount} {
		if err := p.throttle.Take(v.ctx, name, bounds); err != nil {
			return p.showEnter(v, page, err)
		}
	}
	person, err := p.Store.PersonByEmail(v.ctx, address)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	c, err := p.Store.Credential(v.ctx, person.ID)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if !c.Is(v.r.FormValue("password")) || !person.Known() {
		return p.showEnter(v, page, fault.New(fault.Invalid, "signin.password_wrong"))
	}
	if err := v.start(); err != nil {
		return err
	}
	next := "app"
	if c.Enrolled {
		v.put(keyFirst, string(person.ID))
	} else {
		next = "enrol"
		v.put(keyNew, string(person.ID))
		if len(c.Secret) == 0 {
			if err := p.Store.SaveCredential(v.ctx, c.WithSecret()); err != nil {
				return p.showEnter(v, page, err)
			}
		}
	}
	if err := v.save(); err != nil {
		return err
	}
	return v.go_(paths[v.lang][next])
}

type appPage struct {
	ui.Frame
	Problem string
	Action  string
	Cancel  string
}

// askApp asks for a code of the app.
func (p *Pages) askApp(v *visit) error {
	if v.get(keyFirst) == "" {
		return v.go_(paths[v.lang]["enter"])
	}
	return p.showApp(v, nil)
}

func (p *Pages) showApp(v *visit, wrong error) error {
	title, problem, status, err := p.told(v, "signin.app_title", wrong)
	if err != nil {
		return err
	}
	page := appPage{Frame: p.frame(v, title, both("app")), Problem: problem, Action: paths[v.lang]["app"], Cancel: v.back(v.get(keyReturn))}
	return ui.Show(v.w, status, pages["app"], page)
}

// told is a page's title, what went wrong in words, and the status for both. A
// failure that is not for people comes back.
func (p *Pages) told(v *visit, title string, wrong error) (string, string, int, error) {
	said := p.Phrases.Say(v.lang, title, nil)
	if wrong == nil {
		return said, "", http.StatusOK, nil
	}
	if !known(wrong) {
		return "", "", 0, wrong
	}
	key, values := fault.Public(wrong)
	return p.Phrases.Say(v.lang, "signin.error_title", fault.Values{"Title": said}), p.Phrases.Say(v.lang, key, values), statusOf(wrong), nil
}

// takeApp tries a code of the app, or a recovery code.
func (p *Pages) takeApp(v *visit) error {
	person, c, err := p.owing(v, keyFirst)
	if err != nil || !person.Known() {
		return err
	}
	if err := p.throttle.Take(v.ctx, "app "+string(person.ID), account.ByAccount); err != nil {
		return p.showApp(v, err)
	}
	proved, err := c.Prove(v.r.FormValue("code"), p.Now())
	if err == nil {
		err = p.Store.SaveCredential(v.ctx, proved)
	}
	if err != nil {
		return p.showApp(v, err)
	}
	if err := p.forgive(v, person); err != nil {
		return err
	}
	return v.signIn(person)
}

func (p *Pages) forgive(v *visit, person account.Person) error {
	for _, name := range []string{"account " + person.Email, "app " + string(person.ID)} {
		if err := p.throttle.Forgive(v.ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// owing is who gave the right password and owes something else; where nobody
// does, the visitor is led to the beginning.
func (p *Pages) owing(v *visit, key string) (account.Person, account.Credential, error) {
	id := account.PersonID(v.get(key))
	if id == "" {
		return account.Person{}, account.Credential{}, v.go_(paths[v.lang]["enter"])
	}
	person, err := p.Store.Person(v.ctx, id)
	if err != nil {
		return account.Person{}, account.Credential{}, err
	}
	c, err := p.Store.Credential(v.ctx, id)
	return person, c, err
}

type enrolPage struct {
	ui.Frame
	Problem string
	QR      template.URL
	Key     string
	URI     template.URL // opens the app on a phone
	Action  string
	Cancel  string
}

// showEnrol shows the secret for an app.
func (p *Pages) showEnrol(v *visit) error {
	person, c, err := p.owing(v, keyNew)
	if err != nil || !person.Known() {
		return err
	}
	return p.showSecret(v, person, c, nil)
}

func (p *Pages) showSecret(v *visit, person account.Person, c account.Credential, wrong error) error {
	if c.Enrolled || len(c.Secret) == 0 { // set up meanwhile, elsewhere
		return v.go_(paths[v.lang]["enter"])
	}
	title, problem, status, err := p.told(v, "signin.enrol_title", wrong)
	if err != nil {
		return err
	}
	page := enrolPage{Frame: p.frame(v, title, both("enrol")), Problem: problem, Key: c.Key(), Action: paths[v.lang]["enrol"], Cancel: v.back(v.get(keyReturn))}
	uri := c.URI(strings.ReplaceAll(page.Owner.Name, ":", " "), person.Email)
	if page.QR, err = picture(uri); err != nil {
		return err
	}
	page.URI = template.URL(uri)
	return ui.Show(v.w, status, pages["enrol"], page)
}

// picture is a QR code as the address of an image.
func picture(text string) (template.URL, error) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", err
	}
	const scale, quiet = 5, 4 // pixels a module, modules of margin
	width := code.Bounds().Dx()
	scaled, err := barcode.Scale(code, width*scale, width*scale)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	if err := png.Encode(&out, framed(scaled, quiet*scale)); err != nil {
		return "", err
	}
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(out.Bytes())), nil
}

type codesPage struct {
	ui.Frame
	Codes []string
	Next  string
}

// enrol takes the app's first code, lets the person in and shows the recovery
// codes, once.
func (p *Pages) enrol(v *visit) error {
	person, c, err := p.owing(v, keyNew)
	if err != nil || !person.Known() {
		return err
	}
	if err := p.throttle.Take(v.ctx, "app "+string(person.ID), account.ByAccount); err != nil {
		return p.showSecret(v, person, c, err)
	}
	enrolled, codes, err := c.Enrol(v.r.FormValue("code"), p.Now())
	if err == nil {
		err = p.Store.SaveCredential(v.ctx, enrolled)
	}
	if err != nil {
		return p.showSecret(v, person, c, err)
	}
	if err := p.forgive(v, person); err != nil {
		return err
	}
	next := v.back(v.get(keyReturn))
	if err := v.become(person); err != nil {
		return err
	}
	page := codesPage{Frame: p.frame(v, p.Phrases.Say(v.lang, "signin.codes_title", nil), nil), Codes: codes, Next: next}
	return ui.Show(v.w, http.StatusOK, pages["codes"], page)
}
