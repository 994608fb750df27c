package semantic

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

// Config names the server and what it is asked for. Without a BaseURL nothing
// is: no connection, no goroutine, no file.
type Config struct {
	BaseURL    string `yaml:"base_url"`     // such as http://127.0.0.1:8000/v1
	APIKeyFile string `yaml:"api_key_file"` // sent as a bearer token; may be empty

	EmbeddingModel string        `yaml:"embedding_model"` // empty: no search by meaning
	QueryPrefix    string        `yaml:"query_prefix"`    // some models want one before questions
	PassagePrefix  string        `yaml:"passage_prefix"`  // and one before what is searched
	Weight         float64       `yaml:"weight"`          // of meaning, where words count 1
	Timeout        time.Duration `yaml:"timeout"`         // of a question's way by meaning

	WriterModel   string        `yaml:"writer_model"` // empty: no worded answers
	WriterTimeout time.Duration `yaml:"writer_timeout"`
}

// DefaultConfig asks nobody.
func DefaultConfig() Config {
	return Config{Weight: 1, Timeout: 300 * time.Millisecond, WriterTimeout: 4 * time.Second}
}

// Searches reports whether questions are searched for by meaning, too.
func (c Config) Searches() bool { return c.BaseURL != "" && c.EmbeddingModel != "" }

// Writes reports whether answers are worded.
func (c Config) Writes() bool { return c.BaseURL != "" && c.WriterModel != "" }

// Check tells every mistake.
func (c Config) Check() error {
	var errs []error
	wrong := func(format string, values ...any) { errs = append(errs, fmt.Errorf("semantic."+format, values...)) }
	named := c.EmbeddingModel != "" || c.WriterModel != ""
	switch {
	case c.BaseURL == "" && named:
		wrong("base_url is empty: name the server that runs the model, such as http://127.0.0.1:8000/v1")
	case c.BaseURL != "" && !named:
		wrong("base_url is set but no model: name embedding_model, writer_model or both")
	}
	if u, err := url.Parse(c.BaseURL); c.BaseURL != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" ||
		u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(c.BaseURL, "/")) {
		wrong("base_url: %q is not a URL such as http://127.0.0.1:8000/v1, without a name, a query and a final slash", c.BaseURL)
	}
	if c.APIKeyFile != "" {
		if _, err := c.apiKey(); err != nil {
			wrong("api_key_file: %w", err)
		}
	}
	if !(c.Weight > 0 && c.Weight <= 10) {
		wrong("weight: %v is not above 0 and at most 10", c.Weight)
	}
	if c.Timeout < 10*time.Millisecond || c.Timeout > 5*time.Second {
		wrong("timeout: %s is not from 10ms to 5s", c.Timeout)
	}
	if c.WriterTimeout < 100*time.Millisecond || c.WriterTimeout > time.Minute {
		wrong("writer_timeout: %s is not from 100ms to 1m", c.WriterTimeout)
	}
	return errors.Join(errs...)
}

// InTheClear reports whether what is asked travels unencrypted beyond this
// machine.
func (c Config) InTheClear() bool {
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Scheme != "http" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}

// apiKey reads the key; none if no file is named.
func (c Config) apiKey() (string, error) {
	if c.APIKeyFile == "" {
		return "", nil
	}
	text, err := os.ReadFile(c.APIKeyFile)
	key := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		return "", err
	case key == "" || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "", fmt.Errorf("%s holds no key on one line", c.APIKeyFile)
	}
	return key, nil
}
