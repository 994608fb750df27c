package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/mattermost"
	"sportello/internal/mattermostpeer"
	"sportello/tickets"

	"github.com/mattermost/mattermost/server/public/model"
)

// The story of a ticket told on a real Mattermost server, by somebody whose
// address is confirmed by a code, and by somebody whose profile is trusted:
// question, article, not solved, form, ticket, what happens to it, rating.
func TestTheStoryOfATicketOnMattermost(t *testing.T) {
	server := mattermostpeer.Start(t, "MM_EMAILSETTINGS_REQUIREEMAILVERIFICATION=true")
	for name, trust := range map[string]bool{"by a one-time code": false, "by a trusted profile": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := messagedOn(t, server, trust)
			s.says("la vpn non si collega da casa")
			s.taps(s.reads("Ho risolto il Suo problema?"), "Non ancora")
			s.taps(s.reads("Ecco che cosa possiamo ancora provare"), "Apro un ticket")
			if !trust {
				s.reads("Mi scriva il Suo indirizzo e-mail")
				s.says(s.Email)
				s.reads("codice di sei cifre a")
				s.says(mailedCode(t, s.site, s.Email))
				s.reads("è confermato")
			}
			asked := s.reads("La richiesta riguarda")
			opened := s.opens(asked, "Compilo tutto insieme")
			if answer := s.submits(opened, map[string]any{
				tickets.FieldBeneficiary: "me", tickets.FieldOffice: "Tribunale di Bari", tickets.FieldImpact: "me", tickets.FieldPhone: "la sera",
			}); answer == nil || !strings.Contains(answer.Errors[tickets.FieldPhone], "numero di telefono") {
				t.Fatalf("a number that is none is answered %+v", answer)
			}
			if answer := s.submits(opened, map[string]any{
				tickets.FieldBeneficiary: "me", tickets.FieldOffice: "Tribunale di Bari", tickets.FieldImpact: "me", tickets.FieldPhone: "080 5551234",
			}); answer != nil && (answer.Error != "" || len(answer.Errors) > 0) {
				t.Fatalf("the form is refused: %+v", answer)
			}
			summary := s.reads("Ecco il ticket, prima di inviarlo")
			for _, part := range []string{"Tribunale di Bari", "080 5551234"} {
				if !strings.Contains(summary.Message, part) {
					t.Errorf("the summary lacks %q: %s", part, summary.Message)
				}
			}
			s.taps(summary, "Invia il ticket")
			s.reads("Ho aperto il ticket")
			one := s.ticket()
			if one.Channel != mattermost.Name || one.Office != "Tribunale di Bari" || one.Phone != "080 5551234" || one.Application != "vpn" || !strings.Contains(one.Body, "VPN") {
				t.Errorf("the ticket is %+v", one)
			}

			s.moves(one.Number, "", tickets.Taken, tickets.Working)
			s.reads("in lavorazione")
			s.moves(one.Number, "Il profilo VPN è stato rinnovato.", tickets.Solved)
			s.taps(s.reads("Il profilo VPN è stato rinnovato"), "Sì, è risolto")
			s.taps(s.reads("Vuole valutare il servizio?"), "Valuto il servizio")
			s.taps(s.reads("da 1 a 5"), "5 - ottimo")
			s.reads("suggerimento")
			s.says("Bene anche da Mattermost")
			s.reads("Grazie per la Sua valutazione")
			if one = s.ticket(); one.Status != tickets.Closed || one.Rating == nil || one.Rating.Score != 5 || one.Rating.Suggestion != "Bene anche da Mattermost" {
				t.Errorf("in the end the ticket is %s, %+v", one.Status, one.Rating)
			}
		})
	}
}

// toldThere is somebody on a real Mattermost server, in a direct message with the
// service.
type toldThere struct {
	*testing.T
	*mattermostpeer.User
	app     *app
	site    string
	server  *mattermostpeer.Server
	bot     string
	channel string
	hears   *mattermostpeer.Socket
	read    map[string]bool // posts
	acts    int
}

// messagedOn serves the program as `serve --demo` does, with a bot on the
// server.
func messagedOn(t *testing.T, server *mattermostpeer.Server, trust bool) *toldThere {
	t.Helper()
	name := strings.ToLower(strings.ReplaceAll(t.Name()[strings.LastIndex(t.Name(), "_")+1:], "/", ""))
	assistant, token := server.Bot("assistente-" + name)
	file := filepath.Join(t.TempDir(), "mattermost.token")
	if err := os.WriteFile(file, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	site := newAddress(t)
	a := testApp(t, func(c *config) {
		c.Mattermost = mattermost.Config{URL: server.URL, TokenFile: file, Team: server.Team.Name, CallbackURL: site.url, TrustEmail: trust}
		c.SiteURL = site.url
	})
	if trust { // set-up has looked
		if err := a.talks.SetMark(t.Context(), mattermost.Name, mattermost.VerifiedMark, "yes"); err != nil {
			t.Fatal(err)
		}
	}
	site.serve(a)
	awaitMattermost(t, site.server.Config.Handler)
	u := server.User("anna-"+name, "anna-"+name+"@giustizia.it", "it")
	return &toldThere{
		T: t, User: u, app: a, site: site.url, server: server, bot: assistant.UserId, channel: u.DirectTo(assistant.UserId), hears: u.Listen(), read: map[string]bool{},
	}
}

func (s *toldThere) says(text string) {
	s.Helper()
	s.User.Post(s.channel, "", text)
}

// reads waits for a post of the service with these words, which was not read
// before.
func (s *toldThere) reads(text string) *model.Post {
	s.Helper()
	for until := time.Now().Add(mattermostpeer.Patience); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		list, _, err := s.User.Client.GetPostsForChannel(s.Context(), s.channel, 0, 100, "", false, false)
		if err != nil {
			s.Fatal(err)
		}
		for _, post := range list.Posts {
			if post.UserId == s.bot && strings.Contains(post.Message, text) && !s.read[post.Id] {
				s.read[post.Id] = true
				return post
			}
		}
	}
	s.Fatalf("the service does not say %q", text)
	return nil
}

// taps takes a choice of a post, from a button or a menu.
func (s *toldThere) taps(post *model.Post, label string) {
	s.Helper()
	for _, attachment := range post.Attachments() {
		for _, action := range attachment.Actions {
			value := ""
			for _, option := range action.Options {
				if option.Text == label {
					value = option.Value
				}
			}
			if action.Name != label && value == "" {
				continue
			}
			if _, err := s.User.Client.DoPostActionWithCookie(s.Context(), post.Id, action.Id, value, ""); err != nil {
				s.Fatal(err)
			}
			return
		}
	}
	s.Fatalf("%q offers no %q", post.Message, label)
}

// opens takes a choice that shows a form.
func (s *toldThere) opens(post *model.Post, label string) (opened model.OpenDialogRequest) {
	s.Helper()
	s.taps(post, label)
	if _, err := s.hears.Await(func(e mattermostpeer.Heard) bool {
		text, _ := e.GetData()["dialog"].(string)
		return e.EventType() == model.WebsocketEventOpenDialog && json.Unmarshal([]byte(text), &opened) == nil
	}); err != nil {
		s.Fatal(err)
	}
	return opened
}

// submits sends a form with what stands in it and these values.
func (s *toldThere) submits(opened model.OpenDialogRequest, more map[string]any) *model.SubmitDialogResponse {
	s.Helper()
	values := map[string]any{}
	for _, e := range opened.Dialog.Elements {
		if values[e.Name] = e.Default; e.Default == "" && len(e.Options) == 0 && e.Name != bot.SheetPerson {
			values[e.Name] = "Non lo so"
		}
	}
	for name, value := range more {
		values[name] = value
	}
	answer, _, err := s.User.Client.SubmitInteractiveDialog(s.Context(), model.SubmitDialogRequest{
		URL: opened.URL, CallbackId: opened.Dialog.CallbackId, State: opened.Dialog.State, ChannelId: s.channel, TeamId: s.server.Team.Id, Submission: values,
	})
	if err != nil {
		s.Fatal(err)
	}
	return answer
}

// ticket is the only one of the person.
func (s *toldThere) ticket() tickets.Ticket {
	s.Helper()
	who, err := s.app.people.PersonByIdentity(s.Context(), account.Identity{Channel: mattermost.Name, PlatformID: s.Id})
	if err != nil {
		s.Fatal(err)
	}
	if who.Email != s.Email {
		s.Fatalf("%s is taken for %s", s.Email, who.Email)
	}
	mine, err := s.app.tickets.Of(s.Context(), who.ID, tickets.Filter{})
	if err != nil || len(mine) != 1 {
		s.Fatalf("the tickets are %+v, %v", mine, err)
	}
	return mine[0]
}

// moves has an operator move a ticket.
func (s *toldThere) moves(number tickets.Number, note string, to ...tickets.Status) {
	s.Helper()
	for _, status := range to {
		s.acts++
		_, err := s.app.desk.Do(s.Context(), scriptOperator, number, fmt.Sprint("move ", s.acts), func(t tickets.Ticket, stamp tickets.Stamp) (tickets.Change, error) {
			return t.Move(status, note, stamp)
		})
		if err != nil {
			s.Fatal(err)
		}
	}
}
