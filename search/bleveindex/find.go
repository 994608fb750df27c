package bleveindex

import (
	"context"
	"fmt"
	"strings"

	"sportello/search"
	"sportello/search/analysis"
)

// Search never fails on what people write.
func (x *Index) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if err := ctx.Err(); err != nil {
		return search.Result{}, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if q.Limit <= 0 {
		q.Limit = 10
	}
	lang, other := q.Lang, ""
	if lang == "" {
		lang, _ = search.GuessLanguage(q.Text)
		other = analysis.English
		if lang == other {
			other = analysis.Italian
		}
	}
	result := x.searchIn(lang, q)
	if other != "" && result.Decision == search.Abstain {
		if second := x.searchIn(other, q); second.Decision != search.Abstain {
			return second, nil
		}
	}
	return result, nil
}

// searchIn searches the articles of one language.
func (x *Index) searchIn(lang string, q search.Query) search.Result {
	r := search.Result{Query: strings.TrimSpace(q.Text), Lang: lang, Decision: search.Abstain}
	s := x.shards[lang]
	if s == nil {
		if q.Explain {
			r.Explanation = []string{fmt.Sprintf("there is no article in language %q", lang)}
		}
		return r
	}
	asked, found := s.search(q)
	r.Query, r.Corrected = asked.text(), asked.corrected
	r.Confidence, r.Decision = decide(asked, found)
	if q.Explain {
		r.Signals = signalsOf(asked, found)
		r.Explanation = append(asked.explain(), explainDecision(r)...)
	}
	for i, f := range found {
		if i == q.Limit {
			break
		}
		r.Hits = append(r.Hits, s.hit(asked, f, q.Explain))
	}
	return r
}

// search understands a question and ranks the documents for it.
func (s *shard) search(q search.Query) (*question, []ranked) {
	asked := s.understand(q.Text, readableBy(q.Audiences))
	c := s.scratch.get(s)
	defer s.scratch.put(c)
	return asked, s.rerank(asked, s.candidates(asked, c), c)
}

// hit tells about a document found.
func (s *shard) hit(q *question, f ranked, explain bool) search.Hit {
	doc := s.documents[f.document].doc
	h := search.Hit{ID: doc.ID, Lang: doc.Lang, Title: doc.Title, Score: f.score}
	if n := int(f.best.section); f.best.kind >= inHead && n < len(doc.Sections) {
		h.Section = doc.Sections[n]
	} else if len(doc.Sections) > 0 {
		h.Section = doc.Sections[0]
	}
	if f.best.kind == inBody {
		h.Snippet = s.snippet(q, h.Section.Text[f.best.from:f.best.to])
	} else {
		h.Snippet = s.snippet(q, h.Section.Text)
	}
	if h.Snippet == "" {
		h.Snippet = doc.Title
	}
	if explain {
		h.Explanation = s.explainHit(q, f)
	}
	return h
}

// explainHit tells an editor what the document was found by.
func (s *shard) explainHit(q *question, f ranked) []string {
	var matched, missed []string
	for i, l := range q.slots {
		switch {
		case l.function:
		case f.reached[i] > 0:
			matched = append(matched, l.text)
		default:
			missed = append(missed, l.text)
		}
	}
	g := f.signals
	lines := []string{
		"matched: " + strings.Join(matched, ", "),
		fmt.Sprintf("words %.2f + title or question alike %.2f + in one passage %.2f + side by side %.2f = %.2f",
			g.bm25, tuned.similar*g.similar, tuned.passage*g.passage, tuned.near*g.near, f.score),
	}
	if len(missed) > 0 {
		lines = append(lines, "not in it: "+strings.Join(missed, ", "))
	}
	return lines
}
