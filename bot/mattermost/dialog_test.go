package mattermost

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sportello/account"
	"sportello/bot"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/store"
	"sportello/tickets"
)

func TestAFormsStateCannotBeChanged(t *testing.T) {
	s := signer{[]byte("key")}
	sent := form{"c", "user", "ID", time.Unix(1_800_000_000, 0)}
	state := s.state(sent)
	if got, err := s.form(state); err != nil || got != sent {
		t.Errorf("it comes back as %+v, %v", got, err)
	}
	parts := strings.Split(state, " ")
	for i := range parts {
		changed := append([]string{}, parts...)
		changed[i] += "0"
		if _, err := s.form(strings.Join(changed, " ")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("with another part %d: %v", i, err)
		}
		if _, err := s.form(strings.Join(append(changed[:i:i], parts[i+1:]...), " ")); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without part %d: %v", i, err)
		}
	}
	for _, other := range []string{"", " ", "    ", state + " ", strings.Repeat("x ", 1000)} {
		if _, err := s.form(other); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%.20q: %v", other, err)
		}
	}
	if _, err := (signer{[]byte("other")}).form(state); !fault.Is(err, fault.Forbidden) {
		t.Errorf("of another installation: %v", err)
	}
}

func TestALabelIsClippedToWholeCharacters(t *testing.T) {
	for _, text := range []string{"", "breve", strings.Repeat("è", 40), strings.Repeat("x", 150), "una frase, con parole lunghe davvero"} {
		got := clipped(text, 24)
		if len(got) > 24 || !utf8.ValidString(got) || len(text) <= 24 && got != text || len(text) > 24 && !strings.HasSuffix(got, "…") {
			t.Errorf("%q is clipped to %q", text, got)
		}
	}
}

// Whatever the catalogue asks for, the server can show.
func TestEveryRequestOfTheCatalogueIsAValidForm(t *testing.T) {
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	catalogue, err := tickets.ReadCatalogue(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	told, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	engine := bot.NewEngine(bot.Parts{
		Store: store.NewConversations(db), Accounts: store.NewAccount(db), Catalogue: catalogue, Phrases: told, Library: library{},
		Log: slog.New(slog.DiscardHandler), Channels: map[string]bot.Traits{Name: {Forms: true}},
	})
	b := &Callbacks{Channel: &Channel{Engine: engine, Phrases: told}}
	forms := 0
	for _, category := range catalogue.Categories {
		for _, request := range category.Types {
			for _, lang := range []string{"it", "en"} {
				id, err := engine.Start(t.Context(), bot.Record{
					Conversation: bot.Conversation{Channel: Name, Lang: lang, Identity: account.Identity{Channel: Name, PlatformID: request.ID}}, Chat: request.ID + lang,
				})
				if err != nil {
					t.Fatal(err)
				}
				change := &bot.Change{
					Form:  &bot.Form{Chosen: true, Draft: tickets.Draft{Channel: Name, RequestType: request.ID}},
					Topic: &bot.Topic{Question: strings.Repeat("il programma non va, già provato è così ", 200)},
				}
				if _, err := engine.Store.Append(t.Context(), bot.Turn{Conversation: id, Events: []bot.Event{{Author: bot.Assistant, Act: "form", Change: change}}}); err != nil {
					t.Fatal(err)
				}
				sheet, err := engine.Sheet(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				dialog := b.dialog(sheet)
				if err := dialog.IsValid(); err != nil {
					t.Errorf("%s in %s: %v", request.ID, lang, err)
				}
				if len(dialog.Elements) < 5 || dialog.SubmitLabel == "" {
					t.Errorf("%s in %s has %d fields", request.ID, lang, len(dialog.Elements))
				}
				forms++
			}
		}
	}
	if forms < 60 {
		t.Errorf("only %d forms were tried", forms)
	}
}
