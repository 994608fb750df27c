package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"sportello/internal/fault"
)

// How a one-time code lives.
const (
	codeDigits   = 6
	codeLifetime = 10 * time.Minute
	codeAttempts = 5
	saltBytes    = 16
)

// Challenge is a one-time code that was sent to an address, to prove that
// whoever is behind an identity reads the mail there. The code itself is
// nowhere in it.
type Challenge struct {
	ID        string
	Identity  Identity
	Email     string // normalised
	Hash      []byte // salt, then the hash of salt and code
	SentAt    time.Time
	ExpiresAt time.Time
	Attempts  int // how often a code was tried
}

// NewChallenge returns a challenge for this identity and address, and the code
// to send there. It takes its randomness from random: crypto/rand.Reader,
// except in tests.
func NewChallenge(identity Identity, email string, now time.Time, random io.Reader) (Challenge, string, error) {
	bound := big.NewInt(1)
	for range codeDigits {
		bound.Mul(bound, big.NewInt(10))
	}
	n, err := rand.Int(random, bound)
	if err != nil {
		return Challenge{}, "", fmt.Errorf("draw a one-time code: %w", err)
	}
	salt := make([]byte, saltBytes)
	if _, err := io.ReadFull(random, salt); err != nil {
		return Challenge{}, "", fmt.Errorf("draw a salt: %w", err)
	}
	code := fmt.Sprintf("%0*d", codeDigits, n)
	return Challenge{
		ID: rand.Text(), Identity: identity, Email: email, Hash: hashCode(salt, code),
		SentAt: now, ExpiresAt: now.Add(codeLifetime),
	}, code, nil
}

// Verify tries the code found in text. The challenge it returns counts the
// attempt and must be kept, by Store.Apply, whatever the outcome: a Store
// refuses, with fault.Conflict, an attempt that was counted already, so that
// guesses in parallel gain nothing. The failure is fault.Invalid for a wrong,
// missing or late code, fault.TooMany after the last attempt.
func (c Challenge) Verify(text string, now time.Time) (Challenge, error) {
	c.Attempts++
	if !now.Before(c.ExpiresAt) {
		return c, fault.New(fault.Invalid, "account.code_expired")
	}
	if c.Attempts > codeAttempts {
		return c, fault.New(fault.TooMany, "account.code_attempts")
	}
	code, found := FindCode(text)
	if !found {
		return c, fault.New(fault.Invalid, "account.code_missing", fault.Values{"Digits": codeDigits})
	}
	if subtle.ConstantTimeCompare(c.Hash, hashCode(c.Hash[:min(saltBytes, len(c.Hash))], code)) == 1 {
		return c, nil
	}
	if c.Attempts >= codeAttempts {
		return c, fault.New(fault.TooMany, "account.code_attempts")
	}
	return c, fault.New(fault.Invalid, "account.code_wrong", fault.Values{"Count": codeAttempts - c.Attempts})
}

// Open reports whether a code for c may still be tried.
func (c Challenge) Open(now time.Time) bool {
	return c.ID != "" && now.Before(c.ExpiresAt) && c.Attempts < codeAttempts
}

func hashCode(salt []byte, code string) []byte {
	sum := sha256.Sum256(append(append([]byte{}, salt...), code...))
	return append(append([]byte{}, salt...), sum[:]...)
}

// number is one as people write it, perhaps in groups.
var number = regexp.MustCompile(`\d+(?:[ .-]\d+)*`)

var grouping = strings.NewReplacer(" ", "", ".", "", "-", "")

// FindCode returns the one-time code written in a sentence, or in the whole
// letter that brought it, if there is exactly one candidate. Six digits of a
// longer number, such as a telephone's or a ticket's, are none.
func FindCode(text string) (code string, found bool) {
	for _, written := range number.FindAllString(text, -1) {
		candidates := []string{grouping.Replace(written)}
		if len(candidates[0]) != codeDigits { // perhaps several numbers after one another
			candidates = strings.Fields(written)
		}
		for _, one := range candidates {
			switch one = grouping.Replace(one); {
			case len(one) != codeDigits:
			case found && one != code:
				return "", false
			default:
				code, found = one, true
			}
		}
	}
	return code, found
}

// SendWindow is how far back sent codes count.
const SendWindow = 24 * time.Hour

// How often a code may be sent, to one address and for one identity: enough
// for whoever mistypes, too seldom to guess a code of six digits.
var sendLimits = []struct {
	within time.Duration
	most   int
}{{time.Hour, 3}, {SendWindow, 8}}

// Sends are the times within the last SendWindow at which a code was sent.
type Sends struct {
	ToAddress   []time.Time // to the same address, whoever asked
	ForIdentity []time.Time // for the same identity, to any address
}

// Check fails with fault.TooMany if one more code now would be too many; the
// phrase tells in how many minutes it will not be.
func (s Sends) Check(now time.Time) error {
	var wait time.Duration
	for _, limit := range sendLimits {
		wait = max(wait, pause(s.ToAddress, now, limit.within, limit.most), pause(s.ForIdentity, now, limit.within, limit.most))
	}
	if wait <= 0 {
		return nil
	}
	return fault.New(fault.TooMany, "account.code_sends", fault.Values{"Count": int((wait + time.Minute - 1) / time.Minute)})
}

// pause is how long to wait until fewer than most of these times lie within
// the window.
func pause(times []time.Time, now time.Time, window time.Duration, most int) time.Duration {
	var waits []time.Duration
	for _, sent := range times {
		if wait := sent.Add(window).Sub(now); wait > 0 {
			waits = append(waits, wait)
		}
	}
	if len(waits) < most {
		return 0
	}
	slices.Sort(waits)
	return waits[len(waits)-most]
}
