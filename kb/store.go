package kb

import (
	"context"
	"time"

	"sportello/account"
)

// Filter chooses articles; a zero field chooses all.
type Filter struct {
	Lang      string
	Status    Status
	Audiences []account.Audience
}

// Change is the latest change of an article. Changes are numbered in the order
// in which they were stored; an article that changes again gets a new, higher
// number, and its old one is gone.
type Change struct {
	Seq     int64
	Article Article
}

// Revision is an article as it was stored once; its number Revision tells it
// from the others.
type Revision struct{ Article }

// Vote says whether an article solved somebody's problem. Whoever votes again
// on the same article changes their mind: only the last vote counts.
type Vote struct {
	Article Key
	Voter   string // a conversation, or a reader's session on the site: whose it is, is not told
	Helpful bool
	At      time.Time
}

// Tally counts the votes on an article.
type Tally struct {
	Helpful   int // people it helped
	Unhelpful int // people it did not
}

// Store keeps articles with their revisions and votes. It is safe for
// concurrent use.
type Store interface {
	// Article returns the latest revision, whatever its status; it fails with
	// fault.NotFound if there is none.
	Article(ctx context.Context, key Key) (Article, error)

	// Articles returns the latest revisions that pass the filter, by ID and
	// language.
	Articles(ctx context.Context, f Filter) ([]Article, error)

	// Save stores new revisions together or not at all, and gives each the
	// next change number, in order. Each article names in Revision the one it
	// replaces, 0 if it is new; if that is not the latest one, Save fails with
	// fault.Conflict. The stored Revision is one higher, the stored Hash is
	// the Fingerprint.
	Save(ctx context.Context, articles ...Article) error

	// Revisions returns every revision of an article, the latest first.
	Revisions(ctx context.Context, key Key) ([]Revision, error)

	// Changes returns changes numbered above after, in order, at most limit.
	// Following them from 0 visits the latest state of every article.
	Changes(ctx context.Context, after int64, limit int) ([]Change, error)

	// LastChange is the highest number given to a change, 0 if none.
	LastChange(ctx context.Context) (int64, error)

	// RecordVote keeps a vote in place of an earlier one by the same voter on
	// the same article. It fails with fault.NotFound if there is no such
	// article.
	RecordVote(ctx context.Context, v Vote) error

	// Votes counts the votes on every article that has any.
	Votes(ctx context.Context) (map[Key]Tally, error)

	// Judgements counts the votes since a time of all voters but those of the
	// site's pages, see SiteVoter.
	Judgements(ctx context.Context, since time.Time) ([]Judgement, error)
}
