// Package channeltest is the suite that each channel has to pass: whatever a
// platform does (deliver twice, out of order, too much, nonsense), people get
// each answer once, in order, and hear in words what could not be taken.
package channeltest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/bot"
)

// Channel drives one conversation the way its platform does.
type Channel interface {
	// Send delivers a message under the platform's ID. It returns what the
	// person is told if the message is refused, or nothing.
	Send(ctx context.Context, id, text string) (refused string, err error)

	// Choose delivers a tap on the choice with this label, among those shown
	// last.
	Choose(ctx context.Context, id, label string) (refused string, err error)

	// Said returns everything the assistant said, oldest first, after all that
	// was sent is answered.
	Said(ctx context.Context) ([]Message, error)
}

// Message is a message as the person sees it.
type Message struct {
	Text    string
	Choices []string // labels
	Behind  []string // addresses that words of the text lead to, other than those one can read
	Calls   []string // who is notified by it, where a platform does that
	From    string   // bot.Operator, where people see that an operator says it; else empty
}

// Case is one of the suite's.
type Case struct {
	Name  string
	needs func(Channel) bool // nil: every channel is asked
	test  func(*testing.T, *talk)
}

// cases are the suite. Those of abilities are in files of their own.
var cases = []Case{
	{"introduces itself as an automatic assistant", nil, introduces},
	{"answers a message once however often it comes", nil, deliveredTwice},
	{"answers messages in the order of their arrival", nil, inOrder},
	{"answers messages that come out of order", nil, outOfOrder},
	{"refuses too long a message in words, loses none", nil, tooLong},
	{"refuses what cannot be read in words", nil, unreadable},
	{"refuses an empty message in words", nil, empty},
	{"takes a choice once", nil, choiceOnce},
	{"shows what people wrote as text, not as markup", nil, noMarkup},
	{"answers each of two languages in its own", nil, twoLanguages},
	{"tells in words that a choice had its time", able[Lasting], staleChoice},
	{"takes a file with its words", able[Filing], fileWithWords},
	{"takes a file without words and asks what it is about", able[Filing], fileAlone},
	{"takes a file once however often it comes", able[Filing], fileTwice},
	{"refuses a dangerous file in words", able[Filing], fileRefused},
	{"opens a ticket for who confirmed an address", able[Mailed], opensTicket},
	{"gives back hostile words as they were written", able[Mailed], hostileWords},
	{"shows a long text whole and in order", able[Telling], longText},
	{"shows emphasis without its signs", able[Telling], emphasised},
	{"shows many choices with long names", able[Telling], manyChoices},
	{"shows an operator's words as an operator's", able[Operated], operatorsWords},
	{"goes on with a conversation of elsewhere, by its code", able[Continuing], goneOnHere},
	{"gives a code to go on elsewhere", able[Continuing], goneOnElsewhere},
	{"loses nothing while the platform is slow", able[Troubled], troubled(Slow)},
	{"loses nothing while the platform asks to wait", able[Troubled], troubled(Busy)},
	{"loses nothing while the platform is broken", able[Troubled], troubled(Broken)},
	{"loses nothing while connections break", able[Troubled], troubled(Cut)},
	{"repeats at most what the platform took without a receipt", able[Troubled], troubled(Unheard)},
	{"answers what was written while the platform was away", able[Leaving], away},
	{"goes on when a person who blocked us comes back", able[Blocking], blocked},
	{"says nothing personal where others read along", func(c Channel) bool { return able[Gathering](c) && able[Mailed](c) }, nothingPersonal},
}

// Run runs the suite. open starts a conversation in Italian with a stranger,
// over the shipped content. Cases that need an ability are run if the driver
// has it.
func Run(t *testing.T, open func(t *testing.T) Channel) {
	RunPatiently(t, 30*time.Second, open)
}

// RunPatiently is Run for a platform that takes its time: each case may last
// for patience.
func RunPatiently(t *testing.T, patience time.Duration, open func(t *testing.T) Channel) {
	var probe Channel
	t.Run("starts a conversation", func(t *testing.T) { probe = open(t) })
	for _, c := range cases {
		if c.needs != nil && !c.needs(probe) {
			t.Logf("not asked, for the platform or its driver cannot: %s", c.Name)
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c.test(t, &talk{T: t, ctx: ctx, channel: open(t), address: newAddress()})
		})
	}
}

// talk is a channel whose failures end the test.
type talk struct {
	*testing.T
	ctx     context.Context
	channel Channel
	address string // to confirm
	seen    int
}

func (c *talk) send(id, text string) string {
	c.Helper()
	refused, err := c.channel.Send(c.ctx, id, text)
	if err != nil {
		c.Fatal(err)
	}
	return refused
}

// news is what was said since the last call.
func (c *talk) news() []Message {
	c.Helper()
	said, err := c.channel.Said(c.ctx)
	if err != nil {
		c.Fatal(err)
	}
	fresh := said[c.seen:]
	c.seen = len(said)
	return fresh
}

func introduces(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	if first := c.news()[0].Text; !strings.Contains(first, "automatico") {
		t.Errorf("the first message is %q", first)
	}
}

func deliveredTwice(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	once := len(c.news())
	if once < 2 {
		t.Fatalf("a greeting got %d messages", once)
	}
	for range 3 {
		if refused := c.send("1", "buongiorno"); refused != "" {
			t.Errorf("the second copy was refused: %q", refused)
		}
	}
	if again := c.news(); len(again) > 0 {
		t.Errorf("the second copy was answered: %v", again)
	}
}

// questions whose answers tell them apart.
var questions = []string{"grazie", "sei un robot?", "arrivederci", "buongiorno", "annulla"}

func inOrder(t *testing.T, c *talk) {
	var slowly, fast []string
	for i, q := range questions {
		c.send(fmt.Sprint("slow ", i), q)
		slowly = append(slowly, texts(c.news())...)
	}
	for i, q := range questions {
		c.send(fmt.Sprint("fast ", i), q)
	}
	fast = texts(c.news())
	if slowly = slowly[len(slowly)-len(fast):]; !slices.Equal(slowly, fast) {
		t.Errorf("sent at once, the answers were\n%q, not\n%q", fast, slowly)
	}
}

func outOfOrder(t *testing.T, c *talk) {
	c.send("0", "buongiorno")
	c.news()
	for _, i := range []int{3, 1, 2} {
		c.send(fmt.Sprint(i), "grazie")
	}
	if got := c.news(); len(got) != 3 {
		t.Errorf("three messages got %d answers: %q", len(got), got)
	}
}

func tooLong(t *testing.T, c *talk) {
	if refused := c.send("1", strings.Repeat("la stampante non stampa ", bot.MaxText/20)); !strings.Contains(refused, fmt.Sprint(bot.MaxText)) {
		t.Errorf("too long a message was told %q", refused)
	}
	c.send("2", "grazie")
	if len(c.news()) == 0 {
		t.Error("the message after it was not answered")
	}
}

func unreadable(t *testing.T, c *talk) {
	if refused := c.send("1", "a\x00b\x07c"); refused == "" {
		t.Error("control characters were taken without a word")
	}
}

func empty(t *testing.T, c *talk) {
	if refused := c.send("1", "   \t "); refused == "" {
		t.Error("an empty message was taken without a word")
	}
}

func choiceOnce(t *testing.T, c *talk) {
	c.send("1", "aiuto")
	said := c.news()
	last := said[len(said)-1]
	if len(last.Choices) == 0 {
		t.Fatal("no choices were offered")
	}
	tap := func(id string) string {
		refused, err := c.channel.Choose(c.ctx, id, last.Choices[0])
		if err != nil {
			t.Fatal(err)
		}
		return refused
	}
	if refused := tap("2"); refused != "" {
		t.Fatalf("the choice was refused: %q", refused)
	}
	if len(c.news()) == 0 {
		t.Error("the choice was not answered")
	}
	if refused := tap("2"); refused != "" {
		t.Errorf("the second copy of the tap was refused: %q", refused)
	}
	if again := c.news(); len(again) > 0 {
		t.Errorf("the second copy of the tap was answered: %v", again)
	}
}

func noMarkup(t *testing.T, c *talk) {
	c.send("1", "apri un ticket per <img src=x onerror=alert(1)> la **stampante** [rotta](http://example.org)")
	for _, m := range c.news() {
		if strings.Contains(m.Text, "http://example.org") && !strings.Contains(m.Text, "[rotta]") {
			t.Errorf("a link of the person became one of ours: %q", m.Text)
		}
	}
}

func twoLanguages(t *testing.T, c *talk) {
	c.send("1", "english please")
	c.news()
	c.send("2", "thanks")
	if said := strings.Join(texts(c.news()), "\n"); !strings.Contains(said, "welcome") {
		t.Errorf("in English the assistant says %q", said)
	}
	c.send("3", "in italiano, per favore")
	c.news()
	c.send("4", "grazie")
	if said := strings.Join(texts(c.news()), "\n"); strings.Contains(said, "welcome") {
		t.Errorf("in Italian the assistant says %q", said)
	}
}

func texts(messages []Message) []string {
	var all []string
	for _, m := range messages {
		all = append(all, m.Text)
	}
	return all
}
