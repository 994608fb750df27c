package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sportello/internal/freeport"
	"sportello/store"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(tidied{m}, map[string]func(){"sportello": main})
}

// tidied are the tests, and the binary that they built goes with them.
type tidied struct{ *testing.M }

func (t tidied) Run() int {
	defer func() { _ = os.RemoveAll(programFolder) }()
	return t.M.Run()
}

// The scripts in testdata/script are what whoever runs the program may rely on.
func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Deadline:            time.Now().Add(8 * time.Minute), // a command that hangs is a mistake, not a wait
		Setup: func(env *testscript.Env) error {
			env.Setenv("ADDR", fmt.Sprintf("127.0.0.1:%d", freeport.Choose(t)))
			shipped, err := filepath.Abs(filepath.Join("..", "..", "content"))
			env.Setenv("CONTENT", shipped)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "keys": keys, "garble": garble, "await": await, "terminate": terminate,
		},
	})
}

// exits CODE PROGRAM ARG… runs a program that must end with this very code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARG…")
	}
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		ended, is := errors.AsType[*exec.ExitError](err)
		if !is {
			ts.Fatalf("%v", err)
		}
		code = ended.ExitCode()
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("ended with %d, want %s:\n%s%s", code, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
	if errs := ts.ReadFile("stderr"); strings.Contains(errs, "goroutine ") || strings.Contains(errs, "panic") {
		ts.Fatalf("it fell over:\n%s", errs)
	}
}

// keys FILE PATH KEY… checks that each JSON value in a file has exactly these
// keys at a path such as .hits.*; a key with ? may be missing.
func keys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: keys FILE PATH KEY…")
	}
	values := json.NewDecoder(strings.NewReader(ts.ReadFile(args[0])))
	found := 0
	for {
		var value any
		err := values.Decode(&value)
		if err == io.EOF {
			break
		}
		ts.Check(err)
		at := []any{value}
		for step := range strings.SplitSeq(strings.Trim(args[1], "."), ".") {
			at = below(at, step)
		}
		for _, one := range at {
			found++
			object, is := one.(map[string]any)
			if !is {
				ts.Fatalf("no object at %s: %v", args[1], one)
			}
			var want []string
			for _, key := range args[2:] {
				if name, optional := strings.CutSuffix(key, "?"); !optional || object[name] != nil {
					want = append(want, name)
				}
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(object))); diff != "" {
				ts.Fatalf("keys at %s (-want +got):\n%s", args[1], diff)
			}
		}
	}
	if found == 0 {
		ts.Fatalf("nothing at %s", args[1])
	}
}

func below(values []any, step string) (all []any) {
	for _, v := range values {
		switch v := v.(type) {
		case map[string]any:
			if step == "" {
				all = append(all, v)
			} else if next, there := v[step]; there {
				all = append(all, next)
			}
		case []any:
			all = append(all, v...)
		}
	}
	return all
}

// garble FOLDER overwrites the beginning of every file below a folder.
func garble(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: garble FOLDER")
	}
	garbled := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		garbled++
		return os.WriteFile(path, bytes.Repeat([]byte("\xffno index\x00"), 300), 0o600)
	}))
	if garbled == 0 {
		ts.Fatalf("nothing to garble")
	}
}

// await ADDR waits until the service at an address is ready.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await ADDR")
	}
	for range 600 {
		if answer, err := http.Get("http://" + args[0] + "/readyz"); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s does not get ready", args[0])
}

// terminate SIGNAL asks the programs in the background to end, and waits until
// they did.
func terminate(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]os.Signal{"TERM": syscall.SIGTERM, "INT": os.Interrupt}
	if neg || len(args) != 1 || signals[args[0]] == nil {
		ts.Fatalf("usage: terminate TERM|INT")
	}
	for _, command := range ts.BackgroundCmds() {
		ts.Check(command.Process.Signal(signals[args[0]]))
		deadline := time.Now().Add(2 * shutdownTime)
		for !errors.Is(command.Process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			if time.Now().After(deadline) {
				ts.Fatalf("%s goes on", command)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// Whoever interrupts a chat does not have to press Enter first.
func TestAChatEndsWhenInterrupted(t *testing.T) {
	var errs bytes.Buffer
	chat := exec.Command("sportello", "--data", t.TempDir(), "chat")
	chat.Stderr = &errs
	in, err := chat.StdinPipe() // stays open, as a keyboard does
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := chat.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := chat.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(time.Minute, func() { _ = chat.Process.Kill() }) // it went on: Wait says so
	defer late.Stop()
	if _, err := out.Read(make([]byte, 1)); err != nil { // the greeting
		t.Fatal(err)
	}
	if err := chat.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, out); err != nil {
		t.Fatal(err)
	}
	if err := chat.Wait(); err != nil || errs.Len() > 0 {
		t.Errorf("the chat ended with %v:\n%s", err, errs.String())
	}
}

// What a newer version wrote is left alone, and that is said.
func TestADatabaseOfANewerVersionIsRefused(t *testing.T) {
	dir := t.TempDir()
	commanded := func(args ...string) (int, string) {
		var errs bytes.Buffer
		return run(append([]string{"--data", dir}, args...), strings.NewReader(""), io.Discard, &errs), errs.String()
	}
	if code, errs := commanded("migrate"); code != 0 {
		t.Fatal(errs)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	t.Setenv("LC_ALL", "en_GB.UTF-8")
	for _, command := range []string{"migrate", "reindex", "chat", "serve"} {
		if code, errs := commanded(command); code != exitFailure || !strings.Contains(errs, "newer version of Sportello") {
			t.Errorf("%s ends with %d: %s", command, code, errs)
		}
	}
}

// Every command tells its help on stdout with 0, and refuses a flag it does
// not know on stderr with 2, naming the help to read.
func TestEveryCommandHelpsAndRefusesUnknownFlags(t *testing.T) {
	parser, err := kong.New(&cli{})
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"", "kb", "account", "config"}
	for _, leaf := range parser.Model.Leaves(true) {
		words := strings.Fields(leaf.Path())
		paths = append(paths, strings.Join(slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "<") }), " "))
	}
	if len(paths) < 15 {
		t.Fatalf("only these commands: %q", paths)
	}
	for _, path := range paths {
		t.Run("sportello "+path, func(t *testing.T) {
			name := strings.TrimSpace("sportello " + path)
			var out, errs bytes.Buffer
			code := run(append(strings.Fields(path), "--help"), strings.NewReader(""), &out, &errs)
			if code != 0 || errs.Len() > 0 || !strings.HasPrefix(out.String(), "Usage: "+name) {
				t.Errorf("--help ends with %d:\n%s%s", code, out.String(), errs.String())
			}
			out.Reset()
			code = run(append(strings.Fields(path), "--no-such-flag"), strings.NewReader(""), &out, &errs)
			if code != exitUsage || out.Len() > 0 || !strings.Contains(errs.String(), "--no-such-flag") || !strings.Contains(errs.String(), name+" --help'") {
				t.Errorf("an unknown flag ends with %d:\n%s%s", code, out.String(), errs.String())
			}
		})
	}
}

// The example names every setting, with its default.
func TestTheExampleIsTheDefaults(t *testing.T) {
	var c config
	if err := decodeSettings([]byte(exampleConfig), &c); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(defaultConfig(), c, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("example (-default +example):\n%s", diff)
	}
	lines := strings.Split(exampleConfig, "\n")
	var named func(t reflect.Type) []string
	named = func(t reflect.Type) (all []string) {
		for i := range t.NumField() {
			all = append(all, t.Field(i).Tag.Get("yaml"))
			if t.Field(i).Type.Kind() == reflect.Struct {
				all = append(all, named(t.Field(i).Type)...)
			}
		}
		return all
	}
	for _, key := range named(reflect.TypeFor[config]()) {
		if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(strings.TrimSpace(l), key+":") }) {
			t.Errorf("the example lacks %s", key)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte("listen: 127.0.0.1:1\naccount: {external: true}\n"))
	f.Add([]byte("widget: {origins: [a], messages_per_minute: many}\nx: 1\n---\nlog: 3\n"))
	f.Add([]byte("? [a]\n: &x {<<: *x}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		c := defaultConfig()
		if err := decodeSettings(text, &c); err == nil {
			_ = c.check() // whatever was read can be checked
		}
	})
}
