package account

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"sportello/internal/fault"
)

// OptionalMail is the kind of letters that ask nothing of the person, and that
// Preferences.MailOff switches off.
const OptionalMail = "optional"

// Unsubscribe makes and checks the tokens in the links that switch letters of
// one kind off for one person. Whoever has a token may do that and nothing
// else, without signing in, for as long as the key stays the same: such links
// are in letters that people keep.
type Unsubscribe struct {
	Key []byte // at least 32 random bytes
}

// What a token is made of: a version, the length of the kind, the kind, the
// person's ID, the hash.
const (
	unsubscribeVersion = 1
	unsubscribeMost    = 512 // characters
	unsubscribeLabel   = "sportello unsubscribe\x00"
)

// Sign makes the token of a person and a kind of letters. It fits into the path
// of a URL.
func (u Unsubscribe) Sign(person PersonID, kind string) string {
	kind = kind[:min(len(kind), 255)]
	text := append([]byte{unsubscribeVersion, byte(len(kind))}, kind+string(person)...)
	return base64.RawURLEncoding.EncodeToString(append(text, u.hash(text)...))
}

// Verify says whose letters of which kind a token switches off. It fails with
// fault.NotFound for every token that this key did not sign.
func (u Unsubscribe) Verify(token string) (person PersonID, kind string, err error) {
	unknown := fault.New(fault.NotFound, "account.unsubscribe_unknown")
	if len(u.Key) == 0 || len(token) > unsubscribeMost {
		return "", "", unknown
	}
	all, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || strings.ContainsAny(token, "\r\n") || len(all) < 2+sha256.Size {
		return "", "", unknown
	}
	text, hash := all[:len(all)-sha256.Size], all[len(all)-sha256.Size:]
	if !hmac.Equal(hash, u.hash(text)) || text[0] != unsubscribeVersion || 2+int(text[1]) >= len(text) {
		return "", "", unknown
	}
	return PersonID(text[2+int(text[1]):]), string(text[2 : 2+int(text[1])]), nil
}

func (u Unsubscribe) hash(text []byte) []byte {
	h := hmac.New(sha256.New, u.Key)
	h.Write([]byte(unsubscribeLabel))
	h.Write(text)
	return h.Sum(nil)
}

// Masked is an address as it is shown to somebody who need not be its owner:
// enough to know one's own, too little to learn another's.
func Masked(address string) string {
	local, domain, found := strings.Cut(address, "@")
	if !found || local == "" {
		return "•••"
	}
	return string([]rune(local)[:1]) + "•••@" + domain
}
