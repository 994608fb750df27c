package kb

import (
	"math"
	"time"

	"sportello/search"
)

// SiteVoter begins the names of voters on the site's pages. Such a voter is one
// view of one page, which anybody can repeat, and did not ask a question: these
// votes are for the editors to read, and do not change what is found.
const SiteVoter = "web:"

// Judgement counts the conversations that said the same of an article at about
// the same time.
type Judgement struct {
	Article Key
	Helpful bool
	Before  bool      // said before the article was last edited
	At      time.Time // when, to within a week
	Count   int
}

// Of a judgement, what counts.
const (
	// FeedbackWindow is how long judgements count at all.
	FeedbackWindow = 2 * 365 * 24 * time.Hour

	halfLife   = 180 * 24 * time.Hour
	edited     = 0.25 // of one said before the last edit: what was wrong may be mended
	doubt      = 8.0  // judgements that an article needs to move half of the way
	usualPart  = 0.7  // of articles that help, before anybody said anything
	usualDoubt = 20.0 // judgements for which that holds
)

// counted are weighed judgements.
type counted struct{ helpful, all float64 }

// Feedback weighs what people said of articles: search.Feedback.Push is how far
// an article should be moved by it, from -1 to 1.
//
// An article is measured against what is usual for the others, so that who is
// shown often and helps as often as the rest does not move; what is usual is at
// least one in two, so that as many "no" as "yes" never lift. A conversation
// counts once for an article whatever it says how often, an early judgement
// less than a late one, and few judgements less than many.
func Feedback(judgements []Judgement, now time.Time) map[Key]search.Feedback {
	weighed := map[Key]counted{}
	told := map[Key]search.Feedback{}
	all := counted{usualPart * usualDoubt, usualDoubt}
	for _, j := range judgements {
		weight := float64(j.Count) * math.Exp2(-max(now.Sub(j.At), 0).Hours()/halfLife.Hours())
		if j.Before {
			weight *= edited
		}
		c, f := weighed[j.Article], told[j.Article]
		c.all, all.all, f.Judged = c.all+weight, all.all+weight, f.Judged+j.Count
		if j.Helpful {
			c.helpful, all.helpful, f.Solved = c.helpful+weight, all.helpful+weight, f.Solved+j.Count
		}
		weighed[j.Article], told[j.Article] = c, f
	}
	for key, c := range weighed {
		f := told[key]
		f.Push = c.push(counted{all.helpful - c.helpful, all.all - c.all})
		told[key] = f
	}
	return told
}

// push is how far c should be moved if the other articles are as others.
func (c counted) push(others counted) float64 {
	usual := max(others.helpful/others.all, 0.5)
	return max(-1, min(1, (c.helpful-usual*c.all)/(c.all+doubt)/usual))
}
