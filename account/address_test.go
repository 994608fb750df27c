package account_test

import (
	"strings"
	"testing"

	"sportello/account"
	"sportello/internal/fault"
)

func TestAddressesHaveOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"mario.rossi@giustizia.it":         "mario.rossi@giustizia.it",
		"  Mario.Rossi@GIUSTIZIA.IT\n":     "mario.rossi@giustizia.it",
		"avv.o'neill+pct@studio-legale.eu": "avv.o'neill+pct@studio-legale.eu",
		"anna@caffè.it":                    "anna@xn--caff-8oa.it",
		"anna@ＧＩＵＳＴＩＺＩＡ.it":                "anna@giustizia.it", // the same host, written wide
	} {
		if got, err := account.Address(text); err != nil || got != want {
			t.Errorf("Address(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestWhatIsNoBareAddressIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"empty":                        "",
		"no at sign":                   "mario.rossi",
		"a display name":               "Mario Rossi <mario.rossi@giustizia.it>",
		"only angle brackets":          "<mario.rossi@giustizia.it>",
		"a comment":                    "mario.rossi@giustizia.it (Mario)",
		"two addresses":                "a@giustizia.it, b@giustizia.it",
		"a quoted local part":          `"mario rossi"@giustizia.it`,
		"an address literal":           "mario@[127.0.0.1]",
		"no dot in the domain":         "mario@localhost",
		"a number for a domain":        "mario@127.0.0.1",
		"a letter of another alphabet": "mаrio@giustizia.it", // Cyrillic а
		"a line break":                 "mario@giustizia.it\r\nBcc: all@giustizia.it",
		"a double dot":                 "mario..rossi@giustizia.it",
		"too long":                     strings.Repeat("a", 250) + "@giustizia.it",
		"a zero byte":                  "mario\x00@giustizia.it",
	} {
		if got, err := account.Address(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: Address(%q) = %q, %v; want it refused", name, text, got, err)
		}
	}
}

func TestAnAddressIsFoundInASentence(t *testing.T) {
	for text, want := range map[string]string{
		"la mia mail è mario.rossi@giustizia.it.":   "mario.rossi@giustizia.it",
		"Mario Rossi <Mario.Rossi@giustizia.it>":    "mario.rossi@giustizia.it",
		"(anna@giustizia.it), grazie":               "anna@giustizia.it",
		"mailto:anna@giustizia.it":                  "anna@giustizia.it",
		"su @canale ne parlano, scrivete a a@b.it!": "a@b.it",
		"non ho una mail":                           "",
		"ci vediamo @ casa":                         "",
	} {
		got, found := account.FindAddress(text)
		if got != want || found != (want != "") {
			t.Errorf("FindAddress(%q) = %q, %v; want %q", text, got, found, want)
		}
	}
}

func TestAnAddressTellsWhoSomebodyIs(t *testing.T) {
	open := account.Domains{Employee: []string{"giustizia.it", "Cassazione.Giustizia.it"}, External: true}
	closed := account.Domains{Employee: []string{"giustizia.it"}}
	for name, test := range map[string]struct {
		domains  account.Domains
		address  string
		external bool
		refused  fault.Kind
	}{
		"an employee":                     {domains: open, address: "Anna@Giustizia.IT"},
		"an employee of another domain":   {domains: open, address: "anna@cassazione.giustizia.it"},
		"a lawyer":                        {domains: open, address: "avv.rossi@ordine.it", external: true},
		"a subdomain is not the domain":   {domains: open, address: "anna@evil.giustizia.it", external: true},
		"a domain that ends alike is not": {domains: open, address: "anna@notgiustizia.it", external: true},
		"a lookalike domain is not":       {domains: open, address: "anna@giustiziа.it", external: true},
		"a lawyer where none are wanted":  {domains: closed, address: "avv.rossi@ordine.it", refused: fault.Forbidden},
		"no address":                      {domains: open, address: "anna", refused: fault.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, external, err := test.domains.Decide(test.address)
			if test.refused != "" {
				if !fault.Is(err, test.refused) {
					t.Fatalf("error is %v, want %s", err, test.refused)
				}
				return
			}
			if err != nil || external != test.external {
				t.Fatalf("external is %v, %v; want %v", external, err, test.external)
			}
		})
	}
}

func FuzzAddress(f *testing.F) {
	for _, seed := range []string{"mario.rossi@giustizia.it", "Mario <m@g.it>", "a@caffè.it", "a@b", "\"x y\"@z.it", "@", "a@xn--.it"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if address, err := account.Address(text); err == nil {
			again, err := account.Address(address)
			if err != nil || again != address {
				t.Errorf("%q became %q, which becomes %q, %v", text, address, again, err)
			}
			if strings.ContainsAny(address, " \r\n\t<>\"(),;:\\") || strings.Count(address, "@") != 1 {
				t.Errorf("%q became %q, which is not plain", text, address)
			}
		}
		if address, found := account.FindAddress(text); found {
			if _, err := account.Address(address); err != nil {
				t.Errorf("found %q in %q: %v", address, text, err)
			}
		}
	})
}
