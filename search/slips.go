package search

import (
	"math"
	"strings"
)

// SlipCost tells what it costs to have typed one word for another meant, both
// folded: 0 for nothing, about 1 for each letter taken for any other, less for
// what fingers and ears confuse. near is false if more slips than most part
// them, of which two are looked for at most.
func SlipCost(typed, meant string, most int) (cost float64, near bool) {
	cost = slips{typed, meant}.cost(0, 0, min(most, 2))
	return cost, !math.IsInf(cost, 1)
}

type slips struct{ typed, meant string }

// cost is that of the cheapest way from typed[i:] to meant[j:], with at most
// the given number of slips.
func (s slips) cost(i, j, most int) float64 {
	for i < len(s.typed) && j < len(s.meant) && s.typed[i] == s.meant[j] {
		i, j = i+1, j+1
	}
	a, b := s.typed[i:], s.meant[j:]
	if len(a) == 0 && len(b) == 0 {
		return 0
	}
	if most == 0 {
		return math.Inf(1)
	}
	best := math.Inf(1)
	try := func(cost float64, typed, meant int) {
		if i == 0 || j == 0 {
			cost += 0.3 // the first letter is rarely wrong
		}
		best = min(best, cost+s.cost(i+typed, j+meant, most-1))
	}
	if len(a) > 0 { // a letter too many
		cost := 0.8
		if i > 0 && s.typed[i-1] == a[0] {
			cost = 0.5
		} else if i > 0 && neighbours(s.typed[i-1], a[0]) {
			cost = 0.7
		}
		try(cost, 1, 0)
	}
	if len(b) > 0 { // a letter left out
		cost := 0.7
		if j > 0 && s.meant[j-1] == b[0] {
			cost = 0.4
		}
		try(cost, 0, 1)
	}
	if len(a) > 0 && len(b) > 0 { // one for another
		cost := 1.0
		if neighbours(a[0], b[0]) {
			cost = 0.6
		}
		try(cost, 1, 1)
	}
	if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
		try(0.5, 2, 2)
	}
	for _, alike := range soundAlike {
		if strings.HasPrefix(a, alike[0]) && strings.HasPrefix(b, alike[1]) {
			try(0.5, len(alike[0]), len(alike[1]))
		}
	}
	return best
}

// soundAlike are spellings of the same sound: typed, and meant.
var soundAlike = [][2]string{
	{"k", "ch"}, {"k", "c"}, {"q", "cq"}, {"cu", "qu"}, {"qu", "cu"}, {"cu", "cqu"}, {"qu", "cqu"}, {"qqu", "cqu"}, {"ni", "gn"}, {"gni", "gn"},
	{"li", "gli"}, {"sce", "scie"}, {"ce", "cie"}, {"cie", "ce"}, {"scie", "sce"}, {"ge", "gie"}, {"np", "mp"}, {"nb", "mb"},
	{"f", "ph"}, {"y", "i"}, {"i", "y"}, {"j", "i"}, {"x", "cs"}, {"w", "v"}, {"s", "z"}, {"z", "s"},
}

// keys is the Italian keyboard: rows from the top, each letter folded as in
// words, so that the keys of è, ò, à, ù and ì stand for e, o, a, u and i. Each
// row lies half a key to the right of the one above.
var keys = [...]string{"1234567890'i", "qwertyuiope+", "asdfghjkloau", "zxcvbnm,.-"}

// neighbours reports whether two letters lie side by side on the keyboard.
func neighbours(a, b byte) bool {
	return a < 128 && b < 128 && beside[a][b/64]&(1<<(b%64)) != 0
}

var beside = func() (near [128][2]uint64) {
	mark := func(a, b byte) {
		near[a][b/64] |= 1 << (b % 64)
		near[b][a/64] |= 1 << (a % 64)
	}
	for r, row := range keys {
		for i := range len(row) {
			if i+1 < len(row) {
				mark(row[i], row[i+1])
			}
			if r+1 < len(keys) {
				for _, j := range []int{i - 1, i} { // the keys that it touches in the row below
					if below := keys[r+1]; j >= 0 && j < len(below) {
						mark(row[i], below[j])
					}
				}
			}
		}
	}
	return near
}()
