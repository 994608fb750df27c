package mattermostpeer

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/mattermost/mattermost/server/public/model"
)

// Socket is one of a user's, as their browser has it. It remembers all that
// the server told, and does not come back by itself once the server is gone.
type Socket struct {
	client *model.WebSocketClient
	lost   chan struct{}

	mu    sync.Mutex
	heard []Heard
	news  chan struct{} // closed, and replaced, when something is heard
}

// Heard is something the server told, and when.
type Heard struct {
	*model.WebSocketEvent
	At   time.Time
	Post *model.Post // that it is about, or an empty one
}

func heard(event *model.WebSocketEvent) Heard {
	h := Heard{event, time.Now(), &model.Post{}}
	if text, is := event.GetData()["post"].(string); is {
		_ = json.Unmarshal([]byte(text), h.Post) // of what cannot be read, what could be
	}
	return h
}

// Listen opens a socket; it ends with the test at the latest.
func (u *User) Listen() *Socket {
	u.server.t.Helper()
	s, err := Listen(u.server.Socket(), u.Client.AuthToken)
	if err != nil {
		u.server.t.Fatal(err)
	}
	u.server.t.Cleanup(s.Close)
	return s
}

// Listen opens a socket with somebody's token, and waits until the server
// greets.
func Listen(address, token string) (*Socket, error) {
	client, err := model.NewWebSocketClient4(address, token)
	if err != nil {
		return nil, err
	}
	s := &Socket{client: client, lost: make(chan struct{}), news: make(chan struct{})}
	client.Listen()
	go s.drain()
	go s.listen()
	if _, err := s.Await(func(h Heard) bool { return h.EventType() == model.WebsocketEventHello }); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// drain takes what nobody asks for: unread, it would block the socket.
func (s *Socket) drain() {
	for {
		select {
		case <-s.lost:
			return
		case <-s.client.ResponseChannel:
		case <-s.client.PingTimeoutChannel:
		}
	}
}

func (s *Socket) listen() {
	for event := range s.client.EventChannel {
		h := heard(event)
		s.mu.Lock()
		s.heard = append(s.heard, h)
		close(s.news)
		s.news = make(chan struct{})
		s.mu.Unlock()
	}
	close(s.lost)
}

// Lost is closed when the connection is.
func (s *Socket) Lost() <-chan struct{} { return s.lost }

// Close ends the connection.
func (s *Socket) Close() { s.client.Close() }

// Heard is all that was told so far.
func (s *Socket) Heard() []Heard {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Heard{}, s.heard...)
}

// Await waits for something to be told that matches, and returns it; it may
// have been told already.
func (s *Socket) Await(match func(Heard) bool) (Heard, error) {
	patience := time.After(Patience)
	for looked := 0; ; {
		s.mu.Lock()
		fresh, news := s.heard[looked:], s.news
		s.mu.Unlock()
		for _, h := range fresh {
			if match(h) {
				return h, nil
			}
		}
		looked += len(fresh)
		select {
		case <-news:
		case <-s.lost:
			select {
			case <-news: // told just before
			default:
				return Heard{}, errors.New("the connection to Mattermost is lost")
			}
		case <-patience:
			return Heard{}, fmt.Errorf("not told by Mattermost within %s", Patience)
		}
	}
}

// AwaitPost waits for a post that matches, in any channel.
func (s *Socket) AwaitPost(match func(*model.Post) bool) (Heard, error) {
	return s.Await(func(h Heard) bool { return h.EventType() == model.WebsocketEventPosted && match(h.Post) })
}
