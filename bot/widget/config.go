package widget

import (
	"errors"
	"fmt"
	"net/url"
)

// Config says who may embed the widget, and how much one may send.
type Config struct {
	Origins           []string `yaml:"origins"`             // pages that may call us from elsewhere, such as https://intranet.example.it
	MessagesPerMinute int      `yaml:"messages_per_minute"` // in one conversation
	StartsPerMinute   int      `yaml:"starts_per_minute"`   // of conversations, from one address
}

// DefaultConfig admits no other origin.
func DefaultConfig() Config { return Config{MessagesPerMinute: 60, StartsPerMinute: 600} }

// Check tells what is wrong.
func (c Config) Check() error {
	var errs []error
	for _, o := range c.Origins {
		u, err := url.Parse(o)
		if err != nil || u.Scheme == "" || u.Host == "" || u.Path != "" {
			errs = append(errs, fmt.Errorf("widget.origins: %q is not an origin such as https://intranet.example.it", o))
		}
	}
	if c.MessagesPerMinute < 1 || c.StartsPerMinute < 1 {
		errs = append(errs, errors.New("widget: messages_per_minute and starts_per_minute are at least 1"))
	}
	return errors.Join(errs...)
}
