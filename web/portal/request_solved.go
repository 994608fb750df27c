package portal

import (
	"net/http"
	"net/url"

	"sportello/internal/fault"
	"sportello/kb"
	"sportello/tickets"
	"sportello/web/ui"
)

type solvedPage struct {
	ui.Frame
	Services, Self string
	Type           string
	Article        entry
	Kept           bool // the form waits to be gone on with
}

// solved counts that an article made the request unnecessary, once for a form,
// and thanks. What was written is kept, for whoever finds that it was not so.
func (p *Portal) solved(v *visit, f received, id string) error {
	a, err := p.helpful(v, id)
	if err != nil {
		return err
	}
	if v.person != nil {
		if err := p.keep(v, &f); err != nil {
			return err
		}
	}
	d := tickets.Deflection{Key: f.Key, Article: a.ID, Lang: a.Lang, RequestType: v.t.ID, At: p.Now()}
	if err := p.Forms.Deflect(v.r.Context(), d); err != nil {
		return err
	}
	if p.Solved != nil {
		p.Solved(v.t.ID)
	}
	to := v.self() + "?" + url.Values{"risolto": {a.ID}}.Encode()
	if v.data {
		return p.answer(v, http.StatusOK, map[string]any{"url": to})
	}
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// helpful is an article that this reader may read, in their language or the
// one that all are in.
func (p *Portal) helpful(v *visit, id string) (a kb.Article, err error) {
	for _, l := range []string{v.lang, kb.Fallback} {
		if a, err = p.allowed(v.r, kb.Key{ID: id, Lang: l}); err == nil || !fault.Is(err, fault.NotFound) {
			return a, err
		}
	}
	return a, err
}

func (p *Portal) showSolved(v *visit, id string) error {
	a, err := p.helpful(v, id)
	if err != nil {
		return err
	}
	page := solvedPage{
		Frame: p.requestFrame(v, p.Phrases.Say(v.lang, "request.solved", nil)), Services: paths[v.lang]["services"], Self: v.self(),
		Type: v.t.Label.In(v.lang), Article: entryOf(v.lang, a), Kept: v.unsent != nil,
	}
	return p.show(v.w, "solved", page)
}
