package kb

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb/markdown"
)

// Library lends articles to readers and takes changes from editors.
type Library struct {
	Store Store
	Now   func() time.Time
	// Saved, if set, is called after articles were stored; an Indexer's Notify
	// fits.
	Saved func()
}

// Article returns a published article to a reader of these audiences, in the
// fallback language where the wanted translation is missing. What is not
// there, not published or not for this reader fails with fault.NotFound, so
// that nobody learns what exists.
func (l *Library) Article(ctx context.Context, key Key, audiences []account.Audience) (a Article, err error) {
	defer fault.Wrap(&err, "read article %s", key)
	a, err = l.readable(ctx, key, audiences)
	if fault.Is(err, fault.NotFound) && key.Lang != Fallback {
		return l.readable(ctx, Key{ID: key.ID, Lang: Fallback}, audiences)
	}
	return a, err
}

func (l *Library) readable(ctx context.Context, key Key, audiences []account.Audience) (Article, error) {
	a, err := l.Store.Article(ctx, key)
	if err == nil && (a.Status != Published || !slices.Contains(audiences, a.Audience)) {
		return Article{}, notFound
	}
	return a, err
}

var notFound = fault.New(fault.NotFound, "kb.not_found")

// Articles lists what a reader of these audiences may read in one language, by
// ID.
func (l *Library) Articles(ctx context.Context, lang string, audiences []account.Audience) (all []Article, err error) {
	defer fault.Wrap(&err, "list articles in %s", lang)
	return l.Store.Articles(ctx, Filter{Lang: lang, Status: Published, Audiences: audiences})
}

// Save stores an editor's text as the next revision, which from then on
// follows no file. a.Revision is the one the editor saw: if it is not the
// latest, Save fails with fault.Conflict. The status stays what it is, Draft
// for a new article.
func (l *Library) Save(ctx context.Context, by account.Person, a Article) (_ Article, err error) {
	defer fault.Wrap(&err, "save article %s", a.Key())
	if err := l.may(by, account.WriteArticle, a); err != nil {
		return a, err
	}
	a.Status = Draft
	if a.Revision > 0 {
		stored, err := l.Store.Article(ctx, a.Key())
		if err != nil {
			return a, err
		}
		a.Status = stored.Status
		if stored.Status == Published {
			if err := l.may(by, account.PublishArticle, stored); err != nil {
				return a, err
			}
		}
	}
	return l.store(ctx, by, a)
}

// Move takes the revision that the editor saw to another status. To publish,
// and to take back what is published, needs the right to publish.
func (l *Library) Move(ctx context.Context, by account.Person, key Key, revision int, to Status) (a Article, err error) {
	defer fault.Wrap(&err, "move article %s to %s", key, to)
	if a, err = l.Store.Article(ctx, key); err != nil {
		return a, err
	}
	act := account.WriteArticle
	if to == Published || a.Status == Published {
		act = account.PublishArticle
	}
	if err := l.may(by, act, a); err != nil {
		return a, err
	}
	if a.Revision != revision {
		return a, fault.New(fault.Conflict, "kb.changed_meanwhile", fault.Values{"Article": key.String()})
	}
	if !a.Status.CanBecome(to) {
		return a, fault.New(fault.Invalid, "kb.move_refused", fault.Values{"From": string(a.Status), "To": string(to)})
	}
	a.Status = to
	return l.store(ctx, by, a)
}

func (l *Library) may(by account.Person, act account.Act, a Article) error {
	if !account.Can(by, act, account.Thing{Audience: a.Audience}) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return nil
}

func (l *Library) store(ctx context.Context, by account.Person, a Article) (Article, error) {
	a.Title, a.Body = strings.TrimSpace(a.Title), lineEnds.Replace(a.Body) // forms send other line ends
	if err := a.Check(); err != nil {
		return a, err
	}
	a.Origin, a.UpdatedAt, a.UpdatedBy = Local, l.Now(), by.ID
	if err := l.save(ctx, a); err != nil {
		return a, err
	}
	a.Revision++
	a.Hash = a.Fingerprint()
	return a, nil
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (l *Library) save(ctx context.Context, articles ...Article) error {
	err := l.Store.Save(ctx, articles...)
	if err == nil && l.Saved != nil && len(articles) > 0 {
		l.Saved()
	}
	return err
}

// Vote records whether an article helped; see Store.RecordVote.
func (l *Library) Vote(ctx context.Context, v Vote) (err error) {
	defer fault.Wrap(&err, "vote on article %s", v.Article)
	if v.At.IsZero() {
		v.At = l.Now()
	}
	return l.Store.RecordVote(ctx, v)
}

// Report says what an import did, by key.
type Report struct {
	Added     []Key
	Updated   []Key
	Unchanged []Key
	Kept      []Key // differ from what was imported, because somebody edited them here
}

// Import brings articles from files, together or not at all. Those that are
// new or whose files changed are stored, in the status that the file says. An
// article edited here is kept as it is, unless origin is Local: then somebody
// imports on purpose, and the files win. Articles that are there but not among
// the imported ones stay.
//
// Where a folder is laid over the shipped articles, import the outcome once:
// two imports of different texts would replace each other for ever.
func (l *Library) Import(ctx context.Context, articles []Article, origin Origin) (r Report, err error) {
	defer fault.Wrap(&err, "import %d articles", len(articles))
	var changed []Article
	seen := map[Key]bool{}
	for _, a := range articles {
		key := a.Key()
		if err := a.Check(); err != nil {
			return Report{}, err
		}
		if seen[key] {
			return Report{}, fault.New(fault.Invalid, "kb.twice", fault.Values{"Article": key.String()})
		}
		seen[key] = true
		old, err := l.Store.Article(ctx, key)
		switch {
		case fault.Is(err, fault.NotFound):
			r.Added = append(r.Added, key)
		case err != nil:
			return Report{}, err
		case old.Hash == a.Fingerprint():
			r.Unchanged = append(r.Unchanged, key)
			continue
		case old.Origin == Local && origin != Local:
			r.Kept = append(r.Kept, key)
			continue
		default:
			r.Updated = append(r.Updated, key)
		}
		a.Origin, a.Revision, a.UpdatedAt, a.UpdatedBy = origin, old.Revision, l.Now(), ""
		changed = append(changed, a)
	}
	return r, l.save(ctx, changed...)
}

// Limits of an article, in characters but for the body.
const (
	MostID    = 80
	MostTitle = 200
	MostBody  = markdown.Most // bytes
	MostWords = 300           // of a question or tag
	MostList  = 100           // questions, tags or related articles
)

// Check fails with fault.Invalid if the article breaks a rule that no reader
// or index should have to cope with.
func (a Article) Check() error {
	refuse := func(phrase string) error {
		return fault.New(fault.Invalid, phrase, fault.Values{"Article": a.Key().String()})
	}
	switch {
	case !ValidID(a.ID) || !ValidLang(a.Lang):
		return refuse("kb.id_invalid")
	case strings.TrimSpace(a.Title) == "" || utf8.RuneCountInString(a.Title) > MostTitle:
		return refuse("kb.title_invalid")
	case strings.TrimSpace(a.Body) == "":
		return refuse("kb.body_empty")
	case len(a.Body) > MostBody:
		return refuse("kb.body_too_long")
	case !slices.Contains(Audiences, a.Audience) || !slices.Contains(Statuses, a.Status):
		return refuse("kb.choice_invalid")
	}
	for _, list := range [][]string{a.Questions, a.Tags, a.Related} {
		if len(list) > MostList || slices.ContainsFunc(list, func(words string) bool { return utf8.RuneCountInString(words) > MostWords }) {
			return refuse("kb.list_too_long")
		}
	}
	return nil
}

// ValidID reports whether id can name an article: lower case letters, digits
// and single hyphens between them. It is a file name and part of a URL.
func ValidID(id string) bool {
	return id != "" && len(id) <= MostID && wellJoined(id)
}

// ValidLang reports whether lang looks like a language: two or three letters.
func ValidLang(lang string) bool {
	return (len(lang) == 2 || len(lang) == 3) && strings.Trim(lang, "abcdefghijklmnopqrstuvwxyz") == ""
}

func wellJoined(id string) bool {
	for _, part := range strings.Split(id, "-") {
		if part == "" || strings.Trim(part, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			return false
		}
	}
	return true
}
