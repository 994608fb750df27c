// Package script plays conversations that are written down, and compares what
// the assistant does with what is expected. Editors write them, too: they are
// content (content/scripts/*.txtar), run by the tests and by `kb check`.
//
// A script is a txtar archive. Its comment tells in prose what it is about and
// may set the scene in lines "as: EMAIL" (a confirmed person), "lang: en" and
// "now: 2026-11-23T09:00" (in Italy). The file talk holds one line an act:
//
//	user: my card is blocked
//	bot:  answer smart-card-non-riconosciuta
//
// After each user line come the assistant's actions, one a line and all of
// them. {code} within a user line stands for the one-time code that was mailed
// last; "attach: name.png" sends a file without words; "now:" moves the clock.
//
// "operator: solved Some words" moves the ticket opened last, as an operator;
// "operator: say Some words" and "operator: note Some words" write on it, for
// everybody and for operators alone. "operator: 2 taken" is about the second
// ticket of the year. What people are told of it in the conversation follows,
// like what the assistant says to a user. "operator: open Subject" records a
// call of the person as a ticket. "service:" lets the service do what is due,
// such as reminding of a question; it is told, too.
//
// With "operators: here" among the lines that set the scene, operators can take
// the conversation over: "operator: take", "operator: tell Some words",
// "operator: hand-back", "operator: end", and "operator: take-over" for one
// that a colleague has. "colleague:" does the same as another operator. What
// is refused is written as "bot:  refuse WHY".
// "elsewhere:" goes on in another conversation, of somebody unknown; with an
// address, of that person; "elsewhere: public" in one of the same account that
// others read along, and "elsewhere: home" in the first. {passage} stands for
// the code, told last, that continues a conversation.
package script

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sportello/internal/fault"

	"github.com/rogpeppe/go-internal/txtar"
)

// Stage is where scripts are played: an engine with everything it needs, fresh
// for each script.
type Stage interface {
	// Begin opens a conversation. A person with the address as, if not empty,
	// counts as confirmed.
	Begin(ctx context.Context, as, lang string, now time.Time) error
	// At moves the clock.
	At(now time.Time)
	// Say takes a message and returns the actions that people notice.
	Say(ctx context.Context, text string, attachment string) ([]string, error)
	// Code is the one-time code mailed last.
	Code() string
	// Operate does something to the ticket of this number, or to the one
	// opened last if it is 0, as an operator; verb is a status, say, note or
	// open. It returns the actions that people notice.
	Operate(ctx context.Context, number int, verb, text string) ([]string, error)
	// Staff lets operators take conversations over.
	Staff()
	// Talk does something in the conversation, as an operator or as their
	// colleague; verb is take, take-over, tell, hand-back or end. It returns
	// the actions that people notice.
	Talk(ctx context.Context, colleague bool, verb, text string) ([]string, error)
	// Elsewhere goes on in another conversation.
	Elsewhere(ctx context.Context, where string) error
	// Passage is the code, told last, that continues a conversation.
	Passage() string
	// Serve does what is due, and returns the actions that people notice.
	Serve(ctx context.Context) ([]string, error)
}

// Zone is where the clock of scripts hangs.
var Zone = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err) // the program embeds the zones
	}
	return zone
}()

// firstMoment is when a script plays that does not say: a Monday morning.
var firstMoment = time.Date(2026, 11, 23, 9, 0, 0, 0, Zone)

// Result is a script as it went.
type Result struct {
	Want, Got string // the talk as written, and as it was played
}

// Passed reports whether everything went as written.
func (r Result) Passed() bool { return r.Want == r.Got }

// Difference shows the talk as played, with the lines that are not as written.
func (r Result) Difference() string {
	var b strings.Builder
	want := strings.Split(r.Want, "\n")
	got := strings.Split(r.Got, "\n")
	for len(want) > 0 || len(got) > 0 {
		switch {
		case len(want) > 0 && len(got) > 0 && want[0] == got[0]:
			b.WriteString("  " + want[0] + "\n")
			want, got = want[1:], got[1:]
		case len(want) > 0 && strings.HasPrefix(want[0], "bot:"):
			b.WriteString("- " + want[0] + "\n")
			want = want[1:]
		case len(got) > 0:
			b.WriteString("+ " + got[0] + "\n")
			got = got[1:]
		default:
			b.WriteString("- " + want[0] + "\n")
			want = want[1:]
		}
	}
	return b.String()
}

// Play plays the script in archive. The error tells what is wrong with the
// script itself or with the stage.
func Play(ctx context.Context, stage Stage, archive []byte) (r Result, err error) {
	defer fault.Wrap(&err, "play script")
	parsed := txtar.Parse(archive)
	if len(parsed.Files) != 1 || parsed.Files[0].Name != "talk" {
		return r, fmt.Errorf("a script holds exactly one file, talk")
	}
	scene := map[string]string{}
	for line := range strings.Lines(string(parsed.Comment)) {
		if key, value, ok := act(line); ok && slices.Contains([]string{"as", "lang", "now", "operators"}, key) {
			scene[key] = value
		}
	}
	now := firstMoment
	if scene["now"] != "" {
		if now, err = moment(scene["now"]); err != nil {
			return r, err
		}
	}
	if err := stage.Begin(ctx, scene["as"], scene["lang"], now); err != nil {
		return r, err
	}
	if scene["operators"] == "here" {
		stage.Staff()
	}
	p := player{stage: stage}
	for line := range strings.Lines(string(parsed.Files[0].Data)) {
		if err := p.line(ctx, strings.TrimRight(line, "\r\n")); err != nil {
			return r, err
		}
	}
	p.flush()
	return Result{Want: p.want.String(), Got: p.got.String()}, nil
}

// talking is what operators do in a conversation, beside the work on tickets.
var talking = []string{"take", "take-over", "tell", "hand-back", "end"}

// player keeps the talk as written and as played, in the same layout.
type player struct {
	stage     Stage
	want, got strings.Builder
	pending   []string // what the assistant did and the script has not yet reached
}

func (p *player) line(ctx context.Context, line string) error {
	key, value, ok := act(line)
	switch {
	case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "#"):
		p.flush()
		p.both(line)
		return nil
	case !ok:
		return fmt.Errorf("line %q begins with none of user:, bot:, attach:, now:, operator:, colleague:, service:, elsewhere: as it should", line)
	case key == "bot":
		p.want.WriteString("bot:  " + value + "\n")
		return nil
	}
	p.flush()
	p.both(strings.TrimRight(fmt.Sprintf("%-5s %s", key+":", value), " "))
	switch key {
	case "user":
		if strings.Contains(value, "{code}") {
			value = strings.ReplaceAll(value, "{code}", p.stage.Code())
		}
		value = strings.ReplaceAll(value, "{passage}", p.stage.Passage())
		return p.said(p.stage.Say(ctx, value, ""))
	case "elsewhere":
		return p.stage.Elsewhere(ctx, value)
	case "attach":
		return p.said(p.stage.Say(ctx, "", value))
	case "colleague":
		verb, text, _ := strings.Cut(value, " ")
		return p.said(p.stage.Talk(ctx, true, verb, text))
	case "operator":
		verb, text, _ := strings.Cut(value, " ")
		if slices.Contains(talking, verb) {
			return p.said(p.stage.Talk(ctx, false, verb, text))
		}
		number, err := strconv.Atoi(verb)
		if err == nil {
			verb, text, _ = strings.Cut(text, " ")
		}
		return p.said(p.stage.Operate(ctx, number, verb, text))
	case "service":
		return p.said(p.stage.Serve(ctx))
	case "now":
		now, err := moment(value)
		p.stage.At(now)
		return err
	}
	return fmt.Errorf("line %q begins with none of user:, bot:, attach:, now:, operator:, colleague:, service:, elsewhere: as it should", line)
}

func (p *player) said(actions []string, err error) error {
	p.pending = actions
	return err
}

func (p *player) both(line string) {
	p.want.WriteString(line + "\n")
	p.got.WriteString(line + "\n")
}

func (p *player) flush() {
	for _, action := range p.pending {
		p.got.WriteString("bot:  " + action + "\n")
	}
	p.pending = nil
}

// Rewrite returns the script with the talk as it went: the new golden file.
func Rewrite(archive []byte, r Result) []byte {
	parsed := txtar.Parse(archive)
	parsed.Files[0].Data = []byte(r.Got)
	return txtar.Format(parsed)
}

func act(line string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(strings.TrimSpace(line), ":")
	switch key {
	case "user", "bot", "attach", "now", "operator", "colleague", "operators", "service", "elsewhere", "as", "lang":
		return key, strings.TrimSpace(value), ok
	}
	return "", "", false
}

func moment(text string) (time.Time, error) {
	return time.ParseInLocation("2006-01-02T15:04", text, Zone)
}
