package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"sportello/account"
	"sportello/internal/fault"

	"golang.org/x/term"
)

type accountPassword struct {
	Email    string `arg:"" help:"Address of the person."`
	Remove   bool   `help:"Take the password and the app away."`
	ResetApp bool   `help:"Only take the app away: the next sign-in sets up another one." name:"reset-app"`
}

func (c *accountPassword) Run(ctx context.Context, con *console) error {
	return con.onPerson(ctx, c.Email, func(a *app, person account.Person) error {
		credential, err := a.people.Credential(ctx, person.ID)
		if fault.Is(err, fault.NotFound) {
			credential = account.Credential{Person: person.ID}
		} else if err != nil {
			return err
		}
		said := "the password is set; the next sign-in sets up an app"
		if credential.Enrolled {
			said = "the password is set; the app stays as it is"
		}
		switch {
		case c.Remove:
			credential.Password, credential.Secret, credential.Recovery, credential.Enrolled = "", nil, nil, false
			said = "there is no password any more"
		case c.ResetApp:
			credential.Secret, credential.Recovery, credential.Enrolled = nil, nil, false
			said = "the app is taken away; the next sign-in sets up another one"
		default:
			password, err := con.newSecret(fmt.Sprintf("New password for %s, at least %d characters: ", person.Email, account.MinPassword))
			if err != nil {
				return err
			}
			if credential, err = credential.WithPassword(password, a.now()); err != nil {
				return err
			}
		}
		if err := a.people.SaveCredential(ctx, credential); err != nil {
			return err
		}
		if c.ResetApp { // a changed password signs out by itself
			if err := a.people.SignOut(ctx, person.ID); err != nil {
				return err
			}
		}
		if !a.config.Account.Passwords {
			fmt.Fprintln(con.Err, "Note: account.passwords is false in the configuration, so nobody can sign in with one.")
		}
		_, err = fmt.Fprintln(con.Out, said)
		return err
	})
}

// newSecret asks for a word twice, or takes the first line of a pipe.
func (c *console) newSecret(question string) (string, error) {
	first, err := c.secret(question)
	if err != nil || !c.atTerminal() {
		return first, err
	}
	second, err := c.secret("Once more: ")
	if err == nil && first != second {
		err = errors.New("the two differ: nothing was changed")
	}
	return first, err
}

// secret asks for a word that the terminal does not show; from a pipe it is
// the first line.
func (c *console) secret(question string) (string, error) {
	if !c.atTerminal() {
		return readLine(c.In)
	}
	fmt.Fprint(c.Err, question)
	typed, err := term.ReadPassword(int(c.In.(*os.File).Fd()))
	fmt.Fprintln(c.Err)
	return string(typed), err
}

// atTerminal reports whether somebody sits in front of it.
func (c *console) atTerminal() bool {
	in, is := c.In.(*os.File)
	return is && term.IsTerminal(int(in.Fd()))
}

// readLine reads a line without its end.
func readLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && (!errors.Is(err, io.EOF) || line == "") {
		return "", err
	}
	return strings.TrimRight(line, "\r\n"), nil
}
