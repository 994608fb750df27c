package channeltest

import (
	"slices"
	"strings"
	"testing"

	"sportello/bot"
)

func operatorsWords(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	c.news()
	const words = "Sono **qui** <b>io</b>: guardi [la guida](http://cattivo.example/z) & riprovi."
	if err := c.channel.(Operated).Operate(c.ctx, words); err != nil {
		t.Fatal(err)
	}
	said := c.news()
	at := slices.IndexFunc(said, func(m Message) bool { return m.From == string(bot.Operator) && strings.Contains(m.Text, words) })
	if at < 0 {
		t.Fatalf("the operator's words are shown as %+v", said)
	}
	for _, m := range said {
		if len(m.Behind) > 0 || strings.Contains(m.Text, "Olga") {
			t.Errorf("with an operator's words comes %+v", m)
		}
	}
}
