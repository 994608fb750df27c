package main

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sportello/internal/htmlcheck"
	"sportello/tickets"
)

// somebody is a browser without JavaScript, signed in by the demonstration.
func somebody(t *testing.T, site *httptest.Server, email string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if email == "" {
		return client
	}
	answer, err := client.Post(site.URL+"/demo/sign-in", "application/json", strings.NewReader(`{"email":"`+email+`"}`))
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("sign in: %v, %v", answer, err)
	}
	_ = answer.Body.Close()
	return client
}

func read(t *testing.T, answer *http.Response, err error, status int) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		t.Fatalf("%s answers %d, %v, want %d: %s", answer.Request.URL, answer.StatusCode, err, status, text)
	}
	return string(text)
}

func printerForm() url.Values {
	return url.Values{
		"do": {"send"}, "key": {"ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, "for": {"me"}, "f-office": {"Tribunale di Bari"}, "f-subject": {"Scanner: luce arancione fissa"},
		"f-body": {"Lo scanner della stanza 4 ha una luce arancione fissa e non si muove."}, "f-impact": {"me"}, "f-label": {"INV-0042"}, "f-room": {"4"},
	}
}

// The whole program: the catalogue, a form with a file, an article that
// solves, the figures.
func TestARequestIsMadeAtTheRealProgram(t *testing.T) {
	a := testApp(t)
	site := testSite(t, a, true)
	mario := somebody(t, site, "mario.rossi@giustizia.it")
	answer, err := mario.Get(site.URL + "/servizi")
	htmlcheck.InString(t, read(t, answer, err, http.StatusOK), htmlcheck.Has(".grid a[href='/servizi/stampante-scanner']"))

	form := printerForm()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	for name, values := range form {
		_ = parts.WriteField(name, values[0])
	}
	file, _ := parts.CreateFormFile("files", "registro.txt")
	_, _ = io.WriteString(file, "una riga")
	_ = parts.Close()
	answer, err = mario.Post(site.URL+"/servizi/stampante-scanner", parts.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode == http.StatusOK { // the search of the real articles has something to say first
		before := read(t, answer, nil, http.StatusOK)
		htmlcheck.InString(t, before, htmlcheck.Has("button[value^='solved:']"), htmlcheck.Attr("input[name=f-label]", "value", "INV-0042"))
		_, solves, _ := strings.Cut(before, `value="solved:`)
		article, _, _ := strings.Cut(solves, `"`)
		form.Set("do", "solved:"+article)
		answer, err = mario.PostForm(site.URL+"/servizi/stampante-scanner", form)
		read(t, answer, err, http.StatusSeeOther)
		answer, err = mario.Get(site.URL + "/metrics")
		if figures := read(t, answer, err, http.StatusOK); !strings.Contains(figures, `sportello_requests_solved_total{request_type="stampante-scanner"} 1`) {
			t.Error("it was not counted")
		}
		form.Set("do", "send")
		_, seen, _ := strings.Cut(before, `name="seen" value="`)
		seen, _, _ = strings.Cut(seen, `"`)
		form.Set("seen", seen)
		answer, err = mario.PostForm(site.URL+"/servizi/stampante-scanner", form)
	}
	read(t, answer, err, http.StatusSeeOther)
	to := answer.Header.Get("Location")
	number := tickets.Number(strings.TrimSuffix(strings.TrimPrefix(to, "/ticket/"), "?aperto=1"))
	one, err := a.tickets.ByNumber(t.Context(), number)
	if err != nil || len(one.Attachments) != 1 || one.Fields["label"] != "INV-0042" || one.Channel != "portal" {
		t.Errorf("%s leads to %+v, %v", to, one, err)
	}
}
