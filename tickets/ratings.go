package tickets

import (
	"context"
	"time"
)

// RatingSum counts equal ratings of a team's tickets.
type RatingSum struct {
	Team    string
	Score   int // 1 to 5
	Ratings int
}

// Ratings sums up what people think of the service. Nothing in it leads to a
// person or to an operator.
type Ratings interface {
	// RatingSums counts what was given from a time until before another one,
	// by team and score.
	RatingSums(ctx context.Context, from, until time.Time) ([]RatingSum, error)
}
