package telegram

import (
	"context"
	"slices"
	"sync"
	"time"
)

// sideBySide is how many chats are worked for at the same time.
const sideBySide = 16

// lanes keep the updates of each chat in the order of their numbers, and let
// those of different chats pass one another.
type lanes struct {
	work  func(context.Context, []update) error // of one chat: one update, or all of an album
	pause time.Duration                         // that the next part of an album is waited for

	mu      sync.Mutex
	waiting map[int64][]job // by chat, sorted
	slots   chan struct{}
	running sync.WaitGroup
}

// job is an update and who waits for it.
type job struct {
	ctx    context.Context
	update update
	done   func(error)
}

func newLanes(pause time.Duration, work func(context.Context, []update) error) *lanes {
	return &lanes{work: work, pause: pause, waiting: map[int64][]job{}, slots: make(chan struct{}, sideBySide)}
}

// add puts an update in its lane; done is called once, when it is stored or
// cannot be for now.
func (l *lanes) add(ctx context.Context, u update, done func(error)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lane, open := l.waiting[u.chat]
	at := len(lane)
	for at > 0 && lane[at-1].update.ID > u.ID {
		at--
	}
	l.waiting[u.chat] = slices.Insert(lane, at, job{ctx, u, done})
	if !open {
		l.running.Go(func() { l.drive(u.chat) })
	}
}

// drive works a lane off.
func (l *lanes) drive(chat int64) {
	l.slots <- struct{}{}
	defer func() { <-l.slots }()
	for {
		jobs := l.next(chat)
		if jobs == nil {
			return
		}
		updates := make([]update, len(jobs))
		for i, j := range jobs {
			updates[i] = j.update
		}
		err := l.work(jobs[0].ctx, updates)
		for _, j := range jobs {
			j.done(err)
		}
	}
}

// albumPause is how long the next part of an album is waited for while polling:
// they come one by one, within moments. By webhook the next one comes only once
// we have the one before, so there each is a message of its own.
const albumPause = 400 * time.Millisecond

// next takes what is to be done next out of a lane; an empty lane is closed.
func (l *lanes) next(chat int64) []job {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting[chat]) == 0 {
		delete(l.waiting, chat)
		return nil
	}
	album := l.waiting[chat][0].update.album()
	if album == "" || l.pause == 0 {
		return l.take(chat, 1)
	}
	for parts := 0; ; {
		n := 0
		for n < len(l.waiting[chat]) && l.waiting[chat][n].update.album() == album {
			n++
		}
		if n == parts || n < len(l.waiting[chat]) || n >= mostInAlbum {
			return l.take(chat, n)
		}
		parts = n
		ctx := l.waiting[chat][0].ctx
		l.mu.Unlock()
		select {
		case <-time.After(l.pause):
		case <-ctx.Done():
		}
		l.mu.Lock()
	}
}

// mostInAlbum is how many parts an album may have.
const mostInAlbum = 10

func (l *lanes) take(chat int64, n int) []job {
	jobs := slices.Clone(l.waiting[chat][:n])
	l.waiting[chat] = slices.Delete(l.waiting[chat], 0, n)
	return jobs
}
