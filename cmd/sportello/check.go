package main

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sportello/contacts"
	"sportello/kb"
	"sportello/kb/bundle"
)

type kbCheck struct {
	Paths []string `arg:"" optional:"" help:"Check these articles, and play these scripts, instead of all the content in use."`
}

// Help shows how it is used.
func (kbCheck) Help() string {
	return `Without a path it checks everything: the content that comes with the program, with content.folder of the configuration laid over it.

  sportello kb check my-articles            # a folder of .md files, or one
  sportello kb check scripts/risposta.txtar # play one script over the content in use`
}

func (c *kbCheck) Run(ctx context.Context, con *console) error {
	settings, err := con.settings()
	if err != nil {
		return err
	}
	m, err := readContent(settings.Content)
	if err != nil {
		fmt.Fprintln(con.Err, err)
	}
	if len(c.Paths) > 0 {
		if err != nil {
			return errTold
		}
		return con.checkPaths(ctx, settings, m, c.Paths)
	}
	if con.tell("kb", append(m.problems, bundle.Check(m.articles)...)) || err != nil {
		return errTold
	}
	if err := con.count(m); err != nil {
		return err
	}
	names, err := fs.Glob(m.fs, "scripts/*.txtar")
	if err != nil {
		return err
	}
	return con.playTold(ctx, settings, m, m.fs, names)
}

// checkPaths checks articles together with the content in use, for they may
// link to it, and plays scripts.
func (c *console) checkPaths(ctx context.Context, settings config, m *material, paths []string) error {
	var files, scripts []string
	for _, path := range paths {
		if filepath.Ext(path) == ".txtar" {
			scripts = append(scripts, path)
		} else {
			files = append(files, path)
		}
	}
	articles, err := c.readArticles(files)
	if err != nil {
		return err
	}
	ours := map[string]bool{}
	for _, a := range articles {
		ours[bundle.Path(a.Key())] = true
	}
	problems := slices.DeleteFunc(bundle.Check(append(slices.Clone(m.articles), articles...)), func(p bundle.Problem) bool { return !ours[p.File] })
	if c.tell(".", problems) {
		return errTold
	}
	if len(files) > 0 {
		if _, err := fmt.Fprintf(c.Out, "%s\n", countArticles(articles)); err != nil {
			return err
		}
	}
	if len(scripts) == 0 {
		return nil
	}
	return c.playTold(ctx, settings, m, anywhere{}, scripts)
}

// anywhere opens files by the names that people give in a command.
type anywhere struct{}

// Open implements fs.FS.
func (anywhere) Open(name string) (fs.File, error) { return os.Open(name) }

func (c *console) playTold(ctx context.Context, settings config, m *material, fsys fs.FS, names []string) error {
	played, failed, err := playScripts(ctx, c, settings, m, fsys, names)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(c.Out, "%d scripts played, %d failed\n", played, failed); err != nil {
		return err
	}
	if failed > 0 {
		return errTold
	}
	return nil
}

// count says how much of each there is.
func (c *console) count(m *material) error {
	types := 0
	for _, category := range m.catalogue.Categories {
		types += len(category.Types)
	}
	synonyms := 0
	for _, list := range m.synonyms {
		synonyms += len(list)
	}
	intents, err := fs.Glob(m.fs, "intents/*.yaml")
	if err != nil {
		return err
	}
	pages, err := fs.Glob(m.fs, "pages/*/*.md")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.Out, `%s
%d phrases, each in %s
%d categories with %d request types, %d applications
%d places of the phone tree
%d files of intents, %d synonyms
%d pages
`, countArticles(m.articles), len(m.phrases.Keys()), strings.Join(m.phrases.Languages(), " and "),
		len(m.catalogue.Categories), types, len(m.catalogue.Applications), places(m.book.Branches), len(intents), synonyms, len(pages))
	return err
}

func places(branches []contacts.Branch) int {
	n := len(branches)
	for _, b := range branches {
		n += places(b.Branches)
	}
	return n
}

// countArticles says how many there are, by language.
func countArticles(articles []kb.Article) string {
	languages := map[string]int{}
	for _, a := range articles {
		languages[a.Lang]++
	}
	text := fmt.Sprintf("%d articles", len(articles))
	for i, lang := range slices.Sorted(maps.Keys(languages)) {
		text += fmt.Sprintf("%s%d in %s", []string{": ", ", "}[min(i, 1)], languages[lang], lang)
	}
	return text
}
