package bleveindex

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sportello/search"
)

// seeds are questions that have hurt some search engine.
var seeds = []string{
	"", " ", "password password password", "stampa stampa coda coda", "l'l'l'l'", "🙂🙂", "\x00\xff\xfe", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	"a b c d e f g h i j k l m n o p q r s t u v w x y z", strings.Repeat("lettore ", 300), "PASSWORD!!! SCADUTA???", "pas sword sca duta", "smart  card",
	"@sicoge ~come @", "tiap@documnt", "@\x91\x91\x91\x91\x91\xf3icog\x01\x00\xee\xee\xee\xee\xee @\xeee ~com@e", "goroutine 1 [running]:\nmain.main()\n\t/tmp/x.go:3 +0x1d", "<script>alert(1)</script>", "' OR 1=1 --", "١٢٣ пароль 密码",
}

// Whatever is asked, an answer comes, its numbers are numbers, its text is
// text, and hits are in order.
func FuzzSearch(f *testing.F) {
	x := filled(f, Options{
		Synonyms:     search.Synonyms{"it": {{From: []string{"tesserino", "non va"}, To: []string{"smart card", "lettore"}, Weight: 0.8}}},
		Applications: []search.Application{{ID: "sicoge", Name: "SICOGE"}},
	})
	for _, s := range seeds {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, known bool) {
		q := search.Query{Text: text, Audiences: []search.Audience{search.Operators}, Explain: true}
		if known {
			q.Lang = "it"
		}
		r, err := x.Search(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if math.IsNaN(r.Confidence) || r.Confidence < 0 || r.Confidence > 1 {
			t.Fatalf("confidence %v", r.Confidence)
		}
		if r.Decision != search.Answer && r.Decision != search.Clarify && r.Decision != search.Abstain {
			t.Fatalf("decision %q", r.Decision)
		}
		if len(r.Hits) == 0 && r.Decision != search.Abstain {
			t.Fatalf("%s without a hit", r.Decision)
		}
		last := math.Inf(1)
		for _, h := range r.Hits {
			if math.IsNaN(h.Score) || math.IsInf(h.Score, 0) || h.Score > last {
				t.Fatalf("score %v after %v", h.Score, last)
			}
			if !utf8.ValidString(h.Snippet) || len(h.Snippet) > snippetLength+20 {
				t.Fatalf("snippet %q", h.Snippet)
			}
			last = h.Score
		}
		for _, s := range r.Signals {
			if math.IsNaN(s.Value) || math.IsInf(s.Value, 0) {
				t.Fatalf("signal %s is %v", s.Name, s.Value)
			}
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
	})
}

func encoded(d search.Document) []byte {
	p := prepare(d)
	p.encode()
	return p.encoded
}

// What was not written by encode is refused, never believed, never a panic.
func FuzzDecode(f *testing.F) {
	for _, d := range desk() {
		f.Add(encoded(d))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := decode(b); err == nil {
			newShard("it", Options{}).put(p)
		}
		if len(b) >= 4 { // past the checksum, too
			again, _ := sealed(slices.Clone(b))
			if p, err := decode(again); err == nil {
				newShard("it", Options{}).put(p)
			}
		}
	})
}

// Whatever is indexed can be stored, read again and found by its title.
func FuzzApply(f *testing.F) {
	f.Add("Titolo", "Testo\n\ndi due paragrafi. Frase.", "domanda?")
	f.Add("", "", "")
	f.Add("\xff", strings.Repeat("parola. ", 500), "l'")
	f.Fuzz(func(t *testing.T, title, text, question string) {
		d := search.Document{ID: "x", Lang: "it", Title: title, Questions: []string{question}, Sections: []search.Section{{Text: text}}}
		p, err := decode(encoded(d))
		if err != nil {
			t.Fatal(err)
		}
		s := newShard("it", Options{})
		s.put(p)
		asked, found := s.search(search.Query{Text: title})
		for _, r := range found {
			if h := s.hit(asked, r, true); h.ID != "x" {
				t.Fatalf("found %+v", h)
			}
		}
	})
}
