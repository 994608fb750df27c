package bleveindex

import (
	"context"
	"strings"
	"time"

	"sportello/search"
	"sportello/search/analysis"
)

// Search never fails on what people write.
func (x *Index) Search(ctx context.Context, q search.Query) (search.Result, error) {
	if err := ctx.Err(); err != nil {
		return search.Result{}, err
	}
	q.Text = cutText(q.Text)
	x.asked.Store(time.Now().UnixNano())
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

// cutText bounds what is read of a question at all.
func cutText(text string) string {
	const most = 4000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// searchIn searches the articles of one language.
func (x *Index) searchIn(lang string, q search.Query) search.Result {
	r := search.Result{Query: strings.TrimSpace(q.Text), Lang: lang, Decision: search.Abstain}
	s := x.shards[lang]
	if s == nil {
		if q.Explain {
			r.Explanation = &search.Explanation{Words: []search.Word{}, Verdict: verdict(search.NoLanguage)}
		}
		return r
	}
	asked, found := s.search(q)
	r.Query = asked.text()
	r.Reading, r.Corrections = asked.corrected(q.Text)
	signals := signalsOf(asked, found)
	r.Confidence, r.Decision = decide(asked, found, signals)
	if q.Explain {
		r.Signals = signals
		r.Explanation = s.explain(q.Text, asked, found, signals, r.Decision)
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
	asked := s.understand(q.Text, readableBy(q.Audiences), q.Exact)
	return asked, s.ranked(asked)
}

// ranked are the documents for a question, best first.
func (s *shard) ranked(asked *question) []ranked {
	c := s.scratch.get(s)
	found := s.rerank(asked, s.candidates(asked, c), c)
	s.scratch.put(c)
	return found
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
