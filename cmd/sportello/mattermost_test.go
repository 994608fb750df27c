package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sportello/bot/mattermost"
)

func TestAServiceWithoutItsMattermostServerServesAndTellsIt(t *testing.T) {
	a := testApp(t)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("a-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	a.config.Mattermost = mattermost.Config{URL: "http://127.0.0.1:1", TokenFile: token}
	if traits := a.channels()[mattermost.Name]; !traits.Sent || !traits.Personal || !traits.Pushable || traits.Forms {
		t.Errorf("the channel is %+v", traits)
	}
	site, err := a.site(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer site.stop()
	s := httptest.NewServer(site.handler)
	defer s.Close()
	for path, want := range map[string]string{
		"/readyz":  "ready\nmattermost: ",
		"/metrics": `sportello_channel_up{channel="mattermost"} 0`,
	} {
		answer, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(body), want) || strings.Contains(string(body), "a-secret") {
			t.Errorf("%s is answered %d, %v, without %q", path, answer.StatusCode, err, want)
		}
	}
}
