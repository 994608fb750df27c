package store

import (
	"context"
	"time"

	"sportello/internal/fault"
	"sportello/tickets"
)

var _ tickets.Ratings = (*Tickets)(nil)

const sumRatings = `
	SELECT team, rating_score, COUNT(*) FROM tickets
	WHERE  rating_score > 0 AND rated_at >= ? AND rated_at < ?
	GROUP  BY team, rating_score
	ORDER  BY team, rating_score`

// RatingSums implements tickets.Ratings.
func (s *Tickets) RatingSums(ctx context.Context, from, until time.Time) (_ []tickets.RatingSum, err error) {
	defer fault.Wrap(&err, "sum up ratings")
	r, err := s.db.query(ctx, sumRatings, millis(from), millis(until))
	return rows(r, err, func(r scanner) (sum tickets.RatingSum, err error) {
		err = r.Scan(&sum.Team, &sum.Score, &sum.Ratings)
		return sum, err
	})
}
