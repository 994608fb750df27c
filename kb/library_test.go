package kb_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
)

var (
	editor   = account.Person{ID: "editor", Roles: []account.Role{account.Editor}}
	reviewer = account.Person{ID: "reviewer", Roles: []account.Role{account.Reviewer}}
	reader   = account.Person{ID: "reader", Roles: []account.Role{account.User}}
)

func TestReadersGetWhatIsMeantForThem(t *testing.T) {
	l := openLibrary(t)
	onlyStaff, onlyItalian, draft := article("staff", "it"), article("solo", "it"), article("draft", "it")
	onlyStaff.Audience, draft.Status = account.Employees, kb.Draft
	hidden := article("staff", "en")
	hidden.Audience = account.Operators
	_, err := l.Import(t.Context(), []kb.Article{article("both", "it"), article("both", "en"), onlyStaff, onlyItalian, draft, hidden}, kb.Shipped)
	must(t, err)
	everybody, staff := []account.Audience{account.All}, []account.Audience{account.All, account.Employees}
	for name, c := range map[string]struct {
		key  kb.Key
		who  []account.Audience
		want string // "lang/id", or empty if not found
	}{
		"in the language asked for":                            {kb.Key{ID: "both", Lang: "en"}, everybody, "en/both"},
		"in Italian where none is better":                      {kb.Key{ID: "solo", Lang: "en"}, everybody, "it/solo"},
		"not outside the audience":                             {kb.Key{ID: "staff", Lang: "it"}, everybody, ""},
		"inside the audience":                                  {kb.Key{ID: "staff", Lang: "it"}, staff, "it/staff"},
		"in Italian where the other translation is for others": {kb.Key{ID: "staff", Lang: "en"}, staff, "it/staff"},
		"not before it is published":                           {kb.Key{ID: "draft", Lang: "it"}, staff, ""},
		"not what is not there":                                {kb.Key{ID: "none", Lang: "en"}, staff, ""},
		"nothing for nobody":                                   {kb.Key{ID: "both", Lang: "it"}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := l.Article(t.Context(), c.key, c.who)
			switch {
			case c.want == "" && !fault.Is(err, fault.NotFound):
				t.Errorf("want not found, got %s and %v", a.Key(), err)
			case c.want != "" && (err != nil || a.Key().String() != c.want):
				t.Errorf("want %s, got %s and %v", c.want, a.Key(), err)
			}
		})
	}
	list, err := l.Articles(t.Context(), "it", everybody)
	must(t, err)
	var got []string
	for _, a := range list {
		got = append(got, a.ID)
	}
	if diff := cmp.Diff([]string{"both", "solo"}, got); diff != "" {
		t.Errorf("list for everybody (-want +got):\n%s", diff)
	}
}

func TestImport(t *testing.T) {
	l := openLibrary(t)
	notified := 0
	l.Saved = func() { notified++ }
	a, b, c := article("a", "it"), article("b", "it"), article("c", "it")
	imports := func(what string, origin kb.Origin, want kb.Report, articles ...kb.Article) {
		t.Helper()
		got, err := l.Import(t.Context(), articles, origin)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	imports("the first start", kb.Shipped, kb.Report{Added: []kb.Key{a.Key(), b.Key()}}, a, b)
	imports("the next start", kb.Shipped, kb.Report{Unchanged: []kb.Key{a.Key(), b.Key()}}, a, b)

	stored, err := l.Store.Article(t.Context(), a.Key())
	must(t, err)
	stored.Body = "Scritto qui.\n"
	_, err = l.Save(t.Context(), reviewer, stored)
	must(t, err)
	a.Body, b.Body = "Nuovo a.\n", "Nuovo b.\n"
	imports("a new version", kb.Shipped, kb.Report{Added: []kb.Key{c.Key()}, Updated: []kb.Key{b.Key()}, Kept: []kb.Key{a.Key()}}, a, b, c)
	b.Body = "Dalla cartella.\n"
	imports("a folder", kb.Folder, kb.Report{Updated: []kb.Key{b.Key()}, Kept: []kb.Key{a.Key()}}, a, b)
	imports("on purpose", kb.Local, kb.Report{Updated: []kb.Key{a.Key()}}, a)
	imports("after that", kb.Shipped, kb.Report{Unchanged: []kb.Key{a.Key()}}, a)
	if notified != 5 {
		t.Errorf("told of %d changes, want 5", notified)
	}
	got, err := l.Store.Article(t.Context(), b.Key())
	must(t, err)
	if got.Body != b.Body || got.Revision != 3 || got.Origin != kb.Folder || !got.UpdatedAt.Equal(noon) {
		t.Errorf("b is now %+v", got)
	}
}

func TestAnImportIsWholeOrNothing(t *testing.T) {
	broken := article("b", "it")
	broken.ID = "../b"
	for name, articles := range map[string][]kb.Article{
		"a broken article": {article("a", "it"), broken},
		"one twice":        {article("a", "it"), article("a", "it")},
	} {
		t.Run(name, func(t *testing.T) {
			l := openLibrary(t)
			if _, err := l.Import(t.Context(), articles, kb.Local); !fault.Is(err, fault.Invalid) {
				t.Errorf("want a refusal, got %v", err)
			}
			last, err := l.Store.LastChange(t.Context())
			must(t, err)
			if last != 0 {
				t.Errorf("%d changes were stored", last)
			}
		})
	}
}

func TestFromDraftToArchive(t *testing.T) {
	l := openLibrary(t)
	text := article("a", "it")
	text.Body = "Da un modulo.\r\n\r\n## Passi\r\n1. Uno\r\n"
	a, err := l.Save(t.Context(), editor, text)
	must(t, err)
	if a.Status != kb.Draft || a.Origin != kb.Local || a.Revision != 1 || a.UpdatedBy != "editor" || strings.Contains(a.Body, "\r") {
		t.Errorf("new article: %+v", a)
	}
	for _, c := range []struct {
		by   account.Person
		to   kb.Status
		kind fault.Kind // of the refusal, or empty
	}{
		{reader, kb.Review, fault.Forbidden},
		{reviewer, kb.Published, fault.Invalid},
		{editor, kb.Review, ""},
		{editor, kb.Published, fault.Forbidden},
		{reviewer, kb.Published, ""},
		{editor, kb.Archived, fault.Forbidden},
		{reviewer, kb.Archived, ""},
		{editor, kb.Draft, ""},
	} {
		moved, err := l.Move(t.Context(), c.by, a.Key(), a.Revision, c.to)
		switch {
		case c.kind == "" && err != nil, c.kind != "" && !fault.Is(err, c.kind):
			t.Errorf("%s to %s by %s: want %q, got %v", a.Status, c.to, c.by.ID, c.kind, err)
		case c.kind == "":
			a = moved
		}
	}
	stored, err := l.Store.Article(t.Context(), a.Key())
	must(t, err)
	if diff := cmp.Diff(a, stored); diff != "" {
		t.Errorf("what was returned is not what is stored (-returned +stored):\n%s", diff)
	}
	if _, err := l.Move(t.Context(), editor, a.Key(), a.Revision-1, kb.Review); !fault.Is(err, fault.Conflict) {
		t.Errorf("moving what somebody else has changed: %v", err)
	}
}

func TestOnlyWhoMayPublishChangesWhatIsPublished(t *testing.T) {
	l := openLibrary(t)
	_, err := l.Import(t.Context(), []kb.Article{article("a", "it")}, kb.Shipped)
	must(t, err)
	a, err := l.Store.Article(t.Context(), article("a", "it").Key())
	must(t, err)
	a.Body = "Cambiato.\n"
	if _, err := l.Save(t.Context(), editor, a); !fault.Is(err, fault.Forbidden) {
		t.Errorf("an editor changed a published article: %v", err)
	}
	a, err = l.Save(t.Context(), reviewer, a)
	must(t, err)
	if a.Status != kb.Published {
		t.Errorf("it is now %s", a.Status)
	}
	a.Revision--
	if _, err := l.Save(t.Context(), reviewer, a); !fault.Is(err, fault.Conflict) {
		t.Errorf("saved over a newer revision: %v", err)
	}
}

func TestArticlesNobodyShouldHaveToReadAreRefused(t *testing.T) {
	for name, change := range map[string]func(*kb.Article){
		"no ID":               func(a *kb.Article) { a.ID = "" },
		"capitals in the ID":  func(a *kb.Article) { a.ID = "VPN" },
		"a path for an ID":    func(a *kb.Article) { a.ID = "../vpn" },
		"hyphens in a row":    func(a *kb.Article) { a.ID = "a--b" },
		"no language":         func(a *kb.Article) { a.Lang = "" },
		"no title":            func(a *kb.Article) { a.Title = " " },
		"a title too long":    func(a *kb.Article) { a.Title = strings.Repeat("a", kb.MostTitle+1) },
		"no text":             func(a *kb.Article) { a.Body = "\n" },
		"a text too long":     func(a *kb.Article) { a.Body = strings.Repeat("a", kb.MostBody+1) },
		"an unknown audience": func(a *kb.Article) { a.Audience = "everybody" },
		"an unknown status":   func(a *kb.Article) { a.Status = "" },
		"too many tags":       func(a *kb.Article) { a.Tags = make([]string, kb.MostList+1) },
		"a question too long": func(a *kb.Article) { a.Questions = []string{strings.Repeat("a", kb.MostWords+1)} },
	} {
		t.Run(name, func(t *testing.T) {
			a := article("vpn", "it")
			change(&a)
			if err := a.Check(); !fault.Is(err, fault.Invalid) {
				t.Errorf("want a refusal, got %v", err)
			}
		})
	}
	if err := article("vpn-2", "it").Check(); err != nil {
		t.Errorf("a good article is refused: %v", err)
	}
}

func TestVotesAreCounted(t *testing.T) {
	l := openLibrary(t)
	_, err := l.Import(t.Context(), []kb.Article{article("a", "it")}, kb.Shipped)
	must(t, err)
	for _, v := range []kb.Vote{{Voter: "one", Helpful: true}, {Voter: "two"}, {Voter: "one", Helpful: true}} {
		v.Article = kb.Key{ID: "a", Lang: "it"}
		must(t, l.Vote(t.Context(), v))
	}
	got, err := l.Store.Votes(t.Context())
	must(t, err)
	if diff := cmp.Diff(map[kb.Key]kb.Tally{{ID: "a", Lang: "it"}: {Helpful: 1, Unhelpful: 1}}, got); diff != "" {
		t.Errorf("votes (-want +got):\n%s", diff)
	}
}
