package account

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sportello/internal/fault"
)

func TestAPasswordIsKeptAsAHashThatTellsItsCost(t *testing.T) {
	const password = "cavallo però graffetta"
	c, err := Credential{Person: "p"}.WithPassword(password, time.Unix(1, 0))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(c.Password, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(c.Password, "cavallo") {
		t.Errorf("it is kept as %s", c.Password)
	}
	again, _ := Credential{}.WithPassword(password, time.Unix(1, 0))
	if again.Password == c.Password {
		t.Error("two hashes have the same salt")
	}
	if !c.Is(password) || !c.Is("cavallo pero\u0300 graffetta") {
		t.Error("the right password was refused")
	}
	for _, wrong := range []string{"", "Cavallo però graffetta", password + " ", strings.Repeat("x", 10_000)} {
		if c.Is(wrong) {
			t.Errorf("%q was taken", wrong)
		}
	}
	// A hash of an earlier cost goes on counting.
	early := cost{memory: 8 << 10, time: 1, lanes: 2}
	if old := (Credential{Password: early.encode([]byte("salt salt salt s"), early.hash(password, []byte("salt salt salt s")))}); !old.Is(password) || old.Is("no") {
		t.Error("a hash of an earlier cost")
	}
}

func TestWithoutAPasswordNoneIsRight(t *testing.T) {
	for _, encoded := range []string{"", "$", "$argon2id$v=19$m=1,t=0,p=0$$", "$argon2id$v=16$m=8,t=1,p=1$YQ$YQ", "$argon2i$v=19$m=8,t=1,p=1$YQ$YQ", "$argon2id$v=19$m=8,t=1,p=1$!$!"} {
		for _, password := range []string{"", "password"} {
			if (Credential{Password: encoded}).Is(password) {
				t.Errorf("%q is the password of %q", password, encoded)
			}
		}
	}
}

func TestAPasswordHasABearableLength(t *testing.T) {
	for password, phrase := range map[string]string{
		"breve": "account.password_short", "undici carat": "", strings.Repeat("è", MaxPassword): "", strings.Repeat("x", MaxPassword+1): "account.password_long", "byte \xff sbagliati": "account.password_long",
	} {
		_, err := Credential{}.WithPassword(password, time.Unix(1, 0))
		var e *fault.Error
		if errors.As(err, &e) != (phrase != "") || e != nil && e.Phrase != phrase {
			t.Errorf("%.20q: %v, want %q", password, err, phrase)
		}
	}
}
