package account

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"sportello/internal/fault"
)

// SignedIdentity reads the tokens with which a page of the organisation tells
// who its reader is: compact JWTs, HS256, with the claims email, name, nonce,
// iat, exp and aud.
type SignedIdentity struct {
	Audience string   // the site they are made for
	Keys     [][]byte // any of them may have signed
}

// Bounds of such tokens.
const (
	signedLifetime = 5 * time.Minute
	signedSkew     = 30 * time.Second // that the clocks of two machines may differ
	longestSigned  = 4 << 10
	leastKey       = 32 // bytes
)

// Vouched is what a token says.
type Vouched struct {
	Email string // normalised
	Name  string
	Nonce Nonce // to be spent by whoever uses it
}

// Verify reads a token. Whatever is wrong with it, it fails with the same
// fault.Unauthenticated, whose cause says more to whoever reads the log.
func (s SignedIdentity) Verify(token string, now time.Time) (Vouched, error) {
	v, err := s.verify(token, now)
	if err != nil {
		return Vouched{}, fault.New(fault.Unauthenticated, "account.identity_refused").Because(err)
	}
	return v, nil
}

func (s SignedIdentity) verify(token string, now time.Time) (v Vouched, err error) {
	signed, signature, parted := cutLast(token, '.')
	header, body, two := strings.Cut(signed, ".")
	if !parted || !two || len(token) > longestSigned {
		return v, errors.New("it has no three parts")
	}
	mac, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil || !s.signed([]byte(signed), mac) {
		return v, errors.New("the signature is not that of a key of ours")
	}
	var head struct {
		Alg  string   `json:"alg"`
		Crit []string `json:"crit"`
	}
	if err := decodePart(header, &head); err != nil {
		return v, err
	}
	if head.Alg != "HS256" || len(head.Crit) > 0 {
		return v, fmt.Errorf("the algorithm is %q, not HS256", head.Alg)
	}
	var claims struct {
		Email string      `json:"email"`
		Name  string      `json:"name"`
		Nonce string      `json:"nonce"`
		Iat   json.Number `json:"iat"`
		Exp   json.Number `json:"exp"`
		Nbf   json.Number `json:"nbf"`
		Aud   audience    `json:"aud"`
	}
	if err := decodePart(body, &claims); err != nil {
		return v, err
	}
	issued, err1 := seconds(claims.Iat)
	until, err2 := seconds(claims.Exp)
	if err := errors.Join(err1, err2); err != nil {
		return v, err
	}
	if claims.Nbf != "" {
		if from, err := seconds(claims.Nbf); err != nil || now.Add(signedSkew).Before(from) {
			return v, errors.New("nbf is in the future")
		}
	}
	switch {
	case issued.After(now.Add(signedSkew)):
		return v, errors.New("iat is in the future")
	case !now.Before(until.Add(signedSkew)):
		return v, errors.New("it has expired")
	case until.Sub(issued) > signedLifetime || !until.After(issued):
		return v, fmt.Errorf("it is valid for %s, at most %s are allowed", until.Sub(issued), signedLifetime)
	case s.Audience == "" || !claims.Aud.has(s.Audience):
		return v, errors.New("aud is another site")
	case len(claims.Nonce) < 8 || len(claims.Nonce) > 200:
		return v, errors.New("nonce has no 8 to 200 bytes")
	case utf8.RuneCountInString(claims.Name) > 200 || strings.ContainsFunc(claims.Name, func(r rune) bool { return r < ' ' }):
		return v, errors.New("name is no name")
	}
	if v.Email, err = Address(claims.Email); err != nil {
		return Vouched{}, err
	}
	v.Name = strings.TrimSpace(claims.Name)
	v.Nonce = Nonce{Word: "widget " + claims.Nonce, Until: until.Add(signedSkew)}
	return v, nil
}

func (s SignedIdentity) signed(text, mac []byte) bool {
	ours := false
	for _, key := range s.Keys {
		h := hmac.New(sha256.New, key)
		h.Write(text)
		if hmac.Equal(h.Sum(nil), mac) && len(key) >= leastKey {
			ours = true
		}
	}
	return ours
}

// ReadKeys reads keys from a file's text: one a line, each at least 32 bytes
// long; the first is the one to sign with, the others are on their way out.
func ReadKeys(text []byte) (keys [][]byte, err error) {
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if len(line) < leastKey {
			return nil, fmt.Errorf("line %d: a key has at least %d characters, such as those of 'openssl rand -hex 32'", i+1, leastKey)
		}
		keys = append(keys, line)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no key in it: 'openssl rand -hex 32' makes one")
	}
	return keys, nil
}

// audience is one word or a list of them.
type audience []string

func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

func (a audience) has(site string) bool {
	for _, one := range a {
		if strings.TrimSuffix(one, "/") == strings.TrimSuffix(site, "/") {
			return true
		}
	}
	return false
}

func seconds(n json.Number) (time.Time, error) {
	whole, err := n.Int64()
	if err != nil || whole < 0 || whole > 1<<40 {
		return time.Time{}, errors.New("a time is no whole number of seconds")
	}
	return time.Unix(whole, 0), nil
}

func decodePart(part string, into any) error {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the JSON")
	}
	return nil
}

func cutLast(text string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+1:], true
}
