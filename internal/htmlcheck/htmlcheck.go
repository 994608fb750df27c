// Package htmlcheck tests pages by CSS selector: it says what a reader finds
// on a page, not how the markup is written.
//
//	htmlcheck.In(t, body,
//		htmlcheck.Has("main h1"),
//		htmlcheck.Text("main h1", "Account ADN bloccato"),
//		htmlcheck.Attr("link[rel=canonical]", "href", "/kb/account-adn-bloccato"),
//		htmlcheck.None("script:not([src])"),
//	)
package htmlcheck

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Check looks at one thing of a page; its error says what is wrong.
type Check func(page *html.Node) error

// In parses the page and fails the test once for each check that does not hold.
func In(t testing.TB, body io.Reader, checks ...Check) {
	t.Helper()
	page, err := html.Parse(body)
	if err != nil {
		t.Errorf("not HTML: %v", err)
		return
	}
	for _, check := range checks {
		if err := check(page); err != nil {
			t.Error(err)
		}
	}
}

// InString is In for a page held in a string.
func InString(t testing.TB, body string, checks ...Check) {
	t.Helper()
	In(t, strings.NewReader(body), checks...)
}

// Has holds if at least one element matches.
func Has(selector string) Check {
	return on(selector, func(found []*html.Node) error {
		if len(found) == 0 {
			return fmt.Errorf("%s: nothing matches", selector)
		}
		return nil
	})
}

// None holds if no element matches.
func None(selector string) Check { return Count(selector, 0) }

// Count holds if exactly n elements match.
func Count(selector string, n int) Check {
	return on(selector, func(found []*html.Node) error {
		if len(found) != n {
			return fmt.Errorf("%s: %d elements match, want %d", selector, len(found), n)
		}
		return nil
	})
}

// Text holds if the text of the first match, with white space collapsed, is want.
func Text(selector, want string) Check {
	return first(selector, func(n *html.Node) error {
		if got := textOf(n); got != want {
			return fmt.Errorf("%s: text is %q, want %q", selector, got, want)
		}
		return nil
	})
}

// Contains holds if the text of any match, with white space collapsed, contains part.
func Contains(selector, part string) Check {
	return on(selector, func(found []*html.Node) error {
		texts := make([]string, 0, len(found))
		for _, n := range found {
			text := textOf(n)
			if strings.Contains(text, part) {
				return nil
			}
			texts = append(texts, text)
		}
		return fmt.Errorf("%s: %q is in none of %q", selector, part, texts)
	})
}

// Lacks holds if the text of no match contains part.
func Lacks(selector, part string) Check {
	return on(selector, func(found []*html.Node) error {
		for _, n := range found {
			if text := textOf(n); strings.Contains(text, part) {
				return fmt.Errorf("%s: %q is in %q", selector, part, text)
			}
		}
		return nil
	})
}

// Attr holds if the first match has the attribute with this value.
func Attr(selector, name, want string) Check {
	return first(selector, func(n *html.Node) error {
		for _, a := range n.Attr {
			if a.Key == name {
				if a.Val != want {
					return fmt.Errorf("%s: %s is %q, want %q", selector, name, a.Val, want)
				}
				return nil
			}
		}
		return fmt.Errorf("%s: has no attribute %s", selector, name)
	})
}

// Each holds if check finds nothing wrong with any match; name says what is
// looked for, and the error names the element by its opening tag.
func Each(selector, name string, check func(*html.Node) bool) Check {
	return on(selector, func(found []*html.Node) error {
		for _, n := range found {
			if !check(n) {
				return fmt.Errorf("%s: %s does not hold for %s", selector, name, tagOf(n))
			}
		}
		return nil
	})
}

// Texts returns the text of every match in the order of the page.
func Texts(body, selector string) ([]string, error) {
	page, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	var texts []string
	err = on(selector, func(found []*html.Node) error {
		for _, n := range found {
			texts = append(texts, textOf(n))
		}
		return nil
	})(page)
	return texts, err
}

func on(selector string, check func([]*html.Node) error) Check {
	return func(page *html.Node) error {
		group, err := cascadia.ParseGroup(selector)
		if err != nil {
			return fmt.Errorf("selector %q: %w", selector, err)
		}
		return check(cascadia.QueryAll(page, group))
	}
}

func first(selector string, check func(*html.Node) error) Check {
	return on(selector, func(found []*html.Node) error {
		if len(found) == 0 {
			return fmt.Errorf("%s: nothing matches", selector)
		}
		return check(found[0])
	})
}

func textOf(n *html.Node) string {
	var text strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			text.WriteString(n.Data)
		case n.Type == html.ElementNode && (n.Data == "script" || n.Data == "style"):
			return // nobody reads those
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(text.String()), " ")
}

func tagOf(n *html.Node) string {
	var tag strings.Builder
	fmt.Fprintf(&tag, "<%s", n.Data)
	for _, a := range n.Attr {
		fmt.Fprintf(&tag, " %s=%q", a.Key, a.Val)
	}
	return tag.String() + ">"
}
