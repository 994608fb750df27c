package telegram

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strings"
)

// The ways updates come in by.
const (
	Polling = "polling" // we ask; nothing has to reach us
	Webhook = "webhook" // Telegram calls us, over HTTPS
)

// Config says which bot we are. Without a token file there is none.
type Config struct {
	TokenFile string `yaml:"token_file"` // holds what @BotFather gave
	Mode      string `yaml:"mode"`       // polling or webhook
	APIURL    string `yaml:"api_url"`    // of a Bot API server of one's own; Telegram's if empty
}

// DefaultConfig is no bot.
func DefaultConfig() Config { return Config{Mode: Polling} }

// On reports whether there is a bot.
func (c Config) On() bool { return c.TokenFile != "" }

// telegrams is where the Bot API is.
const telegrams = "https://api.telegram.org"

// root is the address of the Bot API, without a final slash.
func (c Config) root() string {
	if c.APIURL == "" {
		return telegrams
	}
	return strings.TrimSuffix(c.APIURL, "/")
}

// Check tells every mistake. site is the address of the site, which a webhook
// needs.
func (c Config) Check(site string) error {
	var errs []error
	if c.Mode != Polling && c.Mode != Webhook {
		errs = append(errs, fmt.Errorf("telegram.mode: %q is neither polling nor webhook", c.Mode))
	}
	if c.APIURL != "" {
		errs = append(errs, c.checkAddress())
	}
	if !c.On() {
		return errors.Join(errs...)
	}
	if _, err := c.Token(); err != nil {
		errs = append(errs, err)
	}
	if c.Mode == Webhook {
		u, err := url.Parse(site)
		switch {
		case site == "":
			errs = append(errs, errors.New("telegram.mode: for a webhook Telegram must reach us, so site_url is needed, too"))
		case err != nil || u.Scheme != "https" && c.APIURL == "":
			errs = append(errs, fmt.Errorf("telegram.mode: Telegram calls webhooks over https only, and site_url is %s", site))
		}
	}
	return errors.Join(errs...)
}

func (c Config) checkAddress() error {
	u, err := url.Parse(c.APIURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("telegram.api_url: %q is not an address such as https://bot-api.example.it", c.APIURL)
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme == "http" && u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return errors.New("telegram.api_url: the token travels in the address, so http is for this machine only")
	}
	return nil
}

// aToken is what tokens of bots look like: the bot's ID and a secret.
var aToken = regexp.MustCompile(`^[0-9]{3,20}:[A-Za-z0-9_-]{20,100}$`)

// Token reads the token. It fails in words that never hold any of it.
func (c Config) Token() (string, error) {
	text, err := os.ReadFile(c.TokenFile)
	if err != nil {
		return "", fmt.Errorf("telegram.token_file: %w", err)
	}
	return CheckToken(string(text))
}

// CheckToken returns a token without the space around it.
func CheckToken(text string) (string, error) {
	token := strings.TrimSpace(text)
	if !aToken.MatchString(token) {
		return "", errors.New("telegram.token_file: this is no token of a bot, such as 123456789:AA… from @BotFather")
	}
	return token, nil
}
