package bleveindex

// relatives finds indexed words that look alike: "sviluppatore" for
// "sviluppando". Stemming cannot know how far a family of words goes; letters
// in common, weighed, can.
type relatives struct {
	grams map[uint32][]int32 // three letters → terms that hold them
	sizes []uint8            // number of grams of each term
}

func newRelatives() *relatives { return &relatives{grams: map[uint32][]int32{}} }

// gramsOf calls f with each run of three letters of a word, its begin marked.
func gramsOf(word string, f func(uint32)) int {
	if len(word) < 4 || len(word) > 24 {
		return 0
	}
	n := 0
	a, b := byte('^'), word[0]
	for i := 1; i < len(word); i++ {
		c := word[i]
		f(uint32(a)<<16 | uint32(b)<<8 | uint32(c))
		a, b = b, c
		n++
	}
	return n
}

func (r *relatives) add(number int32, word string) {
	for int(number) >= len(r.sizes) {
		r.sizes = append(r.sizes, 0)
	}
	if word == "" || word[0] == '@' {
		return
	}
	r.sizes[number] = uint8(gramsOf(word, func(g uint32) { r.grams[g] = append(r.grams[g], number) }))
}

// relative is a word that looks alike, and how much: 1 is the same.
type relative struct {
	term     int32
	likeness float64
}

// of returns the indexed words that share at least the given part of their
// letters with word. counter is zero for every term, and is so again after.
func (r *relatives) of(word string, least float64, counter []uint8) []relative {
	var touched []int32
	n := gramsOf(word, func(g uint32) {
		for _, t := range r.grams[g] {
			if counter[t] == 0 {
				touched = append(touched, t)
			}
			if counter[t] < 255 {
				counter[t]++
			}
		}
	})
	var found []relative
	for _, t := range touched {
		likeness := 2 * float64(counter[t]) / float64(n+int(r.sizes[t]))
		if likeness >= least {
			found = append(found, relative{t, likeness})
		}
		counter[t] = 0
	}
	return found
}
