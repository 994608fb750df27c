package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// catalogue is a compiled message catalogue.
func catalogue(messages ...[2]string) []byte {
	n := uint32(len(messages))
	head := []uint32{0x950412de, 0, n, 28, 28 + 8*n, 0, 0}
	at := 28 + 16*n
	var tables [2][]uint32
	var text []byte
	for side := range 2 {
		for _, m := range messages {
			tables[side] = append(tables[side], uint32(len(m[side])), at+uint32(len(text)))
			text = append(append(text, m[side]...), 0)
		}
	}
	var b bytes.Buffer
	for _, part := range []any{head, tables[0], tables[1], text} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			panic(err)
		}
	}
	return b.Bytes()
}

func folder(t *testing.T, files map[string]string) string {
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTextsOfAllKindsAreRead(t *testing.T) {
	c, err := read(folder(t, map[string]string{
		"a/help/it/page.html": "<title>Stampare</title><style>p{}</style><p>La stampante &egrave; spenta.</p><p>Turn printer on</p>",
		"a/help/de/page.html": "<p>Der Drucker ist aus.</p>",
		"a/it/LC_MESSAGES/a.mo": string(catalogue([2]string{"", "charset=UTF-8"}, [2]string{"menu\x04_Print <b>file</b>", "S_tampa documento"},
			[2]string{"page\x00pages", "pagina\x00pagine"}, [2]string{"OK", "OK"})),
		"b/th_it_IT_v2.dat": "UTF-8\nsbaglio|1\n(s.m.)|errore|passo falso\nerrore|1\n(s.m.)|sbaglio|svista\n",
		"Translation-en":    "Package: a\nDescription-md5: 1\nDescription-en: image viewer\n Shows\n images.\n .\n Quickly.\n\n",
		"Translation-it":    "Package: a\nDescription-md5: 1\nDescription-it: visore immagini\n Mostra\n immagini.\n .\n Velocemente.\n\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, l := range c.lines {
		lines = append(lines, strings.Join(l, " "))
	}
	if diff := cmp.Diff([]string{"stampant spent", "stamp document", "pagin", "visor immagin", "mostr immagin", "velocement"}, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	var english []string
	for _, l := range c.translated {
		english = append(english, strings.Join(l.english, " "))
	}
	if diff := cmp.Diff([]string{"print file", "page", "imag viewer", "show imag", "quickli"}, english); diff != "" {
		t.Errorf("originals (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"error"}, c.synonyms("sbagl")); diff != "" {
		t.Errorf("synonyms (-want +got):\n%s", diff)
	}
}

func TestAFolderWithoutTextsIsAMistake(t *testing.T) {
	if _, err := read(t.TempDir()); err == nil {
		t.Error("nothing was read, and nothing said")
	}
}

func TestABrokenCatalogueIsAMistake(t *testing.T) {
	whole := catalogue([2]string{"File", "Documento"})
	for n := range len(whole) - 1 {
		if err := (&corpus{}).addCatalogue(whole[:n]); err == nil {
			t.Fatalf("%d bytes of %d were taken for a catalogue", n, len(whole))
		}
	}
}

// A little world where "comprare" and "acquistare" keep the same company and
// translate the same word, "vendere" keeps their company only, and the
// thesaurus knows more than is true here.
func TestTheThesaurusIsBelievedWhereTextsAgree(t *testing.T) {
	c := &corpus{spellings: map[string]map[string]int{}, thesaurus: map[string]map[string]bool{}, read: map[string]bool{}}
	things := strings.Fields("libro quaderno penna matita gomma tavolo sedia lampada carta forbici colla righello")
	english := strings.Fields("book notebook pen pencil eraser table chair lamp paper scissors glue ruler")
	for i, thing := range things {
		c.addTranslated("buy "+english[i], "comprare "+thing)
		c.addTranslated("buy online "+english[i], "acquistare online "+thing)
		c.addTranslated("paint "+english[i], "dipingere "+thing)
		c.addTranslated("move quickly slowly", "muovere svelto lento "+things[0][:1]+"x")
		c.add("muovere piano rapido " + strings.Repeat("ab", i%4+1))
	}
	if err := c.addThesaurus([]byte("comprare|1\n(v.)|acquistare|muovere\nacquistare|1\n(v.)|comprare\nmuovere|1\n(v.)|comprare\n")); err != nil {
		t.Fatal(err)
	}
	near := map[string][]string{}
	for _, a := range learn(c) {
		near[a.word] = a.near
	}
	if diff := cmp.Diff([]string{"acquistare"}, near["comprare"]); diff != "" {
		t.Errorf("near comprare (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"comprare"}, near["acquistare"]); diff != "" {
		t.Errorf("near acquistare (-want +got):\n%s", diff)
	}
}

func TestTranslationsAreAligned(t *testing.T) {
	c := &corpus{spellings: map[string]map[string]int{}, read: map[string]bool{}}
	for i, thing := range strings.Fields("libro quaderno penna matita gomma tavolo sedia lampada") {
		english := strings.Fields("book notebook pen pencil eraser table chair lamp")[i]
		c.addTranslated("delete "+english, "eliminare "+thing)
		c.addTranslated("delete the "+english+" now", "cancellare "+thing+" adesso")
		c.addTranslated("open "+english, "aprire "+thing)
	}
	v := newVocabulary(c.lines)
	shared := translationsOf(v, c.translated)
	number := func(word string) int32 { return v.number[stem(word)] }
	found := shared.paraphrases(number("eliminare"))
	if len(found) == 0 || found[0] != number("cancellare") {
		t.Errorf("eliminare becomes %v, want %d first", found, number("cancellare"))
	}
	if a, b := shared.likeness(number("eliminare"), number("cancellare")), shared.likeness(number("eliminare"), number("aprire")); a <= b {
		t.Errorf("eliminare is like cancellare by %v, like aprire by %v", a, b)
	}
}
