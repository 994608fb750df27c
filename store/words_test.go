package store

import (
	"fmt"
	"testing"
	"time"

	"sportello/account"
	"sportello/tickets"
)

func manyTickets(t *testing.T, db *DB, by account.Person, n int) *Tickets {
	t.Helper()
	s := NewTickets(db)
	var changes []tickets.Change
	for i := range n {
		c, err := tickets.Open(tickets.Draft{Subject: fmt.Sprint("Consolle ", i%7), Body: "Non stampa"}, tickets.NewNumber(2026, i+1), tickets.Stamp{By: by, At: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		changes = append(changes, c)
	}
	if err := s.Save(t.Context(), changes...); err != nil {
		t.Fatal(err)
	}
	return s
}

func foundBy(t *testing.T, s *Tickets, by account.Person, text string) int {
	t.Helper()
	list, err := s.Of(t.Context(), by.ID, tickets.Filter{Text: text, Limit: 10_000})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestWhoHasFewTicketsAndWhoHasManyFindTheSame(t *testing.T) {
	db, err := Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	by := account.Person{ID: "author", Roles: []account.Role{account.User}}
	s := manyTickets(t, db, by, fewTickets)
	for text, want := range map[string]int{"consolle stamp": fewTickets, "consolle 3": fewTickets / 7, "fascicoli": 0, "consol": fewTickets} {
		if got := foundBy(t, s, by, text); got < want || got > want+1 {
			t.Errorf("%q finds %d, want %d", text, got, want)
		}
	}
	few := foundBy(t, s, by, "consolle 3")
	c, err := tickets.Open(tickets.Draft{Subject: "PEC piena", Body: "x"}, tickets.NewNumber(2026, fewTickets+1), tickets.Stamp{By: by, At: time.Now()})
	if err == nil {
		err = s.Save(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	if many, err := s.hasMany(t.Context(), by.ID); err != nil || !many {
		t.Fatalf("with one more they have not many: %v", err)
	}
	if got := foundBy(t, s, by, "consolle 3"); got != few {
		t.Errorf("the index finds %d, looking at each found %d", got, few)
	}
}

func TestTicketsWithoutWordsGetThemWhenTheDatabaseIsOpened(t *testing.T) {
	dir := t.TempDir()
	db, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	by := account.Person{ID: "author", Roles: []account.Role{account.User}}
	manyTickets(t, db, by, 450)
	err = db.inTx(t.Context(), func(tx *tx) error { // as before there were any
		if _, err := tx.exec(t.Context(), `DELETE FROM ticket_words`); err != nil {
			return err
		}
		_, err := tx.exec(t.Context(), `UPDATE tickets SET words = ''`)
		return err
	})
	if err == nil {
		err = db.Close()
	}
	if err == nil {
		db, err = Open(t.Context(), dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s := NewTickets(db)
	all, err := s.Queue(t.Context(), tickets.Queue{Text: "stampa", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if own := foundBy(t, s, by, "stampa"); len(all) != 450 || own != 450 {
		t.Errorf("%d are found by all, %d by their author; want 450", len(all), own)
	}
}
