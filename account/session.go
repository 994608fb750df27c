package account

import (
	"context"
	"time"
)

// Session is a browser that somebody uses, or is about to sign in with.
type Session struct {
	Hash   []byte   // of the secret in the browser
	Person PersonID // empty until somebody has signed in
	Data   []byte   // what the pages keep in it
	Until  time.Time
}

// SessionStore keeps sessions. What is not there, or is over, fails with
// fault.NotFound.
type SessionStore interface {
	Session(ctx context.Context, hash []byte, now time.Time) (Session, error)

	// BeginSession keeps a new session.
	BeginSession(ctx context.Context, s Session) error

	// KeepSession writes a session that is there. It never brings one back
	// that was ended meanwhile: that fails with fault.NotFound.
	KeepSession(ctx context.Context, s Session) error

	// EndSession ends one, if it is there.
	EndSession(ctx context.Context, hash []byte) error

	// SignOut ends every session of a person.
	SignOut(ctx context.Context, person PersonID) error
}
