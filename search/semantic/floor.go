package semantic

import (
	"bytes"
	"slices"
)

// A model's likenesses mean nothing by themselves: some give .8 to any two
// texts, others .3 to the best. So the floor, from which on an article is worth
// offering where the words found nothing reliable, is measured on the knowledge
// base itself: stored questions are asked while their own article is hidden, so
// that nothing answers them. The floor lies above what 95 of 100 of them reach.
const (
	floorPart    = 0.95
	fewSamples   = 20  // with fewer there is no floor, and nothing is offered
	mostSamples  = 100 // of a language
	floorDrifted = 0.05
)

// sample is a stored question, as people would ask it, with its article.
type sample struct {
	of   *article
	slot *slot
}

// samples are the questions of a shelf that the floor is measured on: those of
// the lowest keys, so that a change of the articles changes few of them. x.mu
// is held.
func (x *Vectors) samples(s *shelf) []sample {
	type asked struct {
		key  key
		text string
		of   *article
	}
	var all []asked
	for _, a := range s.articles {
		for _, q := range a.questions {
			text := x.config.QueryPrefix + q
			all = append(all, asked{keyOf(text), text, a})
		}
	}
	slices.SortFunc(all, func(a, b asked) int { return bytes.Compare(a.key[:], b.key[:]) })
	var some []sample
	for _, one := range all[:min(len(all), mostSamples)] {
		some = append(some, sample{one.of, x.slot(one.text)})
	}
	return some
}

// orderSamples sees to it that the samples get vectors.
func (x *Vectors) orderSamples() {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, s := range *x.shelves.Load() {
		x.samples(s)
	}
}

// Measure finds the floor of every language, if there are vectors that it was
// not measured with.
func (x *Vectors) Measure() {
	x.mu.Lock()
	shelves, count := *x.shelves.Load(), len(x.known())
	if drift := count - x.floored; float64(max(drift, -drift)) <= floorDrifted*float64(x.floored) {
		x.mu.Unlock()
		return
	}
	x.floored = count
	samples := map[string][]sample{}
	for lang, s := range shelves {
		samples[lang] = x.samples(s)
	}
	x.mu.Unlock()
	floors := map[string]float64{}
	for lang, some := range samples {
		if floor, found := floorOf(shelves[lang], some); found {
			floors[lang] = floor
		}
	}
	x.floors.Store(&floors)
}

func floorOf(s *shelf, some []sample) (floor float64, found bool) {
	var reached []float64
	for _, one := range some {
		v := one.slot.vector.Load()
		if v == nil {
			continue
		}
		best := -1.0
		for _, a := range s.articles {
			if n, any := a.near(*v); any && a != one.of {
				best = max(best, n.likeness)
			}
		}
		reached = append(reached, best)
	}
	if len(reached) < fewSamples {
		return 0, false
	}
	slices.Sort(reached)
	return reached[int(floorPart*float64(len(reached)-1))], true
}

// floor is the likeness from which on an article is worth offering.
func (x *Vectors) floor(lang string) (floor float64, known bool) {
	floor, known = (*x.floors.Load())[lang]
	return floor, known
}
