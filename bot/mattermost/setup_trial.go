package mattermost

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strings"

	"sportello/internal/checklist"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// socket sees whether the server greets the bot: by its socket posts come in.
func (w *work) socket(ctx context.Context) error {
	if w.token == "" {
		return nil
	}
	if err := greeted(ctx, w.Config.URL, w.token); err != nil {
		w.tell("socket", checklist.ToDo, "socket_none", fault.Values{"URL": w.Config.URL})
		return nil
	}
	w.tell("socket", checklist.Okay, "", nil)
	return nil
}

// greeted opens a socket and waits for the server's hello.
func greeted(ctx context.Context, address, token string) error {
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	socket, err := model.NewWebSocketClient4(strings.Replace(address, "http", "ws", 1), token)
	if err != nil {
		return err
	}
	defer socket.Close()
	socket.Listen()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case event, open := <-socket.EventChannel:
			if !open {
				return errors.New("the server closed the socket")
			}
			if event.EventType() == model.WebsocketEventHello {
				return nil
			}
		}
	}
}

// posting sees whether the bot can post where the operators are, and leaves no
// trace there.
func (w *work) posting(ctx context.Context) error {
	if w.token == "" || w.operators == nil || w.Check {
		return nil
	}
	named := fault.Values{"Channel": w.Config.OperatorsChannel}
	assistant := speak(w.Config.URL, w.token)
	post, response, err := assistant.CreatePost(ctx, &model.Post{ChannelId: w.operators.Id, Message: w.Say("mattermost.setup.trial")})
	if err == nil {
		response, err = assistant.DeletePost(context.WithoutCancel(ctx), post.Id)
	}
	if err = failed(response, err); errors.Is(err, ErrRefused) {
		w.tell("posting", checklist.ToDo, "posting_refused", named)
		return nil
	} else if err != nil {
		return err
	}
	w.tell("posting", checklist.Okay, "", named)
	return nil
}

// callback sees whether the server reaches the service: it has the server call
// it, by a command that lives for this one call. Where the service does not run
// yet, there is nothing to reach.
func (w *work) callback(ctx context.Context) error {
	if w.Config.CallbackURL == "" || w.team == nil || !*w.config.ServiceSettings.EnableCommands {
		return nil
	}
	named := fault.Values{"URL": w.Config.CallbackURL}
	runs := w.runs(ctx)
	if w.Check && runs {
		w.tell("callback", checklist.Okay, "callback_here", named)
		return nil
	}
	if !w.Check {
		reached, err := w.called(ctx)
		if err != nil {
			return err
		}
		if reached {
			w.tell("callback", checklist.Okay, "", named)
			return nil
		}
	}
	if runs {
		w.tell("callback", checklist.ToDo, "callback_unreached", named)
	} else {
		w.tell("callback", checklist.Note, "callback_later", named)
	}
	return nil
}

// alive is where the service says that it runs.
const alive = "/healthz"

// runs tells whether the service answers us at its callback address.
func (w *work) runs(ctx context.Context) bool {
	ask, err := http.NewRequestWithContext(ctx, http.MethodGet, w.Config.CallbackURL+alive, nil)
	if err != nil {
		return false
	}
	answer, err := (&http.Client{Timeout: answerTime}).Do(ask)
	if err != nil {
		return false
	}
	answer.Body.Close()
	return answer.StatusCode == http.StatusOK
}

// called has the server call the service, and tells whether it got through.
func (w *work) called(ctx context.Context) (bool, error) {
	trial := trigger + "-" + strings.ToLower(rand.Text()[:8])
	made, response, err := w.admin.CreateCommand(ctx, &model.Command{
		TeamId: w.team.Id, Trigger: trial, Method: model.CommandMethodGet, URL: w.Config.CallbackURL + alive,
	})
	if err != nil {
		return false, failed(response, err)
	}
	defer func() { _, _ = w.admin.DeleteCommand(context.WithoutCancel(ctx), made.Id) }()
	where := w.operators
	if where == nil {
		if where, response, err = w.admin.GetChannelByName(ctx, model.DefaultChannelName, w.team.Id, ""); err != nil {
			return false, failed(response, err)
		}
	}
	_, response, err = w.admin.ExecuteCommand(ctx, where.Id, "/"+trial)
	if err = failed(response, err); err == nil {
		return true, nil
	}
	failure, is := errors.AsType[*Failure](err)
	if is && strings.HasPrefix(failure.ID, "api.command.execute_command.failed") {
		return false, nil
	}
	return false, err
}
