package search_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/internal/phrases"
	"sportello/search"
)

// told is everything a teller says of a result.
func told(t *testing.T, lang string, r search.Result) string {
	t.Helper()
	catalogue, err := phrases.Read(os.DirFS("../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	teller := search.Teller{Phrases: catalogue, Lang: lang}
	var b strings.Builder
	write := func(lines []search.Line) {
		for _, l := range lines {
			fmt.Fprintln(&b, strings.TrimSpace(l.About+": "+l.Text))
		}
	}
	write(teller.Question(r.Explanation))
	write(teller.Decision(r))
	write(teller.Order(r.Explanation))
	for _, h := range r.Hits {
		write(teller.Hit(h))
	}
	return b.String()
}

func TestAnExplanationIsToldInWords(t *testing.T) {
	r := search.Result{
		Lang: "it", Confidence: 0.456, Decision: search.Clarify,
		Explanation: &search.Explanation{
			Words: []search.Word{
				{Typed: "Salve", Became: search.LeftOut},
				{Typed: "nn", Became: search.Expanded, Read: "non", Known: true, Grammar: true, Weight: 0.01},
				{Typed: "pasword", Became: search.Corrected, Read: "password", Known: true, Weight: 0.6, Also: []search.Alternative{
					{Means: search.BySynonym, Text: "psw", Weight: 0.95}, {Means: search.ByLikeness, Text: "passo", Weight: 0.3},
					{Means: search.ByName, Text: "io", Weight: 0.3}, {Means: search.BySynonym, Text: "pin", Weight: 0.2}}},
				{Typed: "SICOGE", Became: search.Kept, Read: "sicoge", Known: true, Weight: 0.2, Also: []search.Alternative{{Means: search.ByApplication, Text: "SICOGE", Weight: 0.8}}},
				{Typed: "cucina", Became: search.Kept, Read: "cucina", Everyday: true, Weight: 0.1},
				{Typed: "zzq", Became: search.Kept, Read: "zzq", Weight: 0.1},
				{Typed: "la", Became: search.LeftOut},
				{Typed: "Zzq", Became: search.Kept, Read: "zzq"},
			},
			Comparison: &search.Comparison{First: "a", Second: "b", Lead: 0.25, OnlyFirst: []string{"password"}, Points: []search.Difference{
				{Name: "words", Points: 0.28}, {Name: "line", Points: 0.001}, {Name: "feedback", Points: -0.03}}},
			Verdict: search.Verdict{Reason: search.Unsure, AnswerFrom: 0.8, ClarifyFrom: 0.3, Against: []search.Difference{
				{Name: "clear", Points: -2}, {Name: "clear", Points: -1}, {Name: "unknown words", Points: -0.5}, {Name: "new", Points: -0.4}, {Name: "length", Points: -0.2}}},
		},
		Hits: []search.Hit{{Score: 0.70, Explanation: &search.HitExplanation{
			Matches: []search.Match{
				{Word: "password", Means: search.ByWord, As: "password", Places: []search.Place{{Field: search.InTitle}, {Field: search.InQuestion, Text: "psw?"}, {Field: search.InText}, {Field: search.InTag, Text: "x"}}},
				{Word: "cucina", Means: search.ByLikeness, As: "cucinare", Places: []search.Place{{Field: search.InText, Text: "Passi"}}},
				{Word: "sicoge", Means: search.ByApplication, As: "SICOGE", Places: []search.Place{{Field: search.InApplication}}},
			},
			Missing:  []string{"zzq"},
			Points:   []search.Signal{{Name: "words", Value: 0.8, Weight: 1}, {Name: "foreign", Value: 1, Weight: -0.1}, {Name: "line", Value: 1}},
			Feedback: &search.Feedback{Solved: 14, Judged: 16},
		}}},
	}
	for lang, want := range map[string]string{
		"it": `nn: abbreviazione di «non»; parola grammaticale; pesa 1 %
pasword: letta come «password»; pesa 60 %; anche il sinonimo «psw» (95 %); anche la parola simile «passo» (30 %); anche il nome «io» (30 %); e un'altra
SICOGE: pesa 20 %; è l'applicazione SICOGE
cucina: parola comune che nessun articolo usa; pesa 10 %
zzq: nessun articolo la usa; pesa 10 %
Zzq: già detta prima
: Non si cercano: Salve, la.
: Propone i primi tre articoli: la fiducia è 46 %, per rispondere serve 80 %.
: Abbassano la fiducia: nessun articolo spicca sugli altri, alcune parole non sono in nessun articolo, new.
: «a» precede «b» di 0,25 punti.
: Ha di più per: parole trovate +0,28.
: Ha di meno per: giudizi di chi lo ha letto -0,03.
: Parole che ha solo il primo: password.
password: nel titolo; nella domanda «psw?»; nel testo, all'inizio; e in un altro punto
cucina: parola simile «cucinare»: nel testo, sezione «Passi»
sicoge: l'articolo riguarda questa applicazione
: Non contiene: zzq.
: Punti 0,70: parole trovate +0,80, applicazione nominata -0,10.
: Giudicato in 16 conversazioni, utile in 14.
`,
		"en": `nn: short for “non”; a grammar word; weighs 1 %
pasword: read as “password”; weighs 60 %; also the synonym “psw” (95 %); also the similar word “passo” (30 %); also the name “io” (30 %); and one more
SICOGE: weighs 20 %; is the application SICOGE
cucina: an everyday word that no article uses; weighs 10 %
zzq: no article uses it; weighs 10 %
Zzq: said before
: Not looked up: Salve, la.
: It offers the first three articles: confidence is 46 %, an answer takes 80 %.
: Confidence is lower because: no article stands out, some words are in no article, new.
: “a” is 0.25 points before “b”.
: It has more by: words found +0.28.
: It has less by: what readers said -0.03.
: Words in the first only: password.
password: in the title; in the question “psw?”; in the text, at the beginning; and in one more place
cucina: similar word “cucinare”: in the text, section “Passi”
sicoge: the article is about this application
: Does not hold: zzq.
: Points 0.70: words found +0.80, the application named -0.10.
: Judged in 16 conversations, useful in 14.
`,
	} {
		if diff := cmp.Diff(want, strings.ReplaceAll(told(t, lang, r), "\u00a0", " ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", lang, diff)
		}
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	for _, lang := range []string{"it", "en"} {
		seen := map[string]bool{}
		for _, reason := range []search.Reason{search.NoLanguage, search.NoContent, search.NoArticle, search.Sure, search.Unsure} {
			for _, decision := range []search.Decision{search.Answer, search.Clarify, search.Abstain} {
				if (reason == search.Sure) != (decision == search.Answer) {
					continue
				}
				text := told(t, lang, search.Result{Decision: decision, Explanation: &search.Explanation{Verdict: search.Verdict{Reason: reason}}})
				if strings.Contains(text, "‹") || text == "" {
					t.Errorf("%s, %s: %q", reason, decision, text)
				}
				seen[text] = true
			}
		}
		if len(seen) != 6 {
			t.Errorf("%d different reasons are told, want 6: %v", len(seen), seen)
		}
	}
}

func TestWhatMeaningDidIsTold(t *testing.T) {
	catalogue, err := phrases.Read(os.DirFS("../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	told := func(lang string, m search.Meaning) (all []string) {
		r := search.Result{Decision: search.Clarify, Confidence: .05, Explanation: &search.Explanation{Meaning: &m, Verdict: search.Verdict{Reason: search.Unsure}}}
		for _, l := range (search.Teller{Phrases: catalogue, Lang: lang}).Decision(r) {
			all = append(all, l.Text)
		}
		return all
	}
	for _, lang := range catalogue.Languages() {
		for _, skipped := range []string{"sure", "no_vectors", "no_words", "closed", "crowded", "late", "unreachable", "busy", "broken", "refused", "unusable"} {
			if !catalogue.Has(lang, search.SignalPhrase("skipped", skipped)) {
				t.Errorf("in %s nothing says that it was skipped for %s", lang, skipped)
			}
		}
	}
	want := []string{
		"It offers choices because the first article is near in meaning: by words the confidence is only 5\u00a0%.",
		"It searched by meaning, too: the nearest article has likeness 0.80; questions that nothing answers reach 0.60. Articles with vectors: 4 of 5.",
	}
	if diff := cmp.Diff(want, told("en", search.Meaning{Likeness: .8, Floor: .6, Offered: true, Covered: 4, Articles: 5})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := told("it", search.Meaning{Skipped: "late"}); len(got) != 2 || got[1] != "Non ha cercato per significato: il server non ha risposto in tempo." {
		t.Errorf("it is told %q", got)
	}
}
