package main

import (
	"errors"
	"time"
)

// operatorsConfig says how people wait for operators.
type operatorsConfig struct {
	Patience time.Duration `yaml:"patience"` // who waits longer hears how it stands, once
}

func defaultOperators() operatorsConfig { return operatorsConfig{Patience: 10 * time.Minute} }

func (c operatorsConfig) check() error {
	if c.Patience < time.Minute {
		return errors.New("operators.patience: in less than 1m nobody can come")
	}
	return nil
}
