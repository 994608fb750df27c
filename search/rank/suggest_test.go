package rank_test

import (
	"testing"

	"sportello/search"
)

// Who types a question that was judged is offered its article among five while
// typing, in most cases and early.
func TestSuggestionsLeadToTheRightArticle(t *testing.T) {
	open, err := ours()
	if err != nil {
		t.Fatal(err)
	}
	for lang, least := range map[string]float64{"it": 0.7, "en": 0.65} {
		set, err := shipped(lang)
		if err != nil {
			t.Fatal(err)
		}
		x, err := open("")
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Apply(t.Context(), 1, set.Documents, nil); err != nil {
			t.Fatal(err)
		}
		answerable, offered, typed, letters := 0, 0, 0, 0
		for _, q := range set.Questions {
			if len(set.Grades[q.ID]) == 0 {
				continue
			}
			answerable++
			for end := 2; end <= len(q.Text); end += 2 {
				found, err := x.Suggest(t.Context(), search.Query{Text: q.Text[:end], Lang: lang, Limit: 5, Audiences: []search.Audience{search.Employees, search.Operators}})
				if err != nil {
					t.Fatal(err)
				}
				if holds(found, set.Grades[q.ID]) {
					offered, typed, letters = offered+1, typed+end, letters+len(q.Text)
					break
				}
			}
		}
		x.Close()
		share, effort := float64(offered)/float64(answerable), float64(typed)/float64(letters)
		t.Logf("%s: the right article is offered for %.3f of %d questions, after %.3f of their letters", lang, share, answerable, effort)
		if share < least || effort > 0.35 {
			t.Errorf("%s: offered for %.3f of the questions, want %.2f; after %.3f of the letters, want 0.35", lang, share, least, effort)
		}
	}
}

func holds(found []search.Suggestion, right map[string]int) bool {
	for _, s := range found {
		if right[s.ID] > 0 {
			return true
		}
	}
	return false
}
