package mattermostpeer

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// process is a running program that writes what it does into a file.
type process struct {
	command *exec.Cmd
	ended   chan struct{}
	log     string
}

// launch starts a command; it goes on writing where an earlier one stopped.
func launch(command *exec.Cmd, log string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close() // the command has its own
	command.Stdout, command.Stderr = out, out
	if err := command.Start(); err != nil {
		return nil, err
	}
	p := &process{command: command, ended: make(chan struct{}), log: log}
	go func() {
		_ = command.Wait() // how it ended is in its log
		close(p.ended)
	}()
	return p, nil
}

// until waits for the process to be ready, as ready sees it.
func (p *process) until(ready func() bool) error {
	patience := time.After(Patience)
	for !ready() {
		select {
		case <-p.ended:
			return errors.New("it has ended")
		case <-patience:
			return fmt.Errorf("it is not ready after %s", Patience)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// kill ends the process at once.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// signal sends one, if there is still somebody to hear it.
func (p *process) signal(s os.Signal) { _ = p.command.Process.Signal(s) }

// tail is the end of what the process wrote.
func (p *process) tail() string {
	text, _ := os.ReadFile(p.log) // not written yet: nothing to show
	if len(text) > 8000 {
		text = text[len(text)-8000:]
	}
	return strings.ToValidUTF8(string(text), "")
}
