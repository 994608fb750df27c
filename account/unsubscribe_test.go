package account_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"sportello/account"
	"sportello/internal/fault"
)

var signer = account.Unsubscribe{Key: bytes.Repeat([]byte{7}, 32)}

func TestATokenNamesWhoUnsubscribesFromWhat(t *testing.T) {
	for _, want := range []struct {
		person account.PersonID
		kind   string
	}{{"P1", "notice"}, {"P1", "digest"}, {"P2", "notice"}, {"è/=", ""}} {
		token := signer.Sign(want.person, want.kind)
		if strings.ContainsAny(token, "/+=?#% ") {
			t.Errorf("%q does not fit into a path", token)
		}
		person, kind, err := signer.Verify(token)
		if err != nil || person != want.person || kind != want.kind {
			t.Errorf("of %v remains %q, %q (%v)", want, person, kind, err)
		}
	}
	if signer.Sign("P1", "x") == signer.Sign("1", "xP") {
		t.Error("where the kind ends does not count")
	}
}

func TestATokenThatNobodySignedIsUnknown(t *testing.T) {
	token := signer.Sign("P1", "notice")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	other := bytes.Replace(raw, []byte("P1"), []byte("P2"), 1)
	for name, forged := range map[string]string{
		"none":                  "",
		"another person's":      base64.RawURLEncoding.EncodeToString(other),
		"cut short":             token[:len(token)-2],
		"with more at its end":  token + "A",
		"with a line break":     token[:10] + "\n" + token[10:],
		"of another key":        account.Unsubscribe{Key: bytes.Repeat([]byte{8}, 32)}.Sign("P1", "notice"),
		"of no key":             account.Unsubscribe{}.Sign("P1", "notice"),
		"of nobody":             signer.Sign("", "notice"),
		"very long":             strings.Repeat("A", 1<<20),
		"padded":                token + "=",
		"of another alphabet":   "-_" + token[2:],
		"a hash and no content": base64.RawURLEncoding.EncodeToString(raw[len(raw)-32:]),
	} {
		if person, kind, err := signer.Verify(forged); !fault.Is(err, fault.NotFound) {
			t.Errorf("a token %s is taken for %q, %q (%v)", name, person, kind, err)
		}
	}
	if _, _, err := (account.Unsubscribe{}).Verify(account.Unsubscribe{}.Sign("P1", "notice")); !fault.Is(err, fault.NotFound) {
		t.Error("without a key everybody signs")
	}
}

func TestAMaskedAddressIsKnownToItsOwnerOnly(t *testing.T) {
	for address, want := range map[string]string{"anna.verdi@giustizia.it": "a•••@giustizia.it", "ò@x.it": "ò•••@x.it", "": "•••", "x": "•••", "@x.it": "•••"} {
		if got := account.Masked(address); got != want {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
}

func FuzzUnsubscribe(f *testing.F) {
	f.Add("P1", "notice", signer.Sign("P1", "notice"))
	f.Add("", "", "")
	f.Fuzz(func(t *testing.T, person, kind, token string) {
		if p, k, err := signer.Verify(token); err == nil && signer.Sign(p, k) != token {
			t.Errorf("%q is taken for %q, %q, whose token is another", token, p, k)
		}
		if len(person)+len(kind) > 200 || person == "" {
			return
		}
		if p, k, err := signer.Verify(signer.Sign(account.PersonID(person), kind)); err != nil || string(p) != person || k != kind {
			t.Errorf("of %q, %q remains %q, %q (%v)", person, kind, p, k, err)
		}
	})
}
