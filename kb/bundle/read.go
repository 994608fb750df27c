package bundle

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"unicode/utf8"

	"sportello/internal/fault"
	"sportello/kb"
)

// mostFile is how many bytes a file may have, front matter included.
const mostFile = kb.MostBody + mostFront

// Read returns the articles of all .md files below fsys, in the order of their
// paths, and every mistake in them. An article with an Error is left out. Files
// and folders whose name begins with a dot, and other files, are passed over;
// symbolic links are not followed.
func Read(fsys fs.FS) ([]kb.Article, []Problem) {
	var articles []kb.Article
	var problems []Problem
	files := map[kb.Key]string{}
	report := func(file, phrase string, values fault.Values) {
		problems = append(problems, Problem{File: file, Severity: Error, Phrase: phrase, Values: values})
	}
	_ = fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			report(file, "kb.file.unreadable", fault.Values{"Detail": err.Error()})
			return nil
		case file != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir(), path.Ext(file) != ".md":
			return nil
		case !entry.Type().IsRegular():
			report(file, "kb.file.irregular", nil)
			return nil
		}
		a, found := ReadFile(fsys, file)
		problems = append(problems, found...)
		if Failed(found) {
			return nil
		}
		if earlier, twice := files[a.Key()]; twice {
			report(file, "kb.file.duplicate", fault.Values{"Article": a.Key().String(), "Other": earlier})
			return nil
		}
		files[a.Key()] = file
		articles = append(articles, a)
		return nil
	}) // every error was reported above
	return articles, inOrder(problems)
}

// ReadFile reads one article. If an Error is among the problems, the article
// is not to be used.
func ReadFile(fsys fs.FS, file string) (kb.Article, []Problem) {
	text, err := readText(fsys, file)
	if err != nil {
		phrase, values := fault.Public(err)
		if fault.KindOf(err) == fault.Internal {
			phrase, values = "kb.file.unreadable", fault.Values{"Detail": err.Error()}
		}
		return kb.Article{}, []Problem{{File: file, Severity: Error, Phrase: phrase, Values: values}}
	}
	r := reader{file: file}
	a := r.article(text)
	return a, inOrder(r.problems)
}

// readText returns a file as UTF-8 with plain line ends.
func readText(fsys fs.FS, file string) (_ string, err error) {
	f, err := fsys.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	text, err := io.ReadAll(io.LimitReader(f, mostFile+1))
	switch {
	case err != nil:
		return "", err
	case len(text) > mostFile:
		return "", fault.New(fault.TooLarge, "kb.file.huge", fault.Values{"Most": mostFile >> 10})
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return "", fault.New(fault.Invalid, "kb.file.utf16")
	case !utf8.Valid(text), bytes.IndexByte(text, 0) >= 0:
		return "", fault.New(fault.Invalid, "kb.file.binary")
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	return plainLines(string(text)), nil
}

func plainLines(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}
