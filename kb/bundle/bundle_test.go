package bundle_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
	"sportello/kb/bundle"
)

const vpn = `---
id: vpn
title: La VPN non si collega
lang: it
questions:
  - la vpn si stacca ogni 5 min
  - "vpn: errore 691"
  - come mi collego da casa
tags: [vpn, lavoro agile]
application: vpn
audience: employees
status: published
review_by: 2027-05-31
related: [password-scaduta]
---
Controlli la rete di casa.

## Passi
1. Apra il client.
`

func theVPN() kb.Article {
	return kb.Article{
		ID: "vpn", Lang: "it", Title: "La VPN non si collega",
		Questions: []string{"la vpn si stacca ogni 5 min", "vpn: errore 691", "come mi collego da casa"},
		Tags:      []string{"vpn", "lavoro agile"}, Application: "vpn",
		Audience: account.Employees, Status: kb.Published, ReviewBy: time.Date(2027, 5, 31, 0, 0, 0, 0, time.UTC),
		Related: []string{"password-scaduta"}, Body: "Controlli la rete di casa.\n\n## Passi\n1. Apra il client.\n",
	}
}

func TestAFileIsAnArticle(t *testing.T) {
	for name, text := range map[string]string{
		"as we write it":                       vpn,
		"with the line ends of another system": strings.ReplaceAll(vpn, "\n", "\r\n"),
		"with a byte order mark":               "\ufeff" + vpn,
	} {
		t.Run(name, func(t *testing.T) {
			articles, problems := bundle.Read(fstest.MapFS{"it/vpn.md": {Data: []byte(text)}})
			if diff := cmp.Diff([]kb.Article{theVPN()}, articles); diff != "" {
				t.Errorf("article (-want +got):\n%s", diff)
			}
			if len(problems) > 0 {
				t.Errorf("problems: %v", problems)
			}
		})
	}
	if got := string(bundle.Marshal(theVPN())); got != vpn {
		t.Errorf("written as\n%s", got)
	}
}

// with replaces a part of a good file.
func with(old, fresh string) string {
	if !strings.Contains(vpn, old) {
		panic("no " + old)
	}
	return strings.Replace(vpn, old, fresh, 1)
}

func TestMistakesAreToldByLine(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string // line, severity, phrase
	}{
		"no front matter":                {"# VPN\n", "1 error no_front_matter"},
		"an empty file":                  {"", "1 error no_front_matter"},
		"a front matter without end":     {"---\nid: vpn\n", "1 error front_matter_open"},
		"a huge front matter":            {"---\n" + strings.Repeat("# x\n", 20000) + "---\n", "1 error front_matter_huge"},
		"broken YAML":                    {with("title: La", "title: [La"), "4 error yaml"},
		"too many brackets":              {with("title: La", "title: "+strings.Repeat("[", 5000)), "1 error yaml"},
		"a list for front matter":        {"---\n- a\n---\nb\n", "2 error not_map"},
		"an unknown key":                 {with("tags:", "tag:"), "9 error unknown_key"},
		"a key told twice":               {with("tags: [", "title: x\ntags: ["), "9 error key_twice"},
		"a list where text is due":       {with("title: La VPN non si collega", "title: [a, b]"), "3 error not_text"},
		"a map in a list":                {with("[vpn, lavoro", "[{a: b}, lavoro"), "9 error not_text"},
		"an alias":                       {with("application: vpn", "application: *x"), "10 error not_text"},
		"text where a list is due":       {with("[vpn, lavoro agile]", "vpn"), "9 error not_list"},
		"no ID":                          {with("id: vpn\n", ""), "1 error missing"},
		"no title":                       {with("La VPN non si collega", ""), "3 error missing"},
		"no audience":                    {with("audience: employees\n", ""), "1 error missing"},
		"an ID unlike the file's name":   {with("id: vpn", "id: vpm"), "2 error id_not_file"},
		"an ID with foreign characters":  {with("id: vpn", "id: ../vpn"), "2 error id_invalid"},
		"a language that is none":        {with("lang: it", "lang: Italiano"), "4 error lang_invalid"},
		"a language unlike the folder's": {with("lang: it", "lang: en"), "4 error lang_not_folder"},
		"an unknown audience":            {with("employees", "everybody"), "11 error audience"},
		"an unknown status":              {with("published", "public"), "12 error status"},
		"a date that is none":            {with("2027-05-31", "2027-02-30"), "13 error date"},
		"few questions":                  {with("  - come mi collego da casa\n", ""), "5 warning questions_few"},
		"many questions":                 {with("  - come", "  - a\n  - b\n  - c\n  - d\n  - e\n  - f\n  - come"), "5 warning questions_many"},
		"a question asked twice":         {with("come mi collego da casa", "La VPN, si stacca ogni 5 min?"), "8 warning entry_twice"},
		"an empty question":              {with("come mi collego da casa", `" "`), "8 error entry_empty"},
		"a long title":                   {with("La VPN", strings.Repeat("è", 201)), "3 error too_long"},
		"a long list":                    {with("vpn, lavoro agile", "a"+strings.Repeat(", tag", 100)), "9 error list_too_long"},
		"related to nothing possible":    {with("password-scaduta", "Password scaduta"), "14 error id_invalid"},
		"related to itself":              {with("password-scaduta", "vpn"), "14 warning related_self"},
		"an application with blanks":     {with("application: vpn", "application: La VPN"), "10 error application_invalid"},
		"no text":                        {vpn[:strings.Index(vpn, "Controlli")], "16 error body_empty"},
		"a text too long":                {vpn + strings.Repeat("a ", kb.MostBody/2), "16 error body_too_long"},
		"a heading of the title's level": {with("## Passi", "# Prima"), "18 warning heading_first"},
		"a heading that skips a level":   {with("## Passi", "### Passi"), "18 warning heading_skipped"},
		"steps without numbers":          {with("1. Apra", "- Apra"), "18 warning steps_unnumbered"},
		"raw HTML":                       {with("1. Apra", "1. <b>Apra</b>"), "19 error raw_html"},
		"a script for a link":            {with("1. Apra", "1. [Apra](javascript:x)"), "19 error link_refused"},
		"an image from elsewhere":        {with("1. Apra", "1. ![Apra](https://far.example/x.png)"), "19 error link_refused"},
		"UTF-16":                         {"\xff\xfe-\x00-\x00", "0 error utf16"},
		"binary":                         {"\x89PNG\r\n\x1a\n\x00\x00", "0 error binary"},
		"another encoding":               {with("La VPN", "\xc8 la VPN"), "0 error binary"},
		"a huge file":                    {vpn + strings.Repeat("a", 1<<20), "0 error huge"},
	} {
		t.Run(name, func(t *testing.T) {
			articles, problems := bundle.Read(fstest.MapFS{"it/vpn.md": {Data: []byte(c.text)}})
			var got []string
			for _, p := range problems {
				got = append(got, fmt.Sprintf("%d %s %s", p.Line, p.Severity, strings.TrimPrefix(p.Phrase, "kb.file.")))
			}
			if len(got) == 0 || got[0] != c.want {
				t.Errorf("want %q first, got %q", c.want, got)
			}
			if left := len(articles) == 0; left != bundle.Failed(problems) {
				t.Errorf("article left out: %v, problems: %v", left, problems)
			}
		})
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	_, problems := bundle.Read(fstest.MapFS{
		"it/a.md": {Data: []byte("---\nid: b\ncolour: red\nlang: en\n---\n<b>\n")},
		"it/c.md": {Data: []byte("c")},
	})
	var got []string
	for _, p := range problems {
		got = append(got, p.String())
	}
	want := []string{
		"it/a.md:1: error: kb.file.missing map[Key:title]",
		"it/a.md:1: error: kb.file.missing map[Key:audience]",
		"it/a.md:1: error: kb.file.missing map[Key:status]",
		"it/a.md:1: warning: kb.file.questions_few map[Least:3 Number:0]",
		"it/a.md:2: error: kb.file.id_not_file map[ID:b Name:a]",
		"it/a.md:3: error: kb.file.unknown_key map[Key:colour]",
		"it/a.md:4: error: kb.file.lang_not_folder map[Folder:it Lang:en]",
		"it/a.md:6: error: kb.file.raw_html",
		"it/c.md:1: error: kb.file.no_front_matter",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestOneArticleHasOneFile(t *testing.T) {
	articles, problems := bundle.Read(fstest.MapFS{
		"a/vpn.md":        {Data: []byte(vpn)},
		"b/vpn.md":        {Data: []byte(vpn)},
		"b/README.txt":    {Data: []byte("not an article")},
		".git/it/vpn.md":  {Data: []byte("hidden")},
		"b/.vpn.md.new":   {Data: []byte("hidden")},
		"c/nothing-here/": {Mode: os.ModeDir},
	})
	want := []bundle.Problem{{File: "b/vpn.md", Severity: bundle.Error, Phrase: "kb.file.duplicate", Values: fault.Values{"Article": "it/vpn", "Other": "a/vpn.md"}}}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if len(articles) != 1 {
		t.Errorf("%d articles", len(articles))
	}
}

func TestSymbolicLinksAreNotFollowed(t *testing.T) {
	dir, secret := t.TempDir(), filepath.Join(t.TempDir(), "vpn.md")
	for _, err := range []error{os.WriteFile(secret, []byte(vpn), 0o600), os.Symlink(secret, filepath.Join(dir, "vpn.md"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	articles, problems := bundle.Read(os.DirFS(dir))
	if len(articles) > 0 || len(problems) != 1 || problems[0].Phrase != "kb.file.irregular" {
		t.Errorf("articles %v, problems %v", articles, problems)
	}
}

func TestWritingStaysInsideTheFolder(t *testing.T) {
	outside := t.TempDir()
	for name, c := range map[string]struct {
		change func(*kb.Article)
		kind   fault.Kind
	}{
		"an ID that climbs":       {func(a *kb.Article) { a.ID = "../../vpn" }, fault.Invalid},
		"a language that climbs":  {func(a *kb.Article) { a.Lang = ".." }, fault.Invalid},
		"a folder that is a link": {func(a *kb.Article) { a.Lang = "en" }, fault.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "kb")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(outside, filepath.Join(dir, "en")); err != nil {
				t.Fatal(err)
			}
			a := theVPN()
			c.change(&a)
			if err := bundle.Write(dir, []kb.Article{a}); err == nil || fault.KindOf(err) != c.kind {
				t.Errorf("want a failure of kind %s, got %v", c.kind, err)
			}
			if entries, err := os.ReadDir(outside); err != nil || len(entries) > 0 {
				t.Errorf("written outside: %v %v", entries, err)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	article := func(id string, change func(*kb.Article)) kb.Article {
		a := theVPN()
		a.ID, a.Title, a.Questions, a.Related = id, "Title of "+id, []string{"question of " + id}, nil
		change(&a)
		return a
	}
	plain := func(*kb.Article) {}
	body := func(text string) func(*kb.Article) { return func(a *kb.Article) { a.Body = text } }
	for name, c := range map[string]struct {
		articles []kb.Article
		want     []string
	}{
		"all is well": {[]kb.Article{article("a", body("[b](/kb/it/b#passi) [home](/) [far](https://far.example/kb/it/x)")), article("b", plain)}, nil},
		"a link to nothing": {[]kb.Article{article("a", body("[b](/kb/it/b)"))},
			[]string{"it/a.md: error: kb.check.link_missing map[Link:/kb/it/b]"}},
		"a link to a section that is not there": {[]kb.Article{article("a", body("[b](#b)"))},
			[]string{"it/a.md: error: kb.check.anchor_missing map[Link:#b]"}},
		"related to nothing": {[]kb.Article{article("a", func(a *kb.Article) { a.Related = []string{"b"} })},
			[]string{"it/a.md: error: kb.check.link_missing map[Link:b]"}},
		"a link to a draft": {[]kb.Article{article("a", body("[b](/kb/it/b)")), article("b", func(a *kb.Article) { a.Status = kb.Draft })},
			[]string{"it/a.md: error: kb.check.link_unpublished map[Link:/kb/it/b]"}},
		"a link for some readers only": {[]kb.Article{article("a", body("[b](/kb/it/b)")), article("b", func(a *kb.Article) { a.Audience = account.Operators })},
			[]string{"it/a.md: info: kb.check.link_narrower map[Link:/kb/it/b]"}},
		"one question, two articles": {[]kb.Article{article("a", plain), article("b", func(a *kb.Article) { a.Questions = []string{"Question of A?"} })},
			[]string{"it/b.md: warning: kb.check.question_shared map[Other:it/a Question:Question of A?]"}},
		"a translation is missing, and the fallback is read": {[]kb.Article{article("a", plain), article("b", plain), article("b", func(a *kb.Article) {
			a.Lang, a.Body = "en", "[a](/kb/en/a)"
		})},
			[]string{"it/a.md: info: kb.check.untranslated map[Lang:en]"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, p := range bundle.Check(c.articles) {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(vpn))
	f.Add([]byte("---\n? a\n: b\n&x id: *x\n<<: {a: b}\n---\n"))
	f.Add([]byte("---\nid: !!binary x\ntitle: |\n  a\n   b\nquestions: [>-\n"))
	f.Add([]byte("---\ntitle: \"\\u0000\\n\"\ntags: [-, '', ~, 1e3, 0x1, .inf, 2020-01-01]\n--- \nx"))
	f.Fuzz(func(t *testing.T, text []byte) {
		a, problems := bundle.ReadFile(fstest.MapFS{"it/vpn.md": {Data: text}}, "it/vpn.md")
		for _, p := range problems {
			if p.File != "it/vpn.md" || p.Phrase == "" || p.Line < 0 || p.Line > 2+bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r")) {
				t.Errorf("odd problem: %+v", p)
			}
		}
		if bundle.Failed(problems) {
			return
		}
		if err := a.Check(); err != nil {
			t.Fatalf("an article without errors is refused: %v", err)
		}
		roundTrip(t, a)
	})
}

func FuzzMarshal(f *testing.F) {
	f.Add("Title: with a colon", "a question #1", "true", "1.5", "Body\n")
	f.Add("- dash", "'quoted'", "\"double\\", "[a, b]", "---\n---\n")
	f.Add("  spaces ", "new\nline\ttab", "~", "è À 😀 \u2028\u0085", "\n\n")
	f.Fuzz(func(t *testing.T, title, question, tag, another, body string) {
		a := theVPN()
		a.Title, a.Questions, a.Tags, a.Body = title, []string{question, another, question + "?"}, []string{tag, another}, body
		if a.Check() != nil || strings.ContainsAny(body, "\r\x00") {
			return
		}
		for _, text := range []string{title, question, tag, another, body} {
			if text != strings.ToValidUTF8(text, "") {
				return
			}
		}
		roundTrip(t, a)
	})
}

// roundTrip checks that an article comes back from its file, and the file from
// the article.
func roundTrip(t *testing.T, a kb.Article) {
	t.Helper()
	text := bundle.Marshal(a)
	again, problems := bundle.ReadFile(fstest.MapFS{"it/vpn.md": {Data: text}}, "it/vpn.md")
	if len(text) > kb.MostBody {
		return
	}
	if diff := cmp.Diff(a, again, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("comes back differently (-want +got):\n%s\nfrom\n%s\n%v", diff, text, problems)
	}
	if !bytes.Equal(text, bundle.Marshal(again)) {
		t.Errorf("written differently the second time:\n%s", text)
	}
}
