package telegram

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func TestRepliesLookLikeTelegram(t *testing.T) {
	for name, one := range map[string]struct{ markdown, html string }{
		"emphasis":                     {"**forte** *piano* ~~via~~ `cd \"x\"`", "<b>forte</b> <i>piano</i> <s>via</s> <code>cd &quot;x&quot;</code>"},
		"emphasis within emphasis":     {"***a* b**", "<b><i>a</i></b><b> b</b>"},
		"a heading is bold":            {"# Titolo\n\ntesto", "<b>Titolo</b>\n\ntesto"},
		"lines flow":                   {"uno\ndue", "uno due"},
		"a hard break breaks":          {"uno\\\ndue", "uno\ndue"},
		"a list has bullets":           {"ecco:\n\n- uno\n- due", "ecco:\n\n• uno\n• due"},
		"numbers go on":                {"3. tre\n4. quattro\n\nfine", "3. tre\n4. quattro\n\nfine"},
		"a list within a list":         {"- uno\n  1. a\n  2. b\n- due", "• uno\n    1. a\n    2. b\n• due"},
		"a table has lines":            {"| a | b |\n|---|---|\n| c | *d* e |", "<b>a</b> | <b>b</b>\nc | <i>d</i> e"},
		"code keeps its lines":         {"```sh\na < b\n  c\n```", "<pre>a &lt; b\n  c</pre>"},
		"a quotation":                  {"> uno\n>\n> due\n\ntre", "<blockquote>uno\n\ndue</blockquote>\n\ntre"},
		"a path leads to our site":     {"[qui](/kb/it/vpn)", `<a href="https://help.example.it/kb/it/vpn">qui</a>`},
		"an address elsewhere":         {"[qui](https://a.example/?a=1&b=\"2\")", `<a href="https://a.example/?a=1&amp;b=%222%22">qui</a>`},
		"a mailbox is written out":     {"[scriva](mailto:a@b.it)", "scriva (a@b.it)"},
		"a mailbox that is there":      {"[a@b.it](mailto:a@b.it)", "a@b.it"},
		"a number is written out":      {"[chiami](tel:+39061234)", "chiami (+39061234)"},
		"no other scheme":              {"[qui](javascript:alert(1))", "qui"},
		"HTML of people is none":       {"a <b>b</b> <script>x</script>", "a b x"},
		"what was quoted is as it was": {`\<b\> &amp; \*x\*`, "&lt;b&gt; &amp; *x*"},
		"an image leads to the file":   {"![schema](/img/a.png)", `<a href="https://help.example.it/img/a.png">schema</a>`},
		"nothing":                      {"", ""},
	} {
		if got := render(one.markdown, "https://help.example.it").html(); got != one.html {
			t.Errorf("%s: %q becomes\n%q, want\n%q", name, one.markdown, got, one.html)
		}
	}
	if got := render("[qui](/kb/it/vpn)", "").html(); got != "qui" {
		t.Errorf("without a site a path becomes %q", got)
	}
}

func TestTextsAreDividedBetweenParagraphsAndNeverWithinASign(t *testing.T) {
	paragraph := "<" + strings.Repeat("è una 😀 frase. ", 20) + ">"
	text := render(strings.Repeat("**Inizio** "+paragraph+"\n\n", 12), "")
	parts := text.split(600)
	var again strings.Builder
	for _, p := range parts {
		if n := len(utf16.Encode([]rune(p.words()))); n > 600 {
			t.Errorf("a part has %d units", n)
		}
		if !strings.HasPrefix(p.words(), "Inizio") {
			t.Errorf("a part begins within a paragraph: %.40q", p.words())
		}
		again.WriteString(p.words() + "\n\n")
	}
	if got, want := strings.Fields(again.String()), strings.Fields(text.words()); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Error("something is missing")
	}
	long := plain(strings.Repeat("😀", 5000)).split(4096)
	for _, p := range long {
		if units(p.words()) > 4096 || !utf8.ValidString(p.words()) {
			t.Errorf("a part has %d units", units(p.words()))
		}
	}
}

// strictly reads HTML as Telegram does: known tags only, each closed in order,
// no sign left that should be escaped. It returns the text.
func strictly(text string) (string, error) {
	var out strings.Builder
	var open []string
	for len(text) > 0 {
		switch text[0] {
		case '<':
			end := strings.IndexByte(text, '>')
			if end < 0 {
				return "", fmt.Errorf("a tag does not end: %.30q", text)
			}
			name := text[1:end]
			text = text[end+1:]
			if closing, is := strings.CutPrefix(name, "/"); is {
				if len(open) == 0 || open[len(open)-1] != closing {
					return "", fmt.Errorf("</%s> closes %v", closing, open)
				}
				open = open[:len(open)-1]
				continue
			}
			if href, is := strings.CutPrefix(name, `a href="`); is {
				if !strings.HasSuffix(href, `"`) || strings.ContainsAny(strings.TrimSuffix(href, `"`), `"<`) {
					return "", fmt.Errorf("a broken link: %q", name)
				}
				name = "a"
			}
			switch name {
			case "b", "i", "s", "code", "pre", "a", "blockquote":
			default:
				return "", fmt.Errorf("an unknown tag: %q", name)
			}
			for _, outer := range open {
				if outer == "code" || outer == "pre" || outer == name {
					return "", fmt.Errorf("%s within %v", name, open)
				}
			}
			open = append(open, name)
		case '&':
			known := false
			for entity, sign := range map[string]string{"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": `"`} {
				if strings.HasPrefix(text, entity) {
					out.WriteString(sign)
					text, known = text[len(entity):], true
					break
				}
			}
			if !known {
				return "", fmt.Errorf("an unknown entity: %.20q", text)
			}
		case '>':
			return "", fmt.Errorf("a bare >: %.20q", text)
		default:
			out.WriteByte(text[0])
			text = text[1:]
		}
	}
	if len(open) > 0 {
		return "", fmt.Errorf("%v stay open", open)
	}
	return out.String(), nil
}

func FuzzRender(f *testing.F) {
	for _, text := range []string{
		"**a _b** c_", "> - `a\n> ```\n<b>", "| a | `|` |\n|--|--|\n| [x](http://a\"b) |", "1. a\n   > b\n\n      c", "***~~`x`~~***", "![a](/b \"c\")",
		"[**a** `b`](https://x.example)", "<https://a.example?x=<y>>", "# `a`\n***\n- \n- - -", "&#0;&#xD800;&lt;\x00\x7f", strings.Repeat("> - ", 30) + "x", "😀**😀**",
	} {
		f.Add(text, 50)
	}
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = max(8, min(most, 4096))
		rendered := render(text, "https://help.example.it")
		if got, err := strictly(rendered.html()); err != nil || got != rendered.words() {
			t.Fatalf("%q becomes %q: %v", text, rendered.html(), err)
		}
		for _, p := range rendered.split(most) {
			got, err := strictly(p.html())
			if err != nil || got != p.words() || units(got) > most || strings.TrimSpace(got) == "" || !utf8.ValidString(got) {
				t.Fatalf("a part of %q is %q with %d units: %v", text, p.html(), units(got), err)
			}
		}
	})
}
