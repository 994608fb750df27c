package bot_test

import (
	"os"
	"testing"
	"testing/fstest"

	"sportello/bot"
)

func shippedIntents(t testing.TB) *bot.Intents {
	t.Helper()
	in, err := bot.ReadIntents(os.DirFS("../content/intents"))
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestIntentsAreHeardThroughCourtesyAndNotInsideProblems(t *testing.T) {
	in := shippedIntents(t)
	for text, want := range map[string]bot.Intent{
		"Buongiorno!": bot.Greet,
		"buongiorno, vorrei aprire un ticket per favore": bot.TicketOpen,
		"a che punto è il mio ticket 2026-000012?":       bot.TicketStatus,
		"vorrei parlare con un operatore":                bot.Human,
		"grazie mille":                                   bot.Thanks,
		"annulla":                                        bot.Cancel,
		"siete aperti sabato?":                           bot.Hours,
		"sei un robot?":                                  bot.Identity,
		"buongiorno la vpn non va":                       "",
		"non riesco a entrare":                           "",
		"ho dimenticato la password":                     "",
		"la stampante non stampa":                        "",
		"non riaprire il ticket":                         "",
		"":                                               "",
		"42":                                             "",
	} {
		if got := in.Match("it", text); got != want {
			t.Errorf("%q is heard as %q, want %q", text, got, want)
		}
	}
}

func TestMistakesInIntentsAreTold(t *testing.T) {
	_, err := bot.ReadIntents(fstest.MapFS{"it.yaml": {Data: []byte("greet:\n  - ciao\ngoodbye:\n  - Ciao!\nthanks: []\n")}})
	if err == nil {
		t.Fatal("no mistake was told")
	}
}

func FuzzIntents(f *testing.F) {
	in := shippedIntents(f)
	f.Add("buongiorno, come va?")
	f.Fuzz(func(t *testing.T, text string) {
		if got := in.Match("it", text); got != in.Match("it", text) {
			t.Errorf("%q is heard as different intents", text)
		}
	})
}
