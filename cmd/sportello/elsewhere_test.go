package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sportello/bot/widget"
)

// A conversation goes on in another browser by the link that the first one
// shows, and by the conversation API.
func TestAConversationGoesOnByALinkOfTheSite(t *testing.T) {
	a := testApp(t, func(c *config) { c.SiteURL = "https://assistenza.example" })
	site := testSite(t, a, true).URL
	begin := func(body map[string]any) *posted {
		t.Helper()
		c := &posted{TB: t, app: a, site: site}
		var started struct{ ID, Token string }
		if refused, err := c.call(t.Context(), http.MethodPost, "", body, &started); err != nil || refused != "" {
			t.Fatal(refused, err)
		}
		c.path, c.token = "/"+started.ID, started.Token
		return c
	}
	said := func(c *posted) (all []widget.Message) {
		t.Helper()
		if _, err := c.Said(t.Context()); err != nil { // it waits for the answers
			t.Fatal(err)
		}
		if refused, err := c.call(t.Context(), http.MethodGet, c.path+"/events", nil, &all); err != nil || refused != "" {
			t.Fatal(refused, err)
		}
		return all
	}
	first := begin(map[string]any{"lang": "it"})
	for i, text := range []string{"la vpn non si collega da casa", "posso continuare dal telefono?"} {
		if refused, err := first.Send(t.Context(), string(rune('a'+i)), text); err != nil || refused != "" {
			t.Fatal(refused, err)
		}
	}
	messages := said(first)
	last := messages[len(messages)-1]
	if len(last.Links) != 1 || !strings.HasPrefix(last.Links[0].URL, "https://assistenza.example/#continua=") {
		t.Fatalf("the last message is %+v", last)
	}
	code := regexp.MustCompile(`[A-Z2-9]{4}-[A-Z2-9]{4}`).FindString(last.Links[0].URL)
	if code == "" || !strings.Contains(last.Text, code) {
		t.Fatalf("the link is %s, the text %q", last.Links[0].URL, last.Text)
	}
	second := begin(map[string]any{"lang": "en", "continue": code})
	messages = said(second)
	var texts []string
	for _, m := range messages {
		texts = append(texts, m.Text)
	}
	if told := strings.Join(texts, "\n"); !strings.Contains(told, "la vpn non si collega da casa") || !strings.Contains(told, "Ho risolto il Suo problema?") || strings.Contains(told, code) {
		t.Errorf("in the second browser stands %q", told)
	}
	messages = said(first)
	if last := messages[len(messages)-1].Text; !strings.Contains(last, "continua altrove") {
		t.Errorf("the first one ends with %q", last)
	}
	messages = said(begin(map[string]any{"continue": code}))
	if last := messages[len(messages)-1].Text; !strings.Contains(last, "già stato usato") {
		t.Errorf("a third one is told %q", last)
	}
}
