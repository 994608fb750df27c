package storetest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/privacy"
	"sportello/tickets"
)

// Desk is a tickets.Forms with the store of the tickets it sends.
type Desk struct {
	tickets.Forms
	Tickets tickets.Store
}

// Forms is what every tickets.Forms promises. open returns an empty one.
func Forms(t *testing.T, open func(t *testing.T) Desk) {
	tests := map[string]func(*testing.T, Desk){
		"what was written comes back, for its person only":                unsentRoundTrip,
		"what was written later takes the place of what was before":       unsentOverwritten,
		"files come and go one by one, in order, up to a limit":           unsentFiles,
		"side by side no more files are attached than allowed":            unsentFilesSideBySide,
		"sending opens the ticket and forgets the form":                   unsentSent,
		"sending twice opens one ticket":                                  unsentSentTwice,
		"a late copy of a form that was sent brings nothing back":         unsentLate,
		"a form whose files changed is not sent":                          unsentFilesChanged,
		"a discarded form gives its files back":                           unsentDiscarded,
		"an article that solved a request counts once for a form":         deflectionOnce,
		"deflections are counted by article and request type since a day": deflectionCounts,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func unsent(person account.PersonID, requestType string) tickets.Unsent {
	return tickets.Unsent{
		Person: person, RequestType: requestType, Key: "form " + string(person) + requestType,
		Values: map[string]string{"f-subject": "Consolle: fascicoli", "f-body": "riga\nriga"}, Masked: []privacy.Kind{privacy.Password}, SavedAt: noon,
	}
}

func file(n int) tickets.Attachment {
	return tickets.Attachment{ID: fmt.Sprintf("file-%d", n), Name: fmt.Sprintf("schermata %d.png", n), Type: "image/png", Size: int64(n)}
}

func unsentRoundTrip(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	must(t, s.Keep(t.Context(), u))
	got, err := s.Unsent(t.Context(), "author", "consolle")
	must(t, err)
	same(t, "the form", got, u)
	_, err = s.Unsent(t.Context(), "somebody", "consolle")
	wantFault(t, err, fault.NotFound)
	_, err = s.Unsent(t.Context(), "author", "sicid")
	wantFault(t, err, fault.NotFound)
	later := unsent("author", "sicid")
	later.SavedAt = noon.Add(time.Minute)
	must(t, s.Keep(t.Context(), later))
	all, err := s.AllUnsent(t.Context(), "author")
	must(t, err)
	same(t, "the list", all, []tickets.Unsent{later, u})
	none, err := s.AllUnsent(t.Context(), "somebody")
	must(t, err)
	same(t, "the list of somebody else", len(none), 0)
}

func unsentOverwritten(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	must(t, s.Keep(t.Context(), u))
	must(t, s.Attach(t.Context(), u, file(1), 5))
	u.Values, u.Masked, u.SavedAt, u.Key = map[string]string{"f-subject": "Altro"}, nil, noon.Add(time.Hour), "another"
	must(t, s.Keep(t.Context(), u))
	u.Attachments = []tickets.Attachment{file(1)}
	got, err := s.Unsent(t.Context(), "author", "consolle")
	must(t, err)
	same(t, "the form", got, u)
}

func unsentFiles(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	for n := range 3 {
		must(t, s.Attach(t.Context(), u, file(n), 3)) // there was no form yet
	}
	wantFault(t, s.Attach(t.Context(), u, file(3), 3), fault.Invalid)
	wantFault(t, s.Detach(t.Context(), "somebody", "consolle", "file-1"), fault.NotFound)
	wantFault(t, s.Detach(t.Context(), "author", "sicid", "file-1"), fault.NotFound)
	must(t, s.Detach(t.Context(), "author", "consolle", "file-1"))
	wantFault(t, s.Detach(t.Context(), "author", "consolle", "file-1"), fault.NotFound)
	must(t, s.Attach(t.Context(), u, file(4), 3))
	got, err := s.Unsent(t.Context(), "author", "consolle")
	must(t, err)
	same(t, "the files", got.Attachments, []tickets.Attachment{file(0), file(2), file(4)})
	one, err := s.File(t.Context(), "author", "file-4")
	must(t, err)
	same(t, "the file", one, file(4))
	_, err = s.File(t.Context(), "somebody", "file-4")
	wantFault(t, err, fault.NotFound)
}

func unsentFilesSideBySide(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	var all sync.WaitGroup
	for n := range 12 {
		all.Go(func() {
			if err := s.Attach(t.Context(), u, file(n), 5); err != nil && !fault.Is(err, fault.Invalid) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	got, err := s.Unsent(t.Context(), "author", "consolle")
	must(t, err)
	same(t, "the number of files", len(got.Attachments), 5)
}

// sending is the change that sends a form with these files.
func sending(t *testing.T, u tickets.Unsent, files ...tickets.Attachment) tickets.Change {
	t.Helper()
	d := draft("Consolle: fascicoli")
	d.RequestType, d.Attachments = u.RequestType, files
	c, err := tickets.Open(d, "", tickets.Stamp{By: author, At: noon, Key: u.Key})
	must(t, err)
	return c
}

func unsentSent(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	must(t, s.Keep(t.Context(), u))
	must(t, s.Attach(t.Context(), u, file(1), 5))
	sent, err := s.Send(t.Context(), 2026, sending(t, u, file(1)), "consolle")
	must(t, err)
	kept, err := s.Tickets.ByNumber(t.Context(), "2026-000001")
	must(t, err)
	same(t, "the ticket", kept.ID, sent.ID)
	same(t, "its files", kept.Attachments, []tickets.Attachment{file(1)})
	_, err = s.Unsent(t.Context(), "author", "consolle")
	wantFault(t, err, fault.NotFound)
	_, err = s.File(t.Context(), "author", "file-1")
	wantFault(t, err, fault.NotFound)
}

func unsentSentTwice(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	must(t, s.Keep(t.Context(), u))
	must(t, s.Attach(t.Context(), u, file(1), 5))
	numbers := make([]tickets.Number, 8)
	var all sync.WaitGroup
	for i := range numbers {
		c := sending(t, u, file(1))
		all.Go(func() {
			sent, err := s.Send(t.Context(), 2026, c, "consolle")
			if err != nil {
				t.Error(err)
			}
			numbers[i] = sent.Number
		})
	}
	all.Wait()
	for _, n := range numbers {
		same(t, "the number", n, tickets.Number("2026-000001"))
	}
}

func unsentLate(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	_, err := s.Send(t.Context(), 2026, sending(t, u), "consolle") // never saved before
	must(t, err)
	must(t, s.Keep(t.Context(), u))
	wantFault(t, s.Attach(t.Context(), u, file(1), 5), fault.Conflict)
	_, err = s.Unsent(t.Context(), "author", "consolle")
	wantFault(t, err, fault.NotFound)
}

func unsentFilesChanged(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	must(t, s.Attach(t.Context(), u, file(1), 5))
	must(t, s.Detach(t.Context(), "author", "consolle", "file-1"))
	_, err := s.Send(t.Context(), 2026, sending(t, u, file(1)), "consolle")
	wantFault(t, err, fault.Conflict)
	mine, err := s.Tickets.Of(t.Context(), "author", tickets.Filter{})
	must(t, err)
	same(t, "the tickets", len(mine), 0)
	_, err = s.Unsent(t.Context(), "author", "consolle")
	must(t, err)
}

func unsentDiscarded(t *testing.T, s Desk) {
	u := unsent("author", "consolle")
	must(t, s.Attach(t.Context(), u, file(1), 5))
	none, err := s.Discard(t.Context(), "somebody", "consolle")
	must(t, err)
	same(t, "files of somebody else", len(none), 0)
	files, err := s.Discard(t.Context(), "author", "consolle")
	must(t, err)
	same(t, "the files", files, []tickets.Attachment{file(1)})
	_, err = s.Unsent(t.Context(), "author", "consolle")
	wantFault(t, err, fault.NotFound)
}

func deflection(key, article string, at time.Time) tickets.Deflection {
	return tickets.Deflection{Key: key, Article: article, Lang: "it", RequestType: "vpn", At: at}
}

func deflectionOnce(t *testing.T, s Desk) {
	must(t, s.Deflect(t.Context(), deflection("form vpn", "vpn", noon)))
	must(t, s.Deflect(t.Context(), deflection("form vpn", "vpn", noon.Add(time.Minute))))
	got, err := s.Deflections(t.Context(), noon)
	must(t, err)
	same(t, "the counts", got, []tickets.Deflected{{Article: "vpn", Lang: "it", RequestType: "vpn", Times: 1}})
}

func deflectionCounts(t *testing.T, s Desk) {
	must(t, s.Deflect(t.Context(), deflection("a", "vpn", noon)))
	must(t, s.Deflect(t.Context(), deflection("b", "rete", noon)))
	must(t, s.Deflect(t.Context(), deflection("c", "rete", noon.Add(time.Hour))))
	must(t, s.Deflect(t.Context(), deflection("d", "vpn", noon.Add(-time.Hour))))
	got, err := s.Deflections(t.Context(), noon)
	must(t, err)
	same(t, "the counts", got, []tickets.Deflected{
		{Article: "rete", Lang: "it", RequestType: "vpn", Times: 2}, {Article: "vpn", Lang: "it", RequestType: "vpn", Times: 1},
	})
}
