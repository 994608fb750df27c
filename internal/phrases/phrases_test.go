package phrases_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sportello/internal/phrases"
)

func files(it, en string) fstest.MapFS {
	return fstest.MapFS{"it/a.yaml": {Data: []byte(it)}, "en/a.yaml": {Data: []byte(en)}}
}

func TestPhrasesAreToldInTheReadersLanguage(t *testing.T) {
	c, err := phrases.Read(files(
		"hello: Buongiorno, {{.Name}}\ntickets:\n  one: un ticket\n  other: \"{{.Count}} ticket\"\n",
		"hello: Hello, {{.Name}}\ntickets:\n  one: one ticket\n  other: \"{{.Count}} tickets\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		lang, key string
		values    map[string]any
		want      string
	}{
		{"it", "hello", map[string]any{"Name": "Ada"}, "Buongiorno, Ada"},
		{"en", "hello", map[string]any{"Name": "Ada"}, "Hello, Ada"},
		{"de", "hello", map[string]any{"Name": "Ada"}, "Buongiorno, Ada"},
		{"it", "tickets", map[string]any{"Count": 1}, "un ticket"},
		{"it", "tickets", map[string]any{"Count": 3}, "3 ticket"},
		{"en", "tickets", map[string]any{"Count": 2}, "2 tickets"},
		{"it", "nobody.wrote.this", nil, "‹nobody.wrote.this›"},
	} {
		if got := c.Say(test.lang, test.key, test.values); got != test.want {
			t.Errorf("Say(%s, %s) = %q, want %q", test.lang, test.key, got, test.want)
		}
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	_, err := phrases.Read(fstest.MapFS{
		"it/a.yaml": {Data: []byte("only.italian: sì\ntwice: uno\nplural:\n  one: uno\n")},
		"it/b.yaml": {Data: []byte("twice: due\n")},
		"en/a.yaml": {Data: []byte("twice: two\nbroken: [\n")},
	})
	if err == nil {
		t.Fatal("no mistake was reported")
	}
	for _, want := range []string{"twice is told twice", "plural needs exactly one and other", "en/a.yaml"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("mistakes do not mention %q:\n%v", want, err)
		}
	}
}

func TestAPhraseMissingInOneLanguageIsAMistake(t *testing.T) {
	_, err := phrases.Read(files("a: uno\nb: due\n", "a: one\n"))
	if err == nil || !strings.Contains(err.Error(), `b is missing in "en"`) {
		t.Errorf("got %v", err)
	}
}

func TestDatesAreItalian(t *testing.T) {
	at := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	if got := phrases.DateTime("it", at); got != "23/11/2026, ore 18:00" {
		t.Error(got)
	}
	if got := phrases.Weekday("it", at.Weekday()); got != "lunedì" {
		t.Error(got)
	}
}
