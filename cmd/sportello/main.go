// Command sportello is the help desk: the service, a chat in the terminal, and
// the tools of whoever runs it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"
)

// version is set when a release is built.
var version = "dev"

// cli is the command line. Every command's --help tells the rest.
type cli struct {
	Config string `help:"Configuration file (YAML); without one, defaults." type:"path" placeholder:"FILE"`
	Data   string `help:"Data folder." default:"data" type:"path" placeholder:"DIR"`

	Serve      serveCommand      `cmd:"" help:"Run the service."`
	Chat       chatCommand       `cmd:"" help:"Talk to the assistant in the terminal."`
	Search     searchCommand     `cmd:"" help:"Search the knowledge base."`
	Eval       evalCommand       `cmd:"" help:"Measure the search on judged questions."`
	KB         kbCommands        `cmd:"" name:"kb" help:"Import, export, check and list articles."`
	Account    accountCommand    `cmd:"" help:"Keep accounts."`
	Config_    configCommand     `cmd:"" name:"config" help:"Check the configuration, or show an example of one."`
	Webhook    webhookCommand    `cmd:"" help:"Tell other systems what happens to tickets."`
	Mattermost mattermostCommand `cmd:"" help:"Set the Mattermost channel up."`
	Telegram   telegramCommand   `cmd:"" help:"Set the Telegram bot up."`
	Reindex    reindexCommand    `cmd:"" help:"Build the search index again."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database up to date."`
	Bench      benchCommand      `cmd:"" help:"Measure durable turns beside what the machine can do."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

// console is where a command reads and writes. Answers go to Out, everything
// else to Err.
type console struct {
	In       io.Reader
	Out, Err io.Writer
	Config   string
	Data     string
}

// Exit codes of every command.
const (
	exitFailure = 1
	exitUsage   = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, in io.Reader, out, errs io.Writer) (code int) {
	var c cli
	parser, err := kong.New(&c, kong.Name("sportello"), kong.UsageOnError(), kong.Writers(out, errs),
		kong.Description("Self-service help desk: answers from a knowledge base, tickets, operators."),
		kong.Exit(func(status int) { panic(exited(status)) }))
	if err != nil {
		fmt.Fprintln(errs, err)
		return exitFailure
	}
	defer func() {
		if p := recover(); p != nil {
			status, is := p.(exited)
			if !is {
				panic(p)
			}
			code = int(status)
		}
	}()
	chosen, err := parser.Parse(args)
	if err != nil {
		return misused(errs, err, hinted(err))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // whoever interrupts a second time does not want to wait
	chosen.BindTo(ctx, (*context.Context)(nil))
	err = chosen.Run(&console{In: in, Out: out, Err: errs, Config: c.Config, Data: c.Data})
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		return misused(errs, err, chosen.Selected())
	case errors.Is(err, errTold):
		return exitFailure
	}
	fmt.Fprintf(errs, "sportello: %s\n", explain(err))
	return exitFailure
}

// misused tells a command line that makes no sense, and where its help is.
func misused(errs io.Writer, err error, command *kong.Node) int {
	path := "sportello"
	for command != nil && command.Type != kong.CommandNode {
		command = command.Parent
	}
	if command != nil {
		path = command.FullPath()
	}
	fmt.Fprintf(errs, "sportello: %v\nTry '%s --help'.\n", err, path)
	return exitUsage
}

// hinted is the command that a mistake was made in, or nil.
func hinted(err error) *kong.Node {
	if wrong, is := errors.AsType[*kong.ParseError](err); is && wrong.Context != nil {
		return wrong.Context.Selected()
	}
	return nil
}

// exited carries the status of kong's own exits (--help) past its panic.
type exited int

// usageError is a command line that makes no sense.
type usageError struct{ error }

// errTold ends a command that has told everything already.
var errTold = errors.New("told already")

// settings reads the configuration.
func (c *console) settings() (config, error) { return readConfig(c.Config) }

// open brings up the program for a command that is no service: it logs
// warnings only.
func (c *console) open(ctx context.Context) (*app, error) {
	settings, err := c.settings()
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.NewTextHandler(c.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return open(ctx, options{config: settings, data: c.Data, log: log, progress: c.progress})
}

type versionCommand struct{}

func (versionCommand) Run(c *console) error {
	built := version
	if info, ok := debug.ReadBuildInfo(); ok && built == "dev" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				built += " " + s.Value
			}
		}
	}
	_, err := fmt.Fprintln(c.Out, "sportello", built)
	return err
}
