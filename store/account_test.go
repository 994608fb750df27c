package store_test

import (
	"testing"

	"sportello/account"
	"sportello/store"
	"sportello/store/storetest"
)

func TestAccount(t *testing.T) {
	storetest.Account(t, func(t *testing.T) account.Store {
		db, err := store.Open(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return store.NewAccount(db)
	})
}
