package mattermost

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// Config says which server, and as whom. Without a url there is no such
// channel.
type Config struct {
	URL              string `yaml:"url"`                // of the server, as its users reach it, without a final slash
	TokenFile        string `yaml:"token_file"`         // holds the bot's access token
	Team             string `yaml:"team"`               // name of the team that the bot is in: commands and the operators' channel belong to it
	OperatorsChannel string `yaml:"operators_channel"`  // name of the channel where operators take requests; empty: nobody is asked there
	CommandTokenFile string `yaml:"command_token_file"` // holds the token of the slash command
	TrustEmail       bool   `yaml:"trust_email"`        // the profile's address says who somebody is
	CallbackURL      string `yaml:"callback_url"`       // of this service, as the server reaches it; empty: no buttons, forms and commands
}

// DefaultConfig is no server.
func DefaultConfig() Config { return Config{} }

// Check tells every mistake.
func (c Config) Check() error {
	if c.URL == "" {
		if c != (Config{}) {
			return errors.New("mattermost.url is empty: without the server's address the other settings mean nothing")
		}
		return nil
	}
	var errs []error
	if !isBase(c.URL) {
		errs = append(errs, fmt.Errorf("mattermost.url: %q is not an address such as https://chat.example.it, without a final slash", c.URL))
	}
	if c.TokenFile == "" {
		errs = append(errs, errors.New("mattermost.token_file is empty: name a file that holds the bot's access token"))
	}
	for _, file := range []struct{ setting, path string }{{"token_file", c.TokenFile}, {"command_token_file", c.CommandTokenFile}} {
		if file.path == "" {
			continue
		}
		if _, err := readToken(file.path); err != nil {
			errs = append(errs, fmt.Errorf("mattermost.%s: %w", file.setting, err))
		}
	}
	if c.CallbackURL != "" && !isBase(c.CallbackURL) {
		errs = append(errs, fmt.Errorf("mattermost.callback_url: %q is not an address such as https://assistenza.example.it, without a final slash", c.CallbackURL))
	}
	if c.Team == "" && (c.OperatorsChannel != "" || c.CommandTokenFile != "") {
		errs = append(errs, errors.New("mattermost.team is empty: the operators' channel and the command belong to a team"))
	}
	if c.CommandTokenFile != "" && c.CallbackURL == "" {
		errs = append(errs, errors.New("mattermost.callback_url is empty: the server calls the command there"))
	}
	return errors.Join(errs...)
}

func isBase(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil &&
		u.RawQuery == "" && u.Fragment == "" && !strings.HasSuffix(address, "/")
}

// readToken reads a file that holds nothing but a token. What is in it is never
// told.
func readToken(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	if token == "" || strings.ContainsAny(token, " \t\r\n") || len(token) > 200 {
		return "", fmt.Errorf("%s does not hold a token on a line of its own", file)
	}
	return token, nil
}
