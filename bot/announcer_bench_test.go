package bot_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/store"
	"sportello/tickets"
)

// How fast happenings become notices, when each is about another person's
// ticket: the worst case, for nothing can be told together.
func BenchmarkAnnouncer(b *testing.B) {
	engine, db := newEngine(b, b.TempDir(), time.Now)
	people, kept, talks := store.NewAccount(db), store.NewTickets(db), store.NewConversations(db)
	desk := &tickets.Desk{Store: kept, Accounts: people, Catalogue: engine.Catalogue, Terms: engine.Terms, Now: time.Now}
	announcer := &bot.Announcer{Engine: engine, Store: talks, Log: slog.New(slog.DiscardHandler), MailAfter: 15 * time.Minute, GroupWithin: 2 * time.Minute}
	for i := range b.N {
		p := account.NewPerson(fmt.Sprintf("p%d@giustizia.it", i), false, "it", time.Now())
		if err := people.Apply(b.Context(), account.Change{Person: &p}); err != nil {
			b.Fatal(err)
		}
		if _, err := desk.Open(b.Context(), olga, tickets.Draft{Author: p.ID, Subject: "Stampante", Body: "Ferma", Impact: tickets.Me, ForMe: true, Office: "Bari", Channel: "api"}, ""); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	if err := announcer.Round(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "happenings/s")
}
