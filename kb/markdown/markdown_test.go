package markdown_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/internal/golden"
	"sportello/kb/markdown"
)

func TestAnArticleOnAPageInATerminalAndInAChat(t *testing.T) {
	src, err := os.ReadFile("testdata/article.md")
	if err != nil {
		t.Fatal(err)
	}
	html, contents := markdown.HTML(string(src), markdown.Options{HeadingOffset: 1, LinkBase: "https://help.example/"})
	golden.Check(t, "testdata/article.html", []byte(html))
	golden.Check(t, "testdata/article.txt", []byte(markdown.Plain(string(src))+"\n"))

	var cut bytes.Buffer
	for _, h := range contents {
		fmt.Fprintf(&cut, "contents: h%d #%s %s\n", h.Level, h.Anchor, h.Text)
	}
	for _, s := range markdown.Sections(string(src)) {
		fmt.Fprintf(&cut, "\n== #%s, level %d, line %d: %s\n%s\n-- as text\n%s\n", s.Anchor, s.Level, s.Line, s.Heading, s.Whole, s.Text)
		for i, step := range markdown.Steps(s.Whole) {
			fmt.Fprintf(&cut, "-- step %d\n%s\n", i+1, step)
		}
	}
	golden.Check(t, "testdata/article.sections", cut.Bytes())
}

func TestHTML(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"nothing":                         {"", ""},
		"emphasis":                        {"*a* **b** ~~c~~ `d`", "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d</code></p>\n"},
		"scripts are left out":            {"a <script>alert(1)</script>\n\n<script>alert(2)</script>\n", "<p>a alert(1)</p>\n\n"},
		"handlers are left out":           {`<a href="/x" onclick="alert(1)">x</a>`, "<p>x</p>\n"},
		"javascript leads nowhere":        {"[x](javascript:alert(1))", "<p>x</p>\n"},
		"nor in disguise":                 {"[x](JaVa&#115;cript:alert(1)) [y](&#x6A;avascript:1)", "<p>x y</p>\n"},
		"data leads nowhere":              {"[x](data:text/html;base64,PHg+)", "<p>x</p>\n"},
		"an image with data is described": {"![a picture](data:image/png;base64,AAAA)", "<p>a picture</p>\n"},
		"an image from elsewhere too":     {"![a &lt;b&gt; picture](https://far.example/x.png)", "<p>a &lt;b&gt; picture</p>\n"},
		"one from here is shown":          {"![a picture](/files/x.png)", `<p><img src="/files/x.png" alt="a picture"></p>` + "\n"},
		"links abroad cannot reach back":  {"<https://far.example>", `<p><a href="https://far.example" rel="noopener noreferrer">https://far.example</a></p>` + "\n"},
		"nor those without a scheme":      {"[x](//far.example)", `<p><a href="//far.example" rel="noopener noreferrer">x</a></p>` + "\n"},
		"links at home":                   {"[x](/kb/it/vpn#passi)", `<p><a href="/kb/it/vpn#passi">x</a></p>` + "\n"},
		"a telephone number":              {"[800](tel:800749049)", `<p><a href="tel:800749049">800</a></p>` + "\n"},
		"a bare address":                  {"a@b.example", `<p><a href="mailto:a@b.example">a@b.example</a></p>` + "\n"},
		"a list that starts later":        {"3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"},
		"a table":                         {"|a|b|\n|:-|-|\n|1|2|", "<table>\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n"},
		"bytes that are no text":          {"a\x00b\xff", "<p>a\uFFFDb\uFFFD</p>\n"},
		"entities":                        {"&lt;script&gt; &amp; à", "<p>&lt;script&gt; &amp; à</p>\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := markdown.HTML(c.src, markdown.Options{})
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("HTML of %q (-want +got):\n%s", c.src, diff)
			}
		})
	}
}

func TestAnchorsAreReadableAndUnique(t *testing.T) {
	_, contents := markdown.HTML("## È già *bloccato*?\n## Passi\n## Passi\n## Passi 2\n## ?!\n## ?!\n## `E0401`\n", markdown.Options{})
	var got []string
	for _, h := range contents {
		got = append(got, h.Anchor)
	}
	want := []string{"e-gia-bloccato", "passi", "passi-2", "passi-2-2", "sezione", "sezione-2", "e0401"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("anchors (-want +got):\n%s", diff)
	}
}

func TestPlain(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"markup goes, words stay":      {"**BLOC MAIUSC** e [posta](/kb/it/posta) e ![foto](/f.png) &amp; \\*", "BLOC MAIUSC e posta e foto & *"},
		"paragraphs are apart":         {"a\nb\n\nc", "a b\n\nc"},
		"a hard break breaks":          {"a\\\nb", "a\nb"},
		"numbers are kept":             {"3. a\n4. b\n", "3. a\n4. b"},
		"lists in lists are indented":  {"1. a\n   - b\n   - c\n2. d", "1. a\n   - b\n   - c\n2. d"},
		"code is kept as it is":        {"```\n*a*\n  b\n```", "*a*\n  b"},
		"tables keep their cells":      {"|a|b|\n|-|-|\n|1|2|\n", "a | b\n1 | 2"},
		"raw HTML goes":                {"a <b>c</b>\n\n<div>d</div>\n", "a c"},
		"quotes keep their paragraphs": {"> a\n>\n> b", "a\n\nb"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, markdown.Plain(c.src)); diff != "" {
				t.Errorf("text of %q (-want +got):\n%s", c.src, diff)
			}
		})
	}
}

func TestSteps(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		want []string
	}{
		"a numbered list":               {"1. a\n2. b\n", []string{"a", "b"}},
		"no numbered list":              {"- a\n- b\n", nil},
		"what is nested stays":          {"1. a\n\n   ```\n   code\n   ```\n2. b\n   - c\n", []string{"a\n\n```\ncode\n```", "b\n- c"}},
		"an introduction is kept":       {"First read:\n\n1. a\n2. b", []string{"First read:\n\na", "b"}},
		"an interruption is kept":       {"1. a\n\nMind!\n\n2. b\n\nThat is all.", []string{"a\n\nMind!", "b\n\nThat is all."}},
		"brackets and wide numbers":     {"10) a\n    more\n11) b", []string{"a\nmore", "b"}},
		"a list in a list is no step":   {"- a\n  1. b\n", nil},
		"line ends from another system": {"1. a\r\n   b\r\n2. c\r\n", []string{"a\nb", "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, markdown.Steps(c.src)); diff != "" {
				t.Errorf("steps of %q (-want +got):\n%s", c.src, diff)
			}
		})
	}
}

func TestSections(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		want []markdown.Section
	}{
		"nothing":              {"\n \n", []markdown.Section{}},
		"only an introduction": {"a\n", []markdown.Section{{Markdown: "a", Whole: "a", Text: "a"}}},
		"underlined headings": {"A\n===\nb\n\nC d\ne\n---\nf", []markdown.Section{
			{Anchor: "a", Level: 1, Heading: "A", Markdown: "b", Whole: "b\n\nC d\ne\n---\nf", Text: "b", Line: 1},
			{Anchor: "c-d-e", Level: 2, Heading: "C d e", Markdown: "f", Whole: "f", Text: "f", Line: 5},
		}},
		"a hash in code is no heading": {"```\n# a\n```", []markdown.Section{{Markdown: "```\n# a\n```", Whole: "```\n# a\n```", Text: "# a"}}},
		"a link finds its target": {"## A\n[x][1]\n\n## B\n[1]: /y\n", []markdown.Section{
			{Anchor: "a", Level: 2, Heading: "A", Markdown: "[x][1]\n\n[1]: /y", Whole: "[x][1]\n\n[1]: /y", Text: "x", Line: 1},
			{Anchor: "b", Level: 2, Heading: "B", Markdown: "[1]: /y", Whole: "[1]: /y", Line: 4},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, markdown.Sections(c.src)); diff != "" {
				t.Errorf("sections of %q (-want +got):\n%s", c.src, diff)
			}
		})
	}
}

func TestLinksAndRawHTMLAreFoundByLine(t *testing.T) {
	src := "a\n\n[b](/c) and\n![d](e.png)\n\n<div>\n\n> <https://f.example> <b>g</b>\n"
	links := []markdown.Link{{"/c", 3, false}, {"e.png", 4, true}, {"https://f.example", 8, false}}
	if diff := cmp.Diff(links, markdown.Links(src)); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int{6, 8, 8}, markdown.RawHTML(src)); diff != "" {
		t.Errorf("raw HTML (-want +got):\n%s", diff)
	}
}

// What took seconds or minutes before lines, paragraphs and nesting had limits.
func TestNoTextTakesLong(t *testing.T) {
	for _, part := range []string{"> ", "*a_ ", "[a](", "[a]: x\n", "1) a\n", "# a\n"} {
		t.Run(part, func(t *testing.T) {
			src := strings.Repeat(part, 2*markdown.Most/len(part))
			start := time.Now()
			html, _ := markdown.HTML(src, markdown.Options{})
			markdown.Sections(src)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			checkHTML(t, string(html))
		})
	}
}

func BenchmarkHTML(b *testing.B) {
	src, err := os.ReadFile("testdata/article.md")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	for b.Loop() {
		markdown.HTML(string(src), markdown.Options{})
	}
}
