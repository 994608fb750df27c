// Package lexicon knows how the words of Italian and English are spelt, so that
// nobody "corrects" a word only because no article uses it. It holds no
// meaning and no frequency. Where its words come from, and under which licence
// they are, is told in README.md beside them.
//
// The words are looked up in the program's own text: they take no time at
// start and no memory of the heap. A look-up takes less than a microsecond.
package lexicon

import (
	_ "embed"
	"slices"
)

var (
	//go:embed it.words
	italian string
	//go:embed en.words
	english string
)

// Known reports whether a word, folded as package analysis does, is spelt
// right in Italian ("it") or English ("en"). Clitic forms ("consigliami") and
// common proper names count.
func Known(lang, word string) bool {
	return of(lang).holds([]byte(word))
}

func of(lang string) automaton {
	if lang == "en" {
		return automaton(english)
	}
	return automaton(italian)
}

// Near returns the words that a folded word was meant for if one letter is
// left out, too many, another, or has changed places with the next.
func Near(lang, word string) []string {
	const most = 30
	if len(word) > most {
		return nil
	}
	words := of(lang)
	var found []string
	var buffer [most + 1]byte
	state := uint32(1) // where the letters before i lead
	for i := 0; i <= len(word) && state != 0; i++ {
		head, tail := buffer[:i], word[i:]
		try := func(instead ...byte) { // of what stands before tail
			rest := append(append(head, instead...), tail...)
			if words.spells(state, rest[i:]) && string(rest) != word && !slices.Contains(found, string(rest)) {
				found = append(found, string(rest))
			}
		}
		for c := byte('a'); c <= 'z'; c++ {
			if words.edge(state, c) == 0 {
				continue
			}
			tail = word[i:]
			try(c)
			if tail != "" {
				tail = tail[1:]
				try(c)
			}
		}
		if tail = word[i:]; tail != "" {
			tail = tail[1:]
			try()
		}
		if len(tail) > 0 {
			next := tail[0]
			tail = tail[1:]
			try(next, word[i])
		}
		if i < len(word) {
			buffer[i] = word[i]
			state = words.edge(state, word[i]) >> 8
		}
	}
	return found
}
