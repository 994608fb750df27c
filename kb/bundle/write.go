package bundle

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode"

	"sportello/internal/fault"
	"sportello/kb"
)

// Write writes every article to its file below dir, which is created where
// missing, replacing what is there. It writes nothing if an article breaks a
// rule or comes twice, and nothing outside dir, even through symbolic links.
func Write(dir string, articles []kb.Article) (err error) {
	defer fault.Wrap(&err, "write %d articles", len(articles))
	var mistakes []error
	seen := map[kb.Key]bool{}
	for _, a := range articles {
		mistakes = append(mistakes, a.Check())
		if seen[a.Key()] {
			mistakes = append(mistakes, fault.New(fault.Invalid, "kb.twice", fault.Values{"Article": a.Key().String()}))
		}
		seen[a.Key()] = true
	}
	if err := errors.Join(mistakes...); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	for _, a := range articles {
		if err := writeFile(root, Path(a.Key()), Marshal(a)); err != nil {
			return err
		}
	}
	return nil
}

// writeFile replaces a file at once: a reader sees the old one or the new one.
func writeFile(root *os.Root, file string, text []byte) error {
	folder, name := path.Split(file)
	if err := root.Mkdir(strings.TrimSuffix(folder, "/"), 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	fresh := folder + "." + name + ".new"
	if err := root.WriteFile(fresh, text, 0o644); err != nil {
		return err
	}
	return root.Rename(fresh, file)
}

// Marshal writes an article as a file. The same article gives the same bytes,
// and Read gives the same article.
func Marshal(a kb.Article) []byte {
	var b bytes.Buffer
	text := func(key, value string) {
		if value != "" {
			b.WriteString(key + ": " + quoted(value, false) + "\n")
		}
	}
	inline := func(key string, list []string) {
		if len(list) == 0 {
			return
		}
		b.WriteString(key + ": [")
		for i, entry := range list {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(quoted(entry, true))
		}
		b.WriteString("]\n")
	}
	b.WriteString("---\n")
	text("id", a.ID)
	text("title", a.Title)
	text("lang", a.Lang)
	if len(a.Questions) > 0 {
		b.WriteString("questions:\n")
		for _, q := range a.Questions {
			b.WriteString("  - " + quoted(q, false) + "\n")
		}
	}
	inline("tags", a.Tags)
	text("application", a.Application)
	text("audience", string(a.Audience))
	text("status", string(a.Status))
	if !a.ReviewBy.IsZero() {
		b.WriteString("review_by: " + a.ReviewBy.Format(time.DateOnly) + "\n")
	}
	inline("related", a.Related)
	b.WriteString("---\n")
	b.WriteString(plainLines(a.Body))
	return b.Bytes()
}

// plainLine is a text that YAML takes for itself at the end of a line: it
// begins with a letter, no word of it begins with # or ends with a colon, and
// blanks are single.
var plainLine = regexp.MustCompile(`^\p{L}` + rest(`[\]{}\\`) + `$`)

// plainEntry is one that is plain between brackets too.
var plainEntry = regexp.MustCompile(`^\p{L}` + rest(`[\]{}\\,:`) + `$`)

// rest is what may follow the first letter, without the marks in but.
func rest(but string) string {
	letter := func(not string) string { return `[^` + not + but + `\p{C}\p{Z}]` }
	word := `(` + letter(`#:`) + `|` + letter(`#`) + letter(``) + `*` + letter(`:`) + `)`
	return `(` + letter(``) + `*` + letter(`:`) + `)?( ` + word + `)*`
}

// meant are words that YAML, or an older YAML, takes for something else.
var meant = regexp.MustCompile(`^(?i:true|false|null|yes|no|on|off|y|n|inf|nan)$`)

func quoted(text string, within bool) string {
	safe := plainLine
	if within {
		safe = plainEntry
	}
	if safe.MatchString(text) && !meant.MatchString(text) {
		return text
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(text); err != nil {
		panic(err) // a string always marshals
	}
	return escapeUnprintable(strings.TrimSuffix(b.String(), "\n"))
}

// escapeUnprintable escapes what JSON lets stand in a string and YAML does not.
func escapeUnprintable(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r > 0x7e && r < 0x10000 && !unicode.IsPrint(r) {
			b.WriteString(`\u` + hex4(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func hex4(r rune) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[r>>12&15], digits[r>>8&15], digits[r>>4&15], digits[r&15]})
}
