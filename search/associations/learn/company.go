package main

import "math"

// window is how many words away a word still keeps company with another.
const window = 5

// companyOf tells the company that words keep: for each word the others near
// it, by how much more often than chance they are (positive pointwise mutual
// information, rare neighbours smoothed), as rows of length one.
func companyOf(v *vocabulary, lines [][]string) sparse {
	counts := make([]map[int32]float64, len(v.words))
	for i := range counts {
		counts[i] = map[int32]float64{}
	}
	for _, l := range lines {
		for i, a := range l {
			m, known := v.number[a]
			if !known {
				continue
			}
			for j := i + 1; j < len(l) && j <= i+window; j++ {
				if n, known := v.number[l[j]]; known && n != m {
					counts[m][n] += 1 / float64(j-i)
					counts[n][m] += 1 / float64(j-i)
				}
			}
		}
	}
	rows := newSparse(counts)
	sums, all, smooth := make([]float64, len(rows)), 0.0, 0.0
	for i, row := range rows {
		for _, c := range row {
			sums[i] += c.value
		}
		all += sums[i]
		smooth += math.Pow(sums[i], 0.75)
	}
	for i, row := range rows {
		kept := row[:0]
		for _, c := range row {
			chance := sums[i] * math.Pow(sums[c.column], 0.75) / smooth
			if more := math.Log(c.value / chance); more > 0 {
				kept = append(kept, cell{c.column, more})
			}
		}
		rows[i] = kept
	}
	rows.unit()
	return rows
}
