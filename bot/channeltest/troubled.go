package channeltest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// troubled compares what is answered while the platform fails with what is
// answered otherwise. What the platform took without a receipt may be
// repeated, and nothing else.
func troubled(sort Trouble) func(*testing.T, *talk) {
	return func(t *testing.T, c *talk) {
		ask := func(when string) []string {
			for i, q := range questions {
				c.send(fmt.Sprint(when, i), q)
			}
			return texts(c.news())
		}
		ask("first ") // with the introduction, and other words for who comes again
		calm := ask("calm ")
		const n = 2
		if err := c.channel.(Troubled).Trouble(c.ctx, sort, n); err != nil {
			t.Fatal(err)
		}
		got := ask("troubled ")
		if once := slices.Compact(slices.Clone(got)); !slices.Equal(once, slices.Compact(slices.Clone(calm))) {
			t.Errorf("the answers were\n%q, not\n%q", got, calm)
		}
		allowed := 0
		if sort == Unheard {
			allowed = n
		}
		if more := len(got) - len(calm); more > allowed {
			t.Errorf("%d answers came twice, the platform lost %d receipts", more, allowed)
		}
	}
}

func away(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	c.news()
	platform := c.channel.(Leaving)
	if err := platform.Leave(c.ctx); err != nil {
		t.Fatal(err)
	}
	c.send("2", "sei un robot?")
	c.send("3", "grazie")
	if err := platform.Return(c.ctx); err != nil {
		t.Fatal(err)
	}
	if said := texts(c.news()); len(said) != 2 || !strings.Contains(said[0], "automatico") {
		t.Errorf("two messages got %q", said)
	}
}

func blocked(t *testing.T, c *talk) {
	c.send("1", "grazie")
	c.news()
	c.send("2", "grazie")
	once := texts(c.news())
	platform := c.channel.(Blocking)
	if err := platform.Block(c.ctx); err != nil {
		t.Fatal(err)
	}
	if err := platform.Unblock(c.ctx); err != nil {
		t.Fatal(err)
	}
	c.send("3", "grazie")
	if said := texts(c.news()); !slices.Equal(said, once) {
		t.Errorf("who comes back is told %q, not %q", said, once)
	}
}

func nothingPersonal(t *testing.T, c *talk) {
	c.send("1", "i miei ticket")
	c.hear("e-mail")
	c.identify("private")
	c.news()
	c.send("2", "chi sono")
	c.hear(c.address)
	public, err := c.channel.(Gathering).Gather(c.ctx)
	if err != nil {
		t.Fatal(err)
	}
	there := &talk{T: t, ctx: c.ctx, channel: public}
	for i, q := range []string{"chi sono", "i miei ticket", "apri un ticket", "le mie preferenze"} {
		there.send(fmt.Sprint("public ", i), q)
		said := strings.Join(texts(there.news()), "\n")
		if said == "" {
			t.Errorf("%q was met with silence", q)
		}
		for _, personal := range []string{c.address, "anna.verdi", "scriva il Suo indirizzo"} {
			if strings.Contains(said, personal) {
				t.Errorf("where others read along, %q is answered %q", q, said)
			}
		}
	}
	if said := c.news(); len(said) > 0 {
		t.Logf("in private the person hears %q", texts(said))
	}
}
