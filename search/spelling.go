package search

import (
	"hash/maphash"
	"math/bits"
)

// Speller finds the known words that a misspelt one may stand for. It is not
// safe for concurrent use while words are added.
type Speller struct {
	words []string
	shape []shape
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
	s.shape = append(s.shape, shapeOf(word))
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
			if cost, near := SlipCost(word, s.words[n], 1); near {
				found = append(found, Guess{n, cost})
			}
		}
	})
	return found
}

// Word returns the word with a number.
func (s *Speller) Word(n int32) string { return s.words[n] }

// shape is what is compared first, as it is quick: the letters of a word, a
// bit each, and their number in the five bits above.
type shape uint32

func shapeOf(word string) (s shape) {
	for i := range len(word) {
		if c := word[i]; c >= 'a' && c <= 'z' {
			s |= 1 << (c - 'a')
		}
	}
	return s | shape(min(len(word), 31))<<26
}

// far reports whether more than two slips part the words of two shapes.
func (s shape) far(t shape) bool {
	apart := int(s>>26) - int(t>>26)
	return apart > 2 || apart < -2 || bits.OnesCount32(uint32(s^t)<<6) > 4
}

// Further returns the known words two slips away from word, for which it looks
// at all of them; most of the time they are chance where word is short.
func (s *Speller) Further(word string) []Guess {
	if len(word) < 3 || len(word) > 30 {
		return nil
	}
	var found []Guess
	like := shapeOf(word)
	for n, t := range s.shape {
		if like.far(t) {
			continue
		}
		if cost, near := SlipCost(word, s.words[n], 2); near {
			found = append(found, Guess{int32(n), cost})
		}
	}
	return found
}
