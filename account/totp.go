package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" // what RFC 6238 and every authenticator app use; HMAC does not need a hash without collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// How a time-based code is made (RFC 6238).
const (
	totpStep   = 30 * time.Second
	totpDigits = 6
	totpSkew   = 1  // steps that a clock may be wrong
	totpBytes  = 20 // of the secret, RFC 4226, section 4
)

func newTOTPSecret() []byte {
	secret := make([]byte, totpBytes)
	_, _ = rand.Read(secret) // never fails
	return secret
}

// hotp is the code of a counter (RFC 4226).
func hotp(secret []byte, counter uint64) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, counter) // a hash takes everything
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0xf
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, number%1_000_000)
}

// totpMatch returns the step whose code this is, if it lies near now and after
// the last one that was accepted: a code counts once.
func totpMatch(secret []byte, code string, now time.Time, after int64) (step int64, ok bool) {
	current := now.Unix() / int64(totpStep/time.Second)
	for s := current - totpSkew; s <= current+totpSkew; s++ {
		if subtle.ConstantTimeCompare([]byte(hotp(secret, uint64(s))), []byte(code)) == 1 && s > after {
			return s, true
		}
	}
	return 0, false
}

// base32Secret is a secret as people type it into an app.
func base32Secret(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// totpURI is what a QR code holds.
func totpURI(secret []byte, issuer, account string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account}
	// Apps read %20, not +.
	u.RawQuery = "secret=" + base32Secret(secret) + "&issuer=" + url.PathEscape(issuer) + "&algorithm=SHA1&digits=6&period=30"
	return u.String()
}
