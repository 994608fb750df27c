// Command learn finds the words that Italian text uses for one another, and
// writes them as search/associations reads them. It reads a folder filled by
// scripts/italian-texts.sh: documentation, message catalogues, package
// descriptions and a thesaurus. The same folder gives the same file.
package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"
)

// A pair is kept from these on. They were chosen on the development sets; the
// neighbourhood of each does about as well.
const (
	leastSeen    = 6    // times a word occurs in the texts
	leastCompany = 0.1  // likeness of the company that two words of the thesaurus keep,
	leastShared  = 0.2  // or of what they translate
	oftenSeen    = 20   // times a word occurs, if only translations speak for it
	leastChance  = 0.05 // that one is translated and back into the other
	sameSubject  = 0.08 // likeness of their company
	mostRemote   = 4    // words a word leads to by translations alone
)

func main() {
	log.SetFlags(0)
	texts := flag.String("texts", "", "folder that scripts/italian-texts.sh filled")
	out := flag.String("o", "search/associations/it.txt", "file to write")
	flag.Parse()
	if err := run(*texts, *out); err != nil {
		log.Fatal(err)
	}
}

func run(texts, out string) error {
	c, err := read(texts)
	if err != nil {
		return err
	}
	log.Printf("read %d lines, %d translated ones, %d words of the thesaurus", len(c.lines), len(c.translated), len(c.thesaurus))
	f, err := os.Create(out)
	if err != nil {
		return err
	}
	defer f.Close()
	w := bufio.NewWriter(f)
	for _, a := range learn(c) {
		fmt.Fprintf(w, "%s\t%s\t%s\n", a.word, strings.Join(a.near, " "), strings.Join(a.remote, " "))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return f.Close()
}

// association is one line of the file.
type association struct {
	word         string
	near, remote []string
}

// learn returns the words that lead to others, in alphabetical order.
func learn(c *corpus) (all []association) {
	v := newVocabulary(c.lines)
	alike := companyOf(v, c.lines)
	shared := translationsOf(v, c.translated)
	for i, term := range v.words {
		a := association{word: c.spelling(term)}
		known := map[int32]bool{int32(i): true}
		for _, other := range c.synonyms(term) {
			j, found := v.number[other]
			if found && (alike.cosine(int32(i), j) > leastCompany || shared.likeness(int32(i), j) > leastShared) {
				a.near = append(a.near, c.spelling(other))
				known[j] = true
			}
		}
		if v.seen[i] >= oftenSeen {
			for _, j := range shared.paraphrases(int32(i)) {
				if !known[j] && v.seen[j] >= oftenSeen && alike.cosine(int32(i), j) > sameSubject {
					a.remote = append(a.remote, c.spelling(v.words[j]))
				}
			}
		}
		if len(a.near)+len(a.remote) > 0 {
			slices.Sort(a.near)
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b association) int { return cmp.Compare(a.word, b.word) })
	return all
}
