package rank

import "math"

// Example is one answer with what is known about it.
type Example struct {
	Signals []float64
	Right   bool
	Weight  float64
}

// Logistic gives a probability from signals.
type Logistic struct {
	Base    float64
	Weights []float64
}

// Probability of being right.
func (l Logistic) Probability(signals []float64) float64 {
	return 1 / (1 + math.Exp(-l.LogOdds(signals)))
}

// LogOdds of being right: what the signals count together.
func (l Logistic) LogOdds(signals []float64) float64 {
	z := l.Base
	for i, x := range signals {
		z += l.Weights[i] * x
	}
	return z
}

// Fit finds the logistic that tells right from wrong best, by Newton's method
// from zero, so that the same examples always give the same weights. ridge
// pulls weights towards zero, in units of whole examples.
func Fit(examples []Example, ridge float64) Logistic {
	if len(examples) == 0 {
		return Logistic{}
	}
	n := len(examples[0].Signals) + 1
	w := make([]float64, n)
	for range 30 {
		gradient, hessian := make([]float64, n), make([][]float64, n)
		for i := range hessian {
			hessian[i] = make([]float64, n)
			if i > 0 {
				hessian[i][i] = ridge
				gradient[i] = -ridge * w[i]
			} else {
				hessian[i][i] = 1e-9
			}
		}
		x := make([]float64, n)
		for _, e := range examples {
			x[0] = 1
			copy(x[1:], e.Signals)
			p := Logistic{w[0], w[1:]}.Probability(e.Signals)
			off := -p
			if e.Right {
				off = 1 - p
			}
			for i := range x {
				gradient[i] += e.Weight * off * x[i]
				for j := range i + 1 {
					hessian[i][j] += e.Weight * p * (1 - p) * x[i] * x[j]
				}
			}
		}
		step := solve(hessian, gradient)
		size := 0.0
		for i := range w {
			w[i] += step[i]
			size += math.Abs(step[i])
		}
		if size < 1e-9 {
			break
		}
	}
	return Logistic{w[0], w[1:]}
}

// solve finds x with a·x = b for a symmetric, positive matrix of which the
// lower half is given, by Cholesky's decomposition in place.
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	for i := range n {
		for j := range i + 1 {
			sum := a[i][j]
			for k := range j {
				sum -= a[i][k] * a[j][k]
			}
			if i == j {
				a[i][i] = math.Sqrt(math.Max(sum, 1e-12))
			} else {
				a[i][j] = sum / a[j][j]
			}
		}
	}
	x := make([]float64, n)
	for i := range n {
		x[i] = b[i]
		for k := range i {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a[k][i] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x
}
