package bleveindex

import (
	"testing"

	"sportello/search"
)

// associating holds an article that says "eliminare" and others that do not.
func associating(t *testing.T, o Options) *Index {
	x := open(t, "", o)
	doc := func(id, title, text string) search.Document {
		return search.Document{ID: id, Lang: "it", Title: title, Audience: search.All, Sections: []search.Section{{Text: text}}}
	}
	docs := []search.Document{
		doc("pulizie", "Eliminare un messaggio", "Si chiede al magazzino, che conosce i modelli."),
		doc("inoltri", "Prendere un messaggio di un collega", "Si chiede al magazzino, che conosce i modelli."),
		doc("guasti", "Monitor guasto", "Si chiama il presidio, che lo sostituisce."),
	}
	applyAll(t, x, docs)
	return x
}

func TestAWordIsFoundByOneThatTextsUseForIt(t *testing.T) {
	r := ask(t, associating(t, Options{}), "cancellare un messaggio")
	if r.Hits[0].ID != "pulizie" {
		t.Fatalf("found %s first", r.Hits[0].ID)
	}
	for _, m := range r.Hits[0].Explanation.Matches {
		if m.Word == "cancellare" && (m.Means != search.ByAssociation || m.Part >= 1) {
			t.Errorf("explained as %+v", m)
		}
	}
	if len(r.Hits[0].Explanation.Missing) > 0 {
		t.Errorf("missing: %v", r.Hits[0].Explanation.Missing)
	}
}

func TestEditorsHaveTheLastWordOnAWord(t *testing.T) {
	x := associating(t, Options{Synonyms: search.Synonyms{"it": {{From: []string{"cancellare"}, To: []string{"prendere"}, Weight: 0.8}}}})
	if r := ask(t, x, "cancellare un messaggio"); r.Hits[0].ID != "inoltri" {
		t.Errorf("found %s first", r.Hits[0].ID)
	}
}

func TestRemoteWordsAreTriedOnlyForUnknownOnes(t *testing.T) {
	x := associating(t, Options{})
	s := x.shards["it"]
	s.phrases.associated = map[string][]meaning{
		"guast":  {{terms: []string{"magazzin"}, text: "magazzino", weight: 0.5, means: search.ByAssociation, remote: true}},
		"fagiol": {{terms: []string{"magazzin"}, text: "magazzino", weight: 0.5, means: search.ByAssociation, remote: true}},
	}
	for question, want := range map[string]int{"guasto": 1, "i fagioli": 2} {
		if r := ask(t, x, question); len(r.Hits) != want {
			t.Errorf("%q found %d articles, want %d", question, len(r.Hits), want)
		}
	}
}
