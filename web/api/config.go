package api

import (
	"errors"
	"fmt"
)

// Config bounds what programs with a token do.
type Config struct {
	ReadsPerMinute   int `yaml:"reads_per_minute"`   // of one token
	ChangesPerMinute int `yaml:"changes_per_minute"` // of one token
}

// DefaultConfig suits a system that is told by webhooks and does not poll.
func DefaultConfig() Config { return Config{ReadsPerMinute: 1200, ChangesPerMinute: 600} }

// Check tells every mistake in the limits.
func (c Config) Check() error {
	var errs []error
	for _, limit := range []struct {
		name string
		n    int
	}{{"reads_per_minute", c.ReadsPerMinute}, {"changes_per_minute", c.ChangesPerMinute}} {
		if limit.n < 1 {
			errs = append(errs, fmt.Errorf("api.%s is %d: give a number of requests from 1", limit.name, limit.n))
		}
	}
	return errors.Join(errs...)
}
