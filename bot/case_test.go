package bot_test

import (
	"strings"
	"testing"

	"sportello/bot"
)

func TestACaseTellsOperatorsWhoAsksWhatWasSaidAndWhatMayHelp(t *testing.T) {
	s := newStage(t)
	s.engine.Operated = true
	anna, _, _ := operators(t, s.db)
	s.says("la stampante della stanza 12 non stampa")
	s.says("apri un ticket per la stampante")
	s.says("annulla")
	s.says("482913") // a code, typed where none was asked for
	s.says("la mia password è Segreta.2026")
	s.expect("voglio un operatore", "queue 1")
	conv, err := s.engine.Conversation(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.engine.Case(t.Context(), s.id, conv.Request)
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for _, one := range c.Said {
		said.WriteString(string(one.By) + ": " + one.Text + "\n")
	}
	for _, part := range []string{"stanza 12", "‹password›"} {
		if !strings.Contains(said.String(), part) {
			t.Errorf("the story does not tell %q:\n%s", part, said.String())
		}
	}
	for _, part := range []string{"Segreta", "482913", "messo in contatto"} {
		if strings.Contains(said.String(), part) {
			t.Errorf("the story tells %q:\n%s", part, said.String())
		}
	}
	if c.Person.Email != "ada@giustizia.it" || !c.Opens || c.Now.HeldBy() != bot.ByQueue || c.Area == "" {
		t.Errorf("the case is of %q, opens %v, held by %s, about %q", c.Person.Email, c.Opens, c.Now.HeldBy(), c.Area)
	}
	if len(c.Articles) == 0 || c.Articles[0].ID != "stampante" || !strings.HasPrefix(c.Articles[0].URL, "/") {
		t.Errorf("the articles are %+v", c.Articles)
	}
	if err := s.engine.Take(t.Context(), s.id, anna, "take", false); err != nil {
		t.Fatal(err)
	}
	if c, err = s.engine.Case(t.Context(), s.id, conv.Request); err != nil || c.Holder != "anna" {
		t.Errorf("then it is %q who has it, %v", c.Holder, err)
	}
	if err := s.engine.HandBack(t.Context(), s.id, anna, "back"); err != nil {
		t.Fatal(err)
	}
	s.expect("voglio un operatore", "queue 1")
	if c, err = s.engine.Case(t.Context(), s.id, conv.Request); err != nil || c.Opens {
		t.Errorf("the first request is still the last one, %v", err)
	}
}

func TestWhoReadsAConversationCannotGoOnWithIt(t *testing.T) {
	s := newStage(t)
	s.engine.Operated = true
	code := s.code()
	s.expect("voglio un operatore", "queue 1")
	conv, err := s.engine.Conversation(t.Context(), s.id)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.engine.Case(t.Context(), s.id, conv.Request)
	if err != nil || len(c.Said) == 0 {
		t.Fatalf("the story is %v, %v", c.Said, err)
	}
	for _, one := range c.Said {
		if strings.Contains(one.Text, code) {
			t.Errorf("operators are told the code: %s", one.Text)
		}
	}
}
