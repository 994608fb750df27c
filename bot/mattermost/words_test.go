package mattermost

import (
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/mattermost/mattermost/server/public/model"
	"github.com/mattermost/mattermost/server/public/shared/markdown"
)

func TestAnArticleIsWrittenInTheServersMarkdown(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"emphasis":                       {"un *poco* **molto** ~~no~~", "un *poco* **molto** ~~no~~"},
		"a soft break is a space":        {"una\nriga", "una riga"},
		"a hard break breaks":            {"una\\\nriga", "una\nriga"},
		"a link of the site":             {"[VPN](/kb/it/vpn)", "[VPN](https://site.example/kb/it/vpn)"},
		"a link with brackets":           {"[a](https://x.example/a(b))", "[a](https://x.example/a%28b%29)"},
		"a link to a script":             {"[a](javascript:alert)", "a"},
		"a bare address":                 {"veda https://x.example/a", "veda [https:\u2060//x.example/a](https://x.example/a)"},
		"a list":                         {"1. uno\n2. due\n   - tre\n", "1. uno\n2. due\n   - tre"},
		"code with backticks":            {"`` a`b ``", "``a`b``"},
		"code in a list":                 {"- a\n\n  ```\n  b\n  c\n  ```\n", "- a\n\n  ```\n  b\n  c\n  ```"},
		"a table":                        {"| a | b |\n|---|---|\n| 1 | x\\|y |\n", "| a | b |\n| --- | --- |\n| 1 | x\\|y |"},
		"a quotation":                    {"> a\n>\n> b", "> a\n>\n> b"},
		"a heading":                      {"# Titolo", "#### Titolo"},
		"raw HTML":                       {"a <b>b</b>\n\n<script>x</script>", "a b"},
		"an image":                       {"![foto](/assets/a.png)", "[foto](https://site.example/assets/a.png)"},
		"what would be a list":           {"1\\. uno\\\n\\- due", "1\\. uno\n\\- due"},
		"a mention":                      {"\\@channel", "@\u2060channel"},
		"an emoji, a hashtag, a channel": {":smile: #tag \\~town", ":\u2060smile: \\#\u2060tag \\~\u2060town"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, rewritten(c.src, "https://site.example")); diff != "" {
				t.Errorf("%q (-want +got):\n%s", c.src, diff)
			}
		})
	}
}

func TestWordsOfPeopleStayWords(t *testing.T) {
	for text, want := range map[string]string{
		"@all aiuto":            "@\u2060all aiuto",
		"# uno\n- due\n12) tre": "\\#\u2060 uno\n\\- due\n12\\) tre",
		"[x](https://evil)":     "\\[x\\](https:\u2060//evil)",
		"a * b_c `d` &lt; <e>":  "a \\* b\\_c \\`d\\` &\u2060lt; <\u2060e\\>",
		"www.evil.example":      "www\\.evil.example",
		":a:b:":                 ":\u2060a:\u2060b:",
		"mario_rossi@x.it, @@a": "mario\\_rossi@x.it, @\u2060@\u2060a",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

func TestAnAddressThatAnOperatorGivesCanBeFollowed(t *testing.T) {
	for text, want := range map[string]string{
		"veda https://x.example/a_b?c=1&d=2#e.":       "veda [https:\u2060//x.example/a\\_b?c=1&\u2060d=2\\#\u2060e](https://x.example/a_b?c=1&d=2#e).",
		"(http://x.example/@channel)":                 "([http:\u2060//x.example/@\u2060channel](http://x.example/%40channel))",
		"1. https://x.example\n2. @all, scriva a a@b": "1\\. [https:\u2060//x.example](https://x.example)\n2\\. @\u2060all, scriva a a@b",
		"[qui](javascript:x) https://":                "\\[qui\\](javascript:x) https:\u2060//",
	} {
		if got := plainWithLinks(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

// addressed are the words that the server would look up as a mention: it joins
// the words that its Markdown leaves and takes them apart at what can be in no
// name.
func addressed(message string) (found []string) {
	var run string
	look := func() {
		for _, word := range strings.FieldsFunc(run, func(r rune) bool {
			return !strings.ContainsRune("_@", r) && !unicode.IsLetter(r) && !unicode.IsNumber(r)
		}) {
			if strings.HasPrefix(strings.TrimLeft(word, "_"), "@") && len(strings.Trim(word, "_@")) > 0 {
				found = append(found, word)
			}
		}
		run = ""
	}
	markdown.Inspect(message, func(node any) bool {
		text, is := node.(*markdown.Text)
		if !is {
			look()
			return true
		}
		run += text.Text
		return false
	})
	look()
	return found
}

var pictured = regexp.MustCompile(`:[A-Za-z0-9_+-]+:`)

func FuzzWordsCallNobody(f *testing.F) {
	for _, seed := range []string{"@channel", "\\@all", "a **@**here", "`@all`", "[@all](https://x/@here)", "https://x.example/@channel", "<mailto:a@b.it>", "|@all|b|\n|-|-|\n|@here|`|`|",
		"-@channel", "é@all", "@\u2060all", "&#64;all", "@&#x5f;x", "1. @all\n\n   ```\n   x", "> `` @all", ":smile:", "#tag", "~x", "a\\\n- @b", "![@all](/a)", "***@all***", "@*all*", "~~~\n@all"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		for how, written := range map[string]string{"rewritten": rewritten(src, "https://site.example"), "plain": plain(src), "with links": plainWithLinks(src)} {
			if found := addressed(written); len(found) > 0 {
				t.Errorf("%s, %q becomes %q, which calls %q", how, src, written, found)
			}
		}
		written := plain(src)
		if tags, _ := model.ParseHashtags(written); tags != "" {
			t.Errorf("%q becomes %q, with the hashtags %q", src, written, tags)
		}
		if found := pictured.FindString(written); found != "" {
			t.Errorf("%q becomes %q, with the emoji %q", src, written, found)
		}
		if rest := strings.ReplaceAll(strings.ReplaceAll(written, joiner, ""), `\`, ""); rest != strings.ReplaceAll(strings.ReplaceAll(trimmed(src), joiner, ""), `\`, "") {
			t.Errorf("%q reads %q", src, rest)
		}
	})
}

// trimmed is a text without the spaces around its lines.
func trimmed(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}
