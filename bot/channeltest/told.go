package channeltest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sportello/bot"
)

// tell makes the assistant say something.
func (c *talk) tell(reply bot.Reply) {
	c.Helper()
	if err := c.channel.(Telling).Tell(c.ctx, reply); err != nil {
		c.Fatal(err)
	}
}

func longText(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	c.news()
	var long strings.Builder
	const words = 3000 // more than any platform shows in one message
	for i := range words {
		switch {
		case i%500 == 100:
			fmt.Fprintf(&long, "\n\n- **parola%d** ", i)
		case i%500 == 200:
			fmt.Fprintf(&long, "\n\n```\nparola%d\n```\n\n", i)
		case i%50 == 0:
			fmt.Fprintf(&long, "\n\nparola%d ", i)
		default:
			fmt.Fprintf(&long, "parola%d ", i)
		}
	}
	c.tell(bot.Reply{Markdown: long.String(), Choices: []bot.Choice{{ID: "0.human", Label: "Parlo con una persona"}}})
	c.tell(bot.Reply{Markdown: "Fine."})
	said := c.news()
	text, at := strings.Join(texts(said), " ")+" ", 0
	for i := range words {
		word := fmt.Sprintf("parola%d", i)
		found := strings.Index(text[at:], word)
		if found < 0 {
			t.Fatalf("%s is missing, or in the wrong place, in %d messages", word, len(said))
		}
		at += found + len(word)
	}
	if strings.Count(text, "parola") != words {
		t.Errorf("of %d words, %d came", words, strings.Count(text, "parola"))
	}
	if len(said) < 2 || said[len(said)-1].Text != "Fine." {
		t.Fatalf("what was said last is not last of %d messages", len(said))
	}
	if choices := said[len(said)-2].Choices; len(choices) != 1 {
		t.Errorf("the last piece of a long text offers %q", choices)
	}
}

func emphasised(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	c.news()
	c.tell(bot.Reply{Markdown: "**Attenzione**, *prima* di `ripristina`:\n\n1. uno & due\n2. 3 < 4 > 2\n\n> detto \"così\"\n\n[la guida](https://example.org/?a=1&b=2)"})
	said := strings.Join(texts(c.news()), "\n")
	for _, words := range []string{"Attenzione", "prima", "ripristina", "uno & due", "3 < 4 > 2", "detto \"così\"", "la guida"} {
		if !strings.Contains(said, words) {
			t.Errorf("%q is missing", words)
		}
	}
	for _, sign := range []string{"&amp;", "&lt;", "<b>", "</"} {
		if strings.Contains(said, sign) {
			t.Errorf("the person sees %q", sign)
		}
	}
	if t.Failed() {
		t.Logf("the person was shown:\n%s", said)
	}
}

func manyChoices(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	c.news()
	var reply bot.Reply
	reply.Markdown = "Scelga."
	for i := range 12 {
		reply.Choices = append(reply.Choices, bot.Choice{ID: fmt.Sprintf("0.pick:%s-%d", strings.Repeat("lungo-", 12), i), Label: fmt.Sprintf("%d. Una scelta con un nome piuttosto lungo & <strano>, perché càpita", i+1)})
	}
	c.tell(reply)
	said := c.news()
	if len(said) == 0 {
		t.Fatal("a reply with many choices was not shown")
	}
	choices := said[len(said)-1].Choices
	if len(choices) != len(reply.Choices) {
		t.Fatalf("of %d choices, people see %q", len(reply.Choices), choices)
	}
	for i, shown := range choices { // a platform may cut a long one, so that it still tells it from the others
		if begin, whole := strings.TrimSuffix(shown, "…"), reply.Choices[i].Label; !strings.HasPrefix(whole, begin) || slices.Index(choices, shown) != i {
			t.Errorf("the choice %q is shown as %q", whole, shown)
		}
	}
}
