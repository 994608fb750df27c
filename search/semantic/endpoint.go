package semantic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sportello/search"
)

// endpoint speaks the two calls of the protocol that we need. What comes back
// is foreign: it is bounded, and refused unless it is exactly what was asked.
//
// No library: those there are carry a model of the whole protocol (files,
// tools, streams, retries of their own) for two requests.
type endpoint struct {
	base, key string
	model     string
	client    *http.Client
}

var _ search.Embedder = (*endpoint)(nil)

// Limits of a reply.
const (
	mostVector  = 8192     // numbers of a vector
	mostNumber  = 32       // bytes of a number, as servers print them
	mostAnswer  = 64 << 10 // bytes of a worded answer with all that comes with it
	mostHeaders = 32 << 10
)

// newEndpoint goes to the named server and to nobody else: through no proxy,
// and after no redirection.
func newEndpoint(c Config, key, model string) *endpoint {
	return &endpoint{base: c.BaseURL, key: key, model: model, client: &http.Client{
		Transport: &http.Transport{
			MaxIdleConnsPerHost: mostAtOnce, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: mostHeaders,
			ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (e *endpoint) close() { e.client.CloseIdleConnections() }

// failure is a call that led nowhere, in a word for figures and in a sentence
// that quotes nothing of what was sent or received.
type failure struct {
	kind  string        // late, unreachable, busy, refused, broken, unusable
	after time.Duration // how long the server wants to be left alone, if it said so
	err   error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// passing reports whether the same call may well succeed a moment later.
func (f *failure) passing() bool { return f.kind != "refused" && f.kind != "unusable" }

func unusable(format string, values ...any) error {
	return &failure{kind: "unusable", err: fmt.Errorf(format, values...)}
}

// post sends a question and reads a reply of at most so many bytes.
func (e *endpoint) post(ctx context.Context, path string, ask, reply any, most int) error {
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "Sportello")
	if e.key != "" {
		request.Header.Set("Authorization", "Bearer "+e.key)
	}
	response, err := e.client.Do(request)
	if err != nil {
		return unanswered(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return statusFailure(response)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, int64(most)+1))
	switch {
	case err != nil:
		return unanswered(ctx, err)
	case len(text) > most:
		return unusable("the reply is longer than %d bytes", most)
	}
	if err := json.Unmarshal(text, reply); err != nil {
		return unusable("the reply, %d bytes of %q, is not the JSON asked for", len(text), response.Header.Get("Content-Type"))
	}
	return nil
}

func unanswered(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &failure{kind: "late", err: errors.New("no whole reply came in time")}
	}
	return &failure{kind: "unreachable", err: err}
}

func statusFailure(response *http.Response) error {
	f := &failure{kind: "refused", err: fmt.Errorf("the server answered %d", response.StatusCode)}
	switch {
	case response.StatusCode == http.StatusTooManyRequests || response.StatusCode == http.StatusServiceUnavailable:
		f.kind, f.after = "busy", retryAfter(response.Header.Get("Retry-After"))
	case response.StatusCode >= 500 || response.StatusCode == http.StatusRequestTimeout:
		f.kind = "broken"
	}
	return f
}

// retryAfter reads seconds; a date, which hardly any such server sends, counts
// as nothing said.
func retryAfter(header string) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(header))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, int(longestPause/time.Second))) * time.Second
}

// Embed implements search.Embedder.
func (e *endpoint) Embed(ctx context.Context, texts []string) ([][]float32, error) {
	ask := struct {
		Model    string   `json:"model"`
		Input    []string `json:"input"`
		Encoding string   `json:"encoding_format"`
	}{e.model, texts, "float"}
	var reply embeddings
	if err := e.post(ctx, "/embeddings", ask, &reply, 4096+len(texts)*(mostVector*mostNumber+256)); err != nil {
		return nil, err
	}
	return reply.vectors(len(texts))
}

type embeddings struct {
	Data []struct {
		Index     *int            `json:"index"`
		Embedding json.RawMessage `json:"embedding"`
	} `json:"data"`
}

// vectors puts the vectors in order and refuses any that is not one.
func (r embeddings) vectors(want int) ([][]float32, error) {
	if len(r.Data) != want {
		return nil, unusable("there are %d vectors for %d texts", len(r.Data), want)
	}
	all := make([][]float32, want)
	for i, d := range r.Data {
		if d.Index != nil {
			i = *d.Index
		}
		if i < 0 || i >= want || all[i] != nil {
			return nil, unusable("the vectors are not numbered from 0 to %d", want-1)
		}
		var v []float32
		if bytes.Contains(d.Embedding, []byte("null")) || json.Unmarshal(d.Embedding, &v) != nil {
			return nil, unusable("a vector is not a list of numbers")
		}
		length := 0.0
		for _, x := range v {
			length += float64(x) * float64(x)
		}
		switch {
		case len(v) == 0 || len(v) > mostVector:
			return nil, unusable("a vector has %d numbers", len(v))
		case length == 0 || math.IsNaN(length) || math.IsInf(length, 0):
			return nil, unusable("a vector has no direction")
		}
		all[i] = v
	}
	for _, v := range all {
		if len(v) != len(all[0]) {
			return nil, unusable("the vectors have %d and %d numbers", len(all[0]), len(v))
		}
	}
	return all, nil
}

// chat asks for a text by a rule; a text that was cut is none.
func (e *endpoint) chat(ctx context.Context, rule, data string) (string, error) {
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	ask := struct {
		Model       string    `json:"model"`
		Messages    []message `json:"messages"`
		Temperature float64   `json:"temperature"`
		MaxTokens   int       `json:"max_tokens"`
		Stream      bool      `json:"stream"`
	}{e.model, []message{{"system", rule}, {"user", data}}, 0, mostTokens, false}
	var reply struct {
		Choices []struct {
			Message message `json:"message"`
			Finish  string  `json:"finish_reason"`
		} `json:"choices"`
	}
	if err := e.post(ctx, "/chat/completions", ask, &reply, mostAnswer); err != nil {
		return "", err
	}
	if len(reply.Choices) != 1 {
		return "", unusable("there are %d texts, not one", len(reply.Choices))
	}
	if finish := reply.Choices[0].Finish; finish != "stop" && finish != "" {
		return "", unusable("the text did not come to its end")
	}
	return reply.Choices[0].Message.Content, nil
}

// mostTokens is room for some hundred Italian words.
const mostTokens = 300
