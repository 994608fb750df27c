package main

import (
	"bytes"
	"strings"
	"testing"

	"sportello/bot/telegram"
	"sportello/bot/telegram/telegramtest"
	"sportello/internal/mattermostpeer"
)

// Somebody on Telegram asks for a person, an operator in the channel of a real
// Mattermost server takes over and hands back: all by the whole program, and both
// platforms at once.
func TestAnOperatorOnMattermostTalksToSomebodyOnTelegram(t *testing.T) {
	server := mattermostpeer.Start(t)
	for _, mode := range []string{telegram.Polling, telegram.Webhook} {
		t.Run("by "+mode, func(t *testing.T) {
			t.Parallel()
			room := newOperatorsRoom(t, server, mode)
			s := onTelegramAt(t, mode, atWork, room.configure)
			room.admit(s.app)
			w := newTelegrammer(t, s, 3001)
			handedBackToTelegram(w, room)
			closedOnTelegram(w, room)
			blockedWhileAnOperatorWrites(w, room)
		})
	}
}

// handedBackToTelegram breaks a form off for an operator, and goes on with it.
func handedBackToTelegram(w *telegrammer, room *operatorsRoom) {
	w.says("apri un ticket per la stampante che non stampa")
	w.identifies(demoPeople[0].Email)
	asked := w.next()
	w.says("voglio parlare con un operatore")
	w.hears("Lei è la prossima persona")
	card := room.reads("Richiesta di un operatore")
	for _, part := range []string{"In attesa", "Telegram", demoPeople[0].Name, "la stampante che non stampa"} {
		if !strings.Contains(card.Message, part) {
			w.Errorf("the card lacks %q: %s", part, card.Message)
		}
	}
	room.takes(card)
	w.hears("da ora Le risponde una persona")
	before := w.typings()
	room.writes(card, func() bool { return w.typings() > before })
	room.answers(card, "Buongiorno, che cosa mostra lo schermo?")
	if m := w.hears("che cosa mostra lo schermo?"); strings.Contains(m.Text, "Olga") || !strings.HasPrefix(m.Text, "Operatore:") {
		w.Errorf("the person reads %s", m)
	}

	w.person.SendPhoto(picture, "ecco lo schermo")
	shown := room.readsBelow(card, "ecco lo schermo")
	if len(shown.FileIds) != 1 {
		w.Fatalf("%d files came with the person's words", len(shown.FileIds))
	}
	if content, _, err := room.olga.Client.GetFile(w.ctx, shown.FileIds[0]); err != nil || !bytes.Equal(content, picture) {
		w.Errorf("the operators see %d bytes of the photograph of %d, %v", len(content), len(picture), err)
	}
	guide := []byte("%PDF-1.7\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n")
	room.answersWith(card, "Segua questa guida", "guida.pdf", guide)
	w.hears("Segua questa guida")
	if file := w.receives("document"); file.Name != "guida.pdf" || !bytes.Equal(file.Data, guide) {
		w.Errorf("the person gets %s, %q", file.Name, file.Data)
	}
	room.answersWith(card, "", "pulsante.jpg", picture)
	if file := w.receives("photo"); !bytes.Equal(file.Data, picture) {
		w.Errorf("the person gets a photograph of %d bytes", len(file.Data))
	}

	room.commands("nota rullo da sostituire", "La nota è registrata")
	room.readsBelow(card, "rullo da sostituire")
	room.taps(card, "Restituisco all'assistente")
	back := w.hears("Continuiamo da dove eravamo")
	w.hears(asked.Text)
	w.seen = back.ID
	number := w.ticket()
	for _, m := range w.person.Chat.History() {
		if strings.Contains(m.Text, "rullo") {
			w.Errorf("the person reads the note: %s", m)
		}
	}
	room.answers(card, "Arrivo tardi")
	room.readsBelow(card, "non è stato inviato")
	if one, err := w.tickets.ByNumber(w.ctx, number); err != nil || one.Channel != telegram.ChannelName {
		w.Errorf("the ticket came by %q, %v", one.Channel, err)
	}
}

// closedOnTelegram has a request closed, and says that it helped.
func closedOnTelegram(w *telegrammer, room *operatorsRoom) {
	w.says("voglio parlare con un operatore")
	w.hears("Lei è la prossima persona")
	card := room.reads("**In attesa.**")
	room.takes(card)
	w.hears("da ora Le risponde una persona")
	w.says("va tutto bene, grazie")
	room.readsBelow(card, "va tutto bene, grazie")
	room.taps(card, "Chiudo")
	w.hears("ha concluso la conversazione")
	w.hears("Ho risolto il Suo problema?")
	w.taps("Sì, risolto")
	w.hears("piacere che sia risolto")
}

// blockedWhileAnOperatorWrites has the operator hear that their words did not
// arrive, and those of a person who comes back.
func blockedWhileAnOperatorWrites(w *telegrammer, room *operatorsRoom) {
	w.says("voglio parlare con un operatore")
	w.hears("Lei è la prossima persona")
	card := room.reads("**In attesa.**")
	room.takes(card)
	w.hears("da ora Le risponde una persona")
	w.person.Block()
	room.answers(card, "Mi legge ancora?")
	room.readsBelow(card, "**non è arrivato**")
	w.person.Unblock()
	w.says("eccomi di nuovo")
	room.readsBelow(card, "eccomi di nuovo")
	room.answers(card, "Ben tornato")
	w.hears("Ben tornato")
	for _, m := range w.person.Chat.FromBot() {
		if strings.Contains(m.Text, "Mi legge ancora?") {
			w.Errorf("what did not arrive is there: %s", m)
		}
	}
	room.taps(card, "Chiudo")
	w.hears("ha concluso la conversazione")
}

// typings is how often the person saw that somebody writes.
func (w *telegrammer) typings() (n int) {
	for _, act := range w.double.Acts() {
		if act.Method == "sendChatAction" && act.Chat == w.person.Chat.ID && act.Text == "typing" {
			n++
		}
	}
	return n
}

// receives waits for a file of this kind, after the messages read before.
func (w *telegrammer) receives(kind string) telegramtest.File {
	w.Helper()
	found := w.reads(kind, func(m telegramtest.Message) bool { return m.File != nil && m.File.Kind == kind })
	return *found.File
}
