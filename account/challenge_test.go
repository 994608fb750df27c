package account_test

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"sportello/account"
	"sportello/internal/fault"
)

var (
	noon   = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	widget = account.Identity{Channel: "widget", PlatformID: "visitor"}
)

func challenge(t *testing.T) (account.Challenge, string) {
	t.Helper()
	c, code, err := account.NewChallenge(widget, "anna@giustizia.it", noon, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return c, code
}

// other is a code that is not code.
func other(code string) string {
	if code == "000000" {
		return "111111"
	}
	return "000000"
}

func TestTheRightCodeIsAcceptedHoweverItIsCopied(t *testing.T) {
	c, code := challenge(t)
	for _, text := range []string{code, " " + code + "\n", "il codice è " + code + ".", code[:3] + " " + code[3:], code[:3] + "-" + code[3:]} {
		if tried, err := c.Verify(text, noon.Add(9*time.Minute)); err != nil || tried.Attempts != 1 {
			t.Errorf("Verify(%q): %d attempts, %v", text, tried.Attempts, err)
		}
	}
}

func TestACodeIsRefused(t *testing.T) {
	c, code := challenge(t)
	worn := c
	worn.Attempts = 5
	last := c
	last.Attempts = 4
	for name, test := range map[string]struct {
		c      account.Challenge
		text   string
		after  time.Duration
		kind   fault.Kind
		phrase string
	}{
		"wrong":                   {c, other(code), 0, fault.Invalid, "account.code_wrong"},
		"missing":                 {c, "non mi arriva", 0, fault.Invalid, "account.code_missing"},
		"part of a longer number": {c, "9" + code, 0, fault.Invalid, "account.code_missing"},
		"two candidates":          {c, code + " o " + other(code), 0, fault.Invalid, "account.code_missing"},
		"ten minutes later":       {c, code, 10 * time.Minute, fault.Invalid, "account.code_expired"},
		"wrong at the last try":   {last, other(code), 0, fault.TooMany, "account.code_attempts"},
		"right, after five tries": {worn, code, 0, fault.TooMany, "account.code_attempts"},
		"of no challenge":         {account.Challenge{ExpiresAt: noon.Add(time.Minute)}, code, 0, fault.Invalid, "account.code_wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			tried, err := test.c.Verify(test.text, noon.Add(test.after))
			if phrase, _ := fault.Public(err); !fault.Is(err, test.kind) || phrase != test.phrase {
				t.Errorf("error is %v, want %s", err, test.phrase)
			}
			if tried.Attempts != test.c.Attempts+1 {
				t.Errorf("%d attempts, want one more than %d", tried.Attempts, test.c.Attempts)
			}
		})
	}
}

func TestTheFifthTryIsTheLast(t *testing.T) {
	c, code := challenge(t)
	for try := 1; try <= 5; try++ {
		if !c.Open(noon) {
			t.Fatalf("closed before try %d", try)
		}
		c, _ = c.Verify(other(code), noon)
	}
	if c.Open(noon) {
		t.Error("still open after five tries")
	}
	if _, err := c.Verify(code, noon); !fault.Is(err, fault.TooMany) {
		t.Errorf("a sixth try: %v", err)
	}
}

func TestTheCodeIsNotInTheChallenge(t *testing.T) {
	c, code := challenge(t)
	again, sameCode, err := account.NewChallenge(widget, "anna@giustizia.it", noon, bytes.NewReader(bytes.Repeat([]byte{1}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(fmt.Sprintf("%v %s %x", c, c.Hash, c.Hash), code) {
		t.Error("the challenge shows its code")
	}
	if bytes.Equal(c.Hash[:16], again.Hash[:16]) || c.ID == again.ID || len(sameCode) != 6 {
		t.Error("salt or ID is not fresh")
	}
	if _, _, err := account.NewChallenge(widget, "a@b.it", noon, strings.NewReader("")); err == nil {
		t.Error("a code without randomness")
	}
}

func TestThreeCodesAnHourToAnAddressAndForAnIdentity(t *testing.T) {
	ago := func(minutes ...int) (times []time.Time) {
		for _, m := range minutes {
			times = append(times, noon.Add(-time.Duration(m)*time.Minute))
		}
		return times
	}
	for name, test := range map[string]struct {
		sends account.Sends
		wait  int // minutes, 0 if it may be sent
	}{
		"the first":                                {account.Sends{}, 0},
		"the third":                                {account.Sends{ToAddress: ago(50, 5), ForIdentity: ago(50, 5)}, 0},
		"the fourth to an address":                 {account.Sends{ToAddress: ago(50, 5, 1), ForIdentity: ago(5)}, 10},
		"the fourth for an identity":               {account.Sends{ToAddress: ago(5), ForIdentity: ago(1, 50, 5)}, 10},
		"both, by the longer wait":                 {account.Sends{ToAddress: ago(50, 5, 1), ForIdentity: ago(20, 5, 1)}, 40},
		"three of them more than an hour ago":      {account.Sends{ToAddress: ago(61, 70, 80, 5, 1)}, 0},
		"four within the hour, the second counts":  {account.Sends{ToAddress: ago(50, 40, 30, 20)}, 20},
		"a fraction of a minute is a whole minute": {account.Sends{ToAddress: []time.Time{noon.Add(-59*time.Minute - 30*time.Second), noon, noon}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.sends.Check(noon)
			if test.wait == 0 {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if _, values := fault.Public(err); !fault.Is(err, fault.TooMany) || values["Count"] != test.wait {
				t.Fatalf("error is %v, want to wait %d minutes", err, test.wait)
			}
		})
	}
}

func TestAPersonIsCalledByName(t *testing.T) {
	p := account.NewPerson("anna@giustizia.it", false, "it", noon)
	if p.Called() != "anna@giustizia.it" || !p.Known() || !p.Has(account.User) || p.Has(account.Operator) {
		t.Errorf("a new person is %+v", p)
	}
	if p.Name = "Anna Bianchi"; p.Called() != "Anna Bianchi" {
		t.Errorf("called %q", p.Called())
	}
	if (account.Person{Roles: []account.Role{account.Administrator}}).Has(account.Administrator) {
		t.Error("a stranger has a role")
	}
	if c := (account.Change{}); !c.Empty() || (account.Change{Spent: &widget}).Empty() {
		t.Error("Empty is wrong")
	}
}

func TestACodeIsFoundHoweverItIsCopied(t *testing.T) {
	for text, want := range map[string]string{
		"123456":                             "123456",
		"il codice è 123 456, grazie":        "123456",
		"12-34-56":                           "123456",
		"1 2 3 4 5 6":                        "123456",
		"123456 123456":                      "123456",
		"123456 10 minuti":                   "123456",
		"Il Suo codice è 123456. Lo scriva.": "123456",
		"Il Suo codice è 123456: vale 10 minuti. Chiami il numero verde 800.749.049.": "123456", // the whole letter
		"123456 per il ticket 2026-004512":                                            "123456",
		"2026-004512":                                                                 "",
		"800.749.049":                                                                 "",
		"1234567":                                                                     "",
		"12345":                                                                       "",
		"123456 654321":                                                               "",
		"":                                                                            "",
	} {
		if got, found := account.FindCode(text); got != want || found != (want != "") {
			t.Errorf("in %q is %q, %v; want %q", text, got, found, want)
		}
	}
}
