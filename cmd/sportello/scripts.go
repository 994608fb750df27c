package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/script"
	"sportello/bot/terminal"
	"sportello/search/semantic"
	"sportello/tickets"
)

// playScripts plays scripts over the content, and shows where one went
// otherwise than it is written.
func playScripts(ctx context.Context, con *console, settings config, m *material, fsys fs.FS, names []string) (played, failed int, err error) {
	show := con.progress("scripts")
	for i, name := range names {
		archive, err := fs.ReadFile(fsys, name)
		if err != nil {
			return played, failed, err
		}
		result, err := playScript(ctx, settings, m, archive)
		played++
		switch {
		case err != nil:
			failed++
			fmt.Fprintf(con.Err, "%s: %v\n", name, err)
		case !result.Passed():
			failed++
			fmt.Fprintf(con.Err, "%s went otherwise:\n%s", name, result.Difference())
		}
		show(i+1, len(names))
	}
	return played, failed, nil
}

// playScript plays one script on a stage of its own.
func playScript(ctx context.Context, settings config, m *material, archive []byte) (script.Result, error) {
	dir, err := os.MkdirTemp("", "sportello-script-")
	if err != nil {
		return script.Result{}, err
	}
	defer os.RemoveAll(dir)
	settings.Semantic = semantic.Config{} // a script goes the same way every time
	s := &stage{settings: settings, material: m, dir: dir}
	result, err := script.Play(ctx, s, archive)
	return result, errors.Join(err, s.close())
}

// stage plays a script in the terminal, over a database of its own.
type stage struct {
	settings config
	material *material
	dir      string

	app  *app
	talk *terminal.Terminal
	stop func()

	mu     sync.Mutex
	now    time.Time
	letter string // text of the last one
	opened tickets.Number
}

var _ script.Stage = (*stage)(nil)

// Begin implements script.Stage.
func (s *stage) Begin(ctx context.Context, as, lang string, now time.Time) (err error) {
	s.At(now)
	s.app, err = open(ctx, options{
		config: s.settings, data: s.dir, material: s.material, memory: true, now: s.clock,
		log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		return err
	}
	if lang == "" {
		lang = "it"
	}
	s.talk, s.stop, err = s.app.talk(ctx, as, lang, s)
	return err
}

func (s *stage) close() error {
	if s.stop != nil {
		s.stop()
	}
	if s.app != nil {
		return s.app.close()
	}
	return nil
}

func (s *stage) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// At implements script.Stage.
func (s *stage) At(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// Send implements bot.Sender: it keeps the letter for Code.
func (s *stage) Send(_ context.Context, letter bot.Outgoing) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.letter = letter.Markdown
	return letter.ID, nil
}

// Code implements script.Stage. It waits until the courier has delivered what
// was written: an earlier letter's code is not the last one.
func (s *stage) Code() string {
	for range 500 {
		due, err := s.app.talks.Due(context.Background(), s.talk.Engine.MailBy, s.clock(), 1)
		s.mu.Lock()
		code, found := account.FindCode(s.letter)
		s.mu.Unlock()
		if found && err == nil && len(due) == 0 {
			return code
		}
		time.Sleep(10 * time.Millisecond)
	}
	return "no code came"
}

// Say implements script.Stage.
func (s *stage) Say(ctx context.Context, text, attachment string) ([]string, error) {
	var answer terminal.Answer
	var err error
	if attachment != "" {
		answer, err = s.talk.Attach(ctx, bot.Attachment{ID: attachment, Name: attachment, Type: "image/png", Size: 1})
	} else {
		answer, err = s.talk.Say(ctx, text)
	}
	if answer.Ticket != nil {
		s.opened = tickets.Number(answer.Ticket.Number)
	}
	return answer.Actions, err
}

// Operate implements script.Stage.
func (s *stage) Operate(ctx context.Context, status, note string) error {
	one, err := s.app.tickets.ByNumber(ctx, s.opened)
	if err != nil {
		return err
	}
	operator := account.Person{ID: "operator", Email: "operatore@giustizia.it", Roles: []account.Role{account.User, account.Operator}}
	change, err := one.Move(tickets.Status(status), note, tickets.Stamp{By: operator, At: s.clock(), Key: fmt.Sprint(one.ID, one.Version)})
	if err != nil {
		return err
	}
	return s.app.tickets.Save(ctx, change)
}
