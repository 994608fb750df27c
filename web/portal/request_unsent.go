package portal

import (
	"maps"
	"net/http"
	"strings"
	"time"

	"sportello/files"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/privacy"
	"sportello/tickets"
)

// keepDrafts is how long an unsent request is shown to be gone on with.
func (p *Portal) keepDrafts() time.Duration {
	return time.Duration(p.Content.Terms.DraftDays) * 24 * time.Hour
}

// keep keeps the form as it stands, for whoever is signed in.
func (p *Portal) keep(v *visit, f *received) error {
	if v.unsent != nil {
		f.Masked = allMasked(f.Masked, v.unsent.Masked)
	}
	u := tickets.Unsent{
		Person: v.person.ID, RequestType: v.t.ID, Key: v.fullKey(f.Key), Values: f.Values, Masked: f.Masked, SavedAt: p.Now(),
	}
	if err := p.Forms.Keep(v.r.Context(), u); err != nil {
		return err
	}
	return p.recall(v)
}

// checked is what a script learns of the form as it stands.
type checked struct {
	Saved    string       `json:"saved,omitempty"`   // told once the form was kept
	Subject  string       `json:"subject,omitempty"` // a proposal, where none was written
	Hints    []checkedAt  `json:"hints"`
	Masked   []string     `json:"masked"`
	Articles []articleFor `json:"articles"`
	Similar  *similarTo   `json:"similar,omitempty"`
}

type checkedAt struct {
	Input string `json:"input"`
	Text  string `json:"text"`
}

type articleFor struct {
	ID      string `json:"id"`
	Lang    string `json:"lang"`
	Title   string `json:"title"`
	URL     string `json:"url"`
	Snippet string `json:"snippet"`
}

type similarTo struct {
	Number string `json:"number"`
	Text   string `json:"text"`
	URL    string `json:"url"`
}

// answerChecked tells a script what would make the form better, what may solve
// the problem, and whether there is such a ticket already.
func (p *Portal) answerChecked(v *visit, f received) error {
	c, err := p.check(v, f)
	if err != nil {
		return err
	}
	return p.answer(v, http.StatusOK, c)
}

func (p *Portal) check(v *visit, f received) (c checked, err error) {
	u := p.understand(v.lang, v.t, f.written, v.person)
	c = checked{Hints: []checkedAt{}, Masked: p.tellMasked(v.lang, f.Masked), Articles: []articleFor{}}
	for _, hint := range p.Tickets.Catalogue.Hints(u.Draft) {
		c.Hints = append(c.Hints, checkedAt{inputName(hint.Field), p.Phrases.Say(v.lang, hint.Phrase, hint.Values)})
	}
	c.Subject = p.proposed(u.Draft)
	hits, err := p.mayHelp(v, u.Draft)
	if err != nil {
		return c, err
	}
	for _, h := range hits {
		c.Articles = append(c.Articles, articleFor{h.ID, orElse(h.Lang, v.lang), h.Title, h.URL, h.Snippet})
	}
	alike, found, err := p.similar(v, u.Draft)
	if found {
		c.Similar = &similarTo{string(alike.Number), p.Phrases.Say(v.lang, "request.similar", map[string]any{"Number": alike.Number, "Subject": alike.Subject}), p.ticketURL(v.lang, alike.Number)}
	}
	return c, err
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// proposed is a subject for a draft that has none.
func (p *Portal) proposed(d tickets.Draft) string {
	if strings.TrimSpace(d.Subject) != "" || strings.TrimSpace(d.Body) == "" {
		return ""
	}
	about, known := p.Tickets.Catalogue.Application(d.Application)
	if !known {
		about, _ = p.Tickets.Catalogue.FindApplication(d.Body)
	}
	return tickets.ProposeSubject(about.Title(), d.Body)
}

// save keeps the form, and says so.
func (p *Portal) save(v *visit, f received) error {
	if v.person == nil {
		if v.data {
			return fault.New(fault.Unauthenticated, "request.sign_in")
		}
		return p.showAgain(v, http.StatusForbidden, f, nil)
	}
	if err := p.keep(v, &f); err != nil {
		return err
	}
	if !v.data {
		return p.showAgain(v, http.StatusOK, f, nil)
	}
	c, err := p.check(v, f)
	if err != nil {
		return err
	}
	if v.unsent != nil { // else it was sent meanwhile
		c.Saved = p.Phrases.Say(v.lang, "request.saved", map[string]any{"Time": phrases.Clock(v.lang, v.unsent.SavedAt.In(rome))})
	}
	return p.answer(v, http.StatusOK, c)
}

// answerAttached tells a script which files the form has now.
func (p *Portal) answerAttached(v *visit, f received) error {
	if v.person == nil {
		return fault.New(fault.Unauthenticated, "request.files_sign_in")
	}
	told := map[string]any{"files": p.attached(v)}
	if len(f.FileWrong) > 0 {
		told["error"] = p.Phrases.Say(v.lang, f.FileWrong[0].Phrase, f.FileWrong[0].Values)
		return p.answer(v, http.StatusUnprocessableEntity, told)
	}
	return p.answer(v, http.StatusOK, told)
}

// detach takes a file away from the form.
func (p *Portal) detach(v *visit, f received, id string) error {
	if v.person == nil {
		return fault.New(fault.NotFound, "files.gone")
	}
	err := p.Forms.Detach(v.r.Context(), v.person.ID, v.t.ID, id)
	if err != nil {
		return err
	}
	p.forget(v.r, []tickets.Attachment{{ID: id}})
	if v.data {
		if err := p.recall(v); err != nil {
			return err
		}
		return p.answer(v, http.StatusOK, map[string]any{"files": p.attached(v)})
	}
	if err := p.keep(v, &f); err != nil {
		return err
	}
	return p.showAgain(v, http.StatusOK, f, nil)
}

// discard forgets the form and its files, and begins anew.
func (p *Portal) discard(v *visit) error {
	if v.person != nil {
		gone, err := p.Forms.Discard(v.r.Context(), v.person.ID, v.t.ID)
		if err != nil {
			return err
		}
		p.forget(v.r, gone)
	}
	http.Redirect(v.w, v.r, v.self(), http.StatusSeeOther)
	return nil
}

// attachedFile is a file as the form shows it.
type attachedFile struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Size  string `json:"size"`
	URL   string `json:"url"`
	Image bool   `json:"image"`
}

func (p *Portal) attached(v *visit) []attachedFile {
	all := []attachedFile{}
	if v.unsent == nil {
		return all
	}
	for _, a := range v.unsent.Attachments {
		all = append(all, attachedFile{a.ID, a.Name, phrases.Size(v.lang, a.Size), v.self() + "/file/" + a.ID, isImage(a)})
	}
	return all
}

// tellMasked says what was taken out of the form, the gravest first.
func (p *Portal) tellMasked(l string, kinds []privacy.Kind) []string {
	told := []string{}
	for _, k := range kinds {
		told = append(told, p.Phrases.Say(l, "request.masked_"+string(k), nil))
	}
	return told
}

// withName adds a file's name to the values of a phrase.
func withName(values fault.Values, name string) fault.Values {
	all := maps.Clone(values)
	if all == nil {
		all = fault.Values{}
	}
	all["File"] = files.CleanName(name)
	return all
}
