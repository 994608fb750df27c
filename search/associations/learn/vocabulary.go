package main

import (
	"cmp"
	"slices"
)

// vocabulary numbers the words that occur often enough to know them.
type vocabulary struct {
	words  []string
	seen   []int
	number map[string]int32
}

func newVocabulary(lines [][]string) *vocabulary {
	seen := map[string]int{}
	for _, l := range lines {
		for _, w := range l {
			seen[w]++
		}
	}
	v := &vocabulary{number: map[string]int32{}}
	for w, n := range seen {
		if n >= leastSeen {
			v.words = append(v.words, w)
		}
	}
	slices.SortFunc(v.words, func(a, b string) int { return cmp.Or(seen[b]-seen[a], cmp.Compare(a, b)) })
	for i, w := range v.words {
		v.number[w] = int32(i)
		v.seen = append(v.seen, seen[w])
	}
	return v
}
