package bot_test

import (
	"context"
	"strings"
	"testing"

	"sportello/bot"
	"sportello/search"
)

// mending puts a word right before it searches.
type mending struct{ bot.Searcher }

func (m mending) Search(ctx context.Context, q search.Query) (search.Result, error) {
	q.Text = strings.ReplaceAll(q.Text, "stampnate", "stampante")
	r, err := m.Searcher.Search(ctx, q)
	r.Reading, r.Corrections = q.Text, []search.Correction{{Typed: "stampnate", Meant: "stampante"}}
	return r, err
}

func TestHowAQuestionWasReadIsToldAsItIs(t *testing.T) {
	s := newStage(t)
	s.engine.Search = mending{s.engine.Search}
	s.expect("la stampnate *nuova_1* <b>", "read-as la stampante *nuova_1* <b>", "answer stampante")
	conv, err := s.engine.Store.Events(t.Context(), s.id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range conv {
		if e.Act == "read-as" && !strings.Contains(e.Reply.Markdown, `«la stampante \*nuova\_1\* \<b\>»`) {
			t.Errorf("it says %q", e.Reply.Markdown)
		}
	}
}
