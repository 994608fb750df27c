package store_test

import (
	"testing"

	"sportello/kb"
	"sportello/store"
	"sportello/store/storetest"
)

func TestKB(t *testing.T) {
	storetest.KB(t, func(t *testing.T) kb.Store {
		db, err := store.Open(t.Context(), t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		return db.Articles()
	})
}
