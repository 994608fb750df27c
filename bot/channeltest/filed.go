package channeltest

import (
	"fmt"
	"strings"
	"testing"
)

// file sends one.
func (c *talk) file(id, name string, content []byte, words string) (refused string) {
	c.Helper()
	refused, err := c.channel.(Filing).SendFile(c.ctx, id, name, content, words)
	if err != nil {
		c.Fatal(err)
	}
	return refused
}

var note = []byte("La stampante della stanza 12 dice: carta inceppata.\n")

func fileWithWords(t *testing.T, c *talk) {
	c.send("1", "la stampante non stampa")
	asked := len(c.news())
	if refused := c.file("2", "nota.txt", note, "sei un robot?"); refused != "" {
		t.Fatalf("the file was refused: %q", refused)
	}
	said := strings.Join(texts(c.news()), "\n")
	if asked == 0 || !strings.Contains(said, "assistente automatico") {
		t.Errorf("the words below a file were answered %q", said)
	}
}

func fileAlone(t *testing.T, c *talk) {
	if refused := c.file("1", "nota.txt", note, ""); refused != "" {
		t.Fatalf("the file was refused: %q", refused)
	}
	if len(c.news()) < 2 {
		t.Error("a file without words was met with silence")
	}
}

func fileTwice(t *testing.T, c *talk) {
	for id, words := range []string{"", "grazie"} {
		c.file(fmt.Sprint(id), "nota.txt", note, words)
		once := len(c.news())
		if refused := c.file(fmt.Sprint(id), "nota.txt", note, words); refused != "" {
			t.Errorf("the second copy with the words %q was refused: %q", words, refused)
		}
		if again := c.news(); once == 0 || len(again) > 0 {
			t.Errorf("the file with the words %q was answered by %d messages, its second copy by %v", words, once, again)
		}
	}
}

func fileRefused(t *testing.T, c *talk) {
	c.send("1", "buongiorno")
	c.news()
	refused := c.file("2", "fattura.pdf", append([]byte("MZ\x90\x00\x03"), make([]byte, 500)...), "ecco la fattura")
	if said := strings.Join(append(texts(c.news()), refused), "\n"); !strings.Contains(said, "file") && !strings.Contains(said, "allegat") {
		t.Errorf("a program that calls itself a PDF was told %q", said)
	}
	c.send("3", "grazie")
	if len(c.news()) == 0 {
		t.Error("the message after it was not answered")
	}
}
