package mattermost

import (
	"strings"
	"unicode/utf8"
)

// longestPost is what the server takes, in characters, less what it takes to end
// a block of code and begin it again.
const longestPost = 16_383 - 100

// longestFence is one that somebody may mean: it is said again in each post.
const longestFence = 20

// split cuts a text into posts: between paragraphs where it can, else between
// lines, else where it must. A block of code that is cut goes on as one.
func split(text string) []string { return cut(text, longestPost) }

func cut(text string, most int) (parts []string) {
	for utf8.RuneCountInString(text) > most {
		at, within := cutAt(text, most)
		part, rest := text[:at], strings.TrimLeft(text[at:], "\n")
		if within != "" {
			part = strings.TrimRight(part, "\n") + "\n" + within
			rest = within + "\n" + strings.TrimPrefix(text[at:], "\n")
		}
		parts = append(parts, strings.TrimRight(part, "\n "))
		text = rest
	}
	return append(parts, text)
}

// cutAt is where to cut, and the fence of the block of code that this is within.
func cutAt(text string, most int) (at int, within string) {
	var paragraph, line int // the last places of these sorts
	var fence, lineFence string
	runes, pos := 0, 0
	for l := range strings.Lines(text) {
		if runes += utf8.RuneCountInString(l); runes > most {
			break
		}
		pos += len(l)
		trimmed := strings.TrimSpace(l)
		if run := len(trimmed) - len(strings.TrimLeft(trimmed, "`")); run >= 3 && run <= longestFence {
			switch {
			case fence == "":
				fence = trimmed[:run]
			case run >= len(fence) && run == len(trimmed):
				fence = ""
			}
		}
		line, lineFence = pos, fence
		if trimmed == "" && fence == "" {
			paragraph = pos
		}
	}
	if runesIn(text[:paragraph]) > most/4 {
		return paragraph, ""
	}
	if runesIn(text[:line]) > most/4 {
		return line, lineFence
	}
	at = 0
	for range most {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	if space := strings.LastIndexByte(text[:at], ' '); space > line && space > at/2 {
		at = space + 1
	}
	return at, lineFence
}

func runesIn(text string) int { return utf8.RuneCountInString(text) }
