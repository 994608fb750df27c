package tickets

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// keywordsInSubject is how many words a proposed subject has after the
// application: more would be a sentence.
const keywordsInSubject = 8

// notForSubjects are masked secrets and addresses: a subject is read in lists
// and in mails, by more people than the ticket.
var notForSubjects = regexp.MustCompile(`‹[^›]*›?|\S+@\S+\.\S+|https?://\S+`)

// sentenceEnd separates sentences and clauses; a dot within a name or a number
// does not.
var sentenceEnd = regexp.MustCompile(`[!?;\n]+|\.(?:\s|$)`)

// ProposeSubject makes a short subject of keywords from a question: first the
// application as it is called in subjects, if it is known, then the words that
// say something. It has at most MaxSubject characters and is empty only if both
// are.
func ProposeSubject(application, question string) string {
	application = cutWords(oneLine(application), MaxSubject)
	own := foldAll(tokens(application))
	var words []string
	for _, sentence := range clauses(question) {
		words = append(words, keywords(sentence, own)...)
		if len(words) >= 3 {
			break // one that says something is enough
		}
	}
	words = words[:min(len(words), keywordsInSubject)]
	problem := strings.TrimRight(strings.Join(words, " "), ",")
	switch {
	case application == "":
		return cutWords(capitalise(problem), MaxSubject)
	case problem == "":
		return application
	}
	return cutWords(application+": "+problem, MaxSubject)
}

// clauses splits a question into sentences, those that tell of a failure first.
func clauses(question string) []string {
	var telling, others []string
	for _, sentence := range sentenceEnd.Split(notForSubjects.ReplaceAllString(question, " "), -1) {
		if failing(sentence) {
			telling = append(telling, sentence)
		} else {
			others = append(others, sentence)
		}
	}
	return append(telling, others...)
}

// failing words tell what is wrong, by their beginnings.
var failureWords = []string{"non", "nn", "not", "can't", "cannot", "error", "errore", "blocc", "scadut", "guast", "lent", "dimentic", "rifiut", "pers", "rott", "fail", "lock", "expir", "forgot", "broken", "manca"}

func failing(sentence string) bool {
	return slices.ContainsFunc(foldAll(strings.Fields(sentence)), func(word string) bool {
		return slices.ContainsFunc(failureWords, func(begin string) bool { return strings.HasPrefix(word, begin) })
	})
}

// keywords keeps the words of a sentence that say something and are not the
// application's own, as they were written. A comma stays where words around it
// do.
func keywords(sentence string, own []string) []string {
	var kept []string
	negated := false
	shouted := strings.ToUpper(sentence) == sentence
	for _, written := range strings.Fields(strings.NewReplacer("’", "'", "“", " ", "”", " ", "\"", " ", "(", " ", ")", " ").Replace(sentence)) {
		word := strings.TrimFunc(written, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '@' })
		if elided, rest, cut := strings.Cut(word, "'"); cut && functionWords[fold(elided)] && rest != "" {
			word = rest // l'account, un'app
		}
		folded := fold(word)
		if long := shorthand[folded]; long != "" {
			word, folded = long, long
		}
		if shouted {
			word = lowerUnlessAcronym(word)
		}
		keep := word != "" && !slices.Contains(own, folded) &&
			(!functionWords[folded] || negated && carriers[folded])
		if keep {
			kept = append(kept, word)
		}
		// "non mi fa entrare": the negation reaches over the pronoun
		negated = negations[folded] || negated && !keep && functionWords[folded]
		if ends := strings.HasSuffix(written, ",") || strings.HasSuffix(written, ":"); ends && keep {
			kept[len(kept)-1] += ","
		}
	}
	if n := len(kept); n > 0 {
		kept[n-1] = strings.TrimRight(kept[n-1], ",")
	}
	for len(kept) > 0 && negations[fold(kept[len(kept)-1])] {
		kept = kept[:len(kept)-1] // a negation of nothing
	}
	return kept
}

// lowerUnlessAcronym softens a text in capitals: in one, only words with
// digits surely keep theirs.
func lowerUnlessAcronym(word string) string {
	if strings.IndexFunc(word, unicode.IsDigit) >= 0 {
		return word
	}
	return strings.ToLower(word)
}

// cutWords shortens a text to at most so many characters, between words.
func cutWords(text string, limit int) string {
	if !tooLong(text, limit) {
		return text
	}
	letters := []rune(text)[:limit]
	if i := strings.LastIndex(string(letters), " "); i > 0 {
		return strings.TrimRight(string(letters)[:i], " ,:")
	}
	return string(letters)
}

func capitalise(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// alike is the share of keywords that two subjects must have in common, of the
// shorter one, to look the same.
const alike = 0.5

// Similar returns the first of somebody's open tickets that looks the same as
// a draft: the same application, the same person it is for, and subjects with
// much in common.
func Similar(open []Ticket, draft Draft) (Ticket, bool) {
	words := subjectWords(draft.Subject)
	for _, t := range open {
		if t.Application != draft.Application || !t.Beneficiary.same(draft.Beneficiary) {
			continue
		}
		others := subjectWords(t.Subject)
		common := 0
		for w := range words {
			if others[w] {
				common++
			}
		}
		if fewer := min(len(words), len(others)); fewer > 0 && float64(common) >= alike*float64(fewer) {
			return t, true
		}
	}
	return Ticket{}, false
}

// subjectWords are the stems of a subject's keywords. The application begins
// it and is compared by itself, so what stands before the colon is left out.
func subjectWords(subject string) map[string]bool {
	if _, rest, named := strings.Cut(subject, ":"); named {
		subject = rest
	}
	words := map[string]bool{}
	for _, w := range keywords(subject, nil) {
		if folded := fold(strings.TrimRight(w, ",")); !negations[folded] && !carriers[folded] {
			words[stem(folded)] = true
		}
	}
	return words
}
