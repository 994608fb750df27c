package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sportello/bot/mattermost"
	"sportello/internal/checklist"
	"sportello/internal/mattermostpeer"
	"sportello/store"

	"github.com/google/go-cmp/cmp"
	"github.com/mattermost/mattermost/server/public/model"
)

// furnishing is `sportello mattermost setup` on one server and one data folder.
type furnishing struct {
	t        *testing.T
	server   *mattermostpeer.Server
	data     string
	token    string // the administrator's
	callback string
}

// service answers where a running service says that it runs.
func service(t *testing.T) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func furnish(t *testing.T, settings ...string) *furnishing {
	t.Helper()
	s := mattermostpeer.Start(t, settings...)
	return &furnishing{t: t, server: s, data: t.TempDir(), token: s.Admin.Client.AuthToken, callback: service(t)}
}

// told is what the command printed.
type toldSetup struct {
	Ready         bool       `json:"ready"`
	Steps         []toldStep `json:"steps"`
	Configuration string     `json:"configuration"`
}

// state is the state of a step, or nothing if it was not told.
func (s toldSetup) state(id string) checklist.State {
	for _, step := range s.Steps {
		if step.ID == id {
			return step.State
		}
	}
	return ""
}

func (s toldSetup) detail(id string) string {
	for _, step := range s.Steps {
		if step.ID == id {
			return step.Detail
		}
	}
	return ""
}

// raw runs the command and returns what it printed, and its code.
func (f *furnishing) raw(args ...string) (out, errs string, code int) {
	f.t.Helper()
	f.t.Setenv("LC_ALL", "it_IT.UTF-8")
	f.t.Setenv(adminTokenVariable, f.token)
	var stdout, stderr bytes.Buffer
	all := append([]string{"--data", f.data, "mattermost", "setup", "--url", f.server.URL, "--callback-url", f.callback, "--operators-channel", "operatori"}, args...)
	code = run(all, strings.NewReader(""), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}

func (f *furnishing) run(args ...string) (told toldSetup, code int) {
	f.t.Helper()
	out, errs, code := f.raw(append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		f.t.Fatalf("%v\n%s%s", err, out, errs)
	}
	return told, code
}

// secret is what a file of the data folder holds, which only its owner reads.
func (f *furnishing) secret(name string) string {
	f.t.Helper()
	file := filepath.Join(f.data, name)
	info, err := os.Stat(file)
	if err != nil {
		f.t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		f.t.Errorf("%s has the rights %o", name, info.Mode().Perm())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// furniture is all that the command may leave on a server.
type furniture struct {
	Bots     []*model.Bot
	Tokens   []*model.UserAccessToken
	Commands []*model.Command
	Channels []*model.Channel
	Members  []string
}

func (f *furnishing) furniture() (all furniture) {
	f.t.Helper()
	ctx, admin := f.t.Context(), f.server.Admin.Client
	must := func(err error) {
		f.t.Helper()
		if err != nil {
			f.t.Fatal(err)
		}
	}
	var err error
	all.Bots, _, err = admin.GetBotsIncludeDeleted(ctx, 0, 100, "")
	must(err)
	all.Tokens, _, err = admin.GetUserAccessTokens(ctx, 0, 100)
	must(err)
	all.Commands, _, err = admin.ListCommands(ctx, f.server.Team.Id, true)
	must(err)
	all.Channels, _, err = admin.GetPrivateChannelsForTeam(ctx, f.server.Team.Id, 0, 100, "")
	must(err)
	for _, c := range all.Channels {
		c.LastPostAt, c.LastRootPostAt, c.TotalMsgCount, c.TotalMsgCountRoot = 0, 0, 0, 0 // the trial counts
		members, _, err := admin.GetChannelMembers(ctx, c.Id, 0, 100, "")
		must(err)
		for _, m := range members {
			all.Members = append(all.Members, m.UserId)
		}
		posts, _, err := admin.GetPostsForChannel(ctx, c.Id, 0, 100, "", false, false)
		must(err)
		for _, p := range posts.Posts {
			if !p.IsSystemMessage() {
				f.t.Errorf("the post %q was left in %s", p.Message, c.Name)
			}
		}
	}
	slices.Sort(all.Members)
	return all
}

func TestMattermostIsSetUpOnceAndOnlyWhereItLacksSomething(t *testing.T) {
	f := furnish(t, "MM_SERVICESETTINGS_ENABLEUSERACCESSTOKENS=false") // for people; bots need none of it

	before := f.furniture()
	told, code := f.run("--check")
	if code != exitFailure || told.Ready || told.state("bot") != checklist.ToDo || told.state("operators") != checklist.ToDo {
		t.Errorf("on an empty server, --check ends with %d and tells %+v", code, told)
	}
	if diff := cmp.Diff(before, f.furniture()); diff != "" {
		t.Errorf("--check changed the server:\n%s", diff)
	}
	if files, _ := filepath.Glob(filepath.Join(f.data, "*.token")); len(files) > 0 {
		t.Errorf("--check wrote %v", files)
	}

	told, code = f.run()
	if code != 0 || !told.Ready {
		t.Fatalf("setup ends with %d and tells %+v", code, told)
	}
	for _, id := range []string{"bot", "bot_team", "bot_token", "operators", "operators_bot", "command", "command_token"} {
		if told.state(id) != checklist.Done {
			t.Errorf("%s is %q on an empty server", id, told.state(id))
		}
	}
	for _, id := range []string{"socket", "posting", "callback", "bot_rights"} {
		if told.state(id) != checklist.Okay {
			t.Errorf("%s is %q", id, told.state(id))
		}
	}
	f.judge()

	before = f.furniture()
	told, code = f.run()
	if code != 0 || slices.ContainsFunc(told.Steps, func(s toldStep) bool { return s.State == checklist.Done }) {
		t.Errorf("the second time, setup ends with %d and tells %+v", code, told)
	}
	if diff := cmp.Diff(before, f.furniture()); diff != "" {
		t.Errorf("the second time changed the server:\n%s", diff)
	}
	if told, code = f.run("--check"); code != 0 || !told.Ready {
		t.Errorf("then --check ends with %d and tells %+v", code, told)
	}
	f.pasted(told.Configuration)
}

// pasted runs the command with the configuration that it printed, and no more.
func (f *furnishing) pasted(configuration string) {
	f.t.Helper()
	file := filepath.Join(f.data, "sportello.yaml")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		f.t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := run([]string{"--config", file, "--data", f.data, "mattermost", "setup", "--check", "--json"}, strings.NewReader(""), &out, &errs)
	var told toldSetup
	if err := json.Unmarshal(out.Bytes(), &told); err != nil || code != 0 || told.Configuration != configuration {
		f.t.Errorf("with the configuration pasted, --check ends with %d: %v\n%s%s", code, err, out.String(), errs.String())
	}
}

// judge looks at what there is after the first time.
func (f *furnishing) judge() {
	t, all := f.t, f.furniture()
	t.Helper()
	if len(all.Bots) != 1 || all.Bots[0].Username != "sportello" || all.Bots[0].DisplayName != "Sportello" {
		t.Fatalf("the bots are %+v", all.Bots)
	}
	assistant := model.NewAPIv4Client(f.server.URL)
	assistant.SetToken(f.secret("mattermost.token"))
	me, _, err := assistant.GetMe(t.Context(), "")
	if err != nil || me.Id != all.Bots[0].UserId || me.Roles != model.SystemUserRoleId {
		t.Errorf("the token in the file is %v's: %v", me, err)
	}
	if len(all.Channels) != 1 || all.Channels[0].Name != "operatori" || !slices.Contains(all.Members, me.Id) {
		t.Errorf("the private channels are %+v with %v", all.Channels, all.Members)
	}
	if len(all.Commands) != 1 {
		t.Fatalf("the commands are %+v", all.Commands)
	}
	command := all.Commands[0]
	if command.Trigger != "sportello" || !command.AutoComplete || command.AutoCompleteDesc != "Chiede all'assistenza informatica" ||
		!strings.Contains(command.AutoCompleteHint, "operatore") || !strings.HasPrefix(command.URL, f.callback+"/mattermost/") {
		t.Errorf("the command is %+v", command)
	}
	if command.Token != f.secret("mattermost-command.token") {
		t.Error("the file does not hold the command's token")
	}
	out, errs, _ := f.raw()
	for _, secret := range []string{f.token, command.Token, f.secret("mattermost.token")} {
		if strings.Contains(out+errs, secret) {
			t.Error("a token was printed")
		}
	}
	if !strings.Contains(out, "mattermost:\n  url: \""+f.server.URL+"\"\n  token_file: ") || !strings.Contains(out, "trust_email: false\n") {
		t.Errorf("the configuration is not ready to be pasted:\n%s", out)
	}
}

func TestMattermostSetupMendsWhatWasTakenAway(t *testing.T) {
	f := furnish(t)
	if told, code := f.run(); code != 0 {
		t.Fatalf("setup tells %+v", told)
	}
	ctx, admin, all := t.Context(), f.server.Admin.Client, f.furniture()
	for what, take := range map[string]func() error{
		"the token":   func() error { _, err := admin.RevokeUserAccessToken(ctx, all.Tokens[0].Id); return err },
		"the account": func() error { _, _, err := admin.DisableBot(ctx, all.Bots[0].UserId); return err },
		"the member": func() error {
			_, err := admin.RemoveUserFromChannel(ctx, all.Channels[0].Id, all.Bots[0].UserId)
			return err
		},
		"the command": func() error { _, err := admin.DeleteCommand(ctx, all.Commands[0].Id); return err },
	} {
		if err := take(); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	f.callback = service(t) // and the service has moved
	told, code := f.run()
	if code != 0 {
		t.Fatalf("setup tells %+v", told)
	}
	for _, id := range []string{"bot", "bot_token", "operators_bot", "command", "command_token"} {
		if told.state(id) != checklist.Done {
			t.Errorf("%s is %q", id, told.state(id))
		}
	}
	f.judge()
	before := strings.TrimPrefix(f.callback, "http://")
	f.callback = service(t)
	if told, code = f.run(); code != 0 || told.state("command") != checklist.Done || told.state("command_token") != checklist.Okay {
		t.Errorf("after the service moved alone, setup tells %+v", told)
	}
	if !strings.Contains(told.detail("command"), before) {
		t.Errorf("nobody hears that the command called %s before: %+v", before, told)
	}
	f.judge()
}

func TestMattermostSetupIsForAdministrators(t *testing.T) {
	f := furnish(t)
	anna := f.server.User("anna.verdi", "anna.verdi@giustizia.it", "it")
	before := f.furniture()
	for name, c := range map[string]struct{ token, url, words string }{
		"a plain user's token": {anna.Client.AuthToken, f.server.URL, "Il token è di anna.verdi, che non amministra il sistema"},
		"no token of theirs":   {"questo-non-lo-e", f.server.URL, "Il server non accetta questo token"},
		"nobody listens":       {f.token, "http://127.0.0.1:1", "Il server http://127.0.0.1:1 non risponde"},
		"no address at all":    {f.token, "chat.giustizia.it", "«chat.giustizia.it» non è un indirizzo"},
		"some other server":    {f.token, f.callback, "controlli l'indirizzo"},
	} {
		f.token = c.token
		_, errs, code := f.raw("--url", c.url)
		if code != exitFailure || !strings.Contains(errs, c.words) || strings.Contains(errs, c.token) {
			t.Errorf("%s: code %d and %q", name, code, errs)
		}
	}
	f.token = ""
	if _, errs, code := f.raw(); code != exitUsage || !strings.Contains(errs, "--admin-token-file") {
		t.Errorf("without a token: code %d and %q", code, errs)
	}
	if diff := cmp.Diff(before, f.furniture()); diff != "" {
		t.Errorf("the server was changed:\n%s", diff)
	}
	f.token = ""
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(f.server.Admin.Client.AuthToken+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if told, code := f.run("--admin-token-file", file); code != 0 {
		t.Errorf("with the token in a file, setup tells %+v", told)
	}
}

func TestMattermostSetupSaysWhatToClickWhereItMayNot(t *testing.T) {
	f := furnish(t, "MM_SERVICESETTINGS_ENABLEBOTACCOUNTCREATION=false", "MM_SERVICESETTINGS_ALLOWEDUNTRUSTEDINTERNALCONNECTIONS=10.0.0.0/8 altrove")
	ctx, admin := t.Context(), f.server.Admin.Client
	if _, _, err := admin.CreateChannel(ctx, &model.Channel{TeamId: f.server.Team.Id, Name: "operatori", DisplayName: "Operatori", Type: model.ChannelTypeOpen}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := admin.CreateCommand(ctx, &model.Command{TeamId: f.server.Team.Id, Trigger: "sportello", Method: "P", URL: "https://altro.example/x"}); err != nil {
		t.Fatal(err)
	}
	told, code := f.run()
	if code != exitFailure || told.Ready {
		t.Errorf("setup ends with %d", code)
	}
	for id, words := range map[string]string{
		"bot_accounts": "Enable Bot Account Creation", "bot": "non permette", "callbacks": "Allow untrusted internal connections to: aggiunga 127.0.0.1",
		"operators": "è pubblico", "command": "altro.example", "callback": "il server non lo raggiunge",
	} {
		if told.state(id) != checklist.ToDo || !strings.Contains(told.detail(id), words) {
			t.Errorf("%s is %q: %q, want the words %q", id, told.state(id), told.detail(id), words)
		}
	}
	if all := f.furniture(); len(all.Bots) > 0 || len(all.Commands) != 1 {
		t.Errorf("something was made all the same: %+v", all)
	}
}

func TestMattermostSetupMarksDownWhetherAddressesAreVerified(t *testing.T) {
	f := furnish(t)
	mark := func() string {
		t.Helper()
		db, err := store.Open(t.Context(), f.data)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		value, err := store.NewConversations(db).Mark(t.Context(), mattermost.Name, mattermost.VerifiedMark)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	require := func(required bool) {
		t.Helper()
		change := &model.Config{EmailSettings: model.EmailSettings{RequireEmailVerification: &required}}
		if _, _, err := f.server.Admin.Client.PatchConfig(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	if told, code := f.run(); code != 0 || told.state("addresses") != checklist.Note || mark() != "" {
		t.Errorf("where nobody confirms an address, setup tells %+v and marks %q", told, mark())
	}
	require(true)
	if told, _ := f.run("--check"); mark() != "" {
		t.Errorf("--check marked it down: %+v", told)
	}
	told, code := f.run()
	if code != 0 || told.state("addresses") != checklist.Okay || mark() == "" {
		t.Errorf("where addresses are confirmed, setup tells %+v and marks %q", told, mark())
	}
	if !strings.Contains(told.Configuration, "trust_email: false # può essere true") {
		t.Errorf("the configuration is %s", told.Configuration)
	}
	require(false)
	if f.run(); mark() != "" {
		t.Error("the mark stays though addresses are no longer confirmed")
	}
}
