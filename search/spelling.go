package search

import (
	"hash/maphash"
	"strings"
)

// Speller finds the known words that a misspelt one may stand for. It is not
// safe for concurrent use while words are added.
type Speller struct {
	words []string
	seed  maphash.Seed
	first map[uint32]int32 // hash of a word with at most one letter deleted → newest link
	links []link
}

type link struct{ word, next int32 }

// NewSpeller returns a speller that knows no word yet.
func NewSpeller() *Speller {
	return &Speller{seed: maphash.MakeSeed(), first: map[uint32]int32{}}
}

// Add makes a word known and returns its number; a word must be added once only.
func (s *Speller) Add(word string) int32 {
	n := int32(len(s.words))
	s.words = append(s.words, word)
	if len(word) > 2 && len(word) <= 30 {
		s.deletes(word, func(h uint32) {
			next, ok := s.first[h]
			if !ok {
				next = -1
			}
			s.first[h] = int32(len(s.links))
			s.links = append(s.links, link{n, next})
		})
	}
	return n
}

// deletes calls f with the hash of word and of each word that results from
// leaving out one letter.
func (s *Speller) deletes(word string, f func(uint32)) {
	var buffer [32]byte
	f(uint32(maphash.String(s.seed, word)))
	for i := range len(word) {
		if i > 0 && word[i] == word[i-1] {
			continue
		}
		short := append(append(buffer[:0], word[:i]...), word[i+1:]...)
		f(uint32(maphash.Bytes(s.seed, short)))
	}
}

// Guess is a known word that may have been meant, and what the slip costs: 0
// for none, about 1 for a letter taken for any other.
type Guess struct {
	Word int32
	Cost float64
}

// Near returns the known words one slip away from word.
func (s *Speller) Near(word string) []Guess {
	if len(word) < 3 || len(word) > 30 {
		return nil
	}
	var found []Guess
	s.deletes(word, func(h uint32) {
		at, ok := s.first[h]
		if !ok {
			return
		}
	links:
		for ; at >= 0; at = s.links[at].next {
			n := s.links[at].word
			for _, g := range found {
				if g.Word == n {
					continue links
				}
			}
			if cost, near := SlipCost(word, s.words[n]); near {
				found = append(found, Guess{n, cost})
			}
		}
	})
	return found
}

// Word returns the word with a number.
func (s *Speller) Word(n int32) string { return s.words[n] }

// SlipCost tells what it costs to have typed one word for another meant; near
// is false if more than one slip parts them.
func SlipCost(typed, meant string) (cost float64, near bool) {
	a, b := typed, meant
	prefix := 0
	for prefix < len(a) && prefix < len(b) && a[prefix] == b[prefix] {
		prefix++
	}
	a, b = a[prefix:], b[prefix:]
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 0 && len(b) == 0:
		return 0, true
	case len(a) == 1 && len(b) == 0: // a letter too many
		cost = 0.8
		if prefix > 0 && typed[prefix-1] == a[0] {
			cost = 0.5
		} else if prefix > 0 && neighbours(typed[prefix-1], a[0]) {
			cost = 0.7
		}
	case len(a) == 0 && len(b) == 1: // a letter left out
		cost = 0.7
		if prefix > 0 && meant[prefix-1] == b[0] {
			cost = 0.4
		}
	case len(a) == 1 && len(b) == 1:
		cost = 1
		if neighbours(a[0], b[0]) {
			cost = 0.6
		}
	case len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]:
		cost = 0.5
	default:
		return 0, false
	}
	if prefix == 0 {
		cost += 0.3 // the first letter is rarely wrong
	}
	return cost, true
}

var rows = []string{"1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm"}

// neighbours reports whether two letters lie side by side on the keyboard.
func neighbours(a, b byte) bool {
	for r, row := range rows {
		i := strings.IndexByte(row, a)
		if i < 0 {
			continue
		}
		for d := -1; d <= 1; d++ {
			if r+d < 0 || r+d >= len(rows) {
				continue
			}
			if j := strings.IndexByte(rows[r+d], b); j >= 0 && j-i <= 1 && i-j <= 1 {
				return true
			}
		}
	}
	return false
}
