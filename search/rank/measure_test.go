package rank

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sportello/search"
)

func close(a, b float64) bool { return math.Abs(a-b) < 1e-9 }

func TestMeasuresFollowTheirDefinitions(t *testing.T) {
	grades := map[string]map[string]int{"a": {"1": 2}, "b": {"2": 1, "3": 2}, "c": {"9": 1}}
	q := Measure([]Answer{
		{ID: "a", Decision: search.Answer, Confidence: 0.9, Hits: []string{"1", "2"}},
		{ID: "b", Decision: search.Clarify, Confidence: 0.5, Hits: []string{"1", "2", "3"}},
		{ID: "c", Decision: search.Abstain, Confidence: 0.2, Hits: []string{"1"}},
		{ID: "outside", Decision: search.Answer, Confidence: 0.8, Hits: []string{"1"}},
		{ID: "far", Decision: search.Abstain, Confidence: 0},
	}, grades)
	if q.Queries != 5 || q.OutOfScope != 2 {
		t.Errorf("%d queries, %d out of scope", q.Queries, q.OutOfScope)
	}
	if !close(q.MRR, 0.5) || !close(q.Recall1, 1./3) || !close(q.Recall3, 2./3) || !close(q.Recall10, 2./3) {
		t.Errorf("MRR %v, recall %v %v %v", q.MRR, q.Recall1, q.Recall3, q.Recall10)
	}
	b := (1/math.Log2(3) + 2/math.Log2(4)) / (2 + 1/math.Log2(3))
	if !close(q.NDCG, (1+b)/3) {
		t.Errorf("nDCG %v", q.NDCG)
	}
	if q.AnsweredRight != 1 || q.AnsweredWrong != 1 || q.ClarifiedRight != 1 || q.ClarifiedWrong != 0 || q.AbstainedInScope != 1 || q.AbstainedOutOfScope != 1 {
		t.Errorf("decisions %+v", q)
	}
	if !close(q.AUC, 1) {
		t.Errorf("AUC %v", q.AUC)
	}
}

func TestAUCAndCalibrationOfKnownCases(t *testing.T) {
	if got := AUC([]float64{0.5, 0.5, 0.5}, []bool{true, false, true}); !close(got, 0.5) {
		t.Errorf("ties: AUC %v", got)
	}
	if got := AUC([]float64{0.1, 0.9}, []bool{true, false}); !close(got, 0) {
		t.Errorf("reversed: AUC %v", got)
	}
	if got := AUC(nil, nil); !close(got, 0.5) {
		t.Errorf("nothing: AUC %v", got)
	}
	confidence, right := make([]float64, 100), make([]bool, 100)
	for i := range confidence {
		confidence[i], right[i] = 0.75, i%4 != 0
	}
	if got := ECE(confidence, right); got > 0.09 {
		t.Errorf("honest confidence: calibration error %v", got)
	}
	for i := range right {
		right[i] = false
	}
	if got := ECE(confidence, right); !close(got, 0.75) {
		t.Errorf("always wrong: calibration error %v", got)
	}
}

func TestASetIsReadAndItsMistakesTold(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	articles := write("articles.jsonl", `{"id":"1","title":"Uno","body":"testo","other":true}`+"\n\n"+`{"id":"2","title":"Due","body":""}`)
	questions := write("queries.jsonl", `{"id":"a","text":"uno?","split":"dev"}`+"\n"+`{"id":"b","text":"due?"}`+"\n")
	grades := write("qrels.tsv", "a\t1\t2\nb\t2\t0\n")
	set, err := Load(articles, questions, grades)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Articles) != 2 || len(set.Questions) != 2 || set.Grades["a"]["1"] != 2 || len(set.Grades["b"]) != 0 {
		t.Errorf("read %+v", set)
	}
	if got := set.Only("dev").Questions; len(got) != 1 || got[0].ID != "a" {
		t.Errorf("split: %+v", got)
	}
	_, err = Load(write("articles.jsonl", `{"id":"1"}`+"\n"+`{"id":"1"}`+"\n{broken\n"), questions, grades)
	if err == nil || !strings.Contains(err.Error(), "articles.jsonl:3") {
		t.Errorf("a broken line gives %v", err)
	}
	_, err = Load(write("articles.jsonl", `{"id":"1"}`+"\n"+`{"id":"1"}`), questions, write("qrels.tsv", "a\t1\nb\t2\tx\n"))
	for _, want := range []string{"qrels.tsv:1", "qrels.tsv:2", `"1" is empty or occurs twice`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told: %v", want, err)
		}
	}
}

func TestAnswersAreWrittenOneALine(t *testing.T) {
	var b bytes.Buffer
	if err := WriteAnswers(&b, []Answer{{ID: "a", Decision: search.Answer, Confidence: 0.5, Hits: []string{"1"}}, {ID: "b", Decision: search.Abstain, Hits: []string{}}}); err != nil {
		t.Fatal(err)
	}
	want := `{"id":"a","decision":"answer","confidence":0.5,"hits":["1"]}` + "\n" + `{"id":"b","decision":"abstain","confidence":0,"hits":[]}` + "\n"
	if b.String() != want {
		t.Errorf("got %s", b.String())
	}
}
