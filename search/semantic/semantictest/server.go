// Package semantictest is a server for tests that speaks the OpenAI protocol as
// far as search/semantic does, and fails in all the ways that servers do.
package semantictest

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode"
)

// Server is a server that speaks the protocol. Its vectors are those of bags of
// words, where words that mean the same count as one; its texts are scripted.
type Server struct {
	*httptest.Server
	Synonyms map[string]string // word → the one it counts as
	Write    func(question, passage string) string

	mu     sync.Mutex
	fault  func(w http.ResponseWriter, r *http.Request) (handled bool)
	bodies []string // everything that was received
	keys   []string // and with what authorisation
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/embeddings", s.embeddings)
	mux.HandleFunc("POST /v1/chat/completions", s.completions)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return s
}

// Fail makes every call fail in a way, until it is called with nil.
func (s *Server) Fail(how func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = how
}

// Received is everything that was sent to the server since it was last asked.
func (s *Server) Received() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.bodies
	s.bodies = nil
	return all
}

func (s *Server) take(w http.ResponseWriter, r *http.Request, into any) (handled bool) {
	var raw json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&raw); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return true
	}
	s.mu.Lock()
	s.bodies, s.keys = append(s.bodies, string(raw)), append(s.keys, r.Header.Get("Authorization"))
	fault := s.fault
	s.mu.Unlock()
	if fault != nil && fault(w, r) {
		return true
	}
	if err := json.Unmarshal(raw, into); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return true
	}
	return false
}

func (s *Server) embeddings(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Model    string
		Input    []string
		Encoding string `json:"encoding_format"`
	}
	if s.take(w, r, &ask) {
		return
	}
	type one struct {
		Object    string    `json:"object"`
		Index     int       `json:"index"`
		Embedding []float32 `json:"embedding"`
	}
	var all []one
	for i, text := range ask.Input {
		all = append(all, one{"embedding", i, s.Vector(text)})
	}
	for i, j := 0, len(all)-1; i < j; i, j = i+1, j-1 { // the protocol numbers them, it does not order them
		all[i], all[j] = all[j], all[i]
	}
	json.NewEncoder(w).Encode(map[string]any{"object": "list", "model": ask.Model, "data": all, "usage": map[string]int{"total_tokens": 1}})
}

// Vector is a bag of words, hashed.
func (s *Server) Vector(text string) []float32 {
	v := make([]float32, 256)
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(word) < 4 && strings.Trim(word, "0123456789") != "" {
			continue
		}
		if as := s.Synonyms[word]; as != "" {
			word = as
		}
		h := fnv.New32a()
		h.Write([]byte(word))
		v[h.Sum32()%256]++
	}
	v[0] += .01 // no text is without direction
	return v
}

func (s *Server) completions(w http.ResponseWriter, r *http.Request) {
	var ask struct {
		Messages []struct{ Role, Content string }
	}
	if s.take(w, r, &ask) {
		return
	}
	var data struct{ Domanda, Titolo, Brano string }
	if len(ask.Messages) != 2 || json.Unmarshal([]byte(ask.Messages[1].Content), &data) != nil {
		http.Error(w, "no such question", http.StatusBadRequest)
		return
	}
	json.NewEncoder(w).Encode(map[string]any{"choices": []any{map[string]any{
		"index": 0, "finish_reason": "stop", "message": map[string]string{"role": "assistant", "content": s.Write(data.Domanda, data.Brano)},
	}}})
}

// Keys are the authorisations that came with what was sent.
func (s *Server) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}
