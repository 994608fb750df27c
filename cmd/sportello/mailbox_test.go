package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/mailpeer"
)

// mails is what came to an address in the demonstration's mailbox, oldest
// first.
func mails(t testing.TB, site, address string) (all []shownLetter) {
	t.Helper()
	answer, err := http.Get(site + "/demo/mailbox?to=" + url.QueryEscape(address))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// codesRead holds the codes that were in a mailbox when a test took one: what
// came last may be an earlier code still.
var codesRead sync.Map

// mailedCode waits for a one-time code to an address that came after those it
// returned before.
func mailedCode(t testing.TB, site, address string) (fresh string) {
	t.Helper()
	for until := time.Now().Add(mailpeer.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		for _, letter := range mails(t, site, address) {
			if code, found := account.FindCode(letter.Text); found {
				if _, read := codesRead.LoadOrStore(site+letter.To+code, true); !read {
					fresh = code
				}
			}
		}
		if fresh != "" {
			return fresh
		}
	}
	t.Fatal("no code came")
	return ""
}
