package main

import (
	"net/http"
	"slices"
	"strings"
)

// place says who gets in at a route. To others a thing that is there is like
// one that is not: the answers are the same.
type place struct {
	may  []string // who gets in; nil: everybody
	sees []string // of a ticket: may read it, so they are told why not

	reading, writing int // status for who is not signed in
	others           int // and for who is, and may not
	stream           bool
	query            string // to ask with
	body             string // to send, if not a form
	once             bool   // it changes who asks, so it is not asked here by those who may
}

// Who gets in.
func open2all() place { return place{} }

// signedIn is for whoever is signed in, and about them.
func signedIn() place {
	return place{may: slices.DeleteFunc(slices.Clone(visitors), out), reading: http.StatusSeeOther, writing: http.StatusUnauthorized}
}

// ofTicket is about one ticket, for these people.
func ofTicket(may []string, sees ...string) place {
	return place{may: may, sees: sees, reading: http.StatusSeeOther, writing: http.StatusUnauthorized, others: http.StatusNotFound}
}

// room is one of the desk's.
func room() place {
	return place{may: operators, reading: http.StatusSeeOther, writing: http.StatusUnauthorized, others: http.StatusForbidden}
}

// keyed opens to a bearer's token only: no cookie is one.
func keyed(status int) place {
	return place{may: []string{}, reading: status, writing: status, others: status}
}

// unheard is a conversation's, which only its own key opens: without, it is
// not there. The body is one that would be taken.
func unheard(body string) place {
	p := keyed(http.StatusNotFound)
	p.body = body
	return p
}

// ofArticle is about an article for operators.
func ofArticle() place {
	return place{may: audience, reading: http.StatusNotFound, writing: http.StatusNotFound, others: http.StatusNotFound}
}

func (p place) streaming() place {
	p.stream, p.reading = true, http.StatusUnauthorized
	return p
}

func (p place) asked(query string) place {
	p.query = query
	return p
}

func (p place) changing() place {
	p.once = true
	return p
}

// lets reports whether a visitor gets in.
func (p place) lets(who string) bool { return p.may == nil || slices.Contains(p.may, who) }

// refuses is the status of whoever does not get in.
func (p place) refuses(who, method string) int {
	reading := method == http.MethodGet || method == http.MethodHead
	switch {
	case out(who) && reading:
		return p.reading
	case out(who):
		return p.writing
	default:
		return p.others
	}
}

var whoAct = append([]string{"author", "beneficiary"}, operators...)

// whoMay has a line for each route, by its Italian name: pages in English are
// under the same rule, and so is HEAD under that of GET.
var whoMay = map[string]place{
	"GET /healthz": open2all(), "GET /readyz": open2all(), "ANY /metrics": open2all(), "ANY /widget.js": open2all(), "ANY /assets/*": open2all(), "OPTIONS /api/v1/*": open2all(),
	"GET /robots.txt": open2all(), "GET /sitemap.xml": open2all(), "GET /accessibilita": open2all(), "GET /privacy": open2all(), "GET /note-legali": open2all(),
	"GET /": open2all(), "GET /en": open2all(), "GET /en/kb": open2all(), "GET /kb": open2all(), "GET /kb/": open2all(), "GET /kb/it": open2all(), "GET /kb/it/": open2all(),
	"GET /cerca": open2all().asked("q=consolle"), "GET /kb/it/{id}": ofArticle(), "POST /kb/it/{id}": ofArticle(),
	"GET /servizi": open2all().asked("q=consolle"), "GET /servizi/": open2all(), "GET /servizi/{type}": open2all().asked("q=consolle&risolto=riservato"), "POST /servizi/{type}": open2all().changing(),
	"GET /servizi/{type}/file/{id}": {may: []string{"author"}, reading: http.StatusNotFound, others: http.StatusNotFound},
	"GET /unsubscribe/{token}":      open2all(), "POST /unsubscribe/{token}": open2all().changing(),

	"GET /accedi": open2all(), "GET /accedi/app": open2all(), "GET /accedi/app/nuova": open2all(), "GET /accedi/codice": open2all(), "GET /accedi/via/{provider}": open2all(), "GET /accedi/via/{provider}/ritorno": open2all(),
	"POST /accedi": open2all().changing(), "POST /accedi/app": open2all().changing(), "POST /accedi/app/nuova": open2all().changing(), "POST /accedi/codice": open2all().changing(),
	"POST /accedi/codice/nuovo": open2all().changing(), "POST /accedi/password": open2all().changing(), "POST /esci": open2all().changing(),

	"GET /profilo": signedIn(), "GET /profilo/data.json": signedIn(), "POST /profilo/erasure": signedIn().changing(), "POST /profilo/language": signedIn().changing(),
	"POST /profilo/notifications": signedIn().changing(), "POST /profilo/sign-out": signedIn().changing(), "POST /profilo/unlink": signedIn().changing(),

	"GET /ticket": signedIn().asked("q=consolle"), "GET /ticket/events": signedIn().streaming().asked("after=0&ticket={number}"),
	"GET /ticket/{number}": ofTicket(onTicket), "GET /ticket/{number}/file/{id}": ofTicket(onTicket),
	"POST /ticket/{number}/message": ofTicket(whoAct, "observer"), "POST /ticket/{number}/close": ofTicket(whoAct, "observer"), "POST /ticket/{number}/reopen": ofTicket(whoAct, "observer"),
	"POST /ticket/{number}/invite": ofTicket(whoAct, "observer"), "POST /ticket/{number}/remove": ofTicket(whoAct, "observer"), "POST /ticket/{number}/follow": ofTicket(whoAct, "observer"),
	"POST /ticket/{number}/rating": ofTicket(whoAsked, "observer", "operator", "elsewhere"), "POST /ticket/{number}/leave": ofTicket(onTicket),

	"GET /desk/": room().asked("q=consolle&view=open&team=all&person={person}"), "GET /desk/events": room().streaming(), "GET /desk/export.csv": room().asked("view=open&team=all"),
	"POST /desk/bulk": room(), "GET /desk/people": room().asked("q=nome"), "GET /desk/call": room().asked("caller={person}"), "POST /desk/call": room(),
	"GET /desk/letters": room(), "GET /desk/mail": room().asked("mail={mail}"), "POST /desk/mail/{id}/{act}": room(),
	"GET /desk/ticket/{number}": room(), "GET /desk/ticket/{number}/events": room().streaming(), "GET /desk/ticket/{number}/file/{file}": room(),
	"GET /desk/ticket/{number}/merge": room().asked("other={number}"), "POST /desk/ticket/{number}/typing": room(), "POST /desk/ticket/{number}/{move}": room(),

	"GET /api/v1/openapi.json": open2all(), "GET /api/v1/openapi.yaml": open2all(), "GET /api/v1/openapi-3.0.json": open2all(), "GET /api/v1/openapi-3.0.yaml": open2all(), "GET /api/v1/schemas/{schema}": open2all(),
	"GET /api/v1/search": open2all().asked("q=consolle"), "GET /api/v1/suggestions": open2all().asked("q=consolle"),
	"GET /api/v1/articles/{id}": keyed(http.StatusNotFound), "POST /api/v1/conversations": open2all().changing(), "GET /api/v1/conversations/{id}/events": unheard(""), "POST /api/v1/conversations/{id}/messages": unheard(`{"client_id":"2","text":"Salve"}`),
	"POST /api/v1/conversations/{id}/attachments": unheard(""), "GET /api/v1/conversations/{id}/attachments/{file}": unheard(""), "POST /api/v1/conversations/{id}/identity": unheard(`{"token":"x"}`), "POST /api/v1/conversations/{id}/seen": unheard(`{"seq":1}`),
}

// ofDemonstration are routes that are there in a demonstration only.
var ofDemonstration = []string{"GET /demo/mailbox", "POST /demo/sign-in"}

// inItalian are the beginnings of paths that have another name in English.
var inItalian = []struct{ english, italian string }{
	{"/en/desk", "/desk"}, {"/en/ticket", "/ticket"}, {"/en/services", "/servizi"}, {"/en/profile", "/profilo"}, {"/en/sign-in/code/new", "/accedi/codice/nuovo"},
	{"/en/sign-in/code", "/accedi/codice"}, {"/en/sign-in/app/new", "/accedi/app/nuova"}, {"/en/sign-in", "/accedi"}, {"/en/sign-out", "/esci"}, {"/en/search", "/cerca"},
	{"/en/accessibility", "/accessibilita"}, {"/en/legal-notes", "/note-legali"}, {"/en/privacy", "/privacy"}, {"/en/kb/", "/kb/"}, {"/kb/en", "/kb/it"},
}

// lineOf is the line of a route, and its name in the table.
func lineOf(method, path string) (place, string, bool) {
	for _, p := range inItalian {
		if rest, is := strings.CutPrefix(path, p.english); is {
			path = p.italian + rest
			break
		}
	}
	if path == "/en/" {
		path = "/"
	}
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, name := range []string{method + " " + path, "ANY " + path} {
		if p, known := whoMay[name]; known {
			return p, name, true
		}
	}
	if rule, known := programRules[method+" "+path]; known { // no cookie opens it
		if rule.public {
			return place{once: true}, method + " " + path, true
		}
		return keyed(http.StatusUnauthorized), method + " " + path, true
	}
	return place{}, "", false
}
