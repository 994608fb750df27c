package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
	"sportello/bot/terminal"
	"sportello/bot/widget"
	"sportello/kb"
	"sportello/search"
	"sportello/search/semantic/semantictest"
)

// modelServer knows a few words that no article has.
func modelServer(t testing.TB) *semantictest.Server {
	s := semantictest.New(t)
	s.Synonyms = map[string]string{"sprofonda": "cade", "sagola": "linea", "svanisce": "perdo", "operetta": "lavoro", "plancia": "consolle"}
	s.Write = func(string, string) string {
		return "Salvi spesso il lavoro, colleghi il PC al router con un cavo e il portatile alla corrente."
	}
	return s
}

// Other words for "cade la linea e perdo il lavoro sulla consolle", which is a
// stored question of the article vpn-cade.
const otherWords = "sprofonda la sagola e svanisce l'operetta sulla plancia"

// modelApp is the program over the shipped content with a language model.
func modelApp(t testing.TB, s *semantictest.Server, data string, serving bool) *app {
	t.Helper()
	m, err := readContent(contentConfig{})
	if err != nil {
		t.Fatal(err)
	}
	settings := defaultConfig()
	if s != nil {
		settings.Semantic.BaseURL, settings.Semantic.EmbeddingModel, settings.Semantic.WriterModel = s.URL+"/v1", "bag", "scribe"
		settings.Semantic.Timeout = 5 * time.Second // the machine may be busy
	}
	a, err := open(t.Context(), options{config: settings, data: data, material: m, memory: true, serving: serving, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// filledApp has the vectors of every article.
func filledApp(t testing.TB, s *semantictest.Server) *app {
	a := modelApp(t, s, t.TempDir(), false)
	t.Cleanup(func() {
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	if err := a.meaning.fill(t.Context(), io.Discard); err != nil {
		t.Fatal(err)
	}
	a.meaning.Vectors.Measure()
	s.Received()
	return a
}

// says sends a line of a new talk and returns what comes back.
func says(t testing.TB, a *app, lang string, lines ...string) (last terminal.Answer) {
	t.Helper()
	talk, _, err := a.talk(t.Context(), "", lang, printer{io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		if last, err = talk.Say(t.Context(), line); err != nil {
			t.Fatal(err)
		}
	}
	return last
}

func text(a terminal.Answer) string {
	var all []string
	for _, m := range a.Messages {
		all = append(all, m.Text)
	}
	return strings.Join(all, "\n")
}

const marked = "scritto da un programma di intelligenza artificiale"

func TestATalkWithALanguageModel(t *testing.T) {
	s := modelServer(t)
	plain, with := testApp(t), filledApp(t, s)

	t.Run("what nobody worded so is offered by meaning, and answered when chosen", func(t *testing.T) {
		if got := says(t, plain, "it", otherWords).Actions; !strings.Contains(strings.Join(got, ","), "abstain") {
			t.Fatalf("the words find it already: %q", got)
		}
		got := says(t, with, "it", otherWords).Actions
		if last := got[len(got)-1]; !strings.HasPrefix(last, "clarify vpn-cade") {
			t.Errorf("it is answered by %q", got)
		}
		if got := says(t, with, "it", otherWords, "1").Actions; len(got) != 1 || got[0] != "answer vpn-cade" {
			t.Errorf("the choice is answered by %q", got)
		}
	})
	t.Run("a short answer is marked and has its source", func(t *testing.T) {
		got := says(t, with, "it", "la vpn si stacca ogni 5 min")
		said, last := text(got), got.Messages[len(got.Messages)-1]
		if !strings.Contains(said, "colleghi il PC al router con un cavo") || !strings.Contains(said, marked) || !strings.Contains(said, "Se la VPN si collega ma poi si interrompe") {
			t.Errorf("it says:\n%s", said)
		}
		if len(last.Sources) != 1 || last.Sources[0].ID != "vpn-cade" || last.Sources[0].URL == "" {
			t.Errorf("its sources are %v", last.Sources)
		}
	})
	t.Run("programs that use the API get it, too", func(t *testing.T) {
		c := call(t, testSite(t, with, false).URL, "it")
		if status, _, body := c.do(http.MethodPost, c.id+"/messages", `{"client_id":"1","text":"la vpn si stacca ogni 5 min"}`); status != http.StatusAccepted {
			t.Fatalf("the message is answered %d %s", status, body)
		}
		for until := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			_, _, body := c.do(http.MethodGet, c.id+"/events", "", "Accept", "application/json")
			var all []widget.Message
			if err := json.Unmarshal([]byte(body), &all); err != nil {
				t.Fatal(err)
			}
			if last := all[len(all)-1]; last.Author == "bot" && len(all) > 2 {
				if !strings.Contains(last.Text, "colleghi il PC al router con un cavo") || !strings.Contains(last.HTML, marked) || len(last.Sources) != 1 {
					t.Errorf("the answer is %+v", last)
				}
				return
			}
			if time.Now().After(until) {
				t.Fatalf("no answer comes: %s", body)
			}
		}
	})
	t.Run("personal data do not leave", func(t *testing.T) {
		s.Received()
		says(t, with, "it", "sono Mario Rossi, mario.rossi@giustizia.it, tel 06 6885 1234: "+otherWords)
		says(t, with, "it", "mi chiamo Mario Rossi, la vpn si stacca ogni 5 min")
		sent := strings.Join(s.Received(), "\n")
		for _, secret := range []string{"Mario", "Rossi", "rossi@", "6885"} {
			if strings.Contains(sent, secret) {
				t.Errorf("%q leaves: %s", secret, sent)
			}
		}
		if !strings.Contains(sent, "sagola") {
			t.Errorf("the question does not leave: %s", sent)
		}
	})
	t.Run("a form is nobody's business", func(t *testing.T) {
		s.Received()
		says(t, with, "it", "apri un ticket per la stampante", "mario.rossi@giustizia.it", otherWords)
		for _, sent := range s.Received() {
			if strings.Contains(sent, "sagola") || strings.Contains(sent, "rossi") {
				t.Errorf("of a form leaves %s", sent)
			}
		}
	})
	t.Run("a text that makes things up is not shown", func(t *testing.T) {
		write := s.Write
		defer func() { s.Write = write }()
		s.Write = func(string, string) string {
			return "Chiami lo 06 123456 oppure scriva a truffa@example.com per la VPN."
		}
		const question = "cade la linea e perdo il lavoro sulla consolle"
		if diff := cmp.Diff(text(says(t, plain, "it", question)), text(says(t, with, "it", question))); diff != "" {
			t.Errorf("with a language model it says (-without +with):\n%s", diff)
		}
	})
	for _, name := range []string{"it breaks", "it sends a page", "it hangs up"} { // search/semantic tests them all
		c := semantictest.Faults[name]
		t.Run("when "+name+" people notice nothing", func(t *testing.T) {
			broken := filledApp(t, s)
			s.Fail(c.How)
			defer s.Fail(nil)
			for _, question := range []string{otherWords, "con il tunnel attivo tutto diventa lentissimo"} {
				if diff := cmp.Diff(text(says(t, plain, "it", question)), text(says(t, broken, "it", question))); diff != "" {
					t.Errorf("%q is answered (-without +with):\n%s", question, diff)
				}
			}
		})
	}
}

func TestTheServiceGetsVectorsInTheBackground(t *testing.T) {
	s, data := modelServer(t), t.TempDir()
	a := modelApp(t, s, data, true)
	site, err := a.site(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	await := func(what string, so func() bool) {
		t.Helper()
		for until := time.Now().Add(30 * time.Second); !so(); {
			if time.Now().After(until) {
				t.Fatalf("it does not happen that %s", what)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	covered := func() bool { found, all := a.meaning.Vectors.Covered(); return all > 0 && found == all }
	await("every article has vectors", covered)
	find := func(question string) search.Result {
		r, err := a.finder.Search(t.Context(), search.Query{Text: question, Lang: "it", Audiences: []search.Audience{search.All}, Meaning: true})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	await("meaning finds the article", func() bool { return find(otherWords).Decision == search.Clarify })
	editor := account.Person{ID: "e", Roles: []account.Role{account.Reviewer}}
	article, err := a.articles.Article(t.Context(), kb.Key{ID: "vpn-cade", Lang: "it"})
	if err == nil {
		_, err = a.library.Move(t.Context(), editor, article.Key(), article.Revision, kb.Archived)
	}
	if err != nil {
		t.Fatal(err)
	}
	await("an archived article is gone", func() bool {
		for _, h := range find(otherWords).Hits {
			if h.ID == "vpn-cade" {
				return false
			}
		}
		return true
	})
	if got := metrics(t, site.handler); !strings.Contains(got, `sportello_semantic_calls_total{outcome="ok",purpose="articles"}`) || strings.Contains(got, "sagola") {
		t.Errorf("the figures are:\n%s", got)
	}
	site.stop()
	if err := a.close(); err != nil {
		t.Error(err)
	}
	s.CloseClientConnections()
	await("nothing of it runs on", func() bool {
		stacks := make([]byte, 1<<20)
		return !strings.Contains(string(stacks[:runtime.Stack(stacks, true)]), "sportello/search/semantic.(")
	})

	s.Received()
	again := modelApp(t, s, data, false)
	defer again.close()
	if err := again.meaning.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r, err := again.finder.Search(t.Context(), search.Query{Text: otherWords, Lang: "it", Audiences: []search.Audience{search.All}, Meaning: true, Explain: true}); err != nil || r.Explanation.Meaning.Skipped != "" {
		t.Errorf("a command after it does not use its vectors: %+v, %v", r.Explanation, err)
	}
	if sent := s.Received(); len(sent) != 1 {
		t.Errorf("a command asks the server %d times", len(sent))
	}
}

func metrics(t testing.TB, h http.Handler) string {
	t.Helper()
	w := httptest.NewRecorder()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	h.ServeHTTP(w, r)
	return w.Body.String()
}

func TestSwitchedOffItIsNotThere(t *testing.T) {
	data := t.TempDir()
	a := modelApp(t, nil, data, true)
	defer a.close()
	site, err := a.site(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer site.stop()
	if a.meaning.Service != nil || a.finder != search.Index(a.index) || a.engine("").Writer != nil {
		t.Errorf("there is %+v, and the index is a %T", a.meaning, a.finder)
	}
	if strings.Contains(metrics(t, site.handler), "semantic") {
		t.Error("the figures speak of it")
	}
	if _, err := os.Stat(filepath.Join(data, vectorsFolder)); !os.IsNotExist(err) {
		t.Errorf("there is a folder for vectors: %v", err)
	}
}

func TestAModelIsJudgedAsItIsUsed(t *testing.T) {
	s, dir := modelServer(t), t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	judge := func(config string) string {
		var out, errs bytes.Buffer
		args := []string{"--config", write("sportello.yaml", config), "eval", "--json",
			"--articles", write("articles.jsonl", `{"id":"vpn","title":"VPN che cade","body":"La linea cade e si perde il lavoro sulla consolle."}
{"id":"posta","title":"Posta piena","body":"Svuoti il cestino della posta."}
`),
			"--queries", write("queries.jsonl", `{"id":"q","text":"`+otherWords+`"}`+"\n"),
			"--qrels", write("qrels.tsv", "q\tvpn\t2\n"),
		}
		if code := run(args, strings.NewReader(""), &out, &errs); code != 0 {
			t.Fatalf("it ends with %d: %s", code, errs.String())
		}
		return out.String() + errs.String()
	}
	if got := judge("# nothing"); !strings.Contains(got, `"mrr@10":0,`) || strings.Contains(got, "by meaning") {
		t.Errorf("by words it is %s", got)
	}
	if got := judge("semantic: {base_url: " + s.URL + "/v1, embedding_model: bag, timeout: 5s}"); !strings.Contains(got, `"mrr@10":1,`) || !strings.Contains(got, "by meaning: ok ") {
		t.Errorf("by meaning too it is %s", got)
	}
}
