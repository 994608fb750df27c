package mattermost

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"sportello/internal/checklist"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// Setup brings a server to where the assistant can work on it, with an
// administrator's token, and tells what it may not do itself. Done twice, it
// changes nothing the second time. It never changes settings of the server,
// which are everybody's.
type Setup struct {
	Config Config // what the service will have; the files of the tokens are written if they are not there
	Admin  string // access token of an administrator of the server
	Bot    string // user name of the assistant's account
	Check  bool   // change nothing, here and there

	Key     func(ctx context.Context, name string) ([]byte, error)
	SetMark func(ctx context.Context, name, value string) error
	Say     func(phrase string) string // what stays on the server, in the language of its users
	Now     func() time.Time
}

// Checklist is what Setup found and did.
type Checklist struct {
	Steps checklist.List // their words are the phrases mattermost.setup.<ID>
	Team  string         // name of the team, once it is known
	Trust bool           // profiles' addresses may count: VerifiedMark is set
}

// Run goes through the checklist. It fails with fault.Invalid if an address is
// none, with fault.Forbidden if the token is
// no administrator's, and with fault.Unavailable if the server stops answering;
// the steps so far are told then, too.
func (s Setup) Run(ctx context.Context) (Checklist, error) {
	for _, address := range []string{s.Config.URL, s.Config.CallbackURL} {
		if !isBase(address) && (address != "" || address == s.Config.URL) {
			return Checklist{}, fault.New(fault.Invalid, "mattermost.setup.address", fault.Values{"Address": address})
		}
	}
	w := &work{Setup: s, admin: speak(s.Config.URL, s.Admin)}
	for _, step := range []func(context.Context) error{
		w.server, w.settings, w.findTeam, w.account, w.rights, w.join, w.botToken,
		w.channel, w.command, w.addresses, w.socket, w.posting, w.callback,
	} {
		if err := step(ctx); err != nil {
			return w.list, w.explain(err)
		}
	}
	return w.list, nil
}

// work is a set-up under way, and what it knows so far. What is missing is nil
// or empty; steps that need it then leave themselves out.
type work struct {
	Setup
	list      Checklist
	admin     *model.Client4
	me        *model.User // the administrator
	config    *model.Config
	team      *model.Team
	bot       *model.User
	token     string // the bot's
	operators *model.Channel
}

// speak returns a client with a token.
func speak(url, token string) *model.Client4 {
	api := model.NewAPIv4Client(url)
	api.SetToken(token)
	api.HTTPClient = &http.Client{Timeout: answerTime, CheckRedirect: noRedirect}
	return api
}

// tell adds a step.
func (w *work) tell(id string, state checklist.State, detail string, values fault.Values) {
	if detail != "" {
		detail = "mattermost.setup." + detail
	}
	w.list.Steps = append(w.list.Steps, checklist.Step{ID: id, State: state, Detail: detail, Values: values})
}

// detail says more of a step that was carried out.
func (w *work) detail(id, detail string) {
	for i, s := range w.list.Steps {
		if s.ID == id && s.State == checklist.Done {
			w.list.Steps[i].Detail = "mattermost.setup." + detail
		}
	}
}

// change carries out a step that is missing, or says that it is.
func (w *work) change(id string, values fault.Values, do func() error) error {
	if w.Check {
		w.tell(id, checklist.ToDo, "by_setup", values)
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	w.tell(id, checklist.Done, "", values)
	return nil
}

// explain gives a failure the words that whoever sets up can use.
func (w *work) explain(err error) error {
	failure, is := errors.AsType[*Failure](err)
	switch {
	case !is:
		return err
	case failure.Status == 0 || failure.Status >= 500, failure.ID == "": // or no Mattermost at all
		return fault.New(fault.Unavailable, "mattermost.setup.unavailable", fault.Values{"URL": w.Config.URL}).Because(err)
	case errors.Is(err, ErrRevoked):
		return fault.New(fault.Forbidden, "mattermost.setup.token_refused").Because(err)
	}
	return fault.New(fault.Forbidden, "mattermost.setup.refused", fault.Values{"Why": failure.Error()}).Because(err)
}

// missing reports whether the server says that there is no such thing.
func missing(err error) bool {
	failure, is := errors.AsType[*Failure](err)
	return is && failure.Status == http.StatusNotFound
}

// server sees who we are speaking to, and as whom.
func (w *work) server(ctx context.Context) error {
	me, response, err := w.admin.GetMe(ctx, "")
	if err != nil {
		return failed(response, err)
	}
	version, _, _ := strings.Cut(response.ServerVersion, ".dev")
	if parts := strings.Split(version, "."); len(parts) > 3 { // the build's number follows
		version = strings.Join(parts[:3], ".")
	}
	w.tell("server", checklist.Okay, "", fault.Values{"URL": w.Config.URL, "Version": version})
	if !slices.Contains(strings.Fields(me.Roles), model.SystemAdminRoleId) {
		return fault.New(fault.Forbidden, "mattermost.setup.no_administrator", fault.Values{"User": me.Username})
	}
	w.me = me
	w.tell("administrator", checklist.Okay, "", fault.Values{"User": me.Username})
	w.config, response, err = w.admin.GetConfig(ctx)
	return failed(response, err)
}
