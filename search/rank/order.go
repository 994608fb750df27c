package rank

import "math"

// List is what one question found: the signals of each document, and which of
// them are right.
type List struct {
	Signals [][]float64
	Right   []bool
	Weight  float64
}

// FitOrder finds the weights by which right documents come first: those that
// make it likeliest that one drawn by exp(score) is right (a conditional
// logit), by Newton's method from zero, so that the same lists always give the
// same weights. ridge pulls weights towards zero, in units of whole lists.
func FitOrder(lists []List, ridge float64) []float64 {
	n := 0
	for _, l := range lists {
		if len(l.Signals) > 0 {
			n = len(l.Signals[0])
			break
		}
	}
	w := make([]float64, n)
	for range 50 {
		gradient, hessian := make([]float64, n), make([][]float64, n)
		for i := range hessian {
			hessian[i] = make([]float64, n)
			hessian[i][i] = ridge
			gradient[i] = -ridge * w[i]
		}
		for _, l := range lists {
			l.pull(w, gradient, hessian)
		}
		step, before := solve(hessian, gradient), likelihood(lists, w, ridge)
		size := 0.0
		for part := 1.0; part > 1e-6; part /= 2 { // a whole step may lead too far
			next := make([]float64, n)
			for i := range w {
				next[i] = w[i] + part*step[i]
			}
			if likelihood(lists, next, ridge) >= before {
				for i := range w {
					size += math.Abs(next[i] - w[i])
				}
				w = next
				break
			}
		}
		if size < 1e-9 {
			break
		}
	}
	return w
}

// likelihood is what FitOrder makes as great as it can.
func likelihood(lists []List, w []float64, ridge float64) float64 {
	sum := 0.0
	for _, x := range w {
		sum -= ridge * x * x / 2
	}
	for _, l := range lists {
		scores, best, right := l.scores(w)
		all := 0.0
		for _, s := range scores {
			all += math.Exp(s - best)
		}
		for d, s := range scores {
			if l.Right[d] {
				sum += l.Weight / right * (s - best - math.Log(all))
			}
		}
	}
	return sum
}

// scores also returns the best one and the number of right documents.
func (l List) scores(w []float64) (scores []float64, best, right float64) {
	scores, best = make([]float64, len(l.Signals)), math.Inf(-1)
	for d, x := range l.Signals {
		for i := range w {
			scores[d] += w[i] * x[i]
		}
		best = math.Max(best, scores[d])
		if l.Right[d] {
			right++
		}
	}
	return scores, best, right
}

// pull adds what the list says about the weights: the right documents' signals
// against those expected, and how these vary.
func (l List) pull(w, gradient []float64, hessian [][]float64) {
	n := len(w)
	scores, best, right := l.scores(w)
	if right == 0 || right == float64(len(l.Right)) {
		return
	}
	sum, mean, square := 0.0, make([]float64, n), make([]float64, n*n)
	for d, x := range l.Signals {
		p := math.Exp(scores[d] - best)
		sum += p
		for i := range n {
			mean[i] += p * x[i]
			for j := range i + 1 {
				square[i*n+j] += p * x[i] * x[j]
			}
			if l.Right[d] {
				gradient[i] += l.Weight * x[i] / right
			}
		}
	}
	for i := range n {
		gradient[i] -= l.Weight * mean[i] / sum
		for j := range i + 1 {
			hessian[i][j] += l.Weight * (square[i*n+j]/sum - mean[i]*mean[j]/sum/sum)
		}
	}
}
