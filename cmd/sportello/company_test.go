package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/oauth2-proxy/mockoidc"
)

// company is an OpenID provider as an organisation runs one, and what the
// service's configuration says of it, read from a file as by `serve`.
func company(t *testing.T) (*mockoidc.MockOIDC, func(*config)) {
	t.Helper()
	provider, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = provider.Shutdown() })
	folder := t.TempDir()
	text := fmt.Sprintf(`account:
  oidc:
    - name: azienda
      issuer: %s
      client_id: %s
      client_secret_file: company.secret
      scopes: [openid, email, profile, groups]
      name_claim: preferred_username
      roles_claim: groups
      roles: {helpdesk: operator}
      label: {it: Entra con l'azienda, en: Sign in with the company}
`, provider.Issuer(), provider.ClientID)
	for name, content := range map[string]string{"sportello.yaml": text, "company.secret": provider.ClientSecret} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said, err := readConfig(filepath.Join(folder, "sportello.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return provider, func(c *config) { c.Account = said.Account }
}
