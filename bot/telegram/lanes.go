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
	work func(context.Context, []update) error // of one chat: one update, or all of an album

	mu      sync.Mutex
	waiting map[int64][]job // by chat, sorted
	slots   chan struct{}
	running sync.WaitGroup
}

// job is an update and who waits for it.
type job struct {
	update update
	done   func(error)
}

func newLanes(work func(context.Context, []update) error) *lanes {
	return &lanes{work: work, waiting: map[int64][]job{}, slots: make(chan struct{}, sideBySide)}
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
	l.waiting[u.chat] = slices.Insert(lane, at, job{u, done})
	if !open {
		l.running.Go(func() { l.drive(ctx, u.chat) })
	}
}

// drive works a lane off.
func (l *lanes) drive(ctx context.Context, chat int64) {
	l.slots <- struct{}{}
	defer func() { <-l.slots }()
	for {
		jobs := l.next(ctx, chat)
		if jobs == nil {
			return
		}
		updates := make([]update, len(jobs))
		for i, j := range jobs {
			updates[i] = j.update
		}
		err := l.work(ctx, updates)
		for _, j := range jobs {
			j.done(err)
		}
	}
}

// albumPause is how long the next part of an album is waited for: they are
// sent one by one, within moments.
const albumPause = 400 * time.Millisecond

// next takes what is to be done next out of a lane; an empty lane is closed.
func (l *lanes) next(ctx context.Context, chat int64) []job {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting[chat]) == 0 {
		delete(l.waiting, chat)
		return nil
	}
	album := l.waiting[chat][0].update.album()
	if album == "" {
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
		l.mu.Unlock()
		select {
		case <-time.After(albumPause):
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
