package account

import (
	"testing"
	"time"
)

// The vectors of RFC 6238, appendix B, for SHA-1, in their last six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		if got := hotp(secret, uint64(at/30)); got != want {
			t.Errorf("at %d the code is %s, want %s", at, got, want)
		}
		if step, ok := totpMatch(secret, want, time.Unix(at, 0), 0); !ok || step != at/30 {
			t.Errorf("at %d the code is of step %d, %v", at, step, ok)
		}
	}
	for counter, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} { // RFC 4226, appendix D
		if got := hotp(secret, uint64(counter)); got != want {
			t.Errorf("the code of %d is %s, want %s", counter, got, want)
		}
	}
}

func TestACodeOfTheAppCountsOnceAndForAboutAMinute(t *testing.T) {
	now := time.Unix(1_800_000_015, 0)
	c := Credential{}.WithSecret()
	step := now.Unix() / 30
	code := func(s int64) string { return hotp(c.Secret, uint64(s)) }
	if _, _, err := c.Enrol(code(step+5), now); err == nil {
		t.Error("a code of another time was taken")
	}
	c, recovery, err := c.Enrol(" "+code(step)[:3]+" "+code(step)[3:], now)
	if err != nil || !c.Enrolled || len(recovery) != recoveryCodes {
		t.Fatalf("enrolled: %v, %d recovery codes, %v", c.Enrolled, len(recovery), err)
	}
	if same := c.WithSecret(); string(same.Secret) != string(c.Secret) {
		t.Error("an app that is enrolled lost its secret")
	}
	if _, err := c.Prove(code(step), now); err == nil {
		t.Error("a code was taken twice")
	}
	if _, err := c.Prove(code(step-1), now); err == nil {
		t.Error("a code before the last one was taken")
	}
	if next, err := c.Prove(code(step+1), now); err != nil || next.Step != step+1 {
		t.Errorf("the next code: %v", err)
	}
	used, err := c.Prove(recovery[2], now)
	if err != nil || len(used.Recovery) != recoveryCodes-1 {
		t.Fatalf("a recovery code: %v", err)
	}
	if _, err := used.Prove(recovery[2], now); err == nil {
		t.Error("a recovery code was taken twice")
	}
	if _, err := (Credential{}).Prove(hotp(nil, uint64(step)), now); err == nil {
		t.Error("a code without a secret was taken")
	}
}
