package sse_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"sportello/internal/sse"
)

func TestAStreamIsWrittenAsBrowsersReadIt(t *testing.T) {
	w := httptest.NewRecorder()
	s := sse.Begin(w)
	for _, err := range []error{
		s.Retry(3 * time.Second), s.Event("ticket", 7, map[string]string{"text": "una\nriga"}), s.Event("state", 0, struct{}{}), s.Alive(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := "retry: 3000\n\n" + "id: 7\nevent: ticket\ndata: {\"text\":\"una\\nriga\"}\n\n" + "event: state\ndata: {}\n\n" + ": alive\n\n"
	if got := w.Body.String(); got != want || w.Header().Get("Content-Type") != "text/event-stream" || w.Header().Get("Cache-Control") != "no-store" || !w.Flushed {
		t.Errorf("it is %q, %v", got, w.Header())
	}
	if err := s.Event("x", 0, func() {}); err == nil {
		t.Error("what is no JSON was written")
	}
}
