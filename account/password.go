package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"unicode/utf8"

	"sportello/internal/fault"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// cost of hashing a password. It is kept with the hash, so it may grow.
type cost struct {
	memory uint32 // KiB
	time   uint32
	lanes  uint8
}

// today's cost is what OWASP recommends for argon2id.
var today = cost{memory: 19 << 10, time: 2, lanes: 1}

// Shortest and longest passwords, in characters.
const (
	MinPassword = 12
	MaxPassword = 200
)

// hashing is how many passwords are hashed at the same time: each takes 19 MB.
var hashing = make(chan struct{}, 4)

// hashPassword returns the hash in the usual notation ($argon2id$v=…).
func hashPassword(password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return "", fault.New(fault.Invalid, "account.password_short", fault.Values{"Least": MinPassword})
	case n > MaxPassword || !utf8.ValidString(password):
		return "", fault.New(fault.Invalid, "account.password_long", fault.Values{"Most": MaxPassword})
	}
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // never fails
	return today.encode(salt, today.hash(password, salt)), nil
}

func (c cost) hash(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	// Keyboards differ in how they write è.
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.time, c.memory, c.lanes, 32)
}

func (c cost) encode(salt, hash []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memory, c.time, c.lanes, b64.EncodeToString(salt), b64.EncodeToString(hash))
}

// dummy is compared with where there is no password, so that it takes as long.
var dummy = sync.OnceValue(func() string {
	salt := make([]byte, saltBytes)
	return today.encode(salt, today.hash(rand.Text(), salt))
})

// isPassword reports whether a password is the one that was hashed. It takes
// as long where encoded is empty.
func isPassword(encoded, password string) bool {
	known := encoded != ""
	if !known {
		encoded = dummy()
	}
	var version int
	var c cost
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(parts[2]+"$"+parts[3], "v=%d$m=%d,t=%d,p=%d", &version, &c.memory, &c.time, &c.lanes); err != nil || version != argon2.Version {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || c.time == 0 || c.lanes == 0 || utf8.RuneCountInString(password) > MaxPassword {
		return false
	}
	return subtle.ConstantTimeCompare(c.hash(password, salt), want) == 1 && known
}
