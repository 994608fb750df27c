package bot_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/bot"
	"sportello/search"
)

// writer says the same to every question, once it may.
type writer struct {
	text string
	may  chan bool

	mu    sync.Mutex
	asked []search.Passage
}

func (w *writer) Write(_ context.Context, question, lang string, from search.Passage) (string, bool) {
	w.mu.Lock()
	w.asked = append(w.asked, from)
	w.mu.Unlock()
	if w.may != nil {
		<-w.may
	}
	return w.text, w.text != ""
}

// longArticle gives the shelf an article that is worth a short answer.
func longArticle(s *stage) {
	all := newShelf()
	a := all["vpn"]
	a.Body = "La VPN cade.\n\n## Passi\n\n1. " + strings.Repeat("Controlli il cavo con calma. ", 15) + "\n2. Riavvii.\n\n## Altro\n\nTesto che qui non si vede.\n"
	all["vpn"] = a
	s.engine.Library = all
}

// reply is the text and the sources of the last answer.
func (s *stage) reply() *bot.Reply {
	s.Helper()
	conv, err := s.engine.Conversation(s.Context(), s.id)
	if err != nil {
		s.Fatal(err)
	}
	return conv.Last
}

func TestAShortAnswerStandsAboveTheArticleMarkedAndWithItsSource(t *testing.T) {
	s, w := newStage(t), &writer{text: "Controlli *il cavo* <b>ora</b> su www.example.it."}
	longArticle(s)
	s.expect("la vpn", "answer vpn")
	plain := s.reply().Markdown
	s.engine.Writer = w
	s.expect("la vpn", "answer vpn")
	got := s.reply()
	above, below, found := strings.Cut(got.Markdown, "intelligenza artificiale")
	if !found || !strings.Contains(above, `Controlli \*il cavo\* \<b\>ora\</b\> su www\.example.it.`) || !strings.Contains(below, "«VPN»") {
		t.Errorf("it says %q", got.Markdown)
	}
	if rest := plain[strings.Index(plain, "La VPN cade."):]; !strings.HasSuffix(got.Markdown, rest) || !strings.HasPrefix(got.Markdown, "**VPN**") {
		t.Errorf("the article is not what it was: %q", got.Markdown)
	}
	if len(got.Sources) != 1 || got.Sources[0].ID != "vpn" {
		t.Errorf("its sources are %v", got.Sources)
	}
	if from := w.asked[0]; from.Title != "VPN" || !strings.Contains(from.Text, "Controlli il cavo") || strings.Contains(from.Text, "Testo che qui non si vede") {
		t.Errorf("it is written from %q", from)
	}
	w.text = ""
	s.expect("la vpn", "answer vpn")
	if got := s.reply().Markdown; got != plain {
		t.Errorf("without a text it says %q, want %q", got, plain)
	}
}

func TestNoShortAnswerToWhatIsShortNorInAForm(t *testing.T) {
	s, w := newStage(t), &writer{text: "In breve."}
	s.engine.Writer = w
	s.expect("la stampante", "answer stampante")
	longArticle(s)
	s.says("apri un ticket")
	if got := strings.Join(s.says("come si usa la vpn?"), ", "); !strings.Contains(got, "answer vpn") {
		t.Fatalf("in a form it is answered by %q", got)
	}
	if len(w.asked) > 0 || strings.Contains(s.reply().Markdown, "In breve") {
		t.Errorf("it is written from %q", w.asked)
	}
}

// Whoever waits for a text takes no turn from others.
func TestAWriterThatHangsHoldsUpNobodyElse(t *testing.T) {
	s, w := newStage(t), &writer{text: "In breve.", may: make(chan bool)}
	longArticle(s)
	s.engine.Writer = w
	var waiting []bot.ConversationID
	for i := range 20 { // more than turns are taken at the same time
		id, err := s.engine.Start(t.Context(), bot.Record{Conversation: bot.Conversation{Channel: "test"}, Chat: fmt.Sprint(i)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.engine.Receive(t.Context(), bot.Inbound{Conversation: id, Channel: "test", ID: "m", Text: "la vpn"}); err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, id)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	receipt, err := s.engine.Receive(ctx, bot.Inbound{Conversation: s.id, Channel: "test", ID: "x", Text: "la stampante"})
	if err == nil {
		err = s.engine.Wait(ctx, s.id, receipt.Seq)
	}
	if err != nil {
		t.Errorf("beside those who wait nobody is answered: %v", err)
	}
	close(w.may)
	for _, id := range waiting {
		if err := s.engine.Wait(ctx, id, 2); err != nil {
			t.Fatal(err)
		}
	}
}
