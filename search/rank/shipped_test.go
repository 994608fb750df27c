package rank_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"sportello/kb/markdown"
	"sportello/search"
	"sportello/search/bleveindex"
	"sportello/search/rank"
)

const contentFolder = "../../content"

// shipped returns the articles we ship in a language, with the questions that
// were judged for them. Drafts and articles for some readers only count too:
// ranking is measured, not rights.
func shipped(lang string) (set rank.Set, err error) {
	files, err := filepath.Glob(filepath.Join(contentFolder, "kb", lang, "*.md"))
	if err != nil {
		return set, err
	}
	for _, f := range files {
		d, err := article(f)
		if err != nil {
			return set, err
		}
		set.Documents = append(set.Documents, d)
	}
	judged := filepath.Join(contentFolder, "judged", lang)
	if err := set.Judge(filepath.Join(judged, "queries.jsonl"), filepath.Join(judged, "qrels.tsv")); err != nil {
		return set, err
	}
	for i := range set.Questions {
		set.Questions[i].Lang = lang
	}
	return set, nil
}

// article reads what the index needs of an article's file.
func article(file string) (d search.Document, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return d, err
	}
	head, body, found := strings.Cut(strings.TrimPrefix(string(text), "---\n"), "\n---\n")
	if !found {
		return d, errors.New(file + " has no front matter")
	}
	var front struct {
		ID, Title, Lang, Application string
		Questions, Tags              []string
	}
	if err := yaml.NewDecoder(bytes.NewReader([]byte(head))).Decode(&front); err != nil {
		return d, err
	}
	d = search.Document{
		ID: front.ID, Lang: front.Lang, Title: front.Title, Questions: front.Questions, Tags: front.Tags,
		Application: front.Application, Audience: search.All,
	}
	for _, s := range markdown.Sections(body) {
		d.Sections = append(d.Sections, search.Section{Anchor: s.Anchor, Heading: s.Heading, Text: s.Text})
	}
	return d, nil
}

// ours opens our index with the synonyms and applications we ship.
func ours() (rank.Open, error) {
	synonyms, err := search.ReadSynonyms(os.DirFS(filepath.Join(contentFolder, "synonyms")))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(contentFolder, "applications.yaml"))
	if err != nil {
		return nil, err
	}
	var list []struct {
		ID, Name string
		Aliases  []string
	}
	if err := yaml.Unmarshal(text, &list); err != nil {
		return nil, err
	}
	o := bleveindex.Options{Synonyms: synonyms}
	for _, a := range list {
		o.Applications = append(o.Applications, search.Application{ID: a.ID, Name: a.Name, Aliases: a.Aliases})
	}
	return func(dir string) (search.Index, error) { return bleveindex.Open(dir, o) }, nil
}
