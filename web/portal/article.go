package portal

import (
	"crypto/rand"
	"encoding/hex"
	"html/template"
	"net/http"
	"regexp"
	"slices"

	"github.com/go-chi/chi/v5"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/kb"
	"sportello/kb/markdown"
	"sportello/web/ui"
)

type articlePage struct {
	ui.Frame
	Index    string
	Category string
	Heading  string
	Body     template.HTML
	Contents []markdown.Heading // empty if the article is too short for a table
	Updated  string
	Review   string
	Related  []entry
	Self     string
	Voter    string
	Voted    string // "yes", "no", or empty: not yet
	Request  string // where a request about its application begins
}

// minContents is how many headings make a table of contents worth its room.
const minContents = 3

func (p *Portal) article(w http.ResponseWriter, r *http.Request) error {
	a, err := p.readable(r)
	if err != nil {
		return err
	}
	l := lang(r)
	at := map[string]string{}
	for _, other := range Languages {
		if _, err := p.allowed(r, kb.Key{ID: a.ID, Lang: other}); err == nil {
			at[other] = kb.Article{ID: a.ID, Lang: other}.URL()
		}
	}
	frame := p.frame(r, "", a.Title, shorten(markdown.Plain(a.Summary()), 200), at)
	frame.Kind = "article"
	frame.Hidden = a.Audience != account.All
	page := articlePage{Frame: frame, Index: paths[l]["kb"], Category: p.categoryOf(l, a), Heading: a.Title, Self: a.URL(), Voted: r.URL.Query().Get("voted")}
	body, headings := markdown.HTML(a.Body, markdown.Options{})
	page.Body = body
	for _, h := range headings {
		if h.Level <= 3 {
			page.Contents = append(page.Contents, h)
		}
	}
	if len(page.Contents) < minContents {
		page.Contents = nil
	}
	if !a.UpdatedAt.IsZero() {
		page.Updated = phrases.Date(l, a.UpdatedAt)
	}
	if !a.ReviewBy.IsZero() {
		page.Review = phrases.Date(l, a.ReviewBy)
	}
	if page.Voter, err = newVoter(); err != nil {
		return err
	}
	page.Request = p.requestAbout(l, a)
	for _, id := range a.Related {
		for _, tongue := range []string{l, kb.Fallback} {
			if related, err := p.allowed(r, kb.Key{ID: id, Lang: tongue}); err == nil {
				page.Related = append(page.Related, entryOf(l, related))
				break
			}
		}
	}
	return p.show(w, "article", page)
}

// requestAbout is the form for a request about what an article is about; the
// whole catalogue if it is about no application.
func (p *Portal) requestAbout(l string, a kb.Article) string {
	if p.Tickets == nil {
		return ""
	}
	application, known := p.Tickets.Catalogue.Application(a.Application)
	if !known || application.Request == "" {
		return paths[l]["services"]
	}
	return paths[l]["services"] + "/" + application.Request
}

func (p *Portal) categoryOf(l string, a kb.Article) string {
	categories := p.Content.Categories
	i := slices.IndexFunc(categories, func(c Category) bool { return c.holds(a) })
	if i < 0 {
		i = len(categories) - 1
	}
	return categories[i].Label[l]
}

// readable is the article that the path names.
func (p *Portal) readable(r *http.Request) (kb.Article, error) {
	return p.allowed(r, kb.Key{ID: chi.URLParam(r, "id"), Lang: lang(r)})
}

// allowed returns an article that is published and for this reader. Others are
// not found: that they exist is not told either.
func (p *Portal) allowed(r *http.Request, key kb.Key) (kb.Article, error) {
	a, err := p.Library.Article(r.Context(), key)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return a, err
	}
	if err != nil || a.Status != kb.Published || !slices.Contains(account.Audiences(p.Person(r)), a.Audience) {
		return kb.Article{}, fault.New(fault.NotFound, "error.not_found")
	}
	return a, nil
}

// newVoter names a reader for one view of one page, so that who changes their
// mind there is counted once. It says nothing about who they are.
func newVoter() (string, error) {
	var name [16]byte
	_, err := rand.Read(name[:])
	return hex.EncodeToString(name[:]), err
}

var voterShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// vote keeps whether the article helped, and leads back to it.
func (p *Portal) vote(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, 4096)
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "error.malformed").Because(err)
	}
	helpful, voter := r.PostForm.Get("helpful"), r.PostForm.Get("voter")
	if helpful != "yes" && helpful != "no" || !voterShape.MatchString(voter) {
		return fault.New(fault.Invalid, "error.malformed")
	}
	a, err := p.readable(r)
	if err != nil {
		return err
	}
	if err := p.Library.RecordVote(r.Context(), kb.Vote{Article: a.Key(), Voter: kb.SiteVoter + voter, Helpful: helpful == "yes", At: p.Now()}); err != nil {
		return err
	}
	http.Redirect(w, r, a.URL()+"?voted="+helpful+"#vote", http.StatusSeeOther)
	return nil
}

// shorten cuts a text at a word, at most so many characters long.
func shorten(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	cut := most
	for cut > 0 && runes[cut] != ' ' {
		cut--
	}
	if cut == 0 {
		cut = most
	}
	return string(runes[:cut]) + "…"
}
