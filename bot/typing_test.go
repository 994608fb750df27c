package bot_test

import (
	"context"
	"testing"

	"sportello/bot"
)

// shown counts where it was shown that somebody writes.
type shown []string

// ShowTyping implements bot.Typist.
func (s *shown) ShowTyping(_ context.Context, r bot.Record) { *s = append(*s, r.Chat) }

func TestItIsShownThatTheOperatorWhoHasTheFloorWrites(t *testing.T) {
	s, there := queued(t), shown{}
	s.engine.Typists = map[string]bot.Typist{"test": &there}
	anna, bruno, clerk := operators(t, s.db)
	steps := []struct {
		name string
		do   func() error
		want int
	}{
		{"nobody has the floor", func() error { return s.engine.Typing(t.Context(), s.id, anna) }, 0},
		{"Anna takes it", func() error { return s.engine.Take(t.Context(), s.id, anna, "take", false) }, 0},
		{"a colleague writes", func() error { return s.engine.Typing(t.Context(), s.id, bruno) }, 0},
		{"a clerk writes", func() error { return s.engine.Typing(t.Context(), s.id, clerk) }, 0},
		{"Anna writes", func() error { return s.engine.Typing(t.Context(), s.id, anna) }, 1},
		{"Anna still writes", func() error { return s.engine.Typing(t.Context(), s.id, anna) }, 1},
		{"so she does a while later", func() error { s.now.Add(1); return s.engine.Typing(t.Context(), s.id, anna) }, 2},
		{"she hands back", func() error { s.now.Add(1); return s.engine.HandBack(t.Context(), s.id, anna, "back") }, 2},
		{"and writes", func() error { return s.engine.Typing(t.Context(), s.id, anna) }, 2},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if len(there) != step.want {
			t.Fatalf("%s: shown in %q, want %d times", step.name, there, step.want)
		}
	}
	if there[0] != "stage" {
		t.Errorf("it is shown in %q", there)
	}
}
