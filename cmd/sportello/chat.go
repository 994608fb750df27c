package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"

	"sportello/account"
	"sportello/bot"
	"sportello/bot/terminal"
	"sportello/internal/fault"
	"sportello/kb/markdown"
)

type chatCommand struct {
	As   string `help:"Talk as the person with this address, who counts as confirmed." placeholder:"EMAIL"`
	Lang string `help:"Language of the assistant." enum:"it,en" default:"it"`
	JSON bool   `help:"Print one JSON object for each line read." name:"json"`
}

// Help lists the words that name what the assistant does.
func (chatCommand) Help() string { return bot.ActionHelp }

func (c *chatCommand) Run(ctx context.Context, con *console) (err error) {
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	if err := a.meaning.prepare(ctx); err != nil {
		return err
	}
	if err := a.giveBack(); err != nil { // a talk may last: the service must be able to start
		return err
	}
	talk, courier, err := a.talk(ctx, c.As, c.Lang, printer{con.Err})
	if err != nil {
		return err
	}
	defer deliver(ctx, courier)()
	talk.JSON = c.JSON
	if in, is := con.In.(*os.File); is && !c.JSON {
		talk.Prompt = isTerminal(in)
	}
	return talk.Run(ctx, interruptible(ctx, con.In), con.Out)
}

// interruptible reads in until ctx ends: a read from the terminal waits for a
// line that may never come, so it is left behind.
func interruptible(ctx context.Context, in io.Reader) io.Reader {
	read, write := io.Pipe()
	context.AfterFunc(ctx, func() { write.Close() })
	go func() {
		_, err := io.Copy(write, in)
		write.CloseWithError(err)
	}()
	return read
}

// talk opens a conversation in the terminal. The courier, which takes its
// letters to mailbox, does not run yet.
func (a *app) talk(ctx context.Context, as, lang string, mailbox bot.Sender) (*terminal.Terminal, *bot.Courier, error) {
	chat := rand.Text()
	letters := terminal.Channel + "/" + chat // nobody else's are shown here
	engine := a.engine(letters)
	identity := account.Identity{Channel: terminal.Channel, PlatformID: chat}
	if as != "" {
		if err := a.confirm(ctx, as, lang, identity); err != nil {
			return nil, nil, err
		}
	}
	id, err := engine.Start(ctx, bot.Record{
		Conversation: bot.Conversation{Channel: terminal.Channel, Lang: lang, Identity: identity}, Chat: chat,
	})
	if err != nil {
		return nil, nil, err
	}
	courier := &bot.Courier{Store: a.talks, Senders: map[string]bot.Sender{letters: mailbox}, Log: a.log, Now: a.now, Woken: engine.Letters()}
	return &terminal.Terminal{Engine: engine, Conversation: id, Phrases: a.material.phrases}, courier, nil
}

// confirm gives an identity to the person with an address, who is made known
// if need be.
func (a *app) confirm(ctx context.Context, email, lang string, identity account.Identity) error {
	address, external, err := a.config.Account.domains().Decide(email)
	if err != nil {
		return err
	}
	change := account.Change{}
	person, err := a.people.PersonByEmail(ctx, address)
	if fault.Is(err, fault.NotFound) {
		person = account.NewPerson(address, external, lang, a.now())
		change.Person = &person
	} else if err != nil {
		return err
	}
	change.Link = &account.Link{Identity: identity, Person: person.ID, At: a.now()}
	return a.people.Apply(ctx, change)
}

// deliver has a courier run until the function it returns is called.
func deliver(ctx context.Context, courier *bot.Courier) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = courier.Run(ctx) // it ends with ctx only
	}()
	return func() {
		cancel()
		<-done
		_, _ = courier.Round(context.WithoutCancel(ctx)) // what the last line promised is sent, too
	}
}

// printer shows letters to whoever sits in front of the terminal.
type printer struct{ to io.Writer }

// Send implements bot.Sender.
func (p printer) Send(_ context.Context, letter bot.Outgoing) (string, error) {
	_, err := fmt.Fprintf(p.to, "--- e-mail a %s: %s ---\n%s\n---\n", letter.To, letter.Subject, markdown.Plain(letter.Markdown))
	return letter.ID, err
}
