package account

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"sportello/internal/fault"
)

// longestAddress is what SMTP can carry between the angle brackets.
const longestAddress = 254

// Address returns the address in text in its one normal form: lower case, the
// domain as ASCII. Anything but a bare, ordinary address fails with
// fault.Invalid: display names, quoted local parts, address literals, letters
// that only look like others.
func Address(text string) (string, error) {
	text = strings.TrimSpace(text)
	invalid := fault.New(fault.Invalid, "account.address_invalid")
	if len(text) > longestAddress {
		return "", invalid
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil {
		return "", invalid.Because(err)
	}
	// The parser also takes "Name <address>" and comments; what it read must be all there was.
	if parsed.Name != "" || !strings.EqualFold(parsed.Address, text) {
		return "", invalid
	}
	local, domain, _ := strings.Cut(parsed.Address, "@")
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil {
		return "", invalid.Because(err)
	}
	address := strings.ToLower(local + "@" + domain)
	if !plainAddress.MatchString(address) || len(address) > longestAddress {
		return "", invalid
	}
	return address, nil
}

// plainAddress is the shape of every address we accept: no quotes, no
// brackets, no address literal, a domain with at least one dot.
var plainAddress = regexp.MustCompile(`^[a-z0-9!#$%&'*+/=?^_{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)

// addressInText finds what looks like an address within a sentence.
var addressInText = regexp.MustCompile(`[^\s<>()\[\]",;:]+@[^\s<>()\[\]",;:]+`)

// FindAddress returns the first address written in a sentence, normalised.
func FindAddress(text string) (string, bool) {
	for _, candidate := range addressInText.FindAllString(text, -1) {
		if address, err := Address(strings.Trim(candidate, ".!?'’`*_")); err == nil {
			return address, true
		}
	}
	return "", false
}

// Domains decides from an address who somebody is. It is configuration.
type Domains struct {
	Employee []string // domains whose mailboxes belong to employees; subdomains are not meant
	External bool     // whether others may have an account too
}

// Decide normalises text as Address does and says whether its owner is an
// employee or external. It fails with fault.Forbidden where external persons
// are not admitted.
func (d Domains) Decide(text string) (address string, external bool, err error) {
	if address, err = Address(text); err != nil {
		return "", false, err
	}
	_, domain, _ := strings.Cut(address, "@")
	employee := slices.ContainsFunc(d.Employee, func(own string) bool { return strings.EqualFold(own, domain) })
	if !employee && !d.External {
		return "", false, fault.New(fault.Forbidden, "account.address_refused", fault.Values{"Domains": strings.Join(d.Employee, ", ")})
	}
	return address, !employee, nil
}
