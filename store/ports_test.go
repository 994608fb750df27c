package store_test

import (
	"testing"

	"sportello/account"
	"sportello/kb"
	"sportello/store"
	"sportello/store/storetest"
	"sportello/tickets"
)

// opened is a new database, closed with the test.
func opened(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Each port's suite, on SQLite.
func TestAccount(t *testing.T) {
	storetest.Account(t, func(t *testing.T) account.Store { return store.NewAccount(opened(t)) })
}

func TestAccess(t *testing.T) {
	storetest.AccountAccess(t, func(t *testing.T) storetest.Access { return store.NewAccount(opened(t)) })
}

func TestTickets(t *testing.T) {
	storetest.Tickets(t, func(t *testing.T) tickets.Store { return store.NewTickets(opened(t)) })
}

func TestReads(t *testing.T) {
	storetest.Reads(t, func(t *testing.T) storetest.Reading {
		db := opened(t)
		return storetest.Reading{Reads: store.NewTickets(db), Tickets: store.NewTickets(db), People: store.NewAccount(db)}
	})
}

func TestKB(t *testing.T) {
	storetest.KB(t, func(t *testing.T) kb.Store { return store.NewArticles(opened(t)) })
}

func TestConversations(t *testing.T) {
	storetest.Conversations(t, func(t *testing.T) storetest.Talks {
		db := opened(t)
		return storetest.Talks{Store: store.NewConversations(db), Tickets: store.NewTickets(db), Accounts: store.NewAccount(db), Articles: store.NewArticles(db)}
	})
}

func TestWebhooks(t *testing.T) {
	storetest.Webhooks(t, func(t *testing.T) storetest.Hooks {
		db := opened(t)
		return storetest.Hooks{Store: store.NewWebhooks(db), Tickets: store.NewTickets(db)}
	})
}

func TestNotices(t *testing.T) {
	storetest.Notices(t, func(t *testing.T) storetest.Notifier {
		db := opened(t)
		talks := store.NewConversations(db)
		return storetest.Notifier{
			Talks:       storetest.Talks{Store: talks, Tickets: store.NewTickets(db), Accounts: store.NewAccount(db), Articles: store.NewArticles(db)},
			NoticeStore: talks,
		}
	})
}

func TestIntake(t *testing.T) {
	storetest.Intake(t, func(t *testing.T) storetest.Mails {
		db := opened(t)
		return storetest.Mails{Store: store.NewIntake(db), Tickets: store.NewTickets(db), Letters: store.NewConversations(db)}
	})
}
