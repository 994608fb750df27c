// Package checklist holds what a set-up found and did, step by step, as an
// administrator reads it.
package checklist

import "sportello/internal/fault"

// State says how a step stands.
type State string

// The states of a step.
const (
	Okay State = "ok"    // as it should be
	Done State = "done"  // it is now
	ToDo State = "to do" // somebody has to do what Detail says
	Note State = "note"  // works, and Detail is worth knowing
)

// Step is one line. Its words are a phrase that ends in its ID, and Detail
// unless that is empty.
type Step struct {
	ID     string
	State  State
	Detail string // a phrase
	Values fault.Values
}

// List is the steps in their order.
type List []Step

// Left is how many wait for somebody.
func (l List) Left() (n int) {
	for _, s := range l {
		if s.State == ToDo {
			n++
		}
	}
	return n
}
