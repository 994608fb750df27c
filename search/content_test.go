package search

import (
	"os"
	"testing"
)

func TestTheShippedSynonymsAreRight(t *testing.T) {
	all, err := ReadSynonyms(os.DirFS("../content/synonyms"))
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"it", "en"} {
		if len(all[lang]) < 40 {
			t.Errorf("%s has %d synonyms", lang, len(all[lang]))
		}
	}
}
