// Package sse writes server-sent events to one reader.
package sse

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Heartbeat is how often Alive is to be called: it keeps proxies from closing
// a stream on which nothing happens.
const Heartbeat = 20 * time.Second

// patience is with a reader who takes nothing: less than a stop of the service
// may take.
const patience = 8 * time.Second

// Stream is an answer that goes on. A reader who takes nothing ends it, and
// does not keep the service from stopping. It is for one goroutine.
type Stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

// Begin makes a stream of an answer that has not begun. It outlives the
// server's limit for requests.
func Begin(w http.ResponseWriter) *Stream {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	s := &Stream{w, http.NewResponseController(w)}
	_ = s.control.SetReadDeadline(time.Time{}) // what has no deadlines has none to outlive
	return s
}

// Retry tells the reader how long to wait before they come again.
func (s *Stream) Retry(after time.Duration) error {
	if err := s.put(fmt.Sprintf("retry: %d\n\n", after.Milliseconds())); err != nil {
		return err
	}
	return s.Flush()
}

// Alive tells that nothing happened.
func (s *Stream) Alive() error {
	if err := s.put(": alive\n\n"); err != nil {
		return err
	}
	return s.Flush()
}

// Event writes an event whose data are JSON; an id of 0 is none. It is on its
// way after Flush.
func (s *Stream) Event(name string, id int64, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	text := "event: " + name + "\ndata: " + string(body) + "\n\n"
	if id > 0 {
		text = fmt.Sprintf("id: %d\n", id) + text
	}
	return s.put(text)
}

// Flush sends what was written.
func (s *Stream) Flush() error { return s.control.Flush() }

// End leaves the reader the time to take the end of the answer, for whoever
// stops while they do not.
func (s *Stream) End() { _ = s.control.SetWriteDeadline(time.Now().Add(patience)) }

func (s *Stream) put(text string) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(patience)) // what has no deadlines has none to outlive
	_, err := s.w.Write([]byte(text))
	return err
}
