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
	"@", "@"+joiner, "#", `\#`+joiner, "&", "&"+joiner, "<", "<"+joiner, "://", ":"+joiner+"//",
	"www.", `www\.`, "WWW.", `WWW\.`, "Www.", `Www\.`)

// emoji is what clients show as a small picture.
var emoji = regexp.MustCompile(`:([A-Za-z0-9_+-]+:)`)

// words writes words so that they are shown as they are, whatever they are.
func words(text string) string {
	for emoji.MatchString(text) { // one that ends may begin the next
		text = emoji.ReplaceAllString(text, ":"+joiner+"$1")
	}
	return signs.Replace(text)
}

// plain writes a text of several lines as it is.
func plain(text string) string {
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
