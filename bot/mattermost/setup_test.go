package mattermost

import (
	"net/netip"
	"testing"

	"github.com/mattermost/mattermost/server/public/model"
)

func TestAddressesAreProvenWhereNobodyComesInWithoutProof(t *testing.T) {
	yes, no := true, false
	for name, c := range map[string]struct {
		settings func(*model.Config)
		want     string
	}{
		"as a server comes":              {func(*model.Config) {}, "addresses_unproven"},
		"everybody confirms an address":  {func(c *model.Config) { c.EmailSettings.RequireEmailVerification = &yes }, "addresses_confirmed"},
		"a directory beside other ways":  {func(c *model.Config) { c.LdapSettings.Enable = &yes }, "addresses_unproven"},
		"no way in by a password at all": {func(c *model.Config) { noPasswords(c) }, "addresses_unproven"},
		"a directory and nothing else":   {func(c *model.Config) { noPasswords(c); c.LdapSettings.Enable = &yes }, "addresses_provided"},
		"a provider and nothing else":    {func(c *model.Config) { noPasswords(c); c.OpenIdSettings.Enable = &yes }, "addresses_provided"},
		"who is there already may sign in": {func(c *model.Config) {
			c.SamlSettings.Enable, c.EmailSettings.EnableSignUpWithEmail = &yes, &no
		}, "addresses_unproven"},
	} {
		config := &model.Config{}
		config.SetDefaults()
		c.settings(config)
		if got := (&work{config: config}).proven(); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func noPasswords(c *model.Config) {
	no := false
	c.EmailSettings.EnableSignUpWithEmail, c.EmailSettings.EnableSignInWithEmail, c.EmailSettings.EnableSignInWithUsername = &no, &no, &no
}

func TestTheServerCallsInternalAddressesOnlyIfListed(t *testing.T) {
	for name, c := range map[string]struct {
		server, callback, list string
		want                   bool
	}{
		"loopback, nothing listed":   {"https://chat.example", "http://127.0.0.1:8080", "", false},
		"loopback by its name":       {"https://chat.example", "http://127.0.0.1:8080", "altro 127.0.0.1", true},
		"by a network around it":     {"https://chat.example", "http://10.1.2.3:8080", "10.0.0.0/8,altro", true},
		"by another network":         {"https://chat.example", "http://192.168.1.1", "10.0.0.0/8", false},
		"a public address":           {"https://chat.example", "https://93.184.216.34", "", true},
		"the server's own":           {"https://93.184.216.34", "https://93.184.216.34/aiuto", "", false},
		"the same address, in IPv6":  {"https://chat.example", "http://[::ffff:10.1.2.3]", "10.0.0.0/8", true},
		"of providers behind theirs": {"https://chat.example", "http://100.64.1.1", "", false},
	} {
		config := &model.Config{}
		config.SetDefaults()
		config.ServiceSettings.AllowedUntrustedInternalConnections = &c.list
		w := &work{Setup: Setup{Config: Config{URL: c.server, CallbackURL: c.callback}}, config: config}
		if _, got := w.mayCall(t.Context()); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	if !internal(netip.MustParseAddr("fd00::1")) {
		t.Error("a private IPv6 address is taken for a public one")
	}
}
