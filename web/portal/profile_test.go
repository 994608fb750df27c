package portal_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/internal/htmlcheck"
	"sportello/tickets"
)

func (d *desk) again(p account.Person) account.Person {
	d.t.Helper()
	p, err := d.people.Person(d.t.Context(), p.ID)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func TestTheProfileTellsWhoSomebodyIs(t *testing.T) {
	d := newDesk(t)
	htmlcheck.InString(t, d.page(mario, "/profilo", http.StatusOK),
		htmlcheck.Contains(".facts", "Mario Rossi"), htmlcheck.Contains(".facts", "mario.rossi@giustizia.it"), htmlcheck.Contains(".facts", "Area Sud"), htmlcheck.Contains(".facts", "Utente"),
		htmlcheck.Lacks("body", "‹"), htmlcheck.Count("h1", 1), htmlcheck.Has("meta[name=robots]"))
	htmlcheck.InString(t, d.page(manager, "/en/profile", http.StatusOK), htmlcheck.Contains(".facts", "User, Editor of articles, Reviewer of articles, Head of the service, Administrator"), htmlcheck.Lacks("body", "‹"))
}

func TestNoticesAreChosen(t *testing.T) {
	d := newDesk(t)
	d.wantAnswer("notices", d.post(mario, "/profilo/notifications", "chat", "yes", "from", "20:00", "until", "7.30"), http.StatusSeeOther)
	if diff := cmp.Diff(account.Preferences{MailOff: true, QuietFrom: 20 * 60, QuietUntil: 7*60 + 30}, d.again(mario).Preferences); diff != "" {
		t.Error(diff)
	}
	htmlcheck.InString(t, d.page(mario, "/profilo?done=notifications", http.StatusOK), htmlcheck.Contains(".told", "salvati"), htmlcheck.None("#mail[checked]"), htmlcheck.Has("#chat[checked]"), htmlcheck.Attr("#from", "value", "20:00"))
	for name, fields := range map[string][]string{
		"one time only":       {"from", "20:00"},
		"the same time twice": {"from", "20:00", "until", "20:00"},
		"no time":             {"from", "stasera", "until", "07:00"},
		"an hour too late":    {"from", "24:00", "until", "07:00"},
	} {
		w := d.post(mario, "/profilo/notifications", fields...)
		d.wantAnswer(name, w, http.StatusUnprocessableEntity)
		htmlcheck.InString(t, w.Body.String(), htmlcheck.Attr("#from", "value", fields[1]))
	}
	d.wantAnswer("all of them", d.post(mario, "/profilo/notifications", "mail", "yes", "chat", "yes"), http.StatusSeeOther)
	if got := d.again(mario).Preferences; got != (account.Preferences{}) {
		t.Errorf("they are %+v", got)
	}
}

func TestTheLanguageIsChosen(t *testing.T) {
	d := newDesk(t)
	w := d.post(mario, "/profilo/language", "language", "en")
	if w.Header().Get("Location") != "/en/profile?done=language" || d.again(mario).Lang != "en" {
		t.Errorf("it leads to %s, the language is %s", w.Header().Get("Location"), d.again(mario).Lang)
	}
	d.wantAnswer("one that we do not speak", d.post(mario, "/profilo/language", "language", "fr"), http.StatusUnprocessableEntity)
}

func TestChatsAreUnlinkedByTheirPersonOnly(t *testing.T) {
	d := newDesk(t)
	secret := "a-secret-of-the-chat"
	for person, platform := range map[account.PersonID]string{mario.ID: secret, anna.ID: "annas"} {
		link := account.Link{Identity: account.Identity{Channel: "telegram", PlatformID: platform}, Person: person, At: noon}
		if err := d.people.Apply(t.Context(), account.Change{Link: &link}); err != nil {
			t.Fatal(err)
		}
	}
	body := d.page(mario, "/profilo", http.StatusOK)
	htmlcheck.InString(t, body, htmlcheck.Contains(".observers", "Telegram"), htmlcheck.Lacks("body", secret))
	sign := regexp.MustCompile(`[0-9a-f]{32}`).FindString(body)
	d.wantAnswer("somebody else unlinks", d.post(anna, "/profilo/unlink", "chat", sign), http.StatusSeeOther)
	d.wantAnswer("nonsense", d.post(mario, "/profilo/unlink", "chat", "x"), http.StatusSeeOther)
	left := func(p account.Person) int {
		links, err := d.people.Identities(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		return len(links)
	}
	if left(mario) != 1 || left(anna) != 1 {
		t.Fatal("a chat was unlinked by others")
	}
	d.wantAnswer("unlinking", d.post(mario, "/profilo/unlink", "chat", sign), http.StatusSeeOther)
	if left(mario) != 0 || left(anna) != 1 {
		t.Error("not that chat was unlinked")
	}
	if want := (account.Identity{Channel: "telegram", PlatformID: secret}); len(d.unlinked) != 1 || d.unlinked[0] != want {
		t.Errorf("what is under way is dropped in %v", d.unlinked)
	}
}

func TestTheWayInByAProviderIsNoLinkedChat(t *testing.T) {
	d := newDesk(t)
	link := account.Link{Identity: account.Identity{Channel: account.ProviderChannel + "ministero", PlatformID: "sub-4711"}, Person: mario.ID, At: noon}
	if err := d.people.Apply(t.Context(), account.Change{Link: &link}); err != nil {
		t.Fatal(err)
	}
	htmlcheck.InString(t, d.page(mario, "/profilo", http.StatusOK), htmlcheck.Lacks("body", "ministero"), htmlcheck.Count("form[action$=unlink]", 0))
}

func TestDataAreExportedAndTheirErasureAskedForByATicket(t *testing.T) {
	d := newDesk(t)
	w := d.as(mario, "GET", "/profilo/data.json", nil)
	d.wantAnswer("the export", w, http.StatusOK)
	if w.Body.String() != `{"email":"mario.rossi@giustizia.it"}` || w.Header().Get("Content-Disposition") != `attachment; filename="sportello-2026-11-23.json"` || w.Header().Get("Cache-Control") != "private, no-store" {
		t.Errorf("it is %s %v", w.Body, w.Header())
	}
	key := newKey()
	for range 2 {
		w := d.post(mario, "/profilo/erasure", "key", key)
		d.wantAnswer("asking for erasure", w, http.StatusSeeOther)
		htmlcheck.InString(t, d.page(mario, w.Header().Get("Location"), http.StatusOK), htmlcheck.Contains("h1", "Privacy, cancellazione"), htmlcheck.Contains("[data-done]", "2026-000001"))
	}
	mine, err := d.desk.Mine(t.Context(), mario, tickets.Filter{})
	if err != nil || len(mine) != 1 {
		t.Errorf("%d tickets, %v", len(mine), err)
	}
	d.wantAnswer("with a key that is none", d.post(mario, "/profilo/erasure", "key", "x"), http.StatusUnprocessableEntity)
}

func TestSessionsAreEndedEverywhere(t *testing.T) {
	d := newDesk(t)
	w := d.post(mario, "/profilo/sign-out")
	if w.Header().Get("Location") != "/" || len(d.signOut) != 1 || d.signOut[0] != mario.ID {
		t.Errorf("it leads to %s, signed out: %v", w.Header().Get("Location"), d.signOut)
	}
	d.wantAnswer("a page afterwards", d.as(mario, "GET", "/profilo", nil), http.StatusSeeOther)
}
