package privacy

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"sportello/internal/fault"
)

// Shelf holds one sort of things that grow old.
type Shelf interface {
	// Purge takes away what is older than cut, at most limit of it, and
	// returns how much that was. Done twice, or by two processes at once, it
	// takes nothing away that a single one would not.
	Purge(ctx context.Context, cut time.Time, limit int) (int, error)

	// Aged counts what Purge would take away in the end.
	Aged(ctx context.Context, cut time.Time) (int, error)
}

// Duty is a shelf to be looked after, and by which term.
type Duty struct {
	Name  string
	Term  Term
	Shelf Shelf
}

// Purge looks after shelves at a quiet hour.
type Purge struct {
	Duties []Duty
	Terms  Terms
	Now    func() time.Time
	Zone   *time.Location
	Log    *slog.Logger
	Rest   time.Duration // between two batches, so that others can write
}

// purgeBatch is how much goes at once, in a few milliseconds.
const purgeBatch = 100

// quietHour begins the hour in which the service purges.
const quietHour = 3

// Purged is how much went of a duty, or would go.
type Purged struct {
	Duty  string `json:"duty"`
	Cut   string `json:"older_than"`
	Count int    `json:"count"`
}

// Once does every duty; dry only counts. One that fails keeps no other from
// being done.
func (p *Purge) Once(ctx context.Context, dry bool) (all []Purged, err error) {
	defer fault.Wrap(&err, "purge what is too old")
	var errs []error
	for _, d := range p.Duties {
		cut, ever := p.Terms.Cut(d.Term, p.Now())
		if !ever {
			continue
		}
		one := Purged{Duty: d.Name, Cut: cut.In(p.Zone).Format("2006-01-02")}
		if dry {
			one.Count, err = d.Shelf.Aged(ctx, cut)
		} else {
			one.Count, err = p.clear(ctx, d, cut)
			p.Log.InfoContext(ctx, "purged", "duty", d.Name, "count", one.Count)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", d.Name, err))
		}
		all = append(all, one)
	}
	return all, errors.Join(errs...)
}

func (p *Purge) clear(ctx context.Context, d Duty, cut time.Time) (total int, err error) {
	for {
		n, err := d.Shelf.Purge(ctx, cut, purgeBatch)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(p.Rest):
		}
	}
}

// Run purges each night until ctx ends.
func (p *Purge) Run(ctx context.Context) {
	for {
		now := p.Now().In(p.Zone)
		next := Night(now)
		wait := time.NewTimer(next.Sub(now) + rand.N(40*time.Minute)) // not all services at the same minute
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		if _, err := p.Once(ctx, false); err != nil && ctx.Err() == nil {
			p.Log.ErrorContext(ctx, "purge failed", "error", err)
		}
	}
}

// Night is the next time that the quiet hour begins.
func Night(now time.Time) time.Time {
	next := time.Date(now.Year(), now.Month(), now.Day(), quietHour, 0, 0, 0, now.Location())
	if !next.After(now) {
		next = time.Date(now.Year(), now.Month(), now.Day()+1, quietHour, 0, 0, 0, now.Location())
	}
	return next
}
