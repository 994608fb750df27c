package channeltest

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

// people are so many as confirmed an address: each has one of their own.
var people atomic.Int64

// newAddress is that of a person who is not known before.
func newAddress() string { return fmt.Sprintf("anna.verdi%d@giustizia.it", people.Add(1)) }

// identify confirms the address, which was asked for.
func (c *talk) identify(id string) {
	c.Helper()
	c.send(id+" address", c.address)
	c.hear("Ho mandato un codice")
	code, err := c.channel.(Mailed).Code(c.ctx, c.address)
	if err != nil {
		c.Fatal(err)
	}
	c.send(id+" code", code)
}

// hear returns the news, which must say these words.
func (c *talk) hear(words string) []Message {
	c.Helper()
	said := c.news()
	if !strings.Contains(strings.Join(texts(said), "\n"), words) {
		c.Fatalf("waiting for %q, the person heard %q", words, texts(said))
	}
	return said
}

// choose takes a choice shown last.
func (c *talk) choose(id, label string) {
	c.Helper()
	refused, err := c.channel.Choose(c.ctx, id, label)
	if err != nil || refused != "" {
		c.Fatalf("%s was answered %q, %v", label, refused, err)
	}
}

// summary opens a form for a ticket, fills it in with this description and
// returns what the person is shown before it is sent.
func (c *talk) summary(description string) []Message {
	c.Helper()
	c.send("open", "apri un ticket per la stampante che non stampa")
	c.hear("e-mail")
	c.identify("form")
	answers := []string{"Sì, Stampanti e scanner", "Per me", "Va bene così", "Solo io", "Non lo so", "Salta"}
	for i := range 20 {
		said := c.news()
		if len(said) == 0 {
			c.Fatal("the form goes no further")
		}
		id, text := fmt.Sprint("field ", i), strings.Join(texts(said), "\n")
		if strings.Contains(text, "Ecco il ticket") {
			return said
		}
		last := said[len(said)-1]
		at := slices.IndexFunc(answers, func(a string) bool { return slices.Contains(last.Choices, a) })
		switch {
		case strings.Contains(text, "Che cosa stava facendo"):
			c.send(id, description)
		case at >= 0 && !strings.Contains(text, "stanza"):
			c.choose(id, answers[at])
		default:
			c.send(id, "Stanza 12, primo piano")
		}
	}
	c.Fatal("the form has no end")
	return nil
}

func opensTicket(t *testing.T, c *talk) {
	c.summary("Da stamattina le stampe restano in coda.")
	c.choose("send", "Invia il ticket")
	c.hear("Ho aperto il ticket")
	c.choose("see", "Vedo il ticket")
	c.hear("Aperto il ")
}

// hostile are words that some platform would take for something else.
var hostile = []string{
	"<b>grassetto</b> <script>alert(1)</script>", "**stelle** _righe_ `codice` ~~via~~", "[qui](http://cattivo.example/x)", "<a href=\"http://cattivo.example/y\">qui</a>",
	"@channel @all @here", "# titolo", "AT&T &lt;tag&gt; &amp;", "{{.Name}} %s ${x}", "a_b_c 2*3*4",
}

// signs that cannot be seen, and could make a text look like another: they
// may be taken out, but must not turn or hide what is around them.
const unseen = "fattura\u202efdp.exe zero\u200blarghezza"

func hostileWords(t *testing.T, c *talk) {
	all := c.summary(strings.Join(append(slices.Clone(hostile), unseen), " ; "))
	text := strings.Join(texts(all), "\n")
	for _, words := range hostile {
		if !strings.Contains(text, words) {
			t.Errorf("%q came back otherwise", words)
		}
	}
	for _, m := range all {
		for _, address := range m.Behind {
			if strings.Contains(address, "cattivo") {
				t.Errorf("words lead to an address that the person wrote: %s", address)
			}
		}
		if len(m.Calls) > 0 {
			t.Errorf("a message of ours calls %q", m.Calls)
		}
	}
	if t.Failed() {
		t.Logf("the person was shown:\n%s", text)
	}
}
