package bleveindex

import (
	"strings"

	"sportello/search"
	"sportello/search/analysis"
)

// phraseBook knows the phrases of a language that stand for something else:
// synonyms and names of applications.
type phraseBook struct {
	lang    string
	phrases map[string][]meaning // analysed words, joined by a space
	longest int                  // words of the longest phrase
	starts  map[string]bool      // first words, to be quick where nothing fits

	associated map[string][]meaning // by term
}

// meaning is what a phrase may stand for.
type meaning struct {
	terms       []string // keys of terms; a document needs all of them
	text        string   // as it was written
	weight      float64
	means       search.Means
	application string // set if the phrase names an application
	remote      bool   // only if no document holds the word itself
}

func newPhraseBook(lang string, o Options) *phraseBook {
	b := &phraseBook{lang: lang, phrases: map[string][]meaning{}, starts: map[string]bool{}, associated: associated(lang)}
	for _, s := range o.Synonyms[lang] {
		for _, from := range s.From {
			for _, to := range s.To {
				b.add(from, meaning{terms: contentTerms(lang, to), text: to, weight: s.Weight, means: search.BySynonym})
			}
		}
	}
	for _, a := range o.Applications {
		for _, name := range append([]string{a.Name, a.ID}, a.Aliases...) {
			b.add(name, meaning{terms: []string{applicationKey(a.ID)}, text: a.Name, weight: 1, means: search.ByApplication, application: a.ID})
		}
	}
	return b
}

func (b *phraseBook) add(phrase string, m meaning) {
	key := phraseKey(analysis.Analyze(b.lang, phrase))
	if key == "" || len(m.terms) == 0 || len(m.terms) == 1 && m.terms[0] == key {
		return
	}
	for _, known := range b.phrases[key] {
		if strings.Join(known.terms, " ") == strings.Join(m.terms, " ") {
			return
		}
	}
	b.phrases[key] = append(b.phrases[key], m)
	first, _, _ := strings.Cut(key, " ")
	b.starts[first] = true
	b.longest = max(b.longest, strings.Count(key, " ")+1)
}

// phraseKey joins the terms of words; grammar words count, as "non va" is not "va".
func phraseKey(words []analysis.Word) string {
	terms := make([]string, len(words))
	for i, w := range words {
		terms[i] = w.Term
	}
	return strings.Join(terms, " ")
}

// contentTerms are the keys of the terms of a phrase that say something.
func contentTerms(lang, phrase string) []string {
	var content, all []string
	for _, w := range analysis.Analyze(lang, phrase) {
		all = append(all, termKey(w.Term, w.Function))
		if !w.Function {
			content = append(content, w.Term)
		}
	}
	if len(content) == 0 {
		return all
	}
	return content
}

// stretch is a phrase found in a question: words from to (excluded).
type stretch struct {
	from, to int
	meanings []meaning
}

// find returns the phrases in words; at each word the longest one only.
func (b *phraseBook) find(words []analysis.Word) []stretch {
	var found []stretch
	for i := 0; i < len(words); i++ {
		if !b.starts[words[i].Term] {
			continue
		}
		for n := min(b.longest, len(words)-i); n > 0; n-- {
			if m := b.phrases[phraseKey(words[i:i+n])]; m != nil {
				found = append(found, stretch{i, i + n, m})
				break
			}
		}
	}
	return found
}
