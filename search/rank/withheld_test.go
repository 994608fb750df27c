package rank_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"sportello/search/rank"
)

// withheld makes sets in which many questions have no answer, as people ask
// them everywhere but judges seldom do: of each set, three articles in ten are
// taken away, and questions about other things, from the other sets, are added.
func withheld(sets []rank.Named) (made []rank.Named) {
	const own, others = 400, 60 // at most so many of its own questions, and of each other set's
	for _, base := range sets {
		set := rank.Set{Grades: map[string]map[string]int{}}
		gone := map[string]bool{}
		for _, d := range base.Set.Docs() {
			if gone[d.ID] = draw(base.Name+d.ID)%10 < 3; !gone[d.ID] {
				set.Documents = append(set.Documents, d)
			}
		}
		for _, q := range some(base, base.Name, own) {
			for id, grade := range base.Set.Grades[q.ID] {
				if !gone[id] {
					if set.Grades[q.ID] == nil {
						set.Grades[q.ID] = map[string]int{}
					}
					set.Grades[q.ID][id] = grade
				}
			}
			set.Questions = append(set.Questions, q)
		}
		for _, other := range sets {
			if kin(other.Name) != kin(base.Name) && language(other) == language(base) && !strings.HasSuffix(other.Name, "-noisy") {
				set.Questions = append(set.Questions, some(other, base.Name, others)...)
			}
		}
		made = append(made, rank.Named{Name: withheldPrefix + base.Name, Set: set})
	}
	return made
}

const withheldPrefix = "withheld "

// kin names what a set is about: sets about the same answer each other's
// questions, and learning from one is no proof on the other.
func kin(set string) string {
	name := strings.TrimSuffix(strings.TrimPrefix(set, withheldPrefix), "-noisy")
	switch name {
	case "pafaq", "pachat", "oos":
		return "public administration"
	}
	return name
}

func language(s rank.Named) string { return cmp.Or(s.Set.Questions[0].Lang, "it") }

// some draws questions of a set, always the same.
func some(s rank.Named, salt string, most int) []rank.Question {
	all := slices.Clone(s.Set.Questions)
	slices.SortFunc(all, func(a, b rank.Question) int {
		return cmp.Or(cmp.Compare(draw(salt+a.ID), draw(salt+b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return all[:min(most, len(all))]
}

func TestWithheldArticlesAnswerNothing(t *testing.T) {
	unanswered := map[bool]int{}
	given := sets(t)
	for i, s := range withheld(given) {
		left := map[string]bool{}
		for _, d := range s.Set.Docs() {
			left[d.ID] = true
		}
		if len(left) >= len(given[i].Set.Docs()) {
			t.Errorf("%s: no article was taken away", s.Name)
		}
		for _, q := range s.Set.Questions {
			unanswered[len(s.Set.Grades[q.ID]) == 0]++
			for id := range s.Set.Grades[q.ID] {
				if !left[id] {
					t.Errorf("%s: %s is answered by %s, which was taken away", s.Name, q.ID, id)
				}
			}
		}
	}
	if 5*unanswered[true] < unanswered[false] {
		t.Errorf("only %d questions have no answer, %d have one", unanswered[true], unanswered[false])
	}
}
