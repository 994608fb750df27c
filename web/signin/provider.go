package signin

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"sportello/account"
)

// Provider is an OpenID Connect provider that people may sign in with.
type Provider struct {
	Name             string                  `yaml:"name"` // part of addresses; never change it
	Issuer           string                  `yaml:"issuer"`
	ClientID         string                  `yaml:"client_id"`
	ClientSecretFile string                  `yaml:"client_secret_file"`
	Scopes           []string                `yaml:"scopes"`
	EmailClaim       string                  `yaml:"email_claim"`
	NameClaim        string                  `yaml:"name_claim"`
	OfficeClaim      string                  `yaml:"office_claim"`
	AreaClaim        string                  `yaml:"area_claim"`
	PhoneClaim       string                  `yaml:"phone_claim"`
	TeamsClaim       string                  `yaml:"teams_claim"`
	RolesClaim       string                  `yaml:"roles_claim"`
	Roles            map[string]account.Role `yaml:"roles"`       // value of the claim → role
	TrustEmail       bool                    `yaml:"trust_email"` // without email_verified
	ACRValues        string                  `yaml:"acr_values"`
	Label            Label                   `yaml:"label"`
	Button           string                  `yaml:"button"` // spid, cie or plain
}

// Label is what a button says.
type Label struct {
	IT string `yaml:"it"`
	EN string `yaml:"en"`
}

// In is the label in a language.
func (l Label) In(lang string) string {
	if lang == "en" {
		return l.EN
	}
	return l.IT
}

// Check tells what is wrong with providers.
func Check(providers []Provider) error {
	var errs []error
	seen := map[string]bool{}
	for i, p := range providers {
		wrong := func(format string, args ...any) {
			errs = append(errs, fmt.Errorf("account.oidc, number %d: "+format, append([]any{i + 1}, args...)...))
		}
		if !plainName.MatchString(p.Name) || seen[p.Name] {
			wrong("name: %q is no name of its own in small letters, such as azienda", p.Name)
		}
		seen[p.Name] = true
		if u, err := url.Parse(p.Issuer); err != nil || u.Host == "" || u.Scheme != "https" && u.Hostname() != "127.0.0.1" && u.Hostname() != "localhost" {
			wrong("issuer: %q is not a URL that begins with https://", p.Issuer)
		}
		if p.ClientID == "" {
			wrong("client_id is empty: it is the name under which the provider knows this service")
		}
		if p.ClientSecretFile != "" {
			if text, err := os.ReadFile(p.ClientSecretFile); err != nil {
				wrong("client_secret_file: %v", err)
			} else if strings.TrimSpace(string(text)) == "" {
				wrong("client_secret_file: %s is empty", p.ClientSecretFile)
			}
		}
		if p.Label.IT == "" || p.Label.EN == "" {
			wrong("label: it and en are what the button says")
		}
		if !slices.Contains([]string{"", "plain", "spid", "cie"}, p.Button) {
			wrong("button: %q is none of plain, spid, cie", p.Button)
		}
		for value, role := range p.Roles {
			if !slices.Contains(account.Roles, role) {
				wrong("roles: %q, of %q, is none of the roles", role, value)
			}
		}
		if len(p.Roles) > 0 && p.RolesClaim == "" {
			wrong("roles_claim is empty, so roles are never given")
		}
	}
	return errors.Join(errs...)
}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)
