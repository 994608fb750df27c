// Command build makes the data of package lexicon from a Hunspell dictionary:
//
//	go run ./search/analysis/lexicon/build [-skip flags] it_IT.dic > it.words
//
// A file .dic wants its file .aff beside it; what the flags named by -skip add
// is left out. Any other file is a plain list of words. Words are folded as in
// questions; those with a capital, with other letters than a to z, or of one
// letter are left out. README.md of the package says what it was run with.
package main

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"sportello/search/analysis"
)

func main() {
	log.SetFlags(0)
	skip := flag.String("skip", "", "flags of the affix file whose forms are left out")
	longest := flag.Int("longest", 18, "letters of the longest word that is kept")
	flag.Parse()
	words := map[string]bool{}
	for _, file := range flag.Args() {
		rules, err := readAffixes(strings.TrimSuffix(file, ".dic")+".aff", *skip)
		if err != nil && strings.HasSuffix(file, ".dic") {
			log.Fatal(err)
		}
		if err := readWords(file, rules, *longest, words); err != nil {
			log.Fatal(err)
		}
	}
	data := spell(slices.Sorted(maps.Keys(words)))
	if _, err := os.Stdout.Write(data); err != nil {
		log.Fatal(err)
	}
	log.Printf("%d words, %d bytes", len(words), len(data))
}

// rule takes an ending (or beginning) off a word and puts another there.
type rule struct {
	prefix   bool
	off, add string
	where    *regexp.Regexp
}

// readAffixes returns the rules of each flag. Rules for prefixes that are no
// letters (elided articles) or capitals lead to nothing that is kept.
func readAffixes(path, skip string) (map[rune][]rule, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	rules := map[rune][]rule{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) < 5 || f[0] != "SFX" && f[0] != "PFX" || strings.Contains(skip, f[1]) {
			continue
		}
		r := rule{prefix: f[0] == "PFX", off: strings.Trim(f[2], "0"), add: f[3]}
		if r.add, _, _ = strings.Cut(r.add, "/"); r.add == "0" {
			r.add = ""
		}
		if r.prefix && (strings.ContainsAny(r.add, "'’") || r.off != "") {
			continue
		}
		where := f[4] + "$"
		if r.prefix {
			where = "^" + f[4]
		}
		if r.where, err = regexp.Compile(where); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, line, err)
		}
		flag := []rune(f[1])[0]
		rules[flag] = append(rules[flag], r)
	}
	return rules, nil
}

// apply returns the form that the rule makes of a word. Pronouns behind an
// Italian participle ("aggiornatoglielo") are refused: nobody types them.
func (r rule) apply(word string) (string, bool) {
	if !r.prefix && !strings.HasSuffix(word, r.off) || !r.where.MatchString(word) || !r.prefix && r.off == "" && strings.HasSuffix(word, "o") && !strings.HasSuffix(word, "ndo") {
		return "", false
	}
	if r.prefix {
		return r.add + word, true
	}
	stem, ok := strings.CutSuffix(word, r.off)
	return stem + r.add, ok
}

// readWords adds the forms of all words of a dictionary, or of a plain list, folded.
func readWords(path string, rules map[rune][]rule, longest int, all map[string]bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	keep := func(word string) {
		if unicode.IsUpper([]rune(word)[0]) {
			return // a place or a person
		}
		if w := analysis.Fold(word); len(w) > 1 && len(w) <= longest && strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") == "" {
			all[w] = true
		}
	}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		word, flags, _ := strings.Cut(strings.TrimSpace(lines.Text()), "/")
		if word == "" {
			continue
		}
		flags, _, _ = strings.Cut(flags, "\t")
		keep(word)
		forms := []string{word}
		for _, prefixes := range []bool{false, true} { // prefixes stand before all other forms
			for _, form := range forms {
				for _, flag := range flags {
					for _, r := range rules[flag] {
						if r.prefix != prefixes {
							continue
						}
						if made, ok := r.apply(form); ok && made != "" {
							keep(made)
							if !prefixes {
								forms = append(forms, made)
							}
						}
					}
				}
				if !prefixes {
					break // suffixes stand behind the word itself
				}
			}
		}
	}
	return lines.Err()
}

// state is a point of the graph while it is built.
type state struct {
	edges []edge
}

type edge struct {
	letter byte
	ends   bool
	to     *state
}

// spell writes the smallest graph that spells sorted words, see lexicon's
// automaton. States are made final from the end of each word on, as soon as no
// later word can add to them; equal ones are kept once.
func spell(words []string) []byte {
	root := &state{}
	path := []*state{root}
	known := map[string]*state{}
	numbers := map[*state]int{}
	settle := func(depth int) {
		for len(path)-1 > depth {
			n := len(path) - 1
			path[n-1].edges[len(path[n-1].edges)-1].to = unify(path[n], known, numbers)
			path = path[:n]
		}
	}
	before := ""
	for _, w := range words {
		shared := 0
		for shared < len(w) && shared < len(before) && w[shared] == before[shared] {
			shared++
		}
		settle(shared)
		for i := shared; i < len(w); i++ {
			next := &state{}
			at := path[len(path)-1]
			at.edges = append(at.edges, edge{w[i], i == len(w)-1, next})
			path = append(path, next)
		}
		before = w
	}
	settle(0)
	return write(root, numbers)
}

// unify returns the state kept for all that spell the same; nil for an end.
func unify(s *state, known map[string]*state, numbers map[*state]int) *state {
	if len(s.edges) == 0 {
		return nil
	}
	key := keyOf(s.edges, numbers)
	if same := known[key]; same != nil {
		return same
	}
	known[key] = s
	numbers[s] = len(numbers) + 1
	return s
}

// keyOf is the same for edges that spell the same.
func keyOf(edges []edge, numbers map[*state]int) string {
	var key strings.Builder
	for _, e := range edges {
		fmt.Fprintf(&key, "%c%t%d ", e.letter, e.ends, numbers[e.to])
	}
	return key.String()
}

// write lays the states out one after the other; one whose edges are the last
// ones of another is found there.
func write(root *state, numbers map[*state]int) []byte {
	states := slices.SortedFunc(maps.Keys(numbers), func(a, b *state) int {
		return cmp.Or(len(b.edges)-len(a.edges), numbers[a]-numbers[b])
	})
	first := map[string]uint32{}
	next := uint32(1)
	var placed []*state
	for _, s := range append([]*state{root}, states...) {
		if first[keyOf(s.edges, numbers)] > 0 {
			continue
		}
		placed = append(placed, s)
		for i := range s.edges {
			if key := keyOf(s.edges[i:], numbers); first[key] == 0 {
				first[key] = next + uint32(i)
			}
		}
		next += uint32(len(s.edges))
	}
	data := make([]byte, 4, 4*next)
	for _, s := range placed {
		for i, e := range s.edges {
			bits := uint32(e.letter - 'a' + 1)
			if e.ends {
				bits |= 1 << 5
			}
			if i == len(s.edges)-1 {
				bits |= 1 << 6
			}
			if e.to != nil {
				bits |= first[keyOf(e.to.edges, numbers)] << 8
			}
			data = binary.LittleEndian.AppendUint32(data, bits)
		}
	}
	return data
}
