package main

import (
	"cmp"
	"fmt"
	"html"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sportello/search/analysis"
)

// corpus is what was read: words are stems, those of the grammar left out.
type corpus struct {
	lines      [][]string
	translated []translated
	thesaurus  map[string]map[string]bool // word → those it names
	spellings  map[string]map[string]int  // stem → how it is written, how often
	read       map[string]bool            // lines, as each counts once
}

// translated is a line in both languages.
type translated struct{ english, italian []string }

// read reads all files of a folder that it knows how to read.
func read(folder string) (*corpus, error) {
	c := &corpus{thesaurus: map[string]map[string]bool{}, spellings: map[string]map[string]int{}, read: map[string]bool{}}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		take := c.reader(path)
		if take == nil {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := take(text); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	})
	if err == nil {
		err = c.addDescriptions(folder)
	}
	if err == nil && (len(c.lines) == 0 || len(c.translated) == 0 || len(c.thesaurus) == 0) {
		err = fmt.Errorf("%s lacks Italian texts, translations or a thesaurus: fill it by scripts/italian-texts.sh", folder)
	}
	return c, err
}

var italianPath = regexp.MustCompile(`/it([_-]IT)?/|[.-]it\.html$`)

// reader tells how to read a file; nil for one that says nothing.
func (c *corpus) reader(path string) func([]byte) error {
	switch ext := filepath.Ext(path); {
	case filepath.Base(path) == "th_it_IT_v2.dat":
		return c.addThesaurus
	case !italianPath.MatchString(path):
		return nil
	case ext == ".mo":
		return c.addCatalogue
	case ext == ".html", ext == ".page", ext == ".docbook":
		return c.addPage
	}
	return nil
}

var (
	unread = regexp.MustCompile(`(?is)<(script|style|pre)\b.*?</(script|style|pre)>`)
	ending = regexp.MustCompile(`(?i)</(p|div|li|h\d|td|tr|title|para|term|dt|dd|item|section|desc)>`)
	tag    = regexp.MustCompile(`<[^>]*>`)
	gap    = regexp.MustCompile(`\n\s*\n|[.;?!]\n`)
)

// plain is the text of a marked-up one.
func plain(text string) string {
	text = ending.ReplaceAllString(unread.ReplaceAllString(text, " "), "\n\n")
	return html.UnescapeString(tag.ReplaceAllString(text, " "))
}

// addPage reads a page of documentation, parts of which may be in English.
func (c *corpus) addPage(page []byte) error {
	for _, l := range gap.Split(plain(string(page)), -1) {
		words := analysis.Analyze(analysis.Italian, l)
		grammar := 0
		for _, w := range words {
			if w.Function {
				grammar++
			}
		}
		if grammar*8 >= len(words) {
			c.add(l)
		}
	}
	return nil
}

// add reads a line of Italian and returns its words.
func (c *corpus) add(line string) []string {
	var stems []string
	again := c.read[line]
	c.read[line] = true
	for _, w := range analysis.Analyze(analysis.Italian, line) {
		if !says(w) {
			continue
		}
		stems = append(stems, w.Term)
		if again {
			continue
		}
		if c.spellings[w.Term] == nil {
			c.spellings[w.Term] = map[string]int{}
		}
		c.spellings[w.Term][w.Text]++
	}
	if len(stems) > 0 && !again {
		c.lines = append(c.lines, stems)
	}
	return stems
}

// addTranslated reads a line in both languages.
func (c *corpus) addTranslated(english, italian string) {
	t := translated{italian: c.add(italian)}
	for _, w := range analysis.Analyze(analysis.English, english) {
		if says(w) {
			t.english = append(t.english, w.Term)
		}
	}
	if both := english + "\x00" + italian; len(t.italian) > 0 && !c.read[both] {
		c.read[both] = true
		c.translated = append(c.translated, t)
	}
}

var letters = regexp.MustCompile(`^[a-z]{2,}$`)

// says reports whether a word says something; "AI" might be "ai".
func says(w analysis.Word) bool {
	return !w.Function && !analysis.Function(analysis.Italian, w.Text) && letters.MatchString(w.Term)
}

// addThesaurus reads a thesaurus as LibreOffice has it: a word and the number
// of its meanings, then each of them in a line, all parted by bars.
func (c *corpus) addThesaurus(text []byte) error {
	head := ""
	for l := range strings.Lines(string(text)) {
		words := strings.Split(strings.TrimSpace(l), "|")
		if !strings.HasPrefix(words[0], "(") {
			head = stem(words[0])
			continue
		}
		for _, w := range words[1:] {
			other := stem(w)
			if head == "" || other == "" || other == head {
				continue
			}
			if c.thesaurus[head] == nil {
				c.thesaurus[head] = map[string]bool{}
			}
			c.thesaurus[head][other] = true
		}
	}
	return nil
}

// stem is the stem of what is a single word that says something, or "".
func stem(word string) string {
	words := analysis.Analyze(analysis.Italian, word)
	if len(words) != 1 || !says(words[0]) {
		return ""
	}
	return words[0].Term
}

// synonyms returns the words that the thesaurus names for a word, and it for them.
func (c *corpus) synonyms(word string) (both []string) {
	for other := range c.thesaurus[word] {
		if c.thesaurus[other][word] {
			both = append(both, other)
		}
	}
	slices.Sort(both)
	return both
}

// spelling is how a stem is written most often.
func (c *corpus) spelling(stem string) string {
	best := ""
	for s, n := range c.spellings[stem] {
		if m := c.spellings[stem][best]; best == "" || cmp.Or(cmp.Compare(n, m), cmp.Compare(best, s)) > 0 {
			best = s
		}
	}
	return best
}
