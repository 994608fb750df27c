// Package rank measures a search index on judged questions: whether the right
// article comes first, whether confidence can be trusted, and what it costs.
package rank

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sportello/internal/fault"
	"sportello/search"
)

// Article is one line of articles.jsonl; the body is plain text.
type Article struct {
	ID    string   `json:"id"`
	Title string   `json:"title"`
	Body  string   `json:"body"`
	Tags  []string `json:"tags"`
	Lang  string   `json:"lang"`
}

// Question is one line of queries.jsonl.
type Question struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Split string `json:"split"`
	Kind  string `json:"kind"`
	Lang  string `json:"lang"`
}

// Set is a knowledge base with judged questions. A question without a grade
// has no answer in it.
type Set struct {
	Articles  []Article
	Documents []search.Document // used instead of Articles if given
	Questions []Question
	Grades    map[string]map[string]int // question → article → 1 acceptable, 2 the one
}

// Load reads a set from its three files, and reports every line it cannot read.
func Load(articles, questions, grades string) (set Set, err error) {
	defer fault.Wrap(&err, "load judged questions")
	if set.Articles, err = readLines[Article](articles); err != nil {
		return set, err
	}
	return set, set.Judge(questions, grades)
}

// Judge reads questions and their grades for the articles that the set has.
func (s *Set) Judge(questions, grades string) (err error) {
	if s.Questions, err = readLines[Question](questions); err != nil {
		return err
	}
	s.Grades, err = readGrades(grades)
	return errors.Join(err, s.check())
}

// LoadDir reads the set in a folder; one with a file base.txt uses the
// articles of the set named in it.
func LoadDir(dir string) (Set, error) {
	articles := filepath.Join(dir, "articles.jsonl")
	if base, err := os.ReadFile(filepath.Join(dir, "base.txt")); err == nil {
		articles = filepath.Join(filepath.Dir(dir), filepath.Base(strings.TrimSpace(string(base))), "articles.jsonl")
	}
	return Load(articles, filepath.Join(dir, "queries.jsonl"), filepath.Join(dir, "qrels.tsv"))
}

// Names returns the names of the sets below a folder; none if it is not there.
func Names(folder string) []string {
	found, err := filepath.Glob(filepath.Join(folder, "*", "queries.jsonl"))
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range found {
		names = append(names, filepath.Base(filepath.Dir(f)))
	}
	return names
}

// Only returns the set with the questions of one split; all of them for "".
func (s Set) Only(split string) Set {
	if split != "" {
		s.Questions = slices.DeleteFunc(slices.Clone(s.Questions), func(q Question) bool { return q.Split != split })
	}
	return s
}

// check reports IDs that occur twice, and an empty set.
func (s Set) check() error {
	var errs []error
	if len(s.Articles)+len(s.Documents) == 0 {
		errs = append(errs, errors.New("there is no article"))
	}
	if len(s.Questions) == 0 {
		errs = append(errs, errors.New("there is no question"))
	}
	seen := map[string]bool{}
	for _, a := range s.Articles {
		if a.ID == "" || seen[a.ID] {
			errs = append(errs, fmt.Errorf("article ID %q is empty or occurs twice", a.ID))
		}
		seen[a.ID] = true
	}
	clear(seen)
	for _, q := range s.Questions {
		if q.ID == "" || seen[q.ID] {
			errs = append(errs, fmt.Errorf("question ID %q is empty or occurs twice", q.ID))
		}
		seen[q.ID] = true
	}
	return errors.Join(errs...)
}

// Docs are the articles as an index takes them: the body is one section
// for each of its paragraphs' runs, without headings.
func (s Set) Docs() []search.Document {
	if s.Documents != nil {
		return s.Documents
	}
	docs := make([]search.Document, len(s.Articles))
	for i, a := range s.Articles {
		if a.Lang == "" {
			a.Lang = "it"
		}
		docs[i] = search.Document{
			ID: a.ID, Lang: a.Lang, Title: a.Title, Tags: a.Tags, Audience: search.All,
			Sections: []search.Section{{Text: a.Body}},
		}
	}
	return docs
}

// readLines reads a file of one JSON value a line.
func readLines[T any](path string) (all []T, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var errs []error
	in := bufio.NewReader(f)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var v T
			if err := json.Unmarshal(line, &v); err != nil {
				errs = append(errs, fmt.Errorf("%s:%d: %w", path, n, err))
			}
			all = append(all, v)
		}
		if err == io.EOF {
			return all, errors.Join(errs...)
		}
		if err != nil {
			return nil, err
		}
	}
}

// readGrades reads question, article and grade, parted by tabs. Lines with a
// grade of 0 or less say that the article is not right, and are left out.
func readGrades(path string) (map[string]map[string]int, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	grades := map[string]map[string]int{}
	var errs []error
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			errs = append(errs, fmt.Errorf("%s:%d: want question, article and grade", path, n))
			continue
		}
		grade, err := strconv.Atoi(fields[2])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: grade %q is no number", path, n, fields[2]))
			continue
		}
		if grade < 1 {
			continue
		}
		if grades[fields[0]] == nil {
			grades[fields[0]] = map[string]int{}
		}
		grades[fields[0]][fields[1]] = grade
	}
	return grades, errors.Join(errs...)
}
