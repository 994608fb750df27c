package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/bot/telegram/telegramtest"
	"sportello/internal/checklist"
)

// outfit is `sportello telegram setup` for one bot and one data folder.
type outfit struct {
	t      *testing.T
	double *telegramtest.Double
	data   string
	config string
}

func outfitted(t *testing.T, settings string) *outfit {
	o := &outfit{t: t, double: telegramtest.Start(t), data: t.TempDir()}
	o.config = filepath.Join(o.data, "sportello.yaml")
	if err := os.WriteFile(o.config, []byte(fmt.Sprintf("telegram:\n  api_url: %s\n%s", o.double.URL, settings)), 0o600); err != nil {
		t.Fatal(err)
	}
	return o
}

// run runs the command with the token on its input.
func (o *outfit) run(token string, args ...string) (out, errs string, code int) {
	o.t.Helper()
	o.t.Setenv("LC_ALL", "it_IT.UTF-8")
	var stdout, stderr bytes.Buffer
	code = run(append([]string{"--config", o.config, "--data", o.data, "telegram", "setup"}, args...), strings.NewReader(token+"\n"), &stdout, &stderr)
	if secret := strings.SplitN(o.double.Token, ":", 2)[1]; strings.Contains(stdout.String()+stderr.String(), secret) {
		o.t.Error("the token is shown")
	}
	return stdout.String(), stderr.String(), code
}

// states are the states of all steps.
func (o *outfit) states(token string, args ...string) (map[string]checklist.State, int) {
	o.t.Helper()
	out, errs, code := o.run(token, append(args, "--json")...)
	var told struct {
		Ready bool       `json:"ready"`
		Steps []toldStep `json:"steps"`
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		o.t.Fatalf("it prints %q and %q: %v", out, errs, err)
	}
	states := map[string]checklist.State{}
	for _, s := range told.Steps {
		states[s.ID] = s.State
		if s.Text == "" || strings.HasPrefix(s.Text, "telegram.") || strings.HasPrefix(s.Detail, "telegram.") || strings.Contains(s.Text+s.Detail, "no value") {
			o.t.Errorf("step %s is told as %q, %q", s.ID, s.Text, s.Detail)
		}
	}
	if told.Ready != (code == 0) {
		o.t.Errorf("it is ready: %v, and the code is %d", told.Ready, code)
	}
	return states, code
}

func sameSteps(t *testing.T, what string, got, want map[string]checklist.State) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: the steps are %v, want %v", what, got, want)
	}
}

func TestSettingTelegramUpSaysWhatIsLeftToDo(t *testing.T) {
	o := outfitted(t, "")
	if _, errs, code := o.run(""); code != exitUsage || !strings.Contains(errs, "@BotFather") {
		t.Errorf("without a token it ends with %d and says %q", code, errs)
	}
	states, code := o.states(o.double.Token, "--check")
	sameSteps(t, "checking", states, map[string]checklist.State{"token": "ok", "commands": "to do", "descriptions": "to do", "polling": "ok", "privacy": "ok", "groups": "note"})
	if _, err := os.Stat(filepath.Join(o.data, "telegram.token")); err == nil || code == 0 {
		t.Errorf("checking keeps the token, or ends with %d", code)
	}
	states, _ = o.states(o.double.Token)
	sameSteps(t, "the first time", states, map[string]checklist.State{"token": "ok", "commands": "done", "descriptions": "done", "polling": "ok", "privacy": "ok", "groups": "note"})
	kept := filepath.Join(o.data, "telegram.token")
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the token is kept as %v, %v", info, err)
	}
	states, _ = o.states("", "--token-file", kept)
	sameSteps(t, "again", states, map[string]checklist.State{"token": "ok", "commands": "ok", "descriptions": "ok", "polling": "ok", "privacy": "ok", "groups": "note"})

	o.double.SetPrivacy(false)
	out, errs, code := o.run("", "--token-file", kept)
	for _, words := range []string{"/setprivacy", "@" + o.double.Username, "da fare", "token_file: \"" + kept + "\"", "mode: polling"} {
		if !strings.Contains(out, words) {
			t.Errorf("with privacy off it does not say %q:\n%s", words, out)
		}
	}
	if code != exitFailure || !strings.Contains(errs, "Resta una cosa da fare") {
		t.Errorf("it ends with %d and says %q", code, errs)
	}
	o.double.Revoke()
	states, code = o.states("", "--token-file", kept)
	sameSteps(t, "with a revoked token", states, map[string]checklist.State{"token": "to do"})
	if code == 0 {
		t.Error("it ends well")
	}
}

func TestSettingUpAWebhookTellsWhetherTelegramReachesUs(t *testing.T) {
	o := outfitted(t, "  mode: webhook\n")
	kept := filepath.Join(o.data, "token")
	if err := os.WriteFile(kept, []byte(o.double.Token), 0o600); err != nil {
		t.Fatal(err)
	}
	site := service(t) // it answers, but not where Telegram calls
	states, _ := o.states("", "--token-file", kept, "--site-url", site)
	sameSteps(t, "the first time", states, map[string]checklist.State{"token": "ok", "commands": "done", "descriptions": "done", "webhook": "done", "privacy": "ok", "groups": "note"})
	o.double.User(1, "it").Say("buongiorno")
	var code int
	for deadline := time.Now().Add(time.Minute); states["reached"] == "" && time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		states, code = o.states("", "--token-file", kept, "--site-url", site, "--check")
	}
	sameSteps(t, "once it cannot deliver", states, map[string]checklist.State{"token": "ok", "commands": "ok", "descriptions": "ok", "webhook": "ok", "reached": "to do", "privacy": "ok", "groups": "note"})
	if code == 0 {
		t.Error("it ends well")
	}
	states, _ = o.states("", "--token-file", kept, "--mode", "polling")
	sameSteps(t, "back to polling", states, map[string]checklist.State{"token": "ok", "commands": "ok", "descriptions": "ok", "polling": "done", "privacy": "ok", "groups": "note"})
}
