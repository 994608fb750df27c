package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// style is how a run of text looks.
type style uint8

// The styles.
const (
	bold style = 1 << iota
	italic
	strike
	code
	pre
	quote
)

// run is text of one look. A message is made of runs and becomes HTML at the
// very end, each run with its own tags: wherever a text is cut, no tag is left
// open.
type run struct {
	text  string
	style style
	href  string // where it leads, an http or https address; or nowhere
}

// runs are a text.
type runs []run

// plain is a text without any look.
func plain(text string) runs { return runs{{text: text}} }

// add appends a text; what looks alike becomes one run.
func (r *runs) add(more ...run) {
	for _, one := range more {
		last := len(*r) - 1
		switch {
		case one.text == "":
		case last >= 0 && (*r)[last].style == one.style && (*r)[last].href == one.href:
			(*r)[last].text += one.text
		default:
			*r = append(*r, one)
		}
	}
}

// words are the text alone.
func (r runs) words() string {
	var b strings.Builder
	for _, one := range r {
		b.WriteString(one.text)
	}
	return b.String()
}

// spelled is the text for who shows no HTML: after the words of a link stands
// its address.
func (r runs) spelled() string {
	var b strings.Builder
	for _, one := range r {
		b.WriteString(one.text)
		if one.href != "" && !strings.Contains(one.text, one.href) {
			b.WriteString(" (" + one.href + ")")
		}
	}
	return b.String()
}

// escaped are the only signs that mean something in Telegram's HTML.
var escaped = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// html is the text as Telegram's HTML: balanced, with known tags only.
func (r runs) html() string {
	var b strings.Builder
	quoted := false
	for _, one := range r {
		if (one.style&quote != 0) != quoted {
			quoted = !quoted
			b.WriteString(tag("blockquote", !quoted))
		}
		tags := one.tags()
		for _, name := range tags {
			if name == "a" {
				b.WriteString(`<a href="` + escaped.Replace(one.href) + `">`)
			} else {
				b.WriteString(tag(name, false))
			}
		}
		b.WriteString(escaped.Replace(one.text))
		for i := len(tags) - 1; i >= 0; i-- {
			b.WriteString(tag(tags[i], true))
		}
	}
	if quoted {
		b.WriteString(tag("blockquote", true))
	}
	return b.String()
}

func tag(name string, closing bool) string {
	if closing {
		return "</" + name + ">"
	}
	return "<" + name + ">"
}

// tags are those around a run, the outermost first. Code holds no other tag,
// and is held by none but a quotation.
func (r run) tags() []string {
	var names []string
	blank := strings.TrimSpace(r.text) == ""
	switch {
	case blank:
		return nil
	case r.style&pre != 0:
		return []string{"pre"}
	case r.href != "":
		names = append(names, "a")
	case r.style&code != 0:
		return []string{"code"}
	}
	for _, s := range []struct {
		style style
		name  string
	}{{bold, "b"}, {italic, "i"}, {strike, "s"}} {
		if r.style&s.style != 0 {
			names = append(names, s.name)
		}
	}
	return names
}

// trimmed is the text without white space around it.
func (r runs) trimmed() runs {
	r = append(runs{}, r...)
	for len(r) > 0 {
		if r[0].text = strings.TrimLeftFunc(r[0].text, unicode.IsSpace); r[0].text != "" {
			break
		}
		r = r[1:]
	}
	for last := len(r) - 1; last >= 0; last-- {
		if r[last].text = strings.TrimRightFunc(r[last].text, unicode.IsSpace); r[last].text != "" {
			break
		}
		r = r[:last]
	}
	return r
}

// cut divides a text at a place among its bytes.
func (r runs) cut(at int) (before, after runs) {
	for _, one := range r {
		switch {
		case at >= len(one.text):
			before = append(before, one)
		case at <= 0:
			after = append(after, one)
		default:
			head, tail := one, one
			head.text, tail.text = one.text[:at], one.text[at:]
			before, after = append(before, head), append(after, tail)
		}
		at -= len(one.text)
	}
	return before, after
}

// units is how long Telegram takes a text to be: it counts in UTF-16.
func units(text string) (n int) {
	for _, r := range text {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// split divides a text into parts of at most most units: between paragraphs if
// they are not too long, else between lines, sentences, words.
func (r runs) split(most int) []runs {
	var parts []runs
	rest := r.trimmed()
	for {
		text := rest.words()
		if units(text) <= most {
			break
		}
		var part runs
		part, rest = rest.cut(cutAt(text, most))
		if part = part.trimmed(); len(part) > 0 {
			parts = append(parts, part)
		}
		rest = rest.trimmed()
	}
	if len(rest) > 0 {
		parts = append(parts, rest)
	}
	return parts
}

// cutAt is where a text that is too long is best divided. A part holds at
// least a third of what it may: a short line is not sent alone because a long
// paragraph follows.
func cutAt(text string, most int) int {
	end, n := 0, 0
	for i, r := range text {
		size := 1
		if r > 0xFFFF {
			size = 2
		}
		if n+size > most {
			break
		}
		n += size
		end = i + utf8.RuneLen(r)
	}
	if end == 0 { // a limit below one character
		_, end = utf8.DecodeRuneInString(text)
		return end
	}
	least := end / 3
	for _, sign := range []string{"\n\n", "\n", ". ", " "} {
		if i := strings.LastIndex(text[:end], sign); i > least {
			return i + len(strings.TrimRight(sign, " \n"))
		}
	}
	return end
}
