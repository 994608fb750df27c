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

// People say the same in many words.
func TestCommandsAreHeardInOtherWords(t *testing.T) {
	in := shippedIntents(t)
	for want, texts := range map[bot.Intent][]string{
		bot.Human: {
			"vorrei parlare con una persona",
			"operatore subito",
			"fammi parlare con un operatore",
			"voglio un operatore adesso",
			"mi passa un operatore per cortesia?",
			"c'è un operatore disponibile?",
			"vorrei parlare con qualcuno al telefono",
			"posso parlare con una persona vera?",
			"preferirei un essere umano",
			"ho bisogno di parlare con un tecnico",
			"può passarmi un tecnico?",
			"basta, voglio un umano",
			"mi metta in contatto con un operatore",
			"desidero parlare con un operatore umano",
			"si può parlare con qualcuno?",
		},
		bot.TicketOpen: {
			"vorrei aprire un ticket",
			"voglio fare una segnalazione",
			"mi apre un ticket?",
			"devo fare una richiesta",
			"puoi aprirmi un ticket",
			"aprite un ticket per favore",
			"vorrei inviare una richiesta di assistenza",
			"ok apri il ticket",
			"apra pure il ticket",
		},
		bot.TicketStatus: {
			"stato dei miei ticket",
			"vorrei sapere a che punto sono i miei ticket",
			"a che punto è la mia segnalazione?",
			"mi fa vedere i miei ticket?",
			"ci sono novità sul mio ticket?",
			"come va il mio ticket",
			"che fine ha fatto la mia segnalazione di ieri?",
			"posso vedere i miei ticket",
			"vorrei vedere le mie richieste aperte",
			"stato ticket 2026-000012",
			"avete novità per il mio ticket?",
			"lo stato della mia pratica",
		},
		bot.TicketMessage: {
			"vorrei aggiungere un messaggio",
			"vorrei aggiungere un messaggio al ticket",
			"posso scrivere all'operatore?",
			"devo aggiungere un'informazione al mio ticket",
			"voglio rispondere all'operatore",
			"vorrei rispondere alla domanda dell'operatore",
			"aggiungi un messaggio al ticket 2026-000003",
		},
		bot.TicketClose: {
			"potete chiudere il mio ticket",
			"vorrei chiudere il ticket",
			"chiudi pure la segnalazione",
			"il mio ticket si può chiudere",
			"chiudete la richiesta grazie",
		},
		bot.TicketReopen: {
			"vorrei riaprire il mio ticket",
			"potete riaprire il ticket?",
			"riapri il ticket 2026-000004, il problema è tornato",
		},
		bot.TicketRate: {
			"vorrei valutare il servizio",
			"posso dare un voto?",
			"vorrei lasciare un suggerimento",
		},
		bot.Hours: {
			"che orari fate?",
			"quali sono gli orari?",
			"quando siete aperti?",
			"a che ora aprite domani?",
			"orari di apertura",
			"orari dell'assistenza",
			"fino a che ora c'è qualcuno?",
			"siete aperti adesso?",
		},
		bot.Phone: {
			"qual è il vostro numero di telefono?",
			"mi dica il numero da chiamare",
			"che numero devo fare",
			"a che numero vi trovo?",
		},
		bot.Help: {
			"che cosa sai fare?",
			"come mi può aiutare?",
			"cosa posso chiederle?",
			"non so da dove cominciare",
		},
		bot.Identity: {
			"sto parlando con una persona o con un robot?",
			"lei è una persona?",
			"sei un bot?",
			"sei umano?",
		},
		bot.WhoAmI: {
			"lei sa chi sono?",
			"con che indirizzo sono registrato?",
		},
		bot.Privacy: {
			"dove vanno a finire i miei dati?",
			"chi può leggere questa conversazione?",
			"conservate quello che scrivo?",
			"chi legge i messaggi?",
		},
		bot.Cancel: {
			"lasciamo perdere, grazie",
			"no guardi lasci stare",
			"annulli tutto",
			"annulla per favore",
			"ho cambiato idea, grazie",
		},
		bot.Back: {
			"torni indietro per favore",
			"vorrei tornare alla domanda di prima",
		},
		bot.Repeat: {
			"non ho capito bene",
			"può ripetere per favore?",
		},
		bot.Restart: {
			"ricominciamo daccapo",
		},
		bot.SpeakEnglish: {
			"can we speak english?",
			"possiamo parlare in inglese?",
		},
		bot.SpeakItalian: {
			"possiamo parlare italiano?",
		},
		bot.SendCode: {
			"non mi arriva il codice",
			"mi rimanda il codice per favore?",
			"il codice non è arrivato",
		},
		bot.Thanks: {
			"grazie mille, gentilissima",
			"ok grazie mille",
			"la ringrazio molto",
		},
		bot.Goodbye: {
			"arrivederci e grazie",
			"buona giornata",
		},
		bot.Complaint: {
			"questo servizio fa schifo",
			"è una vergogna, sono due ore che aspetto",
			"sto perdendo un sacco di tempo",
		},
		bot.Insult: {
			"sei proprio stupido",
			"ma vaffanculo",
			"che idiota",
		},
		bot.Solved: {
			"sì adesso funziona",
			"ok ora funziona grazie",
			"ho risolto, grazie mille",
			"perfetto, risolto",
		},
		bot.Unsolved: {
			"niente da fare, non funziona",
			"non funziona lo stesso",
			"ho già provato tutto",
			"non cambia nulla",
			"non ha funzionato purtroppo",
			"no, ancora niente",
			"fatto ma non funziona ancora",
			"non risolto",
			"non è servito a nulla",
		},
	} {
		for _, text := range texts {
			if got := in.Match("it", text); got != want {
				t.Errorf("%q is heard as %q, want %q", text, got, want)
			}
		}
	}
}

// A question for the knowledge base must reach it, however much it speaks of
// people, telephones or languages.
func TestQuestionsAreNotHeardAsCommands(t *testing.T) {
	in := shippedIntents(t)
	for _, text := range []string{
		"non ricevo il codice sul telefono nuovo",
		"il codice non arriva sul telefono quando entro in vpn",
		"la persona che segue il protocollo non riesce a entrare",
		"l'operatore di cancelleria non vede il fascicolo",
		"ho aperto la busta e non funziona",
		"il telefono non squilla",
		"il numero di telefono interno non funziona",
		"come aggiungo una casella condivisa",
		"vorrei aggiungere un collega alla casella condivisa",
		"come chiudo il fascicolo su sicid",
		"riaprire un fascicolo chiuso",
		"il pc non si apre",
		"non riesco ad aprire un file",
		"voglio cambiare la password",
		"devo chiudere la consolle prima di firmare?",
		"il teams non funziona",
		"non funziona la stampante",
		"non funziona la vpn",
		"lo stato del deposito è fermo in transito",
		"a che punto è il mio deposito",
		"ho mandato un atto e non ho risposta",
		"non ho capito come si firma",
		"la firma non va",
		"non riesco a parlare in teams",
		"non mi sentono quando parlo",
		"come annullo un protocollo",
		"devo annullare un protocollo",
		"come torno indietro su sicid",
		"non trovo il menu opzioni",
		"il mouse non va",
		"come faccio la firma",
		"chi può vedere la cartella condivisa",
		"non so il pin",
		"ho dimenticato il pin",
		"ho bisogno di un monitor",
		"mi serve un profilo sicid",
		"serve un tecnico per la stampante",
		"orario di timbratura sbagliato",
		"l'ora del computer è sbagliata",
		"cambiare la lingua di word in inglese",
		"la tastiera è in inglese",
		"windows è in inglese",
		"ho un problema con outlook",
		"ho un problema con la vpn",
		"quale browser devo usare",
		"nel browser",
		"l'errore continua sul sito",
		"posso continuare il lavoro da casa?",
		"continua a bloccarsi",
		"un altro dispositivo",
		"come si usa mattermost",
		"telegram non funziona",
		"operatore economico",
		"passo a windows 11",
	} {
		if got := in.Match("it", text); got != "" {
			t.Errorf("%q is heard as %q", text, got)
		}
	}
}

func TestEnglishQuestionsAreNotHeardAsCommands(t *testing.T) {
	in := shippedIntents(t)
	for _, text := range []string{"which browser", "open the website", "another device", "continue the procedure in the browser", "can i read mail on my phone"} {
		if got := in.Match("en", text); got != "" {
			t.Errorf("%q is heard as %q", text, got)
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
