package kb_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"sportello/kb"
)

var vpn = kb.Key{ID: "vpn", Lang: "it"}

// said are judgements on the VPN article, among others of which seven in ten help.
func said(solved, unsolved int) []kb.Judgement {
	all := []kb.Judgement{
		{Article: kb.Key{ID: "other", Lang: "it"}, Helpful: true, At: noon, Count: 70},
		{Article: kb.Key{ID: "other", Lang: "it"}, At: noon, Count: 30},
	}
	if solved > 0 {
		all = append(all, kb.Judgement{Article: vpn, Helpful: true, At: noon, Count: solved})
	}
	if unsolved > 0 {
		all = append(all, kb.Judgement{Article: vpn, At: noon, Count: unsolved})
	}
	return all
}

func push(all []kb.Judgement) float64 { return kb.Feedback(all, noon)[vpn].Push }

func TestFeedbackMovesAnArticleByALimitedPart(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var all []kb.Judgement
		for range random.IntN(30) {
			all = append(all, kb.Judgement{
				Article: kb.Key{ID: fmt.Sprint(random.IntN(4)), Lang: "it"}, Helpful: random.IntN(2) == 0, Before: random.IntN(2) == 0,
				At: noon.Add(-time.Duration(random.IntN(800)-20) * 24 * time.Hour), Count: 1 + random.IntN(1_000_000),
			})
		}
		for key, f := range kb.Feedback(all, noon) {
			if !(f.Push >= -1 && f.Push <= 1) {
				t.Fatalf("%s is moved by %v after %+v", key, f.Push, all)
			}
		}
	}
}

func TestEachYesLiftsAndEachNoLowers(t *testing.T) {
	for solved := range 40 {
		for unsolved := range 40 {
			now := push(said(solved, unsolved))
			if more := push(said(solved+1, unsolved)); more <= now {
				t.Errorf("%d yes and %d no move by %v, one yes more by %v", solved, unsolved, now, more)
			}
			if less := push(said(solved, unsolved+1)); less >= now {
				t.Errorf("%d yes and %d no move by %v, one no more by %v", solved, unsolved, now, less)
			}
		}
	}
}

func TestANoWeighsAtLeastAsMuchAsAYes(t *testing.T) {
	for n := 1; n < 100; n++ {
		if p := push(said(n, n)); p > 0 {
			t.Errorf("%d of each lift by %v", n, p)
		}
		if yes, no := push(said(n, 0)), push(said(0, n)); yes > -no {
			t.Errorf("%d yes lift by %v, as many no lower by %v only", n, yes, no)
		}
	}
	// even where most articles fail
	poor := []kb.Judgement{{Article: kb.Key{ID: "other"}, At: noon, Count: 1000}, {Article: vpn, Helpful: true, At: noon, Count: 10}, {Article: vpn, At: noon, Count: 10}}
	if p := push(poor); p > 0 {
		t.Errorf("as many yes as no lift by %v where the others help nobody", p)
	}
}

func TestWhoIsShownOftenAndHelpsAsUsualDoesNotClimb(t *testing.T) {
	for _, times := range []int{1, 10, 1000} {
		if p := push(said(7*times, 3*times)); p > 1e-9 || p < -1e-9 {
			t.Errorf("%d conversations of which seven in ten were helped move it by %v", 10*times, p)
		}
	}
	if p := push(said(0, 0)); p != 0 {
		t.Errorf("nobody said anything, and it moves by %v", p)
	}
}

func TestFewJudgementsMoveLess(t *testing.T) {
	if one, many := push(said(0, 1)), push(said(0, 50)); one < many/4 {
		t.Errorf("one no lowers by %v, fifty by %v", one, many)
	}
	if one, many := push(said(1, 0)), push(said(50, 0)); one > many/4 {
		t.Errorf("one yes lifts by %v, fifty by %v", one, many)
	}
}

func TestOldJudgementsLoseWeight(t *testing.T) {
	late := kb.Judgement{Article: vpn, At: noon, Count: 20}
	early, edited := late, late
	early.At = noon.AddDate(-1, 0, 0)
	edited.Before = true
	now := push([]kb.Judgement{late})
	for what, j := range map[string]kb.Judgement{"a year ago": early, "before the last edit": edited} {
		if p := push([]kb.Judgement{j}); p <= now || p >= 0 {
			t.Errorf("%s they lower by %v, today by %v", what, p, now)
		}
	}
}
