package mattermost

import (
	"regexp"
	"strings"

	"sportello/kb/markdown"
)

// joiner is a character of no width. Put behind a sign, it keeps the server and
// its clients from seeing a mention, hashtag, emoji or address there: a backslash
// does not, as they look for those in the words that Markdown leaves.
const joiner = "\u2060"

var signs = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "|", `\|`, "~", `\~`+joiner, ">", `\>`,
	"#", `\#`+joiner, "&", "&"+joiner, "<", "<"+joiner, "://", ":"+joiner+"//",
	"www.", `www\.`, "WWW.", `WWW\.`, "Www.", `Www\.`)

// mention is where one may begin: not within an e-mail address, so that whoever
// copies one gets no joiner with it.
var mention = regexp.MustCompile(`(^|[^A-Za-z0-9])@+`)

// emoji is what clients show as a small picture.
var emoji = regexp.MustCompile(`:([A-Za-z0-9_+-]+:)`)

// words writes words so that they are shown as they are, whatever they are.
func words(text string) string {
	for emoji.MatchString(text) { // one that ends may begin the next
		text = emoji.ReplaceAllString(text, ":"+joiner+"$1")
	}
	text = mention.ReplaceAllStringFunc(text, func(found string) string { return strings.ReplaceAll(found, "@", "@"+joiner) })
	return signs.Replace(text)
}

// plain writes a text of several lines as it is.
func plain(text string) string { return asLines(text, words) }

// plainWithLinks is like plain, and addresses can be followed.
func plainWithLinks(text string) string { return asLines(text, wordsWithLinks) }

var address = regexp.MustCompile(`https?://[A-Za-z0-9][A-Za-z0-9.:/?=&%_~#+,;@-]*[A-Za-z0-9/_=-]`)

func wordsWithLinks(text string) string {
	var b strings.Builder
	at := 0
	for _, found := range address.FindAllStringIndex(text, -1) {
		link := text[found[0]:found[1]]
		b.WriteString(words(text[at:found[0]]) + linked(link, strings.ReplaceAll(link, "@", "%40")))
		at = found[1]
	}
	return b.String() + words(text[at:])
}

// asLines writes the lines of a text, so that none begins something.
func asLines(text string, words func(string) string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		line = strings.TrimSpace(line)
		if first := strings.IndexFunc(line, func(r rune) bool { return r < '0' || r > '9' }); first >= 0 && strings.ContainsRune("-+=.)", rune(line[first])) {
			line = words(line[:first]) + `\` + words(line[first:])
		} else {
			line = words(line)
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// rewritten is CommonMark of ours as the server's Markdown. Paths lead to the
// site, if it has an address.
func rewritten(text, site string) string {
	return markdown.Rewrite(text, markdown.Dialect{Base: site, Words: words})
}
