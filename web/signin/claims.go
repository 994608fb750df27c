package signin

import (
	"slices"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
)

// claims are what a provider says of somebody.
type claims map[string]any

// text is a claim as a text; "a.b" is b within a, unless there is a claim
// "a.b". A list gives its first text.
func (c claims) text(name string) string {
	all := c.texts(name)
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// texts is a claim as a list of texts.
func (c claims) texts(name string) []string {
	switch value := c.find(name).(type) {
	case string:
		if value = clean(value); value != "" {
			return []string{value}
		}
	case []any:
		var all []string
		for _, one := range value {
			if text, is := one.(string); is && clean(text) != "" {
				all = append(all, clean(text))
			}
		}
		return all
	}
	return nil
}

func (c claims) find(name string) any {
	if name == "" {
		return nil
	}
	if value, there := c[name]; there {
		return value
	}
	outer, inner, deep := strings.Cut(name, ".")
	within, is := c[outer].(map[string]any)
	if !deep || !is {
		return nil
	}
	return claims(within).find(inner)
}

// true reports whether a claim says yes: some providers write it as a text.
func (c claims) true(name string) bool {
	switch value := c.find(name).(type) {
	case bool:
		return value
	case string:
		return value == "true"
	}
	return false
}

// longestClaim is what is kept of one, in characters.
const longestClaim = 200

// clean takes out of a text what is no name.
func clean(text string) string {
	text = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text)), " ")
	if runes := []rune(text); len(runes) > longestClaim {
		return string(runes[:longestClaim])
	}
	return text
}

// email is the address that the provider answers for.
func (p Provider) email(c claims) (string, error) {
	claim := p.EmailClaim
	if claim == "" {
		claim = "email"
	}
	address, err := account.Address(c.text(claim))
	if err != nil {
		return "", fault.New(fault.Forbidden, "signin.provider_no_email").Because(err)
	}
	if !p.TrustEmail && !c.true("email_verified") {
		return "", fault.New(fault.Forbidden, "signin.provider_unverified")
	}
	return address, nil
}

// apply returns the person with what the claims say of them. What no claim is
// configured for, or none was given for, stays as it is; the roles that the
// provider decides about come and go with its claims.
func (p Provider) apply(person account.Person, c claims) account.Person {
	keep := func(field *string, claim string) {
		if value := c.text(claim); value != "" {
			*field = value
		}
	}
	name := p.NameClaim
	if name == "" {
		name = "name"
	}
	keep(&person.Name, name)
	if person.Name == "" {
		person.Name = clean(c.text("given_name") + " " + c.text("family_name"))
	}
	keep(&person.Office, p.OfficeClaim)
	keep(&person.Area, p.AreaClaim)
	keep(&person.Phone, p.PhoneClaim)
	if teams := c.texts(p.TeamsClaim); p.TeamsClaim != "" && !slices.Equal(teams, person.Teams) {
		person.Teams = teams
	}
	if p.RolesClaim == "" {
		return person
	}
	given := map[account.Role]bool{}
	decided := map[account.Role]bool{}
	values := c.texts(p.RolesClaim)
	for value, role := range p.Roles {
		decided[role] = true
		given[role] = given[role] || slices.Contains(values, value)
	}
	var roles []account.Role
	for _, role := range account.Roles {
		has := slices.Contains(person.Roles, role)
		if decided[role] && role != account.User {
			has = given[role]
		}
		if has || given[role] {
			roles = append(roles, role)
		}
	}
	if !sameRoles(roles, person.Roles) {
		person.Roles = roles
	}
	return person
}

func sameRoles(a, b []account.Role) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(r account.Role) bool { return !slices.Contains(b, r) })
}
