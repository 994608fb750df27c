package webhook

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Config says where messages may go, and how long they are tried.
type Config struct {
	// AllowPrivate are networks that are not of the internet and may be
	// called, such as 10.1.0.0/16. All others are refused: a hook shall not
	// reach what only this machine can.
	AllowPrivate []string      `yaml:"allow_private"`
	Timeout      time.Duration `yaml:"timeout"`     // of one try
	PauseAfter   time.Duration `yaml:"pause_after"` // a hook that fails for so long
}

// DefaultConfig tries for 15 seconds and pauses a hook after three days.
func DefaultConfig() Config {
	return Config{AllowPrivate: []string{}, Timeout: 15 * time.Second, PauseAfter: 72 * time.Hour}
}

// Check tells every mistake.
func (c Config) Check() error {
	var errs []error
	for _, network := range c.AllowPrivate {
		if _, err := netip.ParsePrefix(network); err != nil {
			errs = append(errs, fmt.Errorf("webhooks.allow_private: %q is not a network such as 10.1.0.0/16", network))
		}
	}
	for _, one := range []struct {
		name  string
		d     time.Duration
		least time.Duration
	}{{"timeout", c.Timeout, time.Second}, {"pause_after", c.PauseAfter, time.Hour}} {
		if one.d < one.least {
			errs = append(errs, fmt.Errorf("webhooks.%s is %v: give at least %v", one.name, one.d, one.least))
		}
	}
	if c.Timeout > time.Minute {
		errs = append(errs, fmt.Errorf("webhooks.timeout is %v: give at most a minute", c.Timeout))
	}
	return errors.Join(errs...)
}

// special are networks that are not of the internet, beside those that
// netip.Addr knows by itself.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
	netip.MustParsePrefix("3fff::/20"), netip.MustParsePrefix("5f00::/16"), netip.MustParsePrefix("fec0::/10"),
}

// admits reports whether an address may be called. Without TLS only the
// networks that were allowed may.
func (c Config) admits(ip netip.Addr, scheme string) bool {
	ip = ip.Unmap().WithZone("")
	for _, network := range c.AllowPrivate {
		if prefix, err := netip.ParsePrefix(network); err == nil && prefix.Contains(ip) {
			return true
		}
	}
	if scheme != "https" || !ip.IsValid() || !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	for _, prefix := range special {
		if prefix.Contains(ip) {
			return false
		}
	}
	return true
}
