package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sportello/internal/fault"
)

// The headers of a message.
const (
	HeaderID        = "Webhook-Id"
	HeaderTimestamp = "Webhook-Timestamp"
	HeaderSignature = "Webhook-Signature"
)

const (
	secretSign = "whsec_"
	scheme     = "v1,"
)

// NewSecret makes a secret: "whsec_" and 32 bytes in base64.
func NewSecret() string {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it never fails
	return secretSign + base64.StdEncoding.EncodeToString(key)
}

// key is what is signed with.
func key(secret string) ([]byte, error) {
	text, is := strings.CutPrefix(secret, secretSign)
	k, err := base64.StdEncoding.DecodeString(text)
	if !is || err != nil || len(k) < 24 || len(k) > 64 {
		return nil, errors.New("not a secret of a webhook")
	}
	return k, nil
}

// Sign signs a message: its ID, when it is sent, and its body.
func Sign(secret, id string, at time.Time, body []byte) (string, error) {
	k, err := key(secret)
	if err != nil {
		return "", err
	}
	return scheme + base64.StdEncoding.EncodeToString(mac(k, id, strconv.FormatInt(at.Unix(), 10), body)), nil
}

func mac(key []byte, id, at string, body []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id + "." + at + "."))
	m.Write(body)
	return m.Sum(nil)
}

// Tolerance is how old, or how far ahead of the clock, a message may be.
const Tolerance = 5 * time.Minute

// Verify is what a receiver does: it fails with fault.Unauthenticated unless
// the message was signed with this secret, not too long ago. It says the same
// whatever is wrong with the signature.
func Verify(secret string, header http.Header, body []byte, now time.Time) error {
	k, err := key(secret)
	if err != nil {
		return err
	}
	unverified := fault.New(fault.Unauthenticated, "webhook.unverified")
	id, stamp := header.Get(HeaderID), header.Get(HeaderTimestamp)
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil || id == "" {
		return unverified
	}
	right := false
	for one := range strings.FieldsSeq(header.Get(HeaderSignature)) {
		text, known := strings.CutPrefix(one, scheme)
		given, err := base64.StdEncoding.DecodeString(text)
		if known && err == nil && hmac.Equal(given, mac(k, id, stamp, body)) {
			right = true
		}
	}
	if !right {
		return unverified
	}
	if at := time.Unix(seconds, 0); now.Sub(at) > Tolerance || at.Sub(now) > Tolerance {
		return fault.New(fault.Unauthenticated, "webhook.late")
	}
	return nil
}
