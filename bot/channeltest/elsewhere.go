package channeltest

import (
	"regexp"
	"strings"
	"testing"
)

// elsewhere is another conversation of the service.
func (c *talk) elsewhere() *talk {
	c.Helper()
	other, err := c.channel.(Continuing).Elsewhere(c.ctx)
	if err != nil {
		c.Fatal(err)
	}
	return &talk{T: c.T, ctx: c.ctx, channel: other}
}

var aCode = regexp.MustCompile(`continua ([A-Z0-9]{4}-[A-Z0-9]{4})`)

// goOn begins in one conversation and goes on in another.
func goOn(t *testing.T, from, to *talk) {
	t.Helper()
	from.send("begin", "la stampante non stampa")
	from.news()
	from.send("leave", "continua da un'altra parte")
	code := aCode.FindStringSubmatch(strings.Join(texts(from.news()), "\n"))
	if code == nil {
		t.Fatal("no code was given")
	}
	to.send("arrive", "continua "+code[1])
	to.hear("Continuiamo da qui")
	to.send("again", "continua "+code[1])
	to.news()
	from.send("back", "grazie")
	if len(from.news()) == 0 {
		t.Error("the conversation that was left is silent")
	}
}

func goneOnHere(t *testing.T, c *talk) { goOn(t, c.elsewhere(), c) }

func goneOnElsewhere(t *testing.T, c *talk) { goOn(t, c, c.elsewhere()) }
