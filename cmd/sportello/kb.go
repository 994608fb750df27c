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
	Paths []string `arg:"" help:"Markdown files, or folders of them."`
}

// Help says what an import does.
func (kbImport) Help() string {
	return "With any mistake nothing is imported. Imported articles belong to this installation: the files that come with the program no longer change them."
}

func (c *kbImport) Run(ctx context.Context, con *console) (err error) {
	articles, err := con.readArticles(c.Paths)
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
	_, err = fmt.Fprintf(con.Out, "%d articles added, %d updated, %d unchanged\n", len(report.Added), len(report.Updated), len(report.Unchanged))
	return err
}

// readArticles reads files and folders, and tells every mistake in them: with
// any error there are no articles.
func (c *console) readArticles(paths []string) ([]kb.Article, error) {
	var all []kb.Article
	from := map[kb.Key]string{}
	wrong := false
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			fmt.Fprintf(c.Err, "%s: there is no such file or folder\n", path)
			wrong = true
			continue
		}
		folder := path
		if !info.IsDir() {
			folder = filepath.Dir(path)
		}
		articles, problems := bundle.Read(articleFiles(path))
		wrong = c.tell(folder, problems) || wrong
		if len(articles)+len(problems) == 0 {
			fmt.Fprintf(c.Err, "%s: there is no article here; articles are files that end with .md\n", path)
			wrong = true
		}
		for _, a := range articles {
			if other, twice := from[a.Key()]; twice {
				fmt.Fprintf(c.Err, "%s: article %s is in %s, too\n", path, a.Key(), other)
				wrong = true
			}
			from[a.Key()] = path
		}
		all = append(all, articles...)
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
