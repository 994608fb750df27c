package bot_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sportello/bot"
	"sportello/store"
)

func TestADossierHoldsWhatAPersonFilledInButNoNotesNorCodes(t *testing.T) {
	s := newStage(t)
	s.engine.Operated = true
	anna, _, _ := operators(t, s.db)
	s.engine.Channels = map[string]bot.Traits{"test": {Forms: true}}
	s.says("apri un ticket per la stampante")
	if _, wrong := s.fills("form", filled(s.sheet(), complete)); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	code := s.code()
	if err := s.engine.Note(t.Context(), s.id, anna, "n", "cliente difficile"); err != nil {
		t.Fatal(err)
	}
	who, err := store.NewAccount(s.db).PersonByEmail(t.Context(), "ada@giustizia.it")
	if err != nil {
		t.Fatal(err)
	}
	talks := store.NewConversations(s.db)
	registry := bot.Registry{Accounts: store.NewAccount(s.db), Tickets: store.NewTickets(s.db), Talks: talks, Forms: store.NewForms(s.db), Now: s.engine.Now}
	d, err := registry.Dossier(t.Context(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "La stampante è ferma da ieri.") {
		t.Error("what was filled in is not theirs")
	}
	for _, hidden := range []string{code, "cliente difficile", string(anna.ID)} {
		if strings.Contains(string(text), hidden) {
			t.Errorf("it holds %q", hidden)
		}
	}
}
