package bleveindex

import (
	"sync"

	"sportello/search"
	"sportello/search/analysis"
	"sportello/search/associations"
)

// associated returns what the words of a language are associated with, by
// their terms. Like a synonym, it counts a part of an exact match.
func associated(lang string) map[string][]meaning {
	if lang != analysis.Italian {
		return nil
	}
	return associatedInItalian()
}

var associatedInItalian = sync.OnceValue(func() map[string][]meaning {
	all := map[string][]meaning{}
	for term, a := range associations.In(analysis.Italian) {
		add := func(words []string, remote bool) {
			for _, w := range words {
				all[term] = append(all[term], meaning{
					terms: contentTerms(analysis.Italian, w), text: w, weight: tuned.associated,
					means: search.ByAssociation, remote: remote,
				})
			}
		}
		add(a.Near, false)
		add(a.Remote, true)
	}
	return all
})

// addAssociations adds what the word of a slot is associated with. What the
// editors' synonyms say of a word is all that there is to say.
func (s *shard) addAssociations(q *question, l *slot, w analysis.Word, documents int32) {
	if s.phrases.phrases[w.Term] != nil {
		return
	}
	known := l.known
	for _, m := range s.phrases.associated[w.Term] {
		if !m.remote || !known {
			s.addMeaning(q, l, m, documents)
		}
	}
}
