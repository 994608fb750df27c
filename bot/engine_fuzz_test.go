package bot_test

import (
	"context"

	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/contacts"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/kb"
	"sportello/search"
	"sportello/store"
	"sportello/tickets"
)

// shelf is a library of three articles, found by a word of each.
type shelf map[string]kb.Article

func newShelf() shelf {
	all := shelf{}
	for id, a := range map[string]kb.Article{
		"stampante": {Title: "Stampante ferma", Application: "stampante", Body: "La stampante non stampa.\n\n## Passi\n\n1. La riavvii.\n2. Guardi la carta.\n"},
		"vpn":       {Title: "VPN", Application: "vpn", Body: "La VPN cade.\n\n## Quando aprire un ticket\n\nSempre.\n"},
		"pin":       {Title: "PIN bloccato", Body: "Non lo provi più."},
	} {
		a.ID, a.Audience, a.Status = id, account.All, kb.Published
		all[id] = a
	}
	return all
}

func (s shelf) Article(_ context.Context, key kb.Key, _ []account.Audience) (kb.Article, error) {
	a, found := s[key.ID]
	if !found {
		return a, fault.New(fault.NotFound, "kb.not_found")
	}
	a.Lang = key.Lang
	return a, nil
}

// Search is sure of one article if the question names it, unsure of all if it
// is a question.
func (s shelf) Search(_ context.Context, q search.Query) (search.Result, error) {
	r := search.Result{Query: q.Text, Lang: q.Lang, Decision: search.Abstain}
	for _, id := range []string{"stampante", "vpn", "pin"} {
		hit := search.Hit{ID: id, Lang: q.Lang, Title: s[id].Title, Score: 1}
		switch {
		case strings.Contains(q.Text, id):
			r.Decision, r.Hits = search.Answer, append([]search.Hit{hit}, r.Hits...)
		case strings.Contains(q.Text, "?"):
			r.Hits = append(r.Hits, hit)
		}
	}
	if len(r.Hits) > 0 && r.Decision == search.Abstain {
		r.Decision = search.Clarify
	}
	return r, nil
}

// newEngine returns an engine over a database in dir, with the shipped
// phrases, intents, catalogue and phone tree.
func newEngine(t testing.TB, dir string, now func() time.Time) (*bot.Engine, *store.DB) {
	t.Helper()
	db, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	told, err := phrases.Read(os.DirFS("../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	book, err := contacts.Read(os.DirFS("../content"))
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := tickets.ReadCatalogue(os.DirFS("../content"))
	if err != nil {
		t.Fatal(err)
	}
	terms, err := tickets.ReadTerms(os.DirFS("../content"), book, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	library := newShelf()
	engine := bot.NewEngine(bot.Parts{
		Store: store.NewConversations(db), Search: library, Library: library, Tickets: store.NewTickets(db), Catalogue: catalogue, Terms: terms,
		Accounts: store.NewAccount(db), Domains: account.Domains{Employee: []string{"giustizia.it"}, External: true}, Book: book,
		Phrases: told, Intents: shippedIntents(t), Log: slog.New(slog.DiscardHandler), Now: now,
	})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- engine.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine, db
}

// Whatever people write and tap, each message that is accepted gets a reply,
// and no policy panics. A line is a message; "#2" taps the second choice,
// "+name" sends a file, "~name" sends a file with words; "!solved" lets an
// operator move a ticket of the person, who is told, and "@1" taps the first
// choice of what they were told last.
func FuzzEngine(f *testing.F) {
	for _, talk := range []string{
		"apri un ticket per la stampante\n#1\nper me\nBari\n#1\nNon stampa\nsolo io\nnon lo so\n2\nsalta\ninvia\ni miei ticket\n#1\nciao\nchiudi il ticket\nsì\nsì\n5\nsalta",
		"stampante\n#1\nfatto\n#3\nnon funziona\n#1\n#1\nannulla\n#1\nindietro\nindietro\nindietro",
		"?\nche cosa?\n#4\nboh\nno\nno\noperatore\n#1\nannulla\n???\n99\n#9",
		"apri un ticket per un collega\nteams\nLuigi Verdi\nluigi@giustizia.it\nindietro\nin english\n+a.png\n~b.png\nsiete aperti il 31 febbraio?\ncancel\n#1",
		"ciao\n!waiting\nstanza 12\n!solved\nno, ancora\n!say\ngrazie\n!solved\n@1\n5\n!closed\n@2\ncatalogo\n1\n#4\n!waiting\n@1\n+a.png",
		"la mia password è Zuppa-44\nmario.rossi@giustizia.it\n123456\nRSSMRA85T10A562S\nvpn e poi stampante\nsì\nripeti\nricominciamo",
	} {
		f.Add(talk, true)
		f.Add(talk, false)
	}
	var minutes atomic.Int64
	engine, db := newEngine(f, f.TempDir(), func() time.Time {
		return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes.Load()) * 7 * time.Minute)
	})
	f.Fuzz(func(t *testing.T, talk string, known bool) {
		if lines := strings.Split(talk, "\n"); len(lines) <= 40 {
			hold(t, engine, db, lines, known, func() { minutes.Add(1) })
		}
	})
}

// People wander: forms, codes, procedures and ratings are left and entered
// anywhere.
func TestEveryMessageOfAWanderingTalkGetsAReply(t *testing.T) {
	said := []string{
		"apri un ticket per la stampante", "apri un ticket per un collega", "per me", "per un altro", "Bari", "Non stampa da ieri", "solo io", "non lo so", "2", "1", "salta", "invia",
		"modifica", "i miei ticket", "ciao", "grazie", "chiudi il ticket", "riapri il ticket", "vorrei aggiungere un messaggio", "voglio valutare il servizio", "sì", "no", "5",
		"~b.png", "+a.png", "in english please", "parla italiano", "annulla", "?", "che cosa?", "stampante", "vpn e poi stampante", "operatore", "mario.rossi@giustizia.it", "123456",
		"!waiting", "!solved", "!closed", "!say", "!taken", "@1", "@2", "@3", "no, ancora", "risolto grazie", "ok grazie", "catalogo", "vorrei una nuova utenza", "le mie chat",
		"indietro", "avanti", "ripeti", "ricominciamo", "non funziona", "risolto", "siete aperti sabato?", "che numero chiamo?", "la mia password è Zuppa-44", "chi sono?", "boh",
		"#1", "#1", "#1", "#2", "#3", "#4", "#5",
	}
	var minutes atomic.Int64
	engine, db := newEngine(t, t.TempDir(), func() time.Time {
		return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes.Load()) * time.Minute)
	})
	for seed := range uint64(40) {
		dice := rand.New(rand.NewPCG(seed, 0))
		lines := make([]string, 25)
		for i := range lines {
			lines[i] = said[dice.IntN(len(said))]
		}
		hold(t, engine, db, lines, seed%3 > 0, func() { minutes.Add(1) })
		if t.Failed() {
			t.Fatalf("the talk was %q", lines)
		}
	}
}

// talks counts the conversations held: each needs a name of its own.
var talks atomic.Int64

// hold holds a conversation, one line a message, with a person who is known or
// not.
func hold(t *testing.T, engine *bot.Engine, db *store.DB, lines []string, known bool, tick func()) {
	t.Helper()
	name := strconv.FormatInt(talks.Add(1), 10)
	who := account.Identity{Channel: "test", PlatformID: name}
	if known {
		person := account.NewPerson("p"+name+"@giustizia.it", false, "it", engine.Now())
		if err := store.NewAccount(db).Apply(t.Context(), account.Change{Person: &person, Link: &account.Link{Identity: who, Person: person.ID, At: engine.Now()}}); err != nil {
			t.Fatal(err)
		}
	}
	id, err := engine.Start(t.Context(), bot.Record{Conversation: bot.Conversation{Channel: "test", Identity: who}, Chat: name})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range lines {
		tick()
		in := bot.Inbound{Conversation: id, Channel: "test", ID: name + "/" + strconv.Itoa(i), Text: line}
		file := bot.Attachment{ID: name + "-" + strconv.Itoa(i), Name: "a.png", Type: "image/png", Size: 1}
		switch {
		case strings.HasPrefix(line, "!"):
			operate(t, engine, db, who, strings.TrimPrefix(line, "!"))
			continue
		case strings.HasPrefix(line, "@"):
			conv, err := engine.Conversation(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			in.Choice, in.Text = line, ""
			if last := len(conv.Heard) - 1; last >= 0 {
				offer := conv.Heard[last].Reply.Choices
				if n, err := strconv.Atoi(line[1:]); err == nil && n > 0 && n <= len(offer) {
					in.Choice = offer[n-1].ID
				}
			}
		case strings.HasPrefix(line, "#"):
			conv, err := engine.Conversation(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			in.Choice, in.Text = line, ""
			if n, err := strconv.Atoi(line[1:]); err == nil && n > 0 && n <= len(conv.Choices) {
				in.Choice = conv.Choices[n-1].ID
			}
		case strings.HasPrefix(line, "+"):
			in.Text, in.Attachments = "", []bot.Attachment{file}
		case strings.HasPrefix(line, "~"):
			in.Text, in.Attachments = line[1:], []bot.Attachment{file}
		}
		receipt, err := engine.Receive(t.Context(), in)
		if err != nil {
			if key, _ := fault.Public(err); key == "error.internal" {
				t.Fatalf("%q is not refused but fails: %v", line, err)
			}
			continue
		}
		if err := engine.Wait(t.Context(), id, receipt.Seq); err != nil {
			t.Fatal(err)
		}
		answered(t, engine, id, receipt.Seq, line)
	}
}

// operate lets an operator do something to the newest ticket of a person, or to
// a new one, and tells them. What the ticket does not allow is left out.
func operate(t *testing.T, engine *bot.Engine, db *store.DB, who account.Identity, verb string) {
	t.Helper()
	person, err := store.NewAccount(db).PersonByIdentity(t.Context(), who)
	if err != nil {
		return // nobody we know
	}
	desk := &tickets.Desk{Store: engine.Tickets, Accounts: store.NewAccount(db), Catalogue: engine.Catalogue, Terms: engine.Terms, Now: engine.Now}
	mine, err := engine.Tickets.Of(t.Context(), person.ID, tickets.Filter{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(mine) == 0 {
		one, err := desk.Open(t.Context(), olga, tickets.Draft{Author: person.ID, Subject: "Stampante", Body: "Ferma", Impact: tickets.Me, ForMe: true, Office: "Bari", Channel: "phone"}, "")
		if err != nil {
			t.Fatal(err)
		}
		mine = []tickets.Ticket{one}
	}
	_, _ = desk.Do(t.Context(), olga, mine[0].Number, "", func(k tickets.Ticket, s tickets.Stamp) (tickets.Change, error) {
		switch verb {
		case "say":
			return k.Say(tickets.Message{Text: "Un momento"}, s)
		case "waiting":
			return k.Ask("Quale stanza?", s)
		}
		return k.Move(tickets.Status(verb), "", s)
	})
	engine.Channels = map[string]bot.Traits{"test": {Pushable: true}}
	announcer := &bot.Announcer{Engine: engine, Store: store.NewConversations(db), Log: slog.New(slog.DiscardHandler), MailAfter: time.Hour}
	if err := announcer.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// answered fails if the message of this seq got no reply, or an apology.
func answered(t *testing.T, engine *bot.Engine, id bot.ConversationID, seq int64, line string) {
	t.Helper()
	events, err := engine.Store.Events(t.Context(), id, seq, 50)
	if err != nil {
		t.Fatal(err)
	}
	replies := 0
	for _, e := range events {
		if e.Reply != nil {
			replies++
			if strings.TrimSpace(e.Reply.Markdown) == "" {
				t.Errorf("%q is answered with silence by %s", line, e.Action())
			}
		}
		if e.Act == "fail" {
			t.Errorf("%q makes a policy fail", line)
		}
	}
	if replies == 0 {
		t.Errorf("%q gets no reply", line)
	}
	conv, err := engine.Conversation(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if asked := conv.Asked.What; conv.Form != nil || slices.Contains([]string{"email", "code", "message", "reopen", "close", "score", "suggestion", "which", "step"}, asked) {
		if !slices.ContainsFunc(conv.Choices, wayOut) {
			t.Errorf("after %q, asked for %q, no choice leads out: %v", line, asked, conv.Choices)
		}
	}
}

// wayOut reports whether a choice ends what is under way.
func wayOut(c bot.Choice) bool {
	_, action, _ := strings.Cut(c.ID, ".")
	return slices.Contains([]string{"cancel", "no", "skip", "step-stop", "resume", "enough"}, action)
}
