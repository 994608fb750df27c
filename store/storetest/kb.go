package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/kb"
)

// KB is what every kb.Store promises. open returns an empty one.
func KB(t *testing.T, open func(t *testing.T) kb.Store) {
	tests := map[string]func(*testing.T, kb.Store){
		"an article comes back as it was saved":                     articleKept,
		"what is not there is not found":                            articleAbsent,
		"translations are articles of their own":                    articleTranslations,
		"a list holds what passes the filter, by ID and language":   articlesFiltered,
		"saving names the revision it replaces":                     articleConflict,
		"articles are saved together or not at all":                 articlesWhole,
		"every revision is remembered":                              articleRevisions,
		"changes are numbered in order, the latest of each article": articleChanges,
		"changes come in batches":                                   changesInBatches,
		"a voter votes once, and may change their mind":             votesCount,
		"a conversation is one judgement, whatever it votes":        judgementsCount,
		"a vote on nothing is not found":                            voteOnNothing,
		"savers at the same time get numbers of their own":          saversTogether,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func anArticle(id, lang string) kb.Article {
	return kb.Article{
		ID: id, Lang: lang, Title: "Title of " + id,
		Questions: []string{"how do I?", "perché «non» va?"}, Tags: []string{"one", "two"},
		Application: "adn", Audience: account.Employees, Status: kb.Published,
		ReviewBy: time.Date(2027, 5, 31, 0, 0, 0, 0, time.UTC), Related: []string{"other"},
		Body: "Intro è.\n\n## Passi\n1. Uno\n", Origin: kb.Shipped,
		UpdatedAt: noon, UpdatedBy: "person",
	}
}

// saved is a as the store gives it back after its revision was replaced.
func saved(a kb.Article) kb.Article {
	a.Revision++
	a.Hash = a.Fingerprint()
	return a
}

func articleKept(t *testing.T, s kb.Store) {
	full, bare := anArticle("full", "it"), kb.Article{ID: "bare", Lang: "it", Title: "Bare", Audience: account.All, Status: kb.Draft, Origin: kb.Local}
	must(t, s.Save(t.Context(), full, bare))
	for _, want := range []kb.Article{saved(full), saved(bare)} {
		got, err := s.Article(t.Context(), want.Key())
		must(t, err)
		same(t, want.ID, got, want)
	}
}

func articleAbsent(t *testing.T, s kb.Store) {
	must(t, s.Save(t.Context(), anArticle("vpn", "it")))
	for _, key := range []kb.Key{{ID: "vpn", Lang: "en"}, {ID: "other", Lang: "it"}} {
		if _, err := s.Article(t.Context(), key); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: want not found, got %v", key, err)
		}
		revisions, err := s.Revisions(t.Context(), key)
		must(t, err)
		same(t, "revisions", revisions, []kb.Revision(nil))
	}
}

func articleTranslations(t *testing.T, s kb.Store) {
	it, en := anArticle("vpn", "it"), anArticle("vpn", "en")
	must(t, s.Save(t.Context(), it))
	must(t, s.Save(t.Context(), en))
	got, err := s.Article(t.Context(), en.Key())
	must(t, err)
	same(t, "English article", got, saved(en))
}

func articlesFiltered(t *testing.T, s kb.Store) {
	var all []kb.Article
	for i, audience := range kb.Audiences {
		for _, lang := range []string{"it", "en"} {
			a := anArticle(fmt.Sprint("a", i), lang)
			a.Audience, a.Status = audience, kb.Statuses[i+1]
			all = append(all, a)
		}
	}
	must(t, s.Save(t.Context(), all...))
	for name, c := range map[string]struct {
		filter kb.Filter
		want   []string
	}{
		"all":          {kb.Filter{}, []string{"en/a0", "it/a0", "en/a1", "it/a1", "en/a2", "it/a2"}},
		"by language":  {kb.Filter{Lang: "it"}, []string{"it/a0", "it/a1", "it/a2"}},
		"by status":    {kb.Filter{Status: kb.Published}, []string{"en/a1", "it/a1"}},
		"by audiences": {kb.Filter{Audiences: []account.Audience{account.All, account.Operators}}, []string{"en/a0", "it/a0", "en/a2", "it/a2"}},
		"by all three": {kb.Filter{Lang: "en", Status: kb.Review, Audiences: []account.Audience{account.All}}, []string{"en/a0"}},
		"nobody":       {kb.Filter{Audiences: []account.Audience{}}, nil},
	} {
		list, err := s.Articles(t.Context(), c.filter)
		must(t, err)
		var got []string
		for _, a := range list {
			got = append(got, a.Key().String())
		}
		same(t, name, got, c.want)
	}
}

func articleConflict(t *testing.T, s kb.Store) {
	first := anArticle("vpn", "it")
	must(t, s.Save(t.Context(), first))
	second := saved(first)
	second.Title = "Second"
	must(t, s.Save(t.Context(), second))
	for name, stale := range map[string]kb.Article{"new": first, "earlier": saved(first), "later": saved(saved(second))} {
		if err := s.Save(t.Context(), stale); !fault.Is(err, fault.Conflict) {
			t.Errorf("saving over a %s revision: want a conflict, got %v", name, err)
		}
	}
	got, err := s.Article(t.Context(), first.Key())
	must(t, err)
	same(t, "after conflicts", got, saved(second))
}

func articlesWhole(t *testing.T, s kb.Store) {
	stale := anArticle("stale", "it")
	stale.Revision = 7
	if err := s.Save(t.Context(), anArticle("fine", "it"), stale); !fault.Is(err, fault.Conflict) {
		t.Fatalf("want a conflict, got %v", err)
	}
	list, err := s.Articles(t.Context(), kb.Filter{})
	must(t, err)
	same(t, "articles", list, []kb.Article(nil))
	last, err := s.LastChange(t.Context())
	must(t, err)
	same(t, "last change", last, int64(0))
}

func articleRevisions(t *testing.T, s kb.Store) {
	a := anArticle("vpn", "it")
	var want []kb.Revision
	for _, status := range []kb.Status{kb.Draft, kb.Review, kb.Published} {
		a.Status, a.Body = status, a.Body+"More.\n"
		must(t, s.Save(t.Context(), a))
		a = saved(a)
		want = append([]kb.Revision{{Article: a}}, want...)
	}
	got, err := s.Revisions(t.Context(), a.Key())
	must(t, err)
	same(t, "revisions", got, want)
}

func articleChanges(t *testing.T, s kb.Store) {
	a, b := anArticle("a", "it"), anArticle("b", "it")
	must(t, s.Save(t.Context(), a, b))
	a = saved(a)
	a.Status = kb.Archived
	must(t, s.Save(t.Context(), a))
	got, err := s.Changes(t.Context(), 0, 10)
	must(t, err)
	same(t, "changes", got, []kb.Change{{Seq: 2, Article: saved(b)}, {Seq: 3, Article: saved(a)}})
	last, err := s.LastChange(t.Context())
	must(t, err)
	same(t, "last change", last, int64(3))
}

func changesInBatches(t *testing.T, s kb.Store) {
	var want []string
	for i := range 7 {
		a := anArticle(fmt.Sprint("a", i), "it")
		must(t, s.Save(t.Context(), a))
		want = append(want, a.ID)
	}
	var got []string
	for after := int64(0); ; {
		batch, err := s.Changes(t.Context(), after, 3)
		must(t, err)
		if len(batch) == 0 {
			break
		}
		if len(batch) > 3 {
			t.Fatalf("%d changes in a batch of 3", len(batch))
		}
		for _, c := range batch {
			if c.Seq <= after {
				t.Fatalf("change %d follows %d", c.Seq, after)
			}
			after = c.Seq
			got = append(got, c.Article.ID)
		}
	}
	same(t, "visited", got, want)
}

func votesCount(t *testing.T, s kb.Store) {
	a, b := anArticle("a", "it"), anArticle("b", "it")
	must(t, s.Save(t.Context(), a, b))
	for _, v := range []kb.Vote{
		{Article: a.Key(), Voter: "one", Helpful: true, At: noon},
		{Article: a.Key(), Voter: "one", Helpful: true, At: noon},
		{Article: a.Key(), Voter: "two", Helpful: true, At: noon},
		{Article: a.Key(), Voter: "two", Helpful: false, At: noon},
		{Article: a.Key(), Voter: "three", Helpful: true, At: noon},
		{Article: b.Key(), Voter: "one", Helpful: false, At: noon},
	} {
		must(t, s.RecordVote(t.Context(), v))
	}
	got, err := s.Votes(t.Context())
	must(t, err)
	same(t, "votes", got, map[kb.Key]kb.Tally{a.Key(): {Helpful: 2, Unhelpful: 1}, b.Key(): {Unhelpful: 1}})
}

func judgementsCount(t *testing.T, s kb.Store) {
	a, b := anArticle("a", "it"), anArticle("b", "it")
	must(t, s.Save(t.Context(), a, b))
	stubborn := make(chan error)
	for i := range 1000 {
		go func() {
			stubborn <- s.RecordVote(t.Context(), kb.Vote{Article: a.Key(), Voter: "stubborn", Helpful: true, At: noon.Add(time.Duration(i))})
		}()
	}
	for range 1000 {
		must(t, <-stubborn)
	}
	const week = 7 * 24 * time.Hour
	for _, v := range []kb.Vote{
		{Article: a.Key(), Voter: "two", Helpful: true, At: noon.Add(time.Second)},
		{Article: a.Key(), Voter: "three", At: noon},
		{Article: a.Key(), Voter: "before it was edited", At: noon.Add(-2 * week)},
		{Article: a.Key(), Voter: "long ago", At: noon.Add(-200 * week)},
		{Article: a.Key(), Voter: kb.SiteVoter + "1234", Helpful: true, At: noon},
		{Article: b.Key(), Voter: "three", At: noon},
	} {
		must(t, s.RecordVote(t.Context(), v))
	}
	got, err := s.Judgements(t.Context(), noon.Add(-100*week))
	must(t, err)
	for i := range got {
		near := noon
		if got[i].Before {
			near = noon.Add(-2 * week)
		}
		if off := got[i].At.Sub(near).Abs(); off > week {
			t.Errorf("%+v is %s off", got[i], off)
		}
		got[i].At = time.Time{}
	}
	slices.SortFunc(got, func(a, b kb.Judgement) int {
		return strings.Compare(fmt.Sprint(a.Article, a.Helpful, a.Before), fmt.Sprint(b.Article, b.Helpful, b.Before))
	})
	same(t, "judgements", got, []kb.Judgement{
		{Article: a.Key(), Count: 1},
		{Article: a.Key(), Before: true, Count: 1},
		{Article: a.Key(), Helpful: true, Count: 2},
		{Article: b.Key(), Count: 1},
	})
}

func voteOnNothing(t *testing.T, s kb.Store) {
	err := s.RecordVote(t.Context(), kb.Vote{Article: kb.Key{ID: "vpn", Lang: "it"}, Voter: "one", At: noon})
	if !fault.Is(err, fault.NotFound) {
		t.Errorf("want not found, got %v", err)
	}
}

func saversTogether(t *testing.T, s kb.Store) {
	const savers = 20
	errs := make(chan error)
	for i := range savers {
		go func() { errs <- s.Save(t.Context(), anArticle(fmt.Sprint("a", i), "it")) }()
	}
	for range savers {
		must(t, <-errs)
	}
	changes, err := s.Changes(t.Context(), 0, 2*savers)
	must(t, err)
	var got, want []int64
	for i, c := range changes {
		got, want = append(got, c.Seq), append(want, int64(i+1))
	}
	same(t, "numbers", got, want)
	same(t, "how many", len(got), savers)
}
