package main

import (
	"cmp"
	"math"
	"slices"
)

// cell is a column of a sparse row with its value.
type cell struct {
	column int32
	value  float64
}

// sparse is a matrix by rows, the cells of each by column.
type sparse [][]cell

// newSparse sorts counts into rows.
func newSparse(counts []map[int32]float64) sparse {
	rows := make(sparse, len(counts))
	for i, m := range counts {
		for c, n := range m {
			rows[i] = append(rows[i], cell{c, n})
		}
		slices.SortFunc(rows[i], func(a, b cell) int { return cmp.Compare(a.column, b.column) })
	}
	return rows
}

// unit brings each row to length one.
func (s sparse) unit() {
	for _, row := range s {
		square := 0.0
		for _, c := range row {
			square += c.value * c.value
		}
		for i := range row {
			row[i].value /= math.Sqrt(square)
		}
	}
}

// cosine compares two rows of length one.
func (s sparse) cosine(i, j int32) (sum float64) {
	a, b := s[i], s[j]
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].column < b[0].column:
			a = a[1:]
		case a[0].column > b[0].column:
			b = b[1:]
		default:
			sum += a[0].value * b[0].value
			a, b = a[1:], b[1:]
		}
	}
	return sum
}
