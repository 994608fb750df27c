package semantic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sportello/search"
	"sportello/search/bleveindex"
	"sportello/search/semantic/semantictest"
)

// articles are a small knowledge base; each has the word that people use for
// it only in the vectors of the double.
func articles() []search.Document {
	one := func(id, title, text string, questions ...string) search.Document {
		return search.Document{ID: id, Lang: "it", Title: title, Questions: questions, Audience: search.All, Sections: []search.Section{{Text: text}}}
	}
	all := []search.Document{
		one("stampante", "La stampante non stampa", "Controlli la carta e il cavo, poi riavvii la stampante.", "non esce il foglio", "stampe ferme in coda"),
		one("rete", "La connessione cade", "Controlli il cavo di rete e riavvii il computer.", "internet non va", "la linea si interrompe"),
		one("posta", "La posta non arriva", "Controlli lo spazio della casella e le regole.", "non ricevo messaggi", "la casella è piena"),
		one("firma", "La firma digitale viene rifiutata", "Aggiorni il programma di firma e controlli il certificato.", "certificato scaduto", "documento non firmato"),
		one("udienza", "Udienza da remoto senza audio", "Controlli il microfono nelle impostazioni.", "non mi sentono", "videoconferenza muta"),
		one("permessi", "Chiedere accesso a una cartella", "La richiesta la fa il responsabile.", "cartella condivisa negata", "accesso negato al disco"),
	}
	for i := range 12 { // enough questions to measure a floor on
		all = append(all, one(fmt.Sprintf("servizio-%d", i), fmt.Sprintf("Servizio numero%d dell'ufficio", i),
			fmt.Sprintf("Il servizio numero%d si chiede allo sportello%d.", i, i), fmt.Sprintf("domanda%d modulo%d", i, i), fmt.Sprintf("pratica%d ufficio%d", i, i)))
	}
	hidden := one("riservato", "Svuotare il tamburo della stampante", "Solo operatori.", "tamburo esausto")
	hidden.Audience = search.Operators
	return append(all, hidden)
}

// setting is a hybrid index over the articles, filled.
type setting struct {
	*semantictest.Server
	index search.Index
	*Service
	seen  *counts
	log   *logged
	clock *clock
}

func set(t testing.TB, change func(*Config)) setting {
	s := setting{Server: semantictest.New(t), seen: &counts{}, log: &logged{}, clock: newClock()}
	s.Synonyms = map[string]string{"marchingegno": "stampante", "inceppato": "stampa", "toner": "stampante"}
	c := DefaultConfig()
	c.BaseURL, c.EmbeddingModel, c.WriterModel = s.URL+"/v1", "bag", "scribe"
	c.Timeout, c.WriterTimeout = 5*time.Second, time.Minute // the machine may be busy
	if change != nil {
		change(&c)
	}
	if err := c.Check(); err != nil {
		t.Fatal(err)
	}
	var err error
	s.Service, err = Open(c, Options{Dir: t.TempDir(), Log: s.log.logger(), Now: s.clock.read, Observe: s.seen.observe})
	if err != nil {
		t.Fatal(err)
	}
	words, err := bleveindex.Open("", bleveindex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.index = s.Index(words)
	t.Cleanup(func() {
		if err := errors.Join(s.index.Close(), s.Close()); err != nil {
			t.Error(err)
		}
	})
	for _, one := range []interface {
		Apply(context.Context, int64, []search.Document, []search.Key) error
	}{words, s.Vectors} {
		if err := one.Apply(t.Context(), 1, articles(), nil); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Vectors.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.Vectors.Measure()
	s.Received()
	return s
}

func (s setting) ask(t testing.TB, text string, audiences ...search.Audience) search.Result {
	t.Helper()
	if audiences == nil {
		audiences = []search.Audience{search.All}
	}
	r, err := s.index.Search(t.Context(), search.Query{Text: text, Lang: "it", Audiences: audiences, Meaning: true, Explain: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func ids(r search.Result) (all []string) {
	for _, h := range r.Hits {
		all = append(all, h.ID)
	}
	return all
}

func TestOtherWordsForTheSameAreFoundByMeaning(t *testing.T) {
	s := set(t, nil)
	plain, err := s.index.Search(t.Context(), search.Query{Text: "marchingegno inceppato", Lang: "it", Audiences: []search.Audience{search.All}})
	if err != nil || plain.Decision != search.Abstain || len(plain.Hits) > 0 {
		t.Fatalf("the words find it already: %v %v %v", plain.Decision, ids(plain), err)
	}
	r := s.ask(t, "marchingegno inceppato")
	if r.Decision != search.Clarify || len(r.Hits) == 0 || r.Hits[0].ID != "stampante" {
		t.Fatalf("it is %s with %v: %+v", r.Decision, ids(r), r.Explanation.Meaning)
	}
	h := r.Hits[0]
	if h.Title != "La stampante non stampa" || h.Section.Text == "" || h.Snippet == "" || h.Lang != "it" {
		t.Errorf("the hit is %+v", h)
	}
	if n := h.Explanation.Meaning; n == nil || n.Place != 1 || !nearly(n.Likeness, 1) {
		t.Errorf("the hit is explained by %+v", n)
	}
	if r.Confidence != plain.Confidence {
		t.Errorf("the confidence becomes %v, which nobody calibrated", r.Confidence)
	}
	if m := r.Explanation.Meaning; !m.Offered || m.Likeness <= m.Floor || m.Floor <= 0 || m.Covered != len(articles()) || m.Articles != m.Covered {
		t.Errorf("why it asks is explained by %+v", m)
	}
}

func TestMeaningAloneNeverAnswersAndNonsenseStaysUnanswered(t *testing.T) {
	s := set(t, nil)
	for _, text := range []string{"ricetta carbonara guanciale", "marchingegno", "toner inceppato", "quanto pesa Giove"} {
		if r := s.ask(t, text); r.Decision == search.Answer {
			t.Errorf("%q is answered with %v", text, ids(r))
		}
	}
	if r := s.ask(t, "ricetta carbonara guanciale"); r.Decision != search.Abstain {
		t.Errorf("what nothing is about is %s with %v", r.Decision, ids(r))
	}
}

func TestWhatTheWordsAnswerIsAnsweredAtOnceAndStaysHere(t *testing.T) {
	s := set(t, nil)
	s.Fail(func(http.ResponseWriter, *http.Request) bool { t.Error("the server is asked"); return false })
	r := s.ask(t, "la stampante non stampa")
	if r.Decision != search.Answer || r.Hits[0].ID != "stampante" || r.Explanation.Meaning.Skipped != "sure" {
		t.Errorf("it is %s with %v: %+v", r.Decision, ids(r), r.Explanation.Meaning)
	}
	if r, err := s.index.Search(t.Context(), search.Query{Text: "marchingegno", Lang: "it", Audiences: []search.Audience{search.All}}); err != nil || r.Decision != search.Abstain {
		t.Errorf("who does not ask for meaning gets %v, %v", r, err)
	}
}

func TestNobodyFindsByMeaningWhatTheyMayNotRead(t *testing.T) {
	s := set(t, nil)
	for _, text := range []string{"tamburo esausto toner", "marchingegno tamburo svuotare"} {
		if r := s.ask(t, text); slices.Contains(ids(r), "riservato") {
			t.Errorf("%q finds %v", text, ids(r))
		}
		if r := s.ask(t, text, search.All, search.Operators); !slices.Contains(ids(r), "riservato") {
			t.Errorf("for operators %q finds %v", text, ids(r))
		}
	}
	if r, err := s.index.Search(t.Context(), search.Query{Text: "marchingegno", Lang: "it", Meaning: true}); err != nil || len(r.Hits) > 0 {
		t.Errorf("a reader of nothing finds %v, %v", ids(r), err)
	}
}

func TestWhatLeavesIsMasked(t *testing.T) {
	s := set(t, nil)
	s.Write = func(string, string) string { return "NO" }
	const secretive = "sono Mario Rossi, mario.rossi@giustizia.it, utente mrossi82, tel 06 6885 1234, RSSMRA80A01H501U, password: Estate2024!, il marchingegno è inceppato"
	s.ask(t, secretive)
	s.Writer.Write(t.Context(), secretive, "it", search.Passage{Title: "T", Text: "Un brano."})
	bodies := s.Received()
	if len(bodies) != 2 {
		t.Fatalf("%d calls went out, want 2", len(bodies))
	}
	for _, body := range bodies {
		for _, secret := range []string{"Mario", "Rossi", "rossi", "giustizia", "mrossi82", "6885", "RSSMRA", "Estate2024"} {
			if strings.Contains(body, secret) {
				t.Errorf("%q leaves in %s", secret, body)
			}
		}
		if !strings.Contains(body, "marchingegno") {
			t.Errorf("the question is lost: %s", body)
		}
	}
}

func TestWhateverFailsPeopleGetWhatTheWordsFindInTime(t *testing.T) {
	for name, c := range semantictest.Faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := set(t, nil)
			index := s.index.(*Index)
			if c.Kind == "late" {
				index.config.Timeout = 100 * time.Millisecond
			}
			s.Fail(c.How)
			plain, err := s.index.Search(t.Context(), search.Query{Text: "cavo oppure microfono toner", Lang: "it", Audiences: []search.Audience{search.All}})
			if err != nil || plain.Decision == search.Answer {
				t.Fatalf("this question is no test: %v %v", plain.Decision, err)
			}
			begin := time.Now()
			for i := range 5 {
				r := s.ask(t, "cavo oppure microfono toner")
				if r.Decision != plain.Decision || r.Confidence != plain.Confidence || !slices.Equal(ids(r), ids(plain)) || i == 0 && r.Explanation.Meaning.Skipped != c.Kind {
					t.Errorf("it is %s with %v, the words say %s with %v", r.Decision, ids(r), plain.Decision, ids(plain))
				}
			}
			if took, most := time.Since(begin), time.Duration(patience)*100*time.Millisecond+5*time.Second; took > most {
				t.Errorf("five questions take %s, more than %s", took, most)
			}
			if s.seen.of("question "+c.Kind) == 0 || s.seen.of("question closed") == 0 {
				t.Errorf("it is counted as %v", s.seen.all)
			}
			if n := strings.Count(s.log.String(), "level=WARN"); n != 1 {
				t.Errorf("the log has %d warnings:\n%s", n, s.log)
			}
			if strings.Contains(s.log.String(), "microfono") {
				t.Errorf("the log has the question:\n%s", s.log)
			}
			s.Fail(nil)
			s.clock.pass(longestPause)
			index.config.Timeout = 5 * time.Second
			if r := s.ask(t, "cavo oppure microfono toner"); r.Explanation.Meaning.Skipped != "" {
				t.Errorf("a server that is back is not used: %+v", r.Explanation.Meaning)
			}
		})
	}
}

func TestAnotherModelUnderTheSameNameIsRefused(t *testing.T) {
	s := set(t, nil)
	s.Fail(semantictest.Reply(`{"data":[{"index":0,"embedding":[1,2,3]}]}`))
	r := s.ask(t, "marchingegno")
	if r.Decision != search.Abstain || r.Explanation.Meaning.Skipped != "unusable" || !strings.Contains(s.log.String(), "3 numbers, those of the articles 256") {
		t.Errorf("it is %s: %+v\n%s", r.Decision, r.Explanation.Meaning, s.log)
	}
}

func TestAQuestionIsAskedOnce(t *testing.T) {
	s := set(t, nil)
	for range 3 {
		s.ask(t, "marchingegno inceppato")
	}
	if n := len(s.Received()); n != 1 {
		t.Errorf("the server is asked %d times", n)
	}
}

func TestTheFirstByWordsStaysAmongTheChoices(t *testing.T) {
	hits := []search.Hit{{ID: "a"}, {ID: "b"}, {ID: "c"}, {ID: "d"}, {ID: "e"}}
	raise(hits, "e", 2)
	raise(hits, "a", 2)
	raise(hits, "none", 0)
	if got := ids(search.Result{Hits: hits}); !slices.Equal(got, []string{"a", "b", "e", "c", "d"}) {
		t.Errorf("the order is %v", got)
	}
}

func TestFusionAddsReciprocalRanks(t *testing.T) {
	x := &Index{vectors: &Vectors{}, config: Config{Weight: 1}}
	x.vectors.floors.Store(&map[string]float64{})
	words := search.Result{Decision: search.Clarify, Confidence: .4, Hits: []search.Hit{{ID: "a"}, {ID: "b"}, {ID: "c"}}}
	found := []near{{&article{id: "c"}, 0, .9}, {&article{id: "d"}, 0, .8}, {&article{id: "b"}, 0, .7}}
	if got := ids(x.fuse(words, found, false)); !slices.Equal(got, []string{"c", "b", "a", "d"}) {
		t.Errorf("with equal weights the order is %v", got)
	}
	x.config.Weight = .01
	if got := ids(x.fuse(words, found, false)); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("with little weight of meaning the order is %v", got)
	}
	if got := ids(words); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("the result of the words becomes %v", got)
	}
}

func TestWithoutAModelForVectorsTheIndexIsTheOther(t *testing.T) {
	words, err := bleveindex.Open("", bleveindex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer words.Close()
	c := DefaultConfig()
	c.BaseURL, c.WriterModel = "http://127.0.0.1:1/v1", "scribe"
	s, err := Open(c, Options{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Index(words); got != search.Index(words) {
		t.Errorf("it is wrapped in a %T", got)
	}
}

// Readers go on while articles change and vectors come in.
func TestReadersDoNotWaitForVectors(t *testing.T) {
	s := set(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { s.Vectors.Run(ctx) })
	for i := range 4 {
		running.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				r, err := s.index.Search(t.Context(), search.Query{Text: fmt.Sprintf("marchingegno inceppato %d", n%7), Lang: "it", Audiences: []search.Audience{search.All}, Meaning: true})
				if err != nil || len(r.Hits) == 0 {
					t.Errorf("reader %d finds %v, %v", i, ids(r), err)
					return
				}
			}
		})
	}
	for n := range 60 {
		d := articles()[1]
		d.Title = fmt.Sprintf("%s %d", d.Title, n)
		var remove []search.Key
		if n%3 == 0 {
			remove = []search.Key{{ID: "posta", Lang: "it"}}
		}
		if err := s.Vectors.Apply(t.Context(), int64(n+2), []search.Document{d}, remove); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	running.Wait()
}
