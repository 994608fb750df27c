package bleveindex

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sportello/search"
)

// twins are articles that fit "la vpn si stacca" about as well.
func twins(t testing.TB) *Index {
	x := open(t, "", Options{})
	var all []search.Document
	for i := range 12 {
		all = append(all, search.Document{ID: fmt.Sprint("vpn-", i), Lang: "it", Title: "La VPN si stacca",
			Sections: []search.Section{{Text: "La connessione cade." + " Riavvii il computer e il modem, poi aspetti."[:i*4]}}})
	}
	all = append(all,
		search.Document{ID: "posta", Lang: "it", Title: "La posta non arriva", Sections: []search.Section{{Text: "Se la VPN si stacca, la posta non arriva."}}},
		search.Document{ID: "rete", Lang: "it", Title: "La rete è lenta", Sections: []search.Section{{Text: "Si stacca il cavo."}}})
	if err := x.Apply(t.Context(), 1, all, nil); err != nil {
		t.Fatal(err)
	}
	return x
}

func places(r search.Result) map[string]search.Hit {
	all := map[string]search.Hit{}
	for _, h := range r.Hits {
		all[h.ID] = h
	}
	return all
}

func TestFeedbackDecidesBetweenNearTiesOnly(t *testing.T) {
	x := twins(t)
	question := search.Query{Text: "la vpn si stacca", Lang: "it", Limit: 20}
	before, err := x.Search(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	score := places(before)
	random := rand.New(rand.NewPCG(3, 4))
	moved := false
	for range 300 {
		said := map[search.Key]search.Feedback{}
		for _, h := range before.Hits {
			said[search.Key{ID: h.ID, Lang: "it"}] = search.Feedback{Push: 40*random.Float64() - 20} // far out of bounds
		}
		x.SetFeedback(said)
		after, err := x.Search(t.Context(), question)
		if err != nil {
			t.Fatal(err)
		}
		for i, h := range after.Hits {
			if off := h.Score - score[h.ID].Score; off > tuned.feedback+1e-9 || off < -tuned.feedback-1e-9 {
				t.Fatalf("%s is moved by %v points", h.ID, off)
			}
			moved = moved || h.ID != before.Hits[i].ID
			for _, behind := range after.Hits[i+1:] {
				if score[behind.ID].Score-score[h.ID].Score > 2*tuned.feedback {
					t.Fatalf("%s (%.3f) went before %s (%.3f)", h.ID, score[h.ID].Score, behind.ID, score[behind.ID].Score)
				}
			}
		}
	}
	if !moved {
		t.Error("feedback never decided anything")
	}
	x.SetFeedback(nil)
	again, err := x.Search(t.Context(), question)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range again.Hits {
		if h.ID != before.Hits[i].ID || h.Score != before.Hits[i].Score {
			t.Errorf("without feedback, %s has %v, not %s with %v", h.ID, h.Score, before.Hits[i].ID, before.Hits[i].Score)
		}
	}
}

func TestFeedbackOutlivesTheDocumentsItIsAbout(t *testing.T) {
	x := filled(t, Options{})
	x.SetFeedback(map[search.Key]search.Feedback{{ID: "password-scaduta", Lang: "it"}: {Solved: 2, Judged: 16, Push: -0.5}})
	if err := x.Renew(t.Context(), func(empty search.Derived) error { return empty.Apply(t.Context(), 8, desk(), nil) }); err != nil {
		t.Fatal(err)
	}
	h := ask(t, x, "password scaduta").Hits[0]
	if f := h.Explanation.Feedback; f == nil || f.Judged != 16 {
		t.Errorf("the feedback told is %+v", f)
	}
	for _, p := range h.Explanation.Points {
		if p.Name == "feedback" && p.Points() != -0.5*tuned.feedback {
			t.Errorf("it counts %v points", p.Points())
		}
	}
}
