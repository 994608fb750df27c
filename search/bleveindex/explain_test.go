package bleveindex

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/internal/phrases"
	"sportello/search"
)

func explained(t testing.TB) *Index {
	return filled(t, Options{
		Synonyms:     search.Synonyms{"it": {{From: []string{"tesserino"}, To: []string{"smart card"}, Weight: 0.8}}},
		Applications: []search.Application{{ID: "sicoge", Name: "SICOGE"}},
	})
}

func TestEachWordIsTold(t *testing.T) {
	x := explained(t)
	type told struct {
		Typed, Read string
		Became      search.Became
	}
	for question, want := range map[string][]told{
		"Buongiorno, nn trovo la Pasword": {
			{"Buongiorno", "", search.LeftOut}, {"nn", "non", search.Expanded}, {"trovo", "trovo", search.Kept}, {"la", "", search.LeftOut}, {"Pasword", "password", search.Corrected}},
		"il chi p e nonprovi": {{"il", "", search.LeftOut}, {"chi p", "chip", search.Corrected}, {"e", "", search.LeftOut}, {"nonprovi", "non provi", search.Corrected}},
		"smart-card":          {{"smart-card", "smartcard", search.Kept}},
		"":                    {},
	} {
		var got = []told{}
		weight := 0.0
		for _, w := range ask(t, x, question).Explanation.Words {
			got = append(got, told{w.Typed, w.Read, w.Became})
			weight += w.Weight
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", question, diff)
		}
		if len(want) > 0 && math.Abs(weight-1) > 1e-9 {
			t.Errorf("the words of %q weigh %v together", question, weight)
		}
	}
}

func TestAHitTellsWhichWordsItHoldsWhere(t *testing.T) {
	x := explained(t)
	h := ask(t, x, "il tesserino lampeggia sul soffitto").Hits[0]
	want := []search.Match{
		{Word: "tesserino", Means: search.BySynonym, As: "smart card", Part: 0.8, Places: []search.Place{{Field: search.InTitle, Text: "Smart card o lettore non riconosciuti"}}},
		{Word: "lampeggia", Means: search.ByWord, As: "lampeggia", Part: 1, Places: []search.Place{{Field: search.InQuestion, Text: "il lettore lampeggia ma niente"}}},
	}
	if diff := cmp.Diff(want, h.Explanation.Matches); diff != "" {
		t.Errorf("matches (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"soffitto"}, h.Explanation.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestPointsAddUpToTheScoreAndTheirDifferencesToTheLead(t *testing.T) {
	x := explained(t)
	x.SetFeedback(map[search.Key]search.Feedback{{ID: "password-scaduta", Lang: "it"}: {Push: -0.7}})
	for _, question := range []string{"password scaduta", "sicoge password", "la porta del lettore", "cambia"} {
		r := ask(t, x, question)
		for _, h := range r.Hits {
			sum := 0.0
			for _, p := range h.Explanation.Points {
				sum += p.Points()
			}
			if math.Abs(sum-h.Score) > 1e-9 {
				t.Errorf("%q: the points of %s add up to %v, its score is %v", question, h.ID, sum, h.Score)
			}
		}
		if len(r.Hits) < 2 {
			continue
		}
		c, sum := r.Explanation.Comparison, 0.0
		for _, d := range c.Points {
			sum += d.Points
		}
		if math.Abs(c.Lead-(r.Hits[0].Score-r.Hits[1].Score)) > 1e-9 || math.Abs(sum-c.Lead) > 0.003 {
			t.Errorf("%q: %+v explains %v and %v", question, c, r.Hits[0].Score, r.Hits[1].Score)
		}
	}
}

func TestTheVerdictSaysWhyThereIsNoAnswer(t *testing.T) {
	x := explained(t)
	for question, want := range map[string]search.Reason{
		"":                            search.NoContent,
		"grazie mille":                search.NoArticle,
		"zzqwxk":                      search.NoArticle,
		"la ricetta della carbonara":  search.NoArticle,
		"password smarrita in cucina": search.Unsure,
	} {
		r := ask(t, x, question)
		if got := r.Explanation.Verdict.Reason; got != want {
			t.Errorf("%q (%s): %s, want %s", question, r.Decision, got, want)
		}
	}
	r, err := x.Search(t.Context(), search.Query{Text: "Passwort", Lang: "de", Explain: true})
	if err != nil || r.Explanation.Verdict.Reason != search.NoLanguage {
		t.Errorf("in German: %+v, %v", r.Explanation, err)
	}
}

func TestAnExplanationIsWholeForPrograms(t *testing.T) {
	plain := open(t, "", Options{}) // where titles are no questions, grammar words weigh nothing
	if err := plain.Apply(t.Context(), 1, []search.Document{{ID: "vpn", Lang: "it", Title: "VPN"}}, nil); err != nil {
		t.Fatal(err)
	}
	for _, x := range []*Index{explained(t), plain} {
		for _, question := range []string{"", "zzqwxk", "password", "come", "come non va la vpn", "il tesserino lampeggia"} {
			r := ask(t, x, question)
			all := []any{r.Explanation}
			for _, h := range r.Hits {
				all = append(all, h.Explanation)
			}
			for _, one := range all {
				text, err := json.Marshal(one)
				if err != nil || strings.Contains(string(text), "null") {
					t.Errorf("%q: %s %v", question, text, err)
				}
			}
		}
	}
}

func TestAnExplanationGivesNoWordAwayThatIsNotForItsReader(t *testing.T) {
	x := open(t, "", Options{})
	if err := x.Apply(t.Context(), 1, []search.Document{
		{ID: "segreto", Lang: "it", Title: "Lo zibaldone", Audience: search.Operators},
		{ID: "noto", Lang: "it", Title: "Gli zibaldoni"},
	}, nil); err != nil {
		t.Fatal(err)
	}
	r := ask(t, x, "zibaldonetto", search.All)
	if also := r.Explanation.Words[0].Also; len(also) != 1 || also[0].Text != "zibaldoni" {
		t.Errorf("the reader is told %+v", also)
	}
	if text, err := json.Marshal(r); err != nil || strings.Contains(string(text), "zibaldone\"") {
		t.Errorf("%s %v", text, err)
	}
}

func TestNothingIsExplainedUnasked(t *testing.T) {
	x := explained(t)
	r, err := x.Search(t.Context(), search.Query{Text: "password", Lang: "it"})
	if err != nil || r.Explanation != nil || r.Signals != nil || slices.ContainsFunc(r.Hits, func(h search.Hit) bool { return h.Explanation != nil }) {
		t.Errorf("%+v %v", r, err)
	}
}

func TestEverySignalHasWords(t *testing.T) {
	told, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, p := range (&signals{}).parts() {
		keys = append(keys, search.SignalPhrase("points", p.Name))
	}
	for _, s := range signalsInUse {
		keys = append(keys, search.SignalPhrase("against", s.name))
	}
	for _, key := range keys {
		if !told.Has("it", key) {
			t.Errorf("content/phrases/it/search.yaml does not tell %s", key)
		}
	}
}
