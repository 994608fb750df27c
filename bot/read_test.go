package bot_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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
	s.expect("la stampnate "+strings.Repeat("del terzo piano ", 6), "read-as stampante", "answer stampante")
	events, err := s.engine.Store.Events(t.Context(), s.id, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var said []string
	for _, e := range events {
		if e.Act == "read-as" {
			said = append(said, e.Reply.Markdown)
		}
	}
	want := []string{`Forse cercava: «la stampante \*nuova\_1\* \<b\>».`, "Ho letto «stampnate» come «stampante»."}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}
