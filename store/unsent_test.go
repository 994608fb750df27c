package store_test

import (
	"testing"

	"sportello/store"
	"sportello/store/storetest"
)

func TestForms(t *testing.T) {
	storetest.Forms(t, func(t *testing.T) storetest.Desk {
		db := opened(t)
		return storetest.Desk{Forms: store.NewForms(db), Tickets: store.NewTickets(db)}
	})
}
