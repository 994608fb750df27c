package store_test

import (
	"testing"

	"sportello/store"
	"sportello/store/storetest"
	"sportello/tickets"
)

func TestTickets(t *testing.T) {
	storetest.Tickets(t, func(t *testing.T) tickets.Store {
		db, err := store.Open(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return store.NewTickets(db)
	})
}
