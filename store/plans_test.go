package store

import (
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

// plans are how the database carries out what it was asked, each beginning
// with the table that it looks at first.
func plans(t *testing.T, d *DB) (all []string) {
	t.Helper()
	var texts []string
	d.reading.Range(func(text, _ any) bool {
		texts = append(texts, text.(string))
		return true
	})
	for _, text := range texts {
		if strings.Contains(text, ticketColumns) {
			continue // of opening the database
		}
		r, err := d.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
		steps, err := rows(r, err, func(row scanner) (step string, err error) {
			var id, of, unused int
			return step, row.Scan(&id, &of, &unused, &step)
		})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.Join(steps, "; "))
	}
	return all
}

// absent is err unless it says that there is no such thing.
func absent(err error) error {
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

func TestWhatIsAskedAgainAndAgainLooksAtFewRows(t *testing.T) {
	for name, ask := range map[string]struct {
		index string // to begin with
		do    func(*Conversations) error
	}{
		"conversations of a person": {"identities_of_person", func(s *Conversations) error {
			_, err := s.Chats(t.Context(), "ada", []string{"widget"}, 1)
			return err
		}},
		"who expects a notice": {"notices_due", func(s *Conversations) error {
			_, err := s.Expecting(t.Context(), time.Now(), 1)
			return err
		}},
		"who waits for operators": {"conversations_queued", func(s *Conversations) error {
			_, err := s.Waiting(t.Context())
			return err
		}},
		"what operators have": {"conversations_held", func(s *Conversations) error {
			_, err := s.HeldBy(t.Context(), "")
			return err
		}},
		"which letter a post is": {"outbox_of_platform", func(s *Conversations) error {
			_, err := s.PostedAs(t.Context(), "telegram", "1")
			return absent(err)
		}},
		"the conversations of an identity": {"conversations_of_identity", func(s *Conversations) error {
			_, err := s.Talks(t.Context(), account.Identity{Channel: "telegram", PlatformID: "1"})
			return err
		}},
		"a code to go on elsewhere": {"sqlite_autoindex_passages_1", func(s *Conversations) error {
			_, err := s.Passage(t.Context(), "x")
			return absent(err)
		}},
		"the conversation of a chat": {"sqlite_autoindex_conversations_2", func(s *Conversations) error {
			_, err := s.Chat(t.Context(), "telegram", "1")
			return absent(err)
		}},
		"what is unread": {"conversations_unread", func(s *Conversations) error {
			_, err := s.Unread(t.Context(), "widget")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Open(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if err := ask.do(NewConversations(d)); err != nil {
				t.Fatal(err)
			}
			for _, plan := range plans(t, d) {
				if first, _, _ := strings.Cut(plan, ";"); !strings.HasPrefix(first, "SEARCH ") || !strings.Contains(first, " INDEX "+ask.index) {
					t.Errorf("it is carried out as %s", plan)
				}
			}
		})
	}
}
