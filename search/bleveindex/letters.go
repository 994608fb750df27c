package bleveindex

// letters are the runs of three letters of a question.
type letters struct {
	runs map[uint32]bool
	some [64]uint64 // a bit for each run: most that are not there are told by it
	n    int
}

func newLetters(q *question) letters {
	l := letters{runs: map[uint32]bool{}}
	r := runs{}
	for _, w := range q.words {
		r.word(w.Term, l.add)
	}
	r.end(l.add)
	return l
}

func (l *letters) add(run uint32) {
	l.runs[run] = true
	word, bit := place(run)
	l.some[word] |= bit
	l.n++
}

func (l *letters) has(run uint32) bool {
	word, bit := place(run)
	return l.some[word]&bit != 0 && l.runs[run]
}

// place is the bit of a run.
func place(run uint32) (word uint32, bit uint64) {
	h := run * 2654435761
	return h >> 26, 1 << (h >> 20 & 63)
}

// likeness is 1 if a sequence of terms has the same runs, 0 if it shares none.
func (l *letters) likeness(s *shard, sequence []int32) float64 {
	if l.n == 0 {
		return 0
	}
	common, n := 0, 0
	count := func(run uint32) {
		n++
		if l.has(run) {
			common++
		}
	}
	r := runs{}
	for _, t := range sequence {
		text := s.terms[t].text
		if s.terms[t].function {
			text = text[1:]
		}
		r.word(text, count)
	}
	r.end(count)
	return min(1, 2*float64(common)/float64(l.n+n))
}

// runs reads words as one text with a space before, between and after them.
type runs struct{ a, b byte }

func (r *runs) word(text string, f func(uint32)) {
	r.letter(' ', f)
	for i := range len(text) {
		r.letter(text[i], f)
	}
}

func (r *runs) letter(c byte, f func(uint32)) {
	if r.a != 0 {
		f(uint32(r.a)<<16 | uint32(r.b)<<8 | uint32(c))
	}
	r.a, r.b = r.b, c
}

func (r *runs) end(f func(uint32)) { r.letter(' ', f) }
