package webhook_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"sportello/tickets"
	"sportello/tickets/webhook"
)

func TestAHookIsCheckedInFull(t *testing.T) {
	within := webhook.Config{AllowPrivate: []string{"10.1.0.0/16", "fd00::/8"}}
	for url, want := range map[string]map[bool]bool{ // whether networks are allowed → whether it is accepted
		"https://itsm.example.it/hook":      {false: true, true: true},
		"https://itsm.example.it:8443/h?k=": {false: true, true: true},
		"https://8.8.8.8/":                  {false: true, true: true},
		"http://itsm.example.it/":           {true: true},
		"https://10.1.2.3/":                 {true: true},
		"https://[fd00::1]/":                {true: true},
		"https://10.2.2.3/":                 {},
		"https://127.0.0.1/":                {},
		"https://[::1]/":                    {},
		"https://[::ffff:127.0.0.1]/":       {},
		"https://169.254.169.254/latest":    {},
		"https://192.168.1.1/":              {},
		"https://100.64.0.1/":               {},
		"https://0.0.0.0/":                  {},
		"https://[64:ff9b::7f00:1]/":        {},
		"http://8.8.8.8/":                   {},
		"https://user:pw@example.it/":       {},
		"https://example.it/#part":          {},
		"ftp://example.it/":                 {},
		"https:///":                         {},
		"//example.it":                      {},
		"":                                  {},
		"https://example.it/" + strings.Repeat("a", 2000): {},
	} {
		for allowed, c := range map[bool]webhook.Config{false: {}, true: within} {
			_, err := webhook.New(webhook.Wanted{URL: url, Active: true}, "", noon, c)
			if (err == nil) != want[allowed] {
				t.Errorf("%.60s with networks allowed %v: %v", url, allowed, err)
			}
		}
	}
	_, err := webhook.New(webhook.Wanted{Name: strings.Repeat("n", 101), URL: "x", Secret: "y", Events: []tickets.Kind{"z"}}, "", noon, within)
	if problems, is := err.(tickets.Problems); !is || len(problems) != 4 {
		t.Errorf("what is wrong is told as %v", err)
	}
}

// special addresses of every sort, whatever they are for.
func TestNoAddressOutsideTheInternetIsAdmitted(t *testing.T) {
	for _, text := range []string{
		"0.1.2.3", "10.0.0.1", "100.127.255.255", "127.255.255.255", "169.254.1.1", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.0.1",
		"198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "ff02::1",
	} {
		address := netip.MustParseAddr(text)
		host := text
		if address.Is6() {
			host = "[" + text + "]"
		}
		if _, err := webhook.New(webhook.Wanted{URL: "https://" + host + "/"}, "", noon, webhook.Config{}); err == nil {
			t.Errorf("%s is admitted", text)
		}
	}
}

func TestADeliveryIsTriedForADayThenParked(t *testing.T) {
	d := webhook.Delivery{Hook: "wh_a", Seq: 7, State: webhook.Planned, PlannedAt: noon, NextAt: noon}
	h := webhook.Hook{ID: "wh_a", Active: true}
	at := noon
	for d.State == webhook.Planned {
		before := at
		d, h = webhook.After(d, h, webhook.Outcome{At: at, Status: 500, Failed: true, Broken: true}, webhook.DefaultConfig())
		if at = d.NextAt; d.State == webhook.Planned && (at.Before(before.Add(4*time.Second)) || at.Sub(before) > 15*time.Hour || at.Sub(noon) > 24*time.Hour) {
			t.Errorf("after try %d it waits %v", d.Tries, at.Sub(before))
		}
	}
	if d.Tries < 8 || d.Tries > 12 || d.EndedAt.Sub(noon) < 10*time.Hour || d.ID() != "wh_a_7" || !h.Active {
		t.Errorf("parked %+v of %+v", d, h)
	}
}

func TestAHookThatFailsForDaysIsStoppedAndOneThatIsGoneAtOnce(t *testing.T) {
	c := webhook.DefaultConfig()
	planned := webhook.Delivery{State: webhook.Planned}
	h := webhook.Hook{Active: true}
	_, h = webhook.After(planned, h, webhook.Outcome{At: noon, Failed: true}, c)
	_, h = webhook.After(planned, h, webhook.Outcome{At: noon.Add(c.PauseAfter - time.Minute), Failed: true}, c)
	if !h.Active || h.Failures != 2 || !h.Failing.Equal(noon) || !h.Resting.IsZero() {
		t.Errorf("before the time is up: %+v", h)
	}
	_, well := webhook.After(planned, h, webhook.Outcome{At: noon.Add(c.PauseAfter - time.Second), Status: 200}, c)
	if well.Failures != 0 || !well.Failing.IsZero() {
		t.Errorf("after a success: %+v", well)
	}
	_, h = webhook.After(planned, h, webhook.Outcome{At: noon.Add(c.PauseAfter + time.Minute), Failed: true}, c)
	if h.Active || h.Stopped != webhook.Faulty {
		t.Errorf("after the time is up: %+v", h)
	}
	d, gone := webhook.After(planned, webhook.Hook{Active: true}, webhook.Outcome{At: noon, Status: 410, Failed: true, Gone: true}, c)
	if gone.Active || gone.Stopped != webhook.Gone || d.State != webhook.Parked {
		t.Errorf("after 410: %+v, %+v", gone, d)
	}
	awake, err := h.With(webhook.Wanted{URL: "https://example.it/", Secret: webhook.NewSecret(), Active: true}, c)
	if err != nil || !awake.Active || awake.Failures != 0 || awake.Stopped != webhook.Running {
		t.Errorf("woken: %+v (%v)", awake, err)
	}
	later, _ := webhook.After(planned, webhook.Hook{}, webhook.Outcome{At: noon, Status: 429, Failed: true, Broken: true, After: time.Hour}, c)
	if later.NextAt.Sub(noon) < time.Hour {
		t.Errorf("asked to wait an hour it waits %v", later.NextAt.Sub(noon))
	}
}
