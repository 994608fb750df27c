package lexicon

// An automaton is a set of words over the letters a to z, as the smallest
// graph that spells them: words that begin or end alike share what they have
// in common. It is a string of edges, four bytes each, the low one first:
//
//	bits 0–4   the letter, 1 for a
//	bit 5      a word may end here
//	bit 6      the last edge of its state
//	bits 8–31  number of the first edge of the next state, 0 for none
//
// Edge 0 is not used; the first state begins at edge 1.
type automaton string

const (
	edgeSize = 4
	letters  = 1<<5 - 1
	wordEnds = 1 << 5
	last     = 1 << 6
)

// holds reports whether the automaton spells word.
func (a automaton) holds(word []byte) bool { return a.spells(1, word) }

// spells reports whether the automaton, from a state on, spells rest. It looks
// at every byte at most once.
func (a automaton) spells(state uint32, rest []byte) bool {
	ends := false
	for _, c := range rest {
		edge := a.edge(state, c)
		if edge == 0 {
			return false
		}
		ends, state = edge&wordEnds != 0, edge>>8
	}
	return ends
}

// edge is the one that leaves a state with a letter, 0 if there is none.
func (a automaton) edge(state uint32, c byte) uint32 {
	if state == 0 || c < 'a' || c > 'z' {
		return 0
	}
	for at := int(state) * edgeSize; at+edgeSize <= len(a); at += edgeSize {
		edge := uint32(a[at]) | uint32(a[at+1])<<8 | uint32(a[at+2])<<16 | uint32(a[at+3])<<24
		switch {
		case edge&letters == uint32(c-'a'+1):
			return edge
		case edge&last != 0:
			return 0
		}
	}
	return 0
}
