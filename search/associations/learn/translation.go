package main

import (
	"cmp"
	"math"
	"slices"
)

const (
	rounds     = 6    // of expectation and maximisation
	longest    = 40   // words of a line that is still taken for a translation
	leastAlign = 0.3  // times a word must have been translated by another
	likely     = 0.02 // share of an Italian word's translations that counts
	likelyBack = 0.01 // the same, back
)

// translations tells what Italian words stand for in English.
type translations struct {
	english sparse // for each Italian word, how often it translates each English one
	italian sparse // the other way round
	unit    sparse // roots of english, rows of length one
	sums    []float64
	back    []float64 // sums of italian
}

// translationsOf aligns the words of translated lines by the first model of
// Brown, Della Pietra, Della Pietra and Mercer (1993).
func translationsOf(v *vocabulary, lines []translated) *translations {
	english := map[string]int32{}
	var slots []int32 // numbers of couples of words, those of one Italian word together
	var ends []int    // where each Italian word's end
	couples := map[[2]int32]int32{}
	var each [][2]int32
	add := func(e, i int32) {
		n, known := couples[[2]int32{e, i}]
		if !known {
			n = int32(len(each))
			couples[[2]int32{e, i}] = n
			each = append(each, [2]int32{e, i})
		}
		slots = append(slots, n)
	}
	const nothing = -1 // what an Italian word translates that has no counterpart
	for _, l := range lines {
		if len(l.english) == 0 || len(l.english) > longest || len(l.italian) > longest {
			continue
		}
		for _, w := range l.italian {
			i, known := v.number[w]
			if !known {
				continue
			}
			for _, w := range l.english {
				e, known := english[w]
				if !known {
					e = int32(len(english))
					english[w] = e
				}
				add(e, i)
			}
			add(nothing, i)
			ends = append(ends, len(slots))
		}
	}
	chance, count := make([]float64, len(each)), make([]float64, len(each))
	for n := range chance {
		chance[n] = 1
	}
	total := make([]float64, len(english)+1)
	for range rounds {
		clear(count)
		clear(total)
		start := 0
		for _, end := range ends {
			sum := 0.0
			for _, n := range slots[start:end] {
				sum += chance[n]
			}
			for _, n := range slots[start:end] {
				count[n] += chance[n] / sum
			}
			start = end
		}
		for n, c := range each {
			total[c[0]+1] += count[n]
		}
		for n, c := range each {
			chance[n] = count[n] / total[c[0]+1]
		}
	}
	t := &translations{english: make(sparse, len(v.words)), italian: make(sparse, len(english))}
	for n, c := range each {
		if c[0] != nothing && count[n] > leastAlign {
			t.english[c[1]] = append(t.english[c[1]], cell{c[0], count[n]})
			t.italian[c[0]] = append(t.italian[c[0]], cell{c[1], count[n]})
		}
	}
	t.sums, t.back = sorted(t.english), sorted(t.italian)
	t.unit = make(sparse, len(t.english))
	for i, row := range t.english {
		for _, c := range row {
			t.unit[i] = append(t.unit[i], cell{c.column, math.Sqrt(c.value)})
		}
	}
	t.unit.unit()
	return t
}

// sorted puts the cells of each row in order, and returns their sums.
func sorted(rows sparse) []float64 {
	sums := make([]float64, len(rows))
	for i, row := range rows {
		slices.SortFunc(row, func(a, b cell) int { return cmp.Compare(a.column, b.column) })
		for _, c := range row {
			sums[i] += c.value
		}
	}
	return sums
}

// likeness tells how much two Italian words translate the same.
func (t *translations) likeness(i, j int32) float64 { return t.unit.cosine(i, j) }

// paraphrases returns the words that a word most likely becomes when it is
// translated and back, likeliest first.
func (t *translations) paraphrases(i int32) []int32 {
	chances := map[int32]float64{}
	for _, e := range t.english[i] {
		there := e.value / t.sums[i]
		if there < likely {
			continue
		}
		for _, b := range t.italian[e.column] {
			if back := b.value / t.back[e.column]; back >= likelyBack {
				chances[b.column] += there * back
			}
		}
	}
	var found []int32
	for j, p := range chances {
		if j != i && p >= leastChance {
			found = append(found, j)
		}
	}
	slices.SortFunc(found, func(a, b int32) int { return cmp.Or(cmp.Compare(chances[b], chances[a]), cmp.Compare(a, b)) })
	return found[:min(len(found), mostRemote)]
}
