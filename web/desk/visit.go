package desk

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"time"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/internal/httpstatus"
	"sportello/internal/phrases"
	"sportello/web/ui"
)

// visit is one request of an operator.
type visit struct {
	*Pages
	w     http.ResponseWriter
	r     *http.Request
	lang  string
	by    account.Person
	known map[account.PersonID]account.Person
}

// say tells a phrase; values come in pairs of name and value.
func (v *visit) say(key string, pairs ...any) string {
	return ui.Frame{Lang: v.lang}.Speaking(v.Phrases).Say(key, pairs...)
}

// path is that of a room, such as "/call", in the visitor's language.
func (v *visit) path(room string) string { return prefixes[v.lang] + "/desk" + room }

// told is what went wrong, in words.
func (v *visit) told(err error) string {
	key, values := fault.Public(err)
	return v.Phrases.Say(v.lang, key, values)
}

// meet reads these people, so that names are known.
func (v *visit) meet(ids ...account.PersonID) error {
	var strangers []account.PersonID
	asked := map[account.PersonID]bool{"": true}
	for _, id := range ids {
		if _, known := v.known[id]; !known && !asked[id] {
			asked[id] = true
			strangers = append(strangers, id)
		}
	}
	if len(strangers) == 0 {
		return nil
	}
	met, err := v.People.People(v.r.Context(), strangers)
	for id, p := range met {
		v.known[id] = p
	}
	return err
}

// name is how somebody is called who was met.
func (v *visit) name(id account.PersonID) string {
	if id == "" {
		return ""
	}
	if p, known := v.known[id]; known {
		return p.Called()
	}
	return v.say("desk.somebody")
}

// local is a time on the help desk's clock.
func (v *visit) local(t time.Time) time.Time { return t.In(v.Desk.Terms.Zone()) }

// moment tells a time as somebody does who knows what day it is.
func (v *visit) moment(t time.Time) string {
	t, now := v.local(t), v.local(v.Now())
	days := t.Format(time.DateOnly)
	switch days {
	case now.Format(time.DateOnly):
		return v.say("desk.today", "Clock", t.Format("15:04"))
	case now.AddDate(0, 0, -1).Format(time.DateOnly):
		return v.say("desk.yesterday", "Clock", t.Format("15:04"))
	case now.AddDate(0, 0, 1).Format(time.DateOnly):
		return v.say("desk.tomorrow", "Clock", t.Format("15:04"))
	}
	if t.Year() == now.Year() {
		return t.Format("02/01 15:04")
	}
	return t.Format("02/01/2006 15:04")
}

// exactly tells a time in full.
func (v *visit) exactly(t time.Time) string {
	t = v.local(t)
	return phrases.Weekday(v.lang, t.Weekday()) + " " + t.Format("02/01/2006 15:04")
}

// page is what every page of the desk has.
type page struct {
	ui.Frame
	Desk string // path of the queue
	Room string // the one we are in
	Me   string
	Key  string // of the forms on it
	Done string // what has just been done, in words
}

// frame is that of a room at a path below the desk's.
func (v *visit) frame(room, title, at string) page {
	query := ""
	if v.r.URL.RawQuery != "" && v.r.Method != http.MethodPost {
		query = "?" + v.r.URL.RawQuery
	}
	both := map[string]string{}
	for _, lang := range languages {
		both[lang] = prefixes[lang] + "/desk" + at + query
	}
	f := v.Frame(v.r, v.lang, title, both)
	f.Alternates, f.NoChat = nil, true
	portal := f.Home
	f.Menu = nil
	for _, entry := range []struct{ name, path string }{{"queue", v.path("")}, {"call", v.path("/call")}, {"mail", v.path("/mail")}, {"letters", v.path("/letters")}, {"portal", portal}} {
		f.Menu = append(f.Menu, ui.Link{Text: v.say("desk.menu_" + entry.name), URL: entry.path, Current: entry.name == room})
	}
	return page{Frame: f, Desk: v.path(""), Room: room, Me: v.by.Called(), Key: rand.Text(), Done: v.done()}
}

// done tells what the page that led here has done.
func (v *visit) done() string {
	what := v.r.URL.Query().Get("done")
	if _, known := moves[what]; !known && what != "released" && what != "discarded" {
		return ""
	}
	return v.say("desk.done_" + what)
}

// show renders a page.
func (v *visit) show(status int, name string, data any) error {
	return ui.Show(v.w, status, pages[name], data)
}

// seeOther leads on after a change.
func (v *visit) seeOther(path string, values url.Values) error {
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

type failurePage struct {
	page
	Heading, Message string
}

// fail answers with a page that says what happened, and logs what is ours.
func (v *visit) fail(err error) {
	status := httpstatus.Of(err)
	if status >= http.StatusInternalServerError {
		v.Log.ErrorContext(v.r.Context(), "page failed", "path", v.r.URL.Path, "error", err)
	}
	heading := "web.failure_500"
	switch status {
	case http.StatusNotFound:
		heading = "web.failure_404"
	case http.StatusForbidden, http.StatusUnauthorized:
		heading = "web.failure_403"
	case http.StatusUnprocessableEntity, http.StatusConflict, http.StatusRequestEntityTooLarge:
		heading = "web.failure_422"
	}
	shown := failurePage{page: v.frame("", v.say(heading), ""), Message: v.told(err)}
	shown.Heading = shown.Title
	if status == http.StatusForbidden || status == http.StatusUnauthorized { // no operator: the way out only
		shown.Desk = shown.Home
		shown.Menu = shown.Menu[len(shown.Menu)-1:]
	}
	if err := v.show(status, "failure", shown); err != nil {
		v.Log.ErrorContext(v.r.Context(), "page failed", "path", v.r.URL.Path, "error", err)
		http.Error(v.w, shown.Message, status)
	}
}
