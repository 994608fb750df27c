package contacts

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/internal/golden"
	"sportello/internal/phrases"
)

var rome = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err)
	}
	return zone
}()

// at is a moment on the clocks of Rome, written 2026-11-23 09:30.
func at(t *testing.T, moment string) time.Time {
	t.Helper()
	parsed, err := time.ParseInLocation("2006-01-02 15:04", moment, rome)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func shipped(t testing.TB) Book {
	t.Helper()
	book, err := Read(os.DirFS("../content"))
	if err != nil {
		t.Fatal(err)
	}
	return book
}

func sayIn(t *testing.T, lang string) Say {
	t.Helper()
	files := fstest.MapFS{}
	for _, l := range []string{"it", "en"} {
		text, err := os.ReadFile("../content/phrases/" + l + "/contacts.yaml")
		if err != nil {
			t.Fatal(err)
		}
		files[l+"/contacts.yaml"] = &fstest.MapFile{Data: text}
	}
	catalogue, err := phrases.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	return func(key string, values map[string]any) string { return catalogue.Say(lang, key, values) }
}

func branch(t *testing.T, b Book, path string) Branch {
	t.Helper()
	found, ok := b.Branch(path)
	if !ok {
		t.Fatalf("there is no branch %s", path)
	}
	return found
}

func TestTheTreeIsTheOneOfTheNotice(t *testing.T) {
	b := shipped(t)
	var tree strings.Builder
	for branch := range b.all {
		week := b.Advise(branch, "it", time.Now()).WeekText()
		tree.WriteString(branch.Path + " | " + branch.Label("it") + " | " + branch.Label("en") + " | " + week + "\n")
	}
	golden.Check(t, "testdata/tree.golden", []byte(tree.String()))
	if b.Number != "800.749.049" || b.Dial() != "800749049" || b.Email.Address != "assistenza@giustizia.it" || !b.Email.OneWay {
		t.Errorf("the channels are %q (%q) and %+v", b.Number, b.Dial(), b.Email)
	}
}

func TestApplicationsLeadToTheirBranch(t *testing.T) {
	b := shipped(t)
	for id, want := range map[string][]string{
		"sicoge": {"3.1"}, "adi": {"4"}, "pct-cassazione": {"2"}, "adn": {"1"}, "consolle": {"1"},
		"never-heard-of": {"1"}, "noipa": nil,
	} {
		if diff := cmp.Diff(want, paths(b.ForApplication(id))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
}

func paths(branches []Branch) []string {
	var paths []string
	for _, b := range branches {
		paths = append(paths, b.Path)
	}
	return paths
}

func TestQuestionsFindTheirBranch(t *testing.T) {
	b := shipped(t)
	for question, want := range map[string][]string{
		"che numero chiamo per SICOGE?":                              {"3.1"},
		"sono un avvocato, PCT in Cassazione":                        {"2.1"},
		"avvocatura dello stato, deposito in cassazione":             {"2.1"},
		"giudice della Cassazione, PCT":                              {"2.2"},
		"sono un magistrato della Suprema Corte, la busta non parte": {"2.2"},
		"giudice della Cassazione, password scaduta":                 {"1.6"},
		"il PC di un consigliere di Cassazione non si accende":       {"1.6"},
		"reset password, ufficio del Sud":                            {"1.4"},
		"sblocco account dal nord":                                   {"1.2"},
		"area centro":                                                {"1.3"},
		"stampante, uffici centrali":                                 {"1.5"},
		"devo fare il reset della password":                          {"1"},
		"intercettazioni, chi chiamo":                                {"4"},
		"ADI":                                                        {"4"},
		"assistenza applicativi esterni":                             {"3"},
		"pct":                                                        {"1"},
		"numero per la Cassazione":                                   {"1.6", "2"},
		"lawyer, electronic civil trial at the Court of Cassation":   {"2.1"},
		"password reset in the south":                                {"1.4"},
		"ciao":                                                       nil,
		"":                                                           nil,
		"la postilla del nordico":                                    nil,
	} {
		if diff := cmp.Diff(want, paths(b.Find(question))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", question, diff)
		}
	}
}

func TestMistakesAreToldAllAtOnceWithTheirLine(t *testing.T) {
	_, err := Read(os.DirFS("testdata/broken"))
	if err == nil {
		t.Fatal("a book full of mistakes was read")
	}
	golden.Check(t, "testdata/broken.golden", []byte(err.Error()+"\n"))
	if book, err := Read(fstest.MapFS{}); err == nil || len(book.Branches) != 0 {
		t.Error("a missing book was read")
	}
}

func FuzzRead(f *testing.F) {
	for _, folder := range []string{"../content", "testdata/broken"} {
		contacts, err := os.ReadFile(folder + "/" + contactsFile)
		if err != nil {
			f.Fatal(err)
		}
		holidays, err := os.ReadFile(folder + "/" + holidaysFile)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(contacts, holidays)
	}
	f.Fuzz(func(t *testing.T, contacts, holidays []byte) {
		book, err := Read(fstest.MapFS{contactsFile: {Data: contacts}, holidaysFile: {Data: holidays}})
		if err != nil {
			return
		}
		now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
		if book.Operators().Path == "" {
			t.Error("a book without operators was read")
		}
		book.Advise(book.Operators(), "it", now)
		book.ParseDay("a Natale siete aperti?", now)
	})
}
