package rank

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"sportello/search"
)

// Pad returns the set grown to n articles. Each new one takes title, tags and
// length from an article of the set, and its sentences from any articles of
// that language: whole sentences that answer questions come back in articles
// that count as wrong, so every engine loses. Questions and grades stay. The
// same seed gives the same articles.
func Pad(set Set, n int, seed uint64) Set {
	docs := slices.Clone(set.Docs())
	real := len(docs)
	pool := map[string][]string{}
	for _, d := range docs {
		for _, s := range d.Sections {
			pool[d.Lang] = append(pool[d.Lang], sentences(s.Text)...)
		}
	}
	draw := rand.New(rand.NewPCG(seed, 0))
	for len(docs) < n && real > 0 {
		like := docs[draw.IntN(real)]
		d := search.Document{ID: fmt.Sprintf("pad-%06d", len(docs)), Lang: like.Lang, Title: like.Title, Tags: like.Tags, Audience: like.Audience}
		for _, s := range like.Sections {
			d.Sections = append(d.Sections, search.Section{Anchor: s.Anchor, Heading: s.Heading, Text: recombined(draw, pool[like.Lang], len(s.Text))})
		}
		docs = append(docs, d)
	}
	set.Documents = docs
	return set
}

// recombined is a text of sentences from a pool, about as long as wanted.
func recombined(draw *rand.Rand, pool []string, length int) string {
	var b strings.Builder
	for len(pool) > 0 {
		next := pool[draw.IntN(len(pool))]
		if b.Len() > 0 {
			if b.Len()+len(next)/2 > length {
				break
			}
			b.WriteByte(' ')
		}
		b.WriteString(next)
	}
	return b.String()
}

// sentences divides a text at its line ends and after full stops, question and
// exclamation marks.
func sentences(text string) (all []string) {
	from := 0
	add := func(to int) {
		if s := strings.TrimSpace(text[from:to]); s != "" {
			all = append(all, s)
		}
		from = to
	}
	for i := 1; i < len(text); i++ {
		if text[i] == '\n' || text[i] == ' ' && strings.IndexByte(".?!", text[i-1]) >= 0 {
			add(i)
		}
	}
	add(len(text))
	return all
}
