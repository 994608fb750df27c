package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"text/tabwriter"

	"sportello/kb"
	"sportello/kb/bundle"
)

type kbCommands struct {
	Import kbImport `cmd:"" help:"Import articles from files or folders."`
	Export kbExport `cmd:"" help:"Export every article to a folder."`
	Check  kbCheck  `cmd:"" help:"Check articles and all other content, and play the conversation scripts."`
	List   kbList   `cmd:"" help:"List the articles."`
}

type kbImport struct {
	Paths []string `arg:"" type:"existingpath" help:"Markdown files, or folders of them."`
}

func (c *kbImport) Run(ctx context.Context, con *console) (err error) {
	articles, err := readArticles(con, c.Paths)
	if err != nil {
		return err
	}
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	report, err := a.library.Import(ctx, articles, kb.Local)
	if err != nil {
		return err
	}
	if _, err := a.indexer.CatchUp(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(con.Out, report)
	return err
}

// readArticles reads files and folders. With any error nothing is imported.
func readArticles(con *console, paths []string) ([]kb.Article, error) {
	var all []kb.Article
	wrong := false
	for _, path := range paths {
		articles, problems := bundle.Read(articleFiles(path))
		all = append(all, articles...)
		wrong = tell(con, problems) || wrong
	}
	if wrong {
		return nil, errTold
	}
	return all, nil
}

// articleFiles is a folder, or a file alone in one.
func articleFiles(path string) fs.FS {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return os.DirFS(path)
	}
	return oneFile{os.DirFS(filepath.Dir(path)), filepath.Base(path)}
}

// oneFile shows only one file of a folder.
type oneFile struct {
	fs.FS
	name string
}

// ReadDir implements fs.ReadDirFS.
func (o oneFile) ReadDir(name string) ([]fs.DirEntry, error) {
	info, err := fs.Stat(o.FS, o.name)
	if err != nil || name != "." {
		return nil, err
	}
	return []fs.DirEntry{fs.FileInfoToDirEntry(info)}, nil
}

// tell prints problems and reports whether one of them is an error.
func tell(con *console, problems []bundle.Problem) bool {
	wrong := false
	for _, p := range problems {
		if p.Severity != bundle.Info {
			fmt.Fprintln(con.Err, p)
		}
		wrong = wrong || p.Severity == bundle.Error
	}
	return wrong
}

type kbExport struct {
	Dir string `arg:"" help:"Folder to write to."`
}

func (c *kbExport) Run(ctx context.Context, con *console) (err error) {
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	articles, err := a.articles.Articles(ctx, kb.Filter{})
	if err != nil {
		return err
	}
	if err := bundle.Write(c.Dir, articles); err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.Out, "%d articles written to %s\n", len(articles), c.Dir)
	return err
}

type kbCheck struct {
	Paths []string `arg:"" optional:"" type:"existingpath" help:"Check these articles instead of the content in use."`
}

func (c *kbCheck) Run(ctx context.Context, con *console) error {
	if len(c.Paths) > 0 {
		articles, err := readArticles(con, c.Paths)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(con.Out, "%d articles checked\n", len(articles))
		return err
	}
	settings, err := con.settings()
	if err != nil {
		return err
	}
	material, err := readContent(settings.Content)
	if err != nil {
		return err
	}
	if tell(con, append(material.problems, bundle.Check(material.articles)...)) {
		return errTold
	}
	played, failed, err := playScripts(ctx, con, settings, material)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(con.Out, "%d articles checked, %d scripts played, %d failed\n", len(material.articles), played, failed); err != nil {
		return err
	}
	if failed > 0 {
		return errTold
	}
	return nil
}

type kbList struct {
	JSON bool `help:"Print JSON." name:"json"`
}

// listedArticle is an article as programs read it.
type listedArticle struct {
	ID          string    `json:"id"`
	Lang        string    `json:"lang"`
	Title       string    `json:"title"`
	Tags        []string  `json:"tags"`
	Application string    `json:"application"`
	Status      kb.Status `json:"status"`
}

func (c *kbList) Run(ctx context.Context, con *console) (err error) {
	a, err := con.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	articles, err := a.articles.Articles(ctx, kb.Filter{})
	if err != nil {
		return err
	}
	list := []listedArticle{}
	for _, one := range articles {
		list = append(list, listedArticle{one.ID, one.Lang, one.Title, append([]string{}, one.Tags...), one.Application, one.Status})
	}
	if c.JSON {
		return json.NewEncoder(con.Out).Encode(list)
	}
	w := tabwriter.NewWriter(con.Out, 0, 0, 2, ' ', 0)
	for _, one := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", one.Lang, one.ID, one.Status, one.Title)
	}
	return w.Flush()
}
