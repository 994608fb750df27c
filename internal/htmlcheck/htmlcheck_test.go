package htmlcheck

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const page = `<!doctype html><html lang="it"><head><title>Prova</title></head><body>
<main><h1 id="top">Account
   <em>bloccato</em></h1><p class="a">uno</p><p class="b">due</p><script>nascosto</script></main></body></html>`

func TestChecksHoldOrSayWhatIsWrong(t *testing.T) {
	lang := func(n *html.Node) bool {
		return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "lang" })
	}
	for name, c := range map[string]struct {
		check Check
		wrong string // part of the error, or empty if the check holds
	}{
		"an element that is there":             {Has("main > h1"), ""},
		"an element that is not":               {Has("main > h2"), "nothing matches"},
		"no element, rightly":                  {None("h2"), ""},
		"no element, but there is":             {None("p"), "2 elements match, want 0"},
		"the right number":                     {Count("p", 2), ""},
		"text with white space collapsed":      {Text("h1", "Account bloccato"), ""},
		"another text":                         {Text("h1", "Account"), `text is "Account bloccato"`},
		"text of an element that is not":       {Text("h3", "x"), "nothing matches"},
		"a part of any match":                  {Contains("p", "due"), ""},
		"a part of no match":                   {Contains("p", "tre"), `in none of ["uno" "due"]`},
		"scripts are not text":                 {Lacks("main", "nascosto"), ""},
		"a part that must not be there":        {Lacks("p", "due"), `"due" is in "due"`},
		"an attribute":                         {Attr("html", "lang", "it"), ""},
		"another value of an attribute":        {Attr("html", "lang", "en"), `lang is "it"`},
		"a missing attribute":                  {Attr("h1", "class", "x"), "has no attribute class"},
		"a rule for each":                      {Each("html", "has lang", lang), ""},
		"a rule that one breaks names it":      {Each("h1", "has lang", lang), `<h1 id="top">`},
		"a selector that cannot be understood": {Has("p["), "selector"},
	} {
		t.Run(name, func(t *testing.T) {
			parsed, err := html.Parse(strings.NewReader(page))
			if err != nil {
				t.Fatal(err)
			}
			err = c.check(parsed)
			switch {
			case c.wrong == "" && err != nil:
				t.Errorf("unexpected: %v", err)
			case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
				t.Errorf("error is %v, want one with %q", err, c.wrong)
			}
		})
	}
}

func TestInRunsEveryCheck(t *testing.T) {
	InString(t, page, Has("h1"), Text("title", "Prova"))
	r := &counter{TB: t}
	In(r, strings.NewReader(page), Has("h2"), Has("h1"), Has("h3"))
	if r.errors != 2 {
		t.Errorf("%d failures reported, want 2", r.errors)
	}
}

func TestTextsAreInTheOrderOfThePage(t *testing.T) {
	got, err := Texts(page, "p")
	if want := []string{"uno", "due"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("Texts = %q, %v, want %q", got, err, want)
	}
}

type counter struct {
	testing.TB
	errors int
}

func (c *counter) Helper()      {}
func (c *counter) Error(...any) { c.errors++ }
