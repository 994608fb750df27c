package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sportello/account"
	"sportello/bot/mail"
	"sportello/bot/mattermost"
	"sportello/bot/telegram"
	"sportello/bot/widget"
	"sportello/privacy"
	"sportello/search/semantic"
	"sportello/tickets/intake"
	"sportello/tickets/webhook"
	"sportello/web/api"
	"sportello/web/signin"
)

// config is the configuration file. Everything has a default: without a file
// the program runs on loopback with the shipped content.
type config struct {
	Listen  string        `yaml:"listen"`
	SiteURL string        `yaml:"site_url"`        // as people reach it, without a final slash
	Proxies []string      `yaml:"trusted_proxies"` // addresses whose X-Forwarded-For is believed
	Content contentConfig `yaml:"content"`
	Account accountConfig `yaml:"account"`
	Mail    mail.Config   `yaml:"mail"`
	Intake  intake.Config `yaml:"intake"`
	Widget  widget.Config `yaml:"widget"`
	Notices noticesConfig `yaml:"notices"`

	Operators  operatorsConfig   `yaml:"operators"`
	Mattermost mattermost.Config `yaml:"mattermost"`
	Telegram   telegram.Config   `yaml:"telegram"`

	Semantic semantic.Config `yaml:"semantic"`
	API      api.Config      `yaml:"api"`
	Webhooks webhook.Config  `yaml:"webhooks"`
	Log      logConfig       `yaml:"log"`

	Retention privacy.Terms `yaml:"retention"`
}

type contentConfig struct {
	Folder string `yaml:"folder"` // laid over the shipped content, file by file
}

type accountConfig struct {
	EmployeeDomains []string          `yaml:"employee_domains"`
	External        bool              `yaml:"external"`
	Passwords       bool              `yaml:"passwords"`       // for installations without a provider
	SessionIdle     time.Duration     `yaml:"session_idle"`    // silence that ends a session
	SessionLongest  time.Duration     `yaml:"session_longest"` // however busy
	WidgetKeyFile   string            `yaml:"widget_key_file"`
	OIDC            []signin.Provider `yaml:"oidc"`
}

func (c accountConfig) domains() account.Domains {
	return account.Domains{Employee: c.EmployeeDomains, External: c.External}
}

// check tells what is wrong with the domains.
func (c accountConfig) check() error {
	var errs []error
	for _, d := range c.EmployeeDomains {
		if _, err := account.Address("someone@" + d); err != nil {
			errs = append(errs, fmt.Errorf("account.employee_domains: %q is not a mail domain", d))
		}
	}
	if len(c.EmployeeDomains) == 0 && !c.External {
		errs = append(errs, errors.New("account: with no employee_domains and external: false nobody could have an account"))
	}
	return errors.Join(append(errs, c.checkSignIn())...)
}

type logConfig struct {
	Level string `yaml:"level"` // debug, info, warn, error
	JSON  bool   `yaml:"json"`
}

func defaultConfig() config {
	return config{
		Listen:  "127.0.0.1:8080",
		Proxies: []string{},
		Account: accountConfig{
			EmployeeDomains: []string{"giustizia.it"}, External: true,
			SessionIdle: 2 * time.Hour, SessionLongest: 12 * time.Hour, OIDC: []signin.Provider{},
		},
		Mail:    mail.DefaultConfig(),
		Intake:  intake.DefaultConfig(),
		Widget:  widget.DefaultConfig(),
		Notices: defaultNotices(),

		Mattermost: mattermost.DefaultConfig(),
		Operators:  defaultOperators(),

		Semantic: semantic.DefaultConfig(),
		API:      api.DefaultConfig(),
		Webhooks: webhook.DefaultConfig(),
		Telegram: telegram.DefaultConfig(),
		Log:      logConfig{Level: "info"},

		Retention: privacy.DefaultTerms(),
	}
}

// mistakes are several, each told in words already.
type mistakes struct{ error }

// readConfig reads a configuration strictly: an unknown key is a mistake. With
// no file it returns the defaults. Relative paths in it are meant from where
// the file lies. It tells every mistake at once.
func readConfig(file string) (config, error) {
	c := defaultConfig()
	if file == "" {
		return c, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return c, fmt.Errorf("there is no configuration file %s", file)
		}
		return c, err
	}
	wrong := decodeSettings(text, &c)
	files := []*string{&c.Content.Folder, &c.Mail.PasswordFile, &c.Mail.CAFile, &c.Intake.IMAP.PasswordFile, &c.Semantic.APIKeyFile, &c.Account.WidgetKeyFile,
		&c.Mattermost.TokenFile, &c.Mattermost.CommandTokenFile, &c.Telegram.TokenFile}
	for i := range c.Account.OIDC {
		files = append(files, &c.Account.OIDC[i].ClientSecretFile)
	}
	for _, path := range files {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(filepath.Dir(file), *path)
		}
	}
	if err := errors.Join(wrong, c.check()); err != nil {
		return c, mistakes{fmt.Errorf("mistakes in the configuration %s:\n%w", file, err)}
	}
	return c, nil
}

// check tells every mistake at once.
func (c config) check() error {
	var errs []error
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || !isPort(port) {
		errs = append(errs, fmt.Errorf("listen: %q is not an address such as 127.0.0.1:8080", c.Listen))
	}
	if u, err := url.Parse(c.SiteURL); c.SiteURL != "" && (err != nil || u.Host == "" || strings.HasSuffix(c.SiteURL, "/")) {
		errs = append(errs, fmt.Errorf("site_url: %q is not a URL such as https://assistenza.example.it, without a final slash", c.SiteURL))
	}
	for _, proxy := range c.Proxies {
		if net.ParseIP(proxy) == nil {
			errs = append(errs, fmt.Errorf("trusted_proxies: %q is not an address such as 127.0.0.1", proxy))
		}
	}
	if c.Content.Folder != "" {
		if info, err := os.Stat(c.Content.Folder); err != nil || !info.IsDir() {
			errs = append(errs, fmt.Errorf("content.folder: %s is not a folder", c.Content.Folder))
		}
	}
	if c.Account.WidgetKeyFile != "" && c.SiteURL == "" {
		errs = append(errs, errors.New("account.widget_key_file: tokens name the site they are for, so site_url is needed, too"))
	}
	if _, err := c.Log.level(); err != nil {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, c.Account.check(), c.Mail.Check(), c.Intake.Check(), c.Widget.Check(), c.Notices.check(), c.Mattermost.Check(), c.Telegram.Check(c.SiteURL), c.Operators.check(), c.Semantic.Check(), c.Retention.Check(), c.API.Check(), c.Webhooks.Check())...)
}

func isPort(text string) bool {
	port, err := strconv.Atoi(text)
	return err == nil && port >= 0 && port <= 65535
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
