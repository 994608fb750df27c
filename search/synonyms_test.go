package search

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestSynonymsAreReadByLanguage(t *testing.T) {
	got, err := ReadSynonyms(fstest.MapFS{"it.yaml": {Data: []byte(`
- words: [password, pwd]
- from: [tessera]
  to: [smart card, CMG]
  weight: 0.5
`)}})
	if err != nil {
		t.Fatal(err)
	}
	want := Synonyms{"it": {
		{From: []string{"password"}, To: []string{"pwd"}, Weight: 0.8},
		{From: []string{"pwd"}, To: []string{"password"}, Weight: 0.8},
		{From: []string{"tessera"}, To: []string{"smart card", "CMG"}, Weight: 0.5},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestEveryMistakeInSynonymsIsTold(t *testing.T) {
	_, err := ReadSynonyms(fstest.MapFS{
		"en.yaml": {Data: []byte("- wrds: [a, b]\n")},
		"it.yaml": {Data: []byte("- words: [solo]\n- words: [a, b]\n  weight: 2\n- from: [a]\n- words: [a, '']\n- words: [a, b]\n  from: [c]\n")},
	})
	if err == nil {
		t.Fatal("no mistake was found")
	}
	for _, want := range []string{"en.yaml", "wrds", "entry 1", "entry 2: weight", "entry 3", "entry 4: a word is empty", "entry 5: give either"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told in:\n%v", want, err)
		}
	}
}
