//go:build !linux

package rank_test

import "time"

var begun = time.Now()

// worked is the time that went by: nobody tells how long this thread has had a
// core.
func worked() time.Duration { return time.Since(begun) }

// taken is how often this thread's core was given to another, which nobody
// tells either.
func taken() int64 { return 0 }
