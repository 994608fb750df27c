package store_test

import (
	"testing"

	"sportello/store"
	"sportello/store/storetest"
)

func TestConversations(t *testing.T) {
	storetest.Conversations(t, func(t *testing.T) storetest.Talks {
		db, err := store.Open(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return storetest.Talks{Store: store.NewConversations(db), Tickets: store.NewTickets(db), Accounts: store.NewAccount(db), Articles: db.Articles()}
	})
}
