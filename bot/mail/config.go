package mail

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"sportello/account"
)

// Config says by which server letters leave. Without a host none do.
type Config struct {
	Host          string `yaml:"host"`
	Port          int    `yaml:"port"`
	From          string `yaml:"from"`           // an address that reads no answers
	Name          string `yaml:"name"`           // shown as the sender
	BounceAddress string `yaml:"bounce_address"` // where reports of failed deliveries go, From if empty; a * in it becomes the letter's ID
	Username      string `yaml:"username"`
	PasswordFile  string `yaml:"password_file"`
	TLS           string `yaml:"tls"`     // starttls, implicit, or none on loopback
	CAFile        string `yaml:"ca_file"` // certificates to trust besides the system's, for a server with one of the organisation's own
}

// DefaultConfig sends nothing.
func DefaultConfig() Config { return Config{Port: 587, Name: "Help Desk", TLS: "starttls"} }

// Check tells what is wrong.
func (c Config) Check() error {
	if c.Host == "" {
		return nil
	}
	var errs []error
	if _, err := account.Address(c.From); err != nil {
		errs = append(errs, fmt.Errorf("mail.from: %q is not an e-mail address", c.From))
	}
	if c.Port < 1 || c.Port > 65535 {
		errs = append(errs, fmt.Errorf("mail.port: %d is not a port", c.Port))
	}
	if local, _, _ := strings.Cut(c.BounceAddress, "@"); c.BounceAddress != "" {
		_, err := account.Address(strings.Replace(c.BounceAddress, letterMark, "x", 1))
		if err != nil || strings.Count(c.BounceAddress, letterMark) != strings.Count(local, letterMark) {
			errs = append(errs, fmt.Errorf("mail.bounce_address: %q is not an e-mail address, with at most one * before the @", c.BounceAddress))
		}
	}
	switch ip := net.ParseIP(c.Host); c.TLS {
	case "starttls", "implicit":
	case "none":
		if c.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			errs = append(errs, errors.New("mail.tls: none is for a server on this machine only"))
		}
	default:
		errs = append(errs, fmt.Errorf("mail.tls: %q is none of starttls, implicit, none", c.TLS))
	}
	if (c.Username == "") != (c.PasswordFile == "") {
		errs = append(errs, errors.New("mail: username and password_file go together"))
	}
	if c.PasswordFile != "" {
		if _, err := os.Stat(c.PasswordFile); err != nil {
			errs = append(errs, fmt.Errorf("mail.password_file: %w", err))
		}
	}
	if c.CAFile != "" {
		if _, err := c.authorities(); err != nil {
			errs = append(errs, fmt.Errorf("mail.ca_file: %w", err))
		}
	}
	return errors.Join(errs...)
}

// authorities are those whose certificates are trusted.
func (c Config) authorities() (*x509.CertPool, error) {
	own, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without any
	}
	if !pool.AppendCertsFromPEM(own) {
		return nil, errors.New("there is no certificate in it")
	}
	return pool, nil
}
