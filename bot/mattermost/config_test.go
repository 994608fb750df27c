package mattermost

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryMistakeOfTheSettingsIsTold(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("abc\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	spaced := token + ".spaced"
	if err := os.WriteFile(spaced, []byte("the secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config Config
		want   []string
	}{
		"nothing":              {DefaultConfig(), nil},
		"enough":               {Config{URL: "https://chat.example.it", TokenFile: token}, nil},
		"all":                  {Config{"https://chat.example.it/mm", token, "uffici", "operatori", token, true, "https://help.example.it"}, nil},
		"no server":            {Config{TrustEmail: true}, []string{"url"}},
		"no address":           {Config{URL: "chat.example.it/"}, []string{"url", "token_file"}},
		"no token in the file": {Config{URL: "https://chat.example.it", TokenFile: spaced}, []string{"token_file"}},
		"everything": {Config{URL: "ftp://x", CallbackURL: "x?", OperatorsChannel: "o", CommandTokenFile: token + ".gone"},
			[]string{"url", "token_file", "command_token_file", "callback_url", "team"}},
		"a command that cannot come": {Config{URL: "https://chat.example.it", TokenFile: token, Team: "t", CommandTokenFile: token}, []string{"callback_url"}},
	} {
		err := c.config.Check()
		if (err == nil) != (len(c.want) == 0) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, setting := range c.want {
			if !strings.Contains(err.Error(), "mattermost."+setting) {
				t.Errorf("%s: mattermost.%s is not told in:\n%v", name, setting, err)
			}
		}
		if err != nil && strings.Contains(err.Error(), "the secret") {
			t.Errorf("%s tells the token", name)
		}
	}
}
