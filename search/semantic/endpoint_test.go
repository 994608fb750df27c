package semantic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sportello/search/semantic/semantictest"
)

func endpointTo(d *semantictest.Server) *endpoint {
	return newEndpoint(Config{BaseURL: d.URL + "/v1"}, "s3cret", "a-model")
}

func TestVectorsComeInTheOrderOfTheTexts(t *testing.T) {
	d := semantictest.New(t)
	e := endpointTo(d)
	defer e.close()
	found, err := e.Embed(t.Context(), []string{"stampante", "rete", "posta"})
	if err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"stampante", "rete", "posta"} {
		if l := newVector(found[i]).likeness(newVector(d.Vector(text))); !nearly(l, 1) {
			t.Errorf("the vector of %q is %.2f like it", text, l)
		}
	}
	if got := d.Keys()[0]; got != "Bearer s3cret" {
		t.Errorf("the key is sent as %q", got)
	}
}

func TestEveryFailureIsToldFromTheOthers(t *testing.T) {
	for name, c := range semantictest.Faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := semantictest.New(t)
			d.Fail(c.How)
			e := endpointTo(d)
			defer e.close()
			for call, do := range map[string]func(context.Context) error{
				"embeddings": func(ctx context.Context) error { _, err := e.Embed(ctx, []string{"segreto"}); return err },
				"chat":       func(ctx context.Context) error { _, err := e.chat(ctx, "regola", "segreto"); return err },
			} {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				if c.Kind == "late" {
					ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
				}
				err := do(ctx)
				cancel()
				var f *failure
				if !errors.As(err, &f) || f.kind != c.Kind {
					t.Errorf("%s: the failure is %v, want kind %s", call, err, c.Kind)
					continue
				}
				if strings.Contains(f.Error(), "segreto") || strings.Contains(f.Error(), "s3cret") {
					t.Errorf("%s: the failure quotes what was sent: %v", call, f)
				}
				if want := map[string]time.Duration{"it asks for patience": longestPause}[name]; f.after != want {
					t.Errorf("%s: the server is left alone for %s, want %s", call, f.after, want)
				}
			}
		})
	}
}

func TestNobodyThereIsAFailure(t *testing.T) {
	d := semantictest.New(t)
	e := endpointTo(d)
	defer e.close()
	d.Close()
	_, err := e.Embed(t.Context(), []string{"a"})
	var f *failure
	if !errors.As(err, &f) || f.kind != "unreachable" || !f.passing() {
		t.Errorf("a refused connection is %v", err)
	}
}

func TestOnlyVectorsAreVectors(t *testing.T) {
	long := strings.Repeat("1,", mostVector) + "1"
	for name, body := range map[string]string{
		"fewer than texts":  `{"data":[{"index":0,"embedding":[1,2]}]}`,
		"more than texts":   `{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2]},{"index":2,"embedding":[1,2]}]}`,
		"twice the same":    `{"data":[{"index":0,"embedding":[1,2]},{"index":0,"embedding":[1,2]}]}`,
		"numbered beyond":   `{"data":[{"index":0,"embedding":[1,2]},{"index":2,"embedding":[1,2]}]}`,
		"numbered below":    `{"data":[{"index":0,"embedding":[1,2]},{"index":-1,"embedding":[1,2]}]}`,
		"of two lengths":    `{"data":[{"index":0,"embedding":[1,2]},{"index":1,"embedding":[1,2,3]}]}`,
		"empty":             `{"data":[{"index":0,"embedding":[]},{"index":1,"embedding":[]}]}`,
		"missing":           `{"data":[{"index":0},{"index":1}]}`,
		"too long":          fmt.Sprintf(`{"data":[{"index":0,"embedding":[%s]},{"index":1,"embedding":[%s]}]}`, long, long),
		"of zeros":          `{"data":[{"index":0,"embedding":[0,0]},{"index":1,"embedding":[1,2]}]}`,
		"with null":         `{"data":[{"index":0,"embedding":[null,1]},{"index":1,"embedding":[1,2]}]}`,
		"with NaN":          `{"data":[{"index":0,"embedding":[NaN,1]},{"index":1,"embedding":[1,2]}]}`,
		"with the infinite": `{"data":[{"index":0,"embedding":[1e999,1]},{"index":1,"embedding":[1,2]}]}`,
		"with words":        `{"data":[{"index":0,"embedding":["1","2"]},{"index":1,"embedding":[1,2]}]}`,
		"in another coding": `{"data":[{"index":0,"embedding":"AACAPwAAAEA="},{"index":1,"embedding":"AACAPwAAAEA="}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			d := semantictest.New(t)
			d.Fail(semantictest.Reply(body))
			e := endpointTo(d)
			defer e.close()
			found, err := e.Embed(t.Context(), []string{"a", "b"})
			var f *failure
			if !errors.As(err, &f) || f.kind != "unusable" || f.passing() {
				t.Errorf("it is taken: %v, %v", found, err)
			}
		})
	}
}

func TestVectorsWithoutNumbersComeInOrder(t *testing.T) {
	d := semantictest.New(t)
	d.Fail(semantictest.Reply(`{"data":[{"embedding":[1,0]},{"embedding":[0,1]}]}`))
	e := endpointTo(d)
	defer e.close()
	found, err := e.Embed(t.Context(), []string{"a", "b"})
	if err != nil || found[0][0] != 1 || found[1][1] != 1 {
		t.Errorf("they are %v, %v", found, err)
	}
}

func TestATextThatWasCutIsNone(t *testing.T) {
	for name, body := range map[string]string{
		"cut":        `{"choices":[{"finish_reason":"length","message":{"content":"Apra le"}}]}`,
		"filtered":   `{"choices":[{"finish_reason":"content_filter","message":{"content":""}}]}`,
		"two":        `{"choices":[{"message":{"content":"a"}},{"message":{"content":"b"}}]}`,
		"not a text": `{"choices":[{"message":{"content":["a"]}}]}`,
	} {
		d := semantictest.New(t)
		d.Fail(semantictest.Reply(body))
		e := endpointTo(d)
		if text, err := e.chat(t.Context(), "", ""); err == nil {
			t.Errorf("%s: it is taken as %q", name, text)
		}
		e.close()
	}
}

// Whatever a server sends, it is either vectors as asked for or refused.
func FuzzReply(f *testing.F) {
	for _, text := range []string{
		`{"data":[{"index":0,"embedding":[0.1,-2e3]}]}`, `{"data":[{"embedding":[1]}]}`, `{"data":[{"index":0,"embedding":[1e39]}]}`,
		`{"data":[{"index":9223372036854775807,"embedding":[1]}]}`, `{"data":null}`, `[]`, `{"data":[{"index":0,"embedding":{"a":1}}]}`, `{"data":[{"index":0,"embedding":[5e-324]}]}`,
	} {
		f.Add([]byte(text))
	}
	var body []byte
	e := newEndpoint(Config{BaseURL: "http://127.0.0.1/v1"}, "", "m")
	e.client.Transport = transport(func(*http.Request) []byte { return body })
	f.Fuzz(func(t *testing.T, text []byte) {
		body = text
		if found, err := e.Embed(t.Context(), []string{"a"}); err == nil {
			v := newVector(found[0])
			if l := v.likeness(v); !nearly(l, 1) {
				t.Errorf("%s is taken for a vector that is %v like itself", text, l)
			}
		}
		e.chat(t.Context(), "", "")
	})
}
