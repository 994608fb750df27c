package semantic

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"

	"sportello/privacy"
	"sportello/search"
)

// Index searches an index by words and, where the question asks for it and the
// words are not sure, by meaning as well. All else is the other index's.
//
// The words come first because they take a fraction of a millisecond and their
// confidence is calibrated: what they answer for sure stands, at once, and the
// question stays in the house.
type Index struct {
	search.Index
	vectors *Vectors
	line    *line
	config  Config
	asked   *recent[vector]
}

var _ search.Index = (*Index)(nil)

// mostAsked questions are remembered with their vectors.
const mostAsked = 1_000

func newIndex(words search.Index, v *Vectors, o Options) *Index {
	return &Index{Index: words, vectors: v, line: newLine("question", o), config: v.config, asked: newRecent[vector](mostAsked)}
}

// Search implements search.Index. Whatever goes wrong on the way by meaning,
// the result is that of the words, no later than the configured time.
func (x *Index) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if !q.Meaning {
		return x.Index.Search(ctx, q)
	}
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	wide := q
	wide.Limit = max(limit, depth)
	words, err := x.Index.Search(ctx, wide)
	if err != nil {
		return words, err
	}
	found, why := x.byMeaning(ctx, q, words)
	result := words
	if why == nil {
		result = x.fuse(words, found, q.Explain)
	}
	result.Hits = result.Hits[:min(limit, len(result.Hits))]
	if q.Explain && result.Explanation != nil {
		result.Explanation = x.explain(words, result, found, why)
	}
	return result, nil
}

var (
	errSure    = errors.New("the words are sure")
	errNothing = errors.New("no article has vectors yet")
	errNoWords = errors.New("nothing is left of it that may leave")
)

// byMeaning returns the nearest articles, or why there are none.
func (x *Index) byMeaning(ctx context.Context, q search.Query, words search.Result) ([]near, error) {
	if words.Decision == search.Answer {
		return nil, errSure
	}
	length := x.vectors.lengthOfAll()
	if length == 0 {
		return nil, errNothing
	}
	text := outbound(q.Text)
	if !strings.ContainsFunc(text, unicode.IsLetter) {
		return nil, errNoWords
	}
	deadline := time.Now().Add(x.config.Timeout)
	v, err := x.vectorOf(ctx, x.config.QueryPrefix+text, length)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	return x.vectors.nearest(ctx, words.Lang, q.Audiences, v, depth)
}

// longestQuestion is what of a question is sent, in bytes.
const longestQuestion = 1_000

// outbound is a question as it may leave the program.
func outbound(text string) string {
	text = strings.TrimSpace(privacy.MaskPersons(text))
	if len(text) > longestQuestion {
		text = strings.ToValidUTF8(text[:longestQuestion], "")
	}
	return text
}

// vectorOf asks for the vector of a text, or remembers it.
func (x *Index) vectorOf(ctx context.Context, text string, length int) (v vector, err error) {
	k := keyOf(text)
	if v, found := x.asked.get(k); found && len(v.numbers) == length {
		return v, nil
	}
	err = x.line.call(ctx, x.config.Timeout, func(ctx context.Context) error {
		found, err := x.vectors.embedder.Embed(ctx, []string{text})
		if err != nil {
			return err
		}
		if len(found[0]) != length {
			return unusable("the vector of a question has %d numbers, those of the articles %d: if another model serves under this name, stop the service and run 'sportello reindex'", len(found[0]), length)
		}
		v = newVector(found[0])
		return nil
	})
	if err == nil {
		x.asked.put(k, v)
	}
	return v, err
}

// explain adds to what an editor is told what the way by meaning did.
func (x *Index) explain(words, result search.Result, found []near, why error) *search.Explanation {
	all := *result.Explanation
	m := &search.Meaning{Skipped: skipped(why), Offered: result.Decision != words.Decision}
	m.Covered, m.Articles = x.vectors.Covered()
	m.Floor, _ = x.vectors.floor(words.Lang)
	if len(found) > 0 {
		m.Likeness = found[0].likeness
	}
	if c := all.Comparison; c != nil && (len(result.Hits) < 2 || result.Hits[0].ID != c.First || result.Hits[1].ID != c.Second) {
		all.Comparison = nil // others stand there now
	}
	all.Meaning = m
	return &all
}

// skipped is why nothing was searched by meaning, in a word.
func skipped(why error) string {
	var f *failure
	switch {
	case why == nil:
		return ""
	case errors.As(why, &f):
		return f.kind
	case errors.Is(why, errSure):
		return "sure"
	case errors.Is(why, errNothing):
		return "no_vectors"
	case errors.Is(why, errNoWords):
		return "no_words"
	case errors.Is(why, errClosed):
		return "closed"
	case errors.Is(why, errCrowded):
		return "crowded"
	}
	return "late" // the comparing ended with its time
}

// hit is an article found by meaning only.
func (n near) hit() search.Hit {
	h := search.Hit{ID: n.id, Lang: n.lang, Title: n.title, Snippet: n.title}
	if n.section < len(n.sections) {
		h.Section = n.sections[n.section]
		h.Snippet = begin(h.Section.Text)
	}
	return h
}

// begin is what a snippet shows of a section.
func begin(text string) string {
	const most = 200
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	end := most - 2
	for end > most/2 && !unicode.IsSpace(runes[end]) {
		end--
	}
	return strings.TrimSpace(string(runes[:end])) + " …"
}

// depth is how many of each way are fused.
const depth = 20

// rank is the constant of reciprocal rank fusion that its authors found good
// for all their collections (Cormack, Clarke, Büttcher 2009).
const rank = 60

// fuse orders the articles of both ways by the sum of the reciprocals of their
// ranks. The confidence stays that of the words, for it was calibrated on them.
// Three rules keep it honest: an answer never comes of it; the first by words,
// which is right more often than the decision to ask suggests, stays among the
// first three; and where only the meaning gave hope, its first stands first.
func (x *Index) fuse(words search.Result, found []near, explain bool) search.Result {
	r := words
	r.Hits = nil
	for i, h := range words.Hits[:min(depth, len(words.Hits))] {
		h.Score = 1 / float64(rank+i+1)
		r.Hits = append(r.Hits, h)
	}
	for i, n := range found {
		at := slices.IndexFunc(r.Hits, func(h search.Hit) bool { return h.ID == n.id && h.Lang == n.lang })
		if at < 0 {
			at = len(r.Hits)
			r.Hits = append(r.Hits, n.hit())
		}
		h := &r.Hits[at]
		h.Score += x.config.Weight / float64(rank+i+1)
		if explain {
			told := search.HitExplanation{}
			if h.Explanation != nil {
				told = *h.Explanation
			}
			told.Meaning = &search.Nearness{Place: i + 1, Likeness: n.likeness}
			h.Explanation = &told
		}
	}
	slices.SortStableFunc(r.Hits, func(a, b search.Hit) int {
		switch {
		case a.Score > b.Score:
			return -1
		case a.Score < b.Score:
			return 1
		}
		return 0
	})
	if len(words.Hits) > 0 && words.Decision == search.Clarify {
		raise(r.Hits, words.Hits[0].ID, 2)
	}
	if floor, known := x.vectors.floor(words.Lang); known && words.Decision == search.Abstain && len(found) > 0 && found[0].likeness > floor {
		r.Decision = search.Clarify
		raise(r.Hits, found[0].id, 0)
	}
	return r
}

// raise lifts a hit to a place, unless it is there or above.
func raise(hits []search.Hit, id string, to int) {
	at := slices.IndexFunc(hits, func(h search.Hit) bool { return h.ID == id })
	if at <= to {
		return
	}
	lifted := hits[at]
	copy(hits[to+1:at+1], hits[to:at])
	hits[to] = lifted
}
