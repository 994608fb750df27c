// Package semantic is an option: search by meaning, and answers worded by a
// language model, from a server that the organisation runs itself and that
// speaks the two calls of the OpenAI protocol every such server has.
//
// The help desk does not depend on it. It is off unless configured; a question
// that the words of the articles answer for sure never leaves the program; what
// does leave is masked first (privacy.MaskPersons); and whatever goes wrong
// over there, people get what they would have got without, in time.
//
// What comes back is not trusted. Vectors reorder what a reader may see anyway
// and can turn "I don't know" into a question, never into an answer. A text is
// shown only if every number, name, address and quotation in it stands in the
// article too, as plain text, marked, above the article itself.
package semantic

import (
	"log/slog"
	"time"

	"sportello/search"
)

// Options of opening a Service.
type Options struct {
	Dir string // where vectors are kept
	Log *slog.Logger
	Now func() time.Time // time.Now if nil

	// Observe hears of every call to the server, for figures; it may be nil.
	// Purposes are articles, question and answer; an outcome is ok, or why not.
	Observe func(purpose, outcome string, took time.Duration)
}

// Service is what a configuration switches on. A part that is not switched on
// is nil.
type Service struct {
	Vectors *Vectors
	Writer  *Writer

	config    Config
	options   Options
	endpoints []*endpoint
}

// Open prepares the parts and calls nobody. The configuration was checked.
func Open(c Config, o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	key, err := c.apiKey()
	if err != nil {
		return nil, err
	}
	s := &Service{config: c, options: o}
	if c.Searches() {
		if s.Vectors, err = newVectors(s.endpoint(key, c.EmbeddingModel), c, o); err != nil {
			return nil, err
		}
	}
	if c.Writes() {
		s.Writer = newWriter(s.endpoint(key, c.WriterModel), c.WriterTimeout, o)
	}
	return s, nil
}

func (s *Service) endpoint(key, model string) *endpoint {
	e := newEndpoint(s.config, key, model)
	s.endpoints = append(s.endpoints, e)
	return e
}

// Index is an index that searches by meaning, too, where that is switched on.
func (s *Service) Index(words search.Index) search.Index {
	if s.Vectors == nil {
		return words
	}
	return newIndex(words, s.Vectors, s.options)
}

// Close ends the connections to the server.
func (s *Service) Close() error {
	for _, e := range s.endpoints {
		e.close()
	}
	return nil
}
