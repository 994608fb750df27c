package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"

	"sportello/content"
	"sportello/internal/fault"
	"sportello/internal/phrases"
	"sportello/kb/bundle"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// shippedPhrases tell failures: those of a folder laid over may be what is
// broken.
var shippedPhrases = sync.OnceValues(func() (*phrases.Catalogue, error) { return phrases.Read(sub(content.FS, "phrases")) })

// say tells a phrase to whoever runs the program.
func say(phrase string, values fault.Values) string {
	catalogue, err := shippedPhrases()
	if err != nil {
		return phrase
	}
	return catalogue.Say(terminalLang(), phrase, values)
}

// terminalLang is the language of whoever runs the program: English where the
// terminal speaks it, else Italian.
func terminalLang() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if wanted := os.Getenv(name); wanted != "" {
			if strings.HasPrefix(wanted, "en") {
				return "en"
			}
			break
		}
	}
	return phrases.Fallback
}

// explain tells a failure in words where there are some; its causes follow
// where the words alone would not help to mend it.
func explain(err error) string {
	if _, is := errors.AsType[mistakes](err); is {
		return err.Error()
	}
	if phrase, values := fault.Public(err); phrase != "error.internal" {
		text := say(phrase, values)
		if fault.Is(err, fault.Unavailable) {
			text += "\n(" + err.Error() + ")"
		}
		return text
	}
	if words := explainMachine(err); words != "" {
		return words
	}
	return err.Error()
}

// explainMachine puts into words what the machine refuses; "" if there are
// none for it.
func explainMachine(err error) string {
	if e, is := errors.AsType[*sqlite.Error](err); is && e.Code()&0xff == sqlite3.SQLITE_CANTOPEN {
		return fmt.Sprintf("the database cannot be opened: check that this user may write to the data folder and to the files in it\n(%v)", err)
	}
	if e, is := errors.AsType[*net.OpError](err); is && e.Op == "listen" {
		reason := e.Err.Error()
		switch {
		case errors.Is(e, syscall.EADDRINUSE):
			reason = "another program, or another sportello, listens there"
		case errors.Is(e, syscall.EACCES):
			reason = "this user may not; ports below 1024 need a privilege"
		case errors.Is(e, syscall.EADDRNOTAVAIL):
			reason = "this machine has no such address"
		}
		where := "this address"
		if e.Addr != nil {
			where = e.Addr.String()
		}
		return fmt.Sprintf("cannot listen on %s: %s\nChoose another address with --listen, or listen in the configuration.", where, reason)
	}
	if e, is := errors.AsType[*fs.PathError](err); is {
		return fmt.Sprintf("%s: %s", e.Path, pathTrouble(e))
	}
	return ""
}

func pathTrouble(e *fs.PathError) string {
	switch {
	case errors.Is(e, syscall.ENOTDIR):
		return "a folder is wanted here, and this is a file or lies below one"
	case errors.Is(e, syscall.EISDIR):
		return "a file is wanted here, and this is a folder"
	case errors.Is(e, syscall.ENOSPC):
		return "the disk is full"
	case errors.Is(e, syscall.EROFS):
		return "the disk is read-only"
	case errors.Is(e, fs.ErrPermission):
		return "this user may not use it: change its owner or its rights"
	case e.Op == "mkdir", e.Op == "open" && errors.Is(e, fs.ErrNotExist):
		return fmt.Sprintf("cannot be created or opened here: %v", e.Err)
	}
	return fmt.Sprintf("%s fails: %v", e.Op, e.Err)
}

// tell prints problems of articles, each with its file below folder, and
// reports whether one of them is an error.
func (c *console) tell(folder string, problems []bundle.Problem) (wrong bool) {
	before := ""
	for _, p := range problems {
		if p.Severity == bundle.Info {
			continue
		}
		wrong = wrong || p.Severity == bundle.Error
		place := strings.TrimPrefix(folder+"/"+p.File, "./")
		if p.Line > 0 {
			place += fmt.Sprintf(":%d", p.Line)
		}
		line := fmt.Sprintf("%s: %s: %s\n", place, p.Severity, say(p.Phrase, p.Values))
		if line != before { // two tags in one line are one thing to mend
			fmt.Fprint(c.Err, line)
		}
		before = line
	}
	return wrong
}
