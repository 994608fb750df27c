package rank

import (
	"math"
	"testing"
)

func TestAnOrderIsFittedToWhatWasRight(t *testing.T) {
	var lists []List
	for i := range 300 { // the first signal tells two times in three, the second never
		wrong := i%3 == 0
		lists = append(lists, List{Signals: [][]float64{{1, float64(i % 2)}, {0, float64(i % 2)}}, Right: []bool{!wrong, wrong}, Weight: 1})
	}
	w := FitOrder(lists, 1e-9)
	if p := 1 / (1 + math.Exp(-w[0])); math.Abs(p-2./3) > 1e-3 {
		t.Errorf("the first is likely by %.3f, want two times in three", p)
	}
	if math.Abs(w[1]) > 1e-3 {
		t.Errorf("a signal that is the same for all got weight %.3f", w[1])
	}
}

func TestAnOrderIsFoundFarFromZero(t *testing.T) {
	// The right one leads by 0.1 only, and the rest lies far behind: a whole
	// step of Newton's from zero overshoots.
	var lists []List
	for i := range 400 {
		l := List{Right: make([]bool, 50), Weight: 1}
		for d := range 50 {
			l.Signals = append(l.Signals, []float64{float64(d%7) / 100, float64((d*i)%11) / 10})
		}
		l.Signals[i%50][0] += 0.1
		l.Right[i%50] = true
		lists = append(lists, l)
	}
	if w := FitOrder(lists, 0.01); w[0] < 40 || math.Abs(w[1]) > w[0]/20 {
		t.Errorf("weights %.2f", w)
	}
}

func TestAnOrderStaysFinite(t *testing.T) {
	lists := []List{
		{Signals: [][]float64{{1}, {0}}, Right: []bool{true, false}, Weight: 1}, // always right
		{Signals: [][]float64{{1}, {2}}, Right: []bool{false, false}, Weight: 1},
		{},
	}
	for _, w := range FitOrder(lists, 1) {
		if math.IsNaN(w) || math.IsInf(w, 0) || w <= 0 {
			t.Fatalf("weight %v", w)
		}
	}
	if len(FitOrder(nil, 1)) != 0 {
		t.Error("weights out of nothing")
	}
}
