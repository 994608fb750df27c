package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
	"sportello/tickets"
)

// telegrammer is a person in Telegram, and all that a journey needs.
type telegrammer struct {
	*testing.T
	telegramService
	ctx    context.Context
	person *telegramtest.Person
	seen   int64 // number of the last message read
	acts   int
}

func newTelegrammer(t *testing.T, s telegramService, id int64) *telegrammer {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	w := &telegrammer{T: t, telegramService: s, ctx: ctx, person: s.double.User(id, "it")}
	t.Cleanup(func() {
		if t.Failed() {
			for _, m := range w.person.Chat.History() {
				t.Log(m)
			}
		}
	})
	return w
}

func (w *telegrammer) says(text string) { w.person.Say(text) }

// hears waits for a message with these words, after those read before.
func (w *telegrammer) hears(words string) telegramtest.Message {
	w.Helper()
	return w.reads(fmt.Sprintf("a message with %q", words), func(m telegramtest.Message) bool { return strings.Contains(m.Text, words) })
}

// reads waits, a minute at most, for a message like this, after those read
// before.
func (w *telegrammer) reads(what string, like func(telegramtest.Message) bool) (found telegramtest.Message) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	_, err := w.person.Chat.Await(ctx, func(all []telegramtest.Message) bool {
		for _, m := range all {
			if m.FromBot && m.ID > w.seen && like(m) {
				found = m
				return true
			}
		}
		return false
	})
	if err != nil {
		w.Fatalf("%s did not come", what)
	}
	w.seen = found.ID
	return found
}

// taps waits for a button and presses it.
func (w *telegrammer) taps(label string) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
	defer cancel()
	if err := w.double.Until(ctx, func() bool { return w.person.Tap(label) == nil }); err != nil {
		w.Fatalf("nobody showed %q", label)
	}
}

func (w *telegrammer) moves(number tickets.Number, note string, to ...tickets.Status) {
	w.Helper()
	for _, status := range to {
		w.acts++
		_, err := w.desk.Do(w.ctx, demoPeople[1], number, fmt.Sprint("journey ", w.person.ID, w.acts), func(t tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
			return t.Move(status, note, s)
		})
		if err != nil {
			w.Fatal(err)
		}
	}
}

// identifies confirms the address that was asked for.
func (w *telegrammer) identifies(address string) {
	w.Helper()
	w.hears("Mi scriva il Suo indirizzo e-mail")
	w.says(address)
	w.hears("Ho mandato un codice")
	w.says(mailedCode(w.T, w.url, address))
	w.hears("è confermato")
}

var aNumber = regexp.MustCompile(`\d{4}-\d{6}`)

// next waits for the next message of the bot.
func (w *telegrammer) next() telegramtest.Message {
	w.Helper()
	return w.hears("")
}

// usual are the choices that a journey takes.
var usual = []string{"Invia il ticket", "Sì, Stampanti e scanner", "Per me", "Va bene così", "Solo io", "Non lo so", "Salta", "Apro comunque un nuovo ticket"}

// ticket fills in the form that is under way, sends it and returns the number.
func (w *telegrammer) ticket() tickets.Number {
	w.Helper()
	for {
		shown := w.next()
		text, labels := shown.Text, shown.Labels()
		at := slices.IndexFunc(usual, func(label string) bool { return slices.Contains(labels, label) })
		switch {
		case strings.Contains(text, "Che cosa stava facendo"):
			w.says("Da stamattina le stampe restano in coda, ho già riavviato.")
		case strings.Contains(text, "stanza"):
			w.says("Stanza 12, primo piano")
		case strings.Contains(text, "Di quale sede"):
			w.says("Tribunale di Bari, cancelleria civile")
		case at >= 0:
			w.taps(usual[at])
		case len(labels) == 0 || strings.Contains(text, "è confermato"):
			continue
		default:
			w.Fatalf("the form asks what nobody expected: %s", shown)
		}
		if at >= 0 && usual[at] == "Invia il ticket" {
			break
		}
	}
	number := aNumber.FindString(w.hears("Ho aperto il ticket").Text)
	if number == "" {
		w.Fatal("the ticket has no number")
	}
	return tickets.Number(number)
}

func TestJourneysThroughTelegram(t *testing.T) {
	for _, mode := range []string{telegram.Polling, telegram.Webhook} {
		t.Run("by "+mode, func(t *testing.T) {
			t.Parallel()
			s := onTelegram(t, mode)
			t.Run("solved by an article", func(t *testing.T) { solvedOnTelegram(newTelegrammer(t, s, 2001)) })
			t.Run("not solved: a ticket, its status, a rating", func(t *testing.T) { ticketOnTelegram(newTelegrammer(t, s, 2002)) })
			t.Run("blocked: the notice goes by mail", func(t *testing.T) { blockedOnTelegram(newTelegrammer(t, s, 2003)) })
			t.Run("in a group", func(t *testing.T) { groupOnTelegram(newTelegrammer(t, s, 2004)) })
			t.Run("two accounts of one person, one unlinked", func(t *testing.T) { linkedOnTelegram(newTelegrammer(t, s, 2005)) })
			t.Run("from the widget and from a group to the private chat", func(t *testing.T) { deepLinksOnTelegram(newTelegrammer(t, s, 2007)) })
			t.Run("a picture, a recording and an album", func(t *testing.T) { filesOnTelegram(newTelegrammer(t, s, 2006)) })
		})
	}
}

func solvedOnTelegram(w *telegrammer) {
	w.person.Start("")
	w.hears("assistente automatico")
	w.says("ho dimenticato la password")
	w.hears("Password dimenticata")
	w.taps("Sì, risolto")
	w.hears("piacere che sia risolto")
	if err := w.double.Until(w.ctx, func() bool {
		for _, m := range w.person.Chat.FromBot() {
			if strings.Contains(m.Text, "✓ Sì, risolto") && len(m.Keyboard) == 0 && len(m.Before) == 1 {
				return true
			}
		}
		return false
	}); err != nil {
		w.Error("the choice that was taken is not shown in its place")
	}
}

func ticketOnTelegram(w *telegrammer) {
	w.says("la stampante non stampa")
	w.taps("Non ancora")
	w.says("apri un ticket per la stampante che non stampa")
	w.identifies(demoPeople[0].Email)
	number := w.ticket()
	w.moves(number, "", tickets.Taken, tickets.Working)
	w.hears(string(number))
	w.moves(number, "Ho sostituito il rullo.", tickets.Solved)
	notice := w.hears("Ho sostituito il rullo.")
	if !strings.Contains(notice.Text, string(number)) || len(notice.Labels()) == 0 {
		w.Errorf("the notice is %s", notice)
	}
	w.taps(notice.Labels()[0])
	w.hears("Ho chiuso il ticket")
	w.taps("Valuto il servizio")
	w.taps("4 - buono")
	w.hears("suggerimento per migliorare")
	w.taps("Salta")
	w.hears("Grazie per la Sua valutazione")
}

func blockedOnTelegram(w *telegrammer) {
	w.says("apri un ticket per la stampante che non stampa")
	const address = "carla.neri@giustizia.it"
	w.identifies(address)
	number := w.ticket()
	w.person.Block()
	if err := w.double.Settled(w.ctx); err != nil {
		w.Fatal(err)
	}
	w.moves(number, "", tickets.Taken, tickets.Working)
	w.moves(number, "Ho cambiato il toner.", tickets.Solved)
	tellsOfToner := func(l shownLetter) bool { return strings.Contains(l.Text, "Ho cambiato il toner.") }
	for !slices.ContainsFunc(mails(w, w.url, address), tellsOfToner) {
		select {
		case <-w.ctx.Done():
			w.Fatal("no mail came")
		case <-time.After(50 * time.Millisecond):
			w.minutes.Add(1) // what happens to a ticket within some minutes is told in one letter
		}
	}
	w.person.Unblock()
	w.says("grazie")
	w.hears("")
	for _, m := range w.person.Chat.FromBot() {
		if strings.Contains(m.Text, "Ho cambiato il toner.") {
			w.Logf("who came back is told, too: %s", m)
		}
	}
}

func groupOnTelegram(w *telegrammer) {
	ask := "@" + w.double.Username + " "
	group := w.double.Group(-w.person.ID, "Cancelleria", w.person)
	there := newTelegrammer(w.T, w.telegramService, w.person.ID)
	there.person = w.person.In(group)
	there.says("ne parliamo tra noi")
	there.says(ask + "la stampante non stampa")
	first := there.hears("stampante")
	if first.ReplyTo == 0 {
		w.Error("in a group the answer replies to nothing")
	}
	there.taps("Non ancora")
	there.person.Reply(first.ID, "sei un robot?")
	there.hears("automatico")
	larger := group.Upgrade(-1_000_000_000_000 - w.person.ID)
	there.person = w.person.In(larger)
	there.seen = 0
	there.says(ask + "sei un robot?")
	there.hears("automatico")
	for _, m := range append(group.FromBot(), larger.FromBot()...) {
		if strings.Contains(m.Text, "ne parliamo") {
			w.Errorf("what people said to one another is answered: %s", m)
		}
	}
}

func linkedOnTelegram(w *telegrammer) {
	const address = "dario.gialli@giustizia.it"
	other := newTelegrammer(w.T, w.telegramService, w.person.ID+100)
	for _, one := range []*telegrammer{w, other} {
		one.says("i miei ticket")
		one.identifies(address)
		one.says("chi sono")
		one.hears(address)
	}
	other.says("/scollega")
	other.hears("")
	other.says("dimentica chi sono")
	other.hears("")
	if err := w.settled(w.ctx, fmt.Sprint(other.person.ID)); err != nil {
		w.Fatal(err)
	}
	last := other.person.Chat.FromBot()
	other.seen = last[len(last)-1].ID
	other.says("i miei ticket")
	other.hears("Mi scriva il Suo indirizzo e-mail")
	w.says("chi sono")
	w.hears(address)
}

func deepLinksOnTelegram(w *telegrammer) {
	page, err := visit(w.ctx, w.T, w.app, w.url)
	if err != nil {
		w.Fatal(err)
	}
	for i, text := range []string{"la stampante non stampa", "continua da un'altra parte"} {
		if refused, err := page.Send(w.ctx, fmt.Sprint(i), text); refused != "" || err != nil {
			w.Fatal(refused, err)
		}
	}
	said, err := page.Said(w.ctx)
	if err != nil {
		w.Fatal(err)
	}
	code := regexp.MustCompile(`[A-Z0-9]{4}-[A-Z0-9]{4}`).FindString(said[len(said)-1].Text)
	if code == "" {
		w.Fatalf("the widget gives no code: %q", said)
	}
	w.person.Start("c_" + code)
	w.hears("Continuiamo da qui")

	group := w.double.Group(-w.person.ID, "Cancelleria", w.person)
	there := newTelegrammer(w.T, w.telegramService, w.person.ID)
	there.person = w.person.In(group)
	there.says("@" + w.double.Username + " i miei ticket")
	private := there.hears("in privato")
	var payload string
	for _, row := range private.Keyboard {
		for _, b := range row {
			if rest, is := strings.CutPrefix(b.URL, "https://t.me/"+w.double.Username+"?start="); is {
				payload = rest
			}
		}
	}
	if payload == "" {
		w.Fatalf("the group's answer leads nowhere: %s %v", private, private.Keyboard)
	}
	w.person.Start(payload)
	w.hears("Mi scriva il Suo indirizzo e-mail")
}

func filesOnTelegram(w *telegrammer) {
	w.says("la stampante non stampa")
	w.hears("stampante")
	w.person.SendPhoto(picture, "")
	w.person.SendVoice(append([]byte("OggS\x00\x02"), make([]byte, 200)...))
	w.person.SendAlbum("ecco lo schermo", picture, picture)
	if err := w.settled(w.ctx, fmt.Sprint(w.person.ID)); err != nil {
		w.Fatal(err)
	}
	id, err := w.talks.Chat(w.ctx, telegram.ChannelName, fmt.Sprint(w.person.ID))
	if err != nil {
		w.Fatal(err)
	}
	events, err := w.talks.Events(w.ctx, id, 0, 100)
	if err != nil {
		w.Fatal(err)
	}
	files, worded := 0, 0
	for _, e := range events {
		files += len(e.Attachments)
		if e.Text == "ecco lo schermo" {
			worded = len(e.Attachments)
		}
	}
	together := 2
	if w.config.Telegram.Mode == telegram.Webhook { // Telegram waits for our receipt of a part before it sends the next
		together = 1
	}
	if files != 4 || worded != together {
		w.Errorf("%d files came, %d with their words", files, worded)
	}
}

// picture is a small one, as a telephone takes them.
var picture = func() []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		panic(err) // it is all in memory
	}
	return b.Bytes()
}()

func TestWhoChangesTheLanguageOnTelegramReadsAllOfAReplyInIt(t *testing.T) {
	w := newTelegrammer(t, onTelegram(t, telegram.Polling), 900)
	w.says("la stampante non stampa")
	if steps := w.hears("1. "); !strings.Contains(steps.Text, "\n2. ") || strings.Contains(steps.Text, "\n\n2. ") {
		t.Errorf("the steps stand apart: %q", steps.Text)
	}
	w.says("/lingua en")
	w.hears("English")
	w.says("my vpn keeps dropping")
	say := func(phrase string) string { return w.material.phrases.Say("en", phrase, nil) }
	if answer := w.hears("VPN"); !strings.Contains(answer.Text, say("telegram.sources")) {
		t.Errorf("the answer is %q", answer.Text)
	}
	w.says("continue on telegram")
	offer := w.hears("30")
	if here := say("telegram.elsewhere"); slices.Contains(offer.Labels(), here) || !strings.Contains(offer.Text+strings.Join(offer.Labels(), " "), say("elsewhere.site")) {
		t.Errorf("here is offered as another place: %s", offer)
	}
}
