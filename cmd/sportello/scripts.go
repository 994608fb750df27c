package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/script"
	"sportello/bot/terminal"
	"sportello/internal/fault"
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

	app     *app
	talk    *terminal.Terminal
	courier *bot.Courier // it delivers after each message: of two letters written one after the other, the later one comes last

	mu     sync.Mutex
	now    time.Time
	code   string // the one mailed last
	opened tickets.Number
	home   *terminal.Terminal
	chats  int    // beside the first
	leads  string // the code that continues a conversation, told last

	announcer *bot.Announcer
	identity  account.Identity
	acts      int // of the operator
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
	if s.talk, s.courier, err = s.app.talk(ctx, as, lang, s); err != nil {
		return err
	}
	conv, err := s.talk.Engine.Conversation(ctx, s.talk.Conversation)
	if err != nil {
		return err
	}
	s.identity, s.home = conv.Identity, s.talk
	s.talk.Engine.Channels = map[string]bot.Traits{terminal.Channel: {Pushable: true, Erases: true}} // people look at it all the time
	s.announcer = s.app.announcer(s.talk.Engine)
	return nil
}

func (s *stage) close() error {
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

// Send implements bot.Sender: it keeps the code for Code.
func (s *stage) Send(_ context.Context, letter bot.Outgoing) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if code, found := account.FindCode(letter.Markdown); found && letter.Kind == bot.LetterCode {
		s.code = code
	}
	return letter.ID, nil
}

// Code implements script.Stage.
func (s *stage) Code() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.code == "" {
		return "no code came"
	}
	return s.code
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
	if err == nil {
		err = s.note(ctx, answer.Actions)
	}
	for begun := 1; begun > 0 && err == nil; {
		begun, err = s.courier.Round(ctx)
	}
	return answer.Actions, err
}

// Elsewhere implements script.Stage.
func (s *stage) Elsewhere(ctx context.Context, where string) error {
	if where == "home" {
		s.talk = s.home
		return nil
	}
	s.chats++
	chat := fmt.Sprint("chat ", s.chats)
	there := bot.Conversation{Channel: terminal.Channel, Lang: "it", Identity: account.Identity{Channel: terminal.Channel, PlatformID: chat}, Public: where == "public"}
	if there.Public {
		there.Identity = s.identity
	} else if where != "" {
		if err := s.app.confirm(ctx, where, "it", there.Identity); err != nil {
			return err
		}
	}
	id, err := s.talk.Engine.Start(ctx, bot.Record{Conversation: there, Chat: chat})
	s.talk = &terminal.Terminal{Engine: s.talk.Engine, Conversation: id, Phrases: s.talk.Phrases}
	return err
}

// Passage implements script.Stage.
func (s *stage) Passage() string { return s.leads }

var passageShown = regexp.MustCompile(`\b[A-Z2-9]{4}-[A-Z2-9]{4}\b`)

// note remembers the code that an answer tells.
func (s *stage) note(ctx context.Context, actions []string) error {
	if !slices.Contains(actions, bot.ActElsewhere) && !slices.Contains(actions, bot.ActPrivate) {
		return nil
	}
	events, err := s.app.talks.Events(ctx, s.talk.Conversation, 0, 1_000)
	for _, e := range events {
		switch e.Act {
		case bot.ActPrivate:
			s.leads = e.Object
		case bot.ActElsewhere:
			s.leads = passageShown.FindString(e.Reply.Markdown)
		}
	}
	return err
}

// operator works on tickets in scripts.
var scriptOperator = account.Person{ID: "operator", Email: "operatore@giustizia.it", Roles: []account.Role{account.User, account.Operator}}

// Operate implements script.Stage.
func (s *stage) Operate(ctx context.Context, number int, verb, text string) ([]string, error) {
	s.acts++
	key := fmt.Sprint("operator ", s.acts)
	if verb == "open" {
		if err := s.record(ctx, text, key); err != nil {
			return nil, err
		}
		return s.heard(ctx)
	}
	which := s.opened
	if number > 0 {
		which = tickets.NewNumber(s.clock().Year(), number)
	}
	_, err := s.app.desk.Do(ctx, scriptOperator, which, key, func(one tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
		switch verb {
		case "say":
			return one.Say(tickets.Message{Text: text}, stamp)
		case "note":
			return one.Say(tickets.Message{Text: text, Internal: true}, stamp)
		case string(tickets.Waiting):
			return one.Ask(text, stamp)
		}
		return one.Move(tickets.Status(verb), text, stamp)
	})
	if err != nil {
		return nil, err
	}
	return s.heard(ctx)
}

// scriptColleague is another operator.
var scriptColleague = account.Person{ID: "colleague", Email: "collega@giustizia.it", Name: "Anna Bianchi", Roles: []account.Role{account.User, account.Operator}}

// Staff implements script.Stage.
func (s *stage) Staff() { s.talk.Engine.Operated = true }

// Talk implements script.Stage.
func (s *stage) Talk(ctx context.Context, colleague bool, verb, text string) ([]string, error) {
	s.acts++
	key, engine, id, by := fmt.Sprint("operator ", s.acts), s.talk.Engine, s.talk.Conversation, scriptOperator
	if colleague {
		by = scriptColleague
	}
	var err error
	switch verb {
	case "take", "take-over":
		err = engine.Take(ctx, id, by, key, verb == "take-over")
	case "tell":
		_, err = engine.Speak(ctx, id, by, key, text, nil)
	case "hand-back":
		err = engine.HandBack(ctx, id, by, key)
	case "end":
		err = engine.End(ctx, id, by, key)
	default:
		return nil, fmt.Errorf("operators do not %q in a conversation", verb)
	}
	if phrase, _ := fault.Public(err); fault.Is(err, fault.Conflict) {
		return []string{"refuse " + phrase}, nil
	}
	if err != nil {
		return nil, err
	}
	answer, err := s.talk.News(ctx)
	return answer.Actions, err
}

// record opens a ticket for the person of the script, who called.
func (s *stage) record(ctx context.Context, subject, key string) error {
	caller, err := s.app.people.PersonByIdentity(ctx, s.identity)
	if err != nil {
		return err
	}
	one, err := s.app.desk.Open(ctx, scriptOperator, tickets.Draft{
		Author: caller.ID, Subject: subject, Body: subject, Impact: tickets.Me, ForMe: true, Office: "Tribunale di Bari", Channel: "phone",
	}, key)
	s.opened = one.Number
	return err
}

// Serve implements script.Stage.
func (s *stage) Serve(ctx context.Context) ([]string, error) {
	if _, err := s.app.desk.Keep(ctx); err != nil {
		return nil, err
	}
	if err := s.talk.Engine.KeepQueue(ctx); err != nil {
		return nil, err
	}
	return s.heard(ctx)
}

// heard tells the person what happened, and returns what they noticed.
func (s *stage) heard(ctx context.Context) ([]string, error) {
	if err := s.announcer.Round(ctx); err != nil {
		return nil, err
	}
	answer, err := s.talk.News(ctx)
	return answer.Actions, err
}
