package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"sportello/internal/fault"
)

// Credential is what somebody signs in with where no provider does it: a
// password, and the codes of an app on their phone.
type Credential struct {
	Person    PersonID
	Password  string   // argon2id, with its cost; empty if there is none
	Secret    []byte   // of the app; kept only with Enrolled, or while it is being set up
	Enrolled  bool     // a code of the app was right once
	Step      int64    // of the last code that was accepted
	Recovery  [][]byte // hashes of codes for who lost the phone
	ChangedAt time.Time
	Version   int // counts changes; 0 is one that no store has seen yet
}

// recoveryCodes are given out at once; each counts once.
const recoveryCodes = 8

// WithPassword returns c with another password.
func (c Credential) WithPassword(password string, now time.Time) (Credential, error) {
	hash, err := hashPassword(password)
	if err != nil {
		return c, err
	}
	c.Password, c.ChangedAt = hash, now
	return c, nil
}

// Is reports whether password is c's. It takes as long where there is none,
// so that nobody learns from it who has one.
func (c Credential) Is(password string) bool { return isPassword(c.Password, password) }

// WithSecret returns c with a new secret for an app, to be enrolled. One that
// is enrolled stays as it is.
func (c Credential) WithSecret() Credential {
	if !c.Enrolled {
		c.Secret, c.Step = newTOTPSecret(), 0
	}
	return c
}

// Key is the secret as people type it, in groups of four.
func (c Credential) Key() string {
	var groups []string
	for group := range slices.Chunk([]byte(base32Secret(c.Secret)), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// URI is the secret as a QR code holds it.
func (c Credential) URI(issuer, address string) string { return totpURI(c.Secret, issuer, address) }

// Enrol takes the app's first code, and returns recovery codes, which are
// shown once.
func (c Credential) Enrol(text string, now time.Time) (Credential, []string, error) {
	c, err := c.accept(text, now)
	if err != nil {
		return c, nil, err
	}
	c.Enrolled, c.Recovery, c.ChangedAt = true, nil, now
	var codes []string
	for range recoveryCodes {
		code := strings.ToLower(rand.Text()[:16])
		codes = append(codes, code[:4]+"-"+code[4:8]+"-"+code[8:12]+"-"+code[12:])
		c.Recovery = append(c.Recovery, hashSecret(code))
	}
	return c, codes, nil
}

// Prove takes a code of the app, or a recovery code. The credential it returns
// must be kept, for a code counts once: its store refuses, with fault.Conflict,
// one that was kept already. It fails with fault.Invalid for a wrong code.
func (c Credential) Prove(text string, now time.Time) (Credential, error) {
	if _, found := FindCode(text); !found {
		return c.recover(text)
	}
	return c.accept(text, now)
}

func (c Credential) accept(text string, now time.Time) (Credential, error) {
	code, found := FindCode(text)
	step, ok := totpMatch(c.Secret, code, now, c.Step)
	if !found || !ok || len(c.Secret) == 0 {
		return c, fault.New(fault.Invalid, "account.totp_wrong")
	}
	c.Step = step
	return c, nil
}

func (c Credential) recover(text string) (Credential, error) {
	hash := hashSecret(strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(strings.TrimSpace(text))))
	for i, one := range c.Recovery {
		if subtle.ConstantTimeCompare(one, hash) == 1 {
			c.Recovery = slices.Delete(slices.Clone(c.Recovery), i, i+1)
			return c, nil
		}
	}
	return c, fault.New(fault.Invalid, "account.totp_wrong")
}

// CredentialStore keeps credentials.
type CredentialStore interface {
	// Credential returns a person's, or fails with fault.NotFound.
	Credential(ctx context.Context, person PersonID) (Credential, error)

	// SaveCredential keeps one. It fails with fault.Conflict if it was changed
	// since it was read. A changed password ends the person's sessions.
	SaveCredential(ctx context.Context, c Credential) error
}
