package intake

import (
	"strings"
	"testing"
)

func TestWithoutASourceNothingIsWrong(t *testing.T) {
	if err := DefaultConfig().Check(); err != nil {
		t.Error(err)
	}
}

func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	c := DefaultConfig()
	c.Domains, c.PEC, c.Shared, c.Addresses = []string{"a b"}, []string{"@x"}, []string{"prot*", "[@x.it"}, []string{"nessuno"}
	c.AuthservID, c.AuthLines, c.AuthHops, c.PerHour, c.HeldDays, c.TraceDays = "a b", 0, 0, 0, 0, 0
	c.MaxBytes, c.HeldBytes = 1, 0
	c.IMAP = IMAP{Host: "imap.example.it", Port: 0, TLS: "none", Mailbox: "INBOX", Processed: "inbox"}
	c.LMTP = LMTP{Listen: "0.0.0.0:24", Networks: []string{"dieci"}, Recipients: []string{"x"}}
	err := c.Check()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, key := range []string{
		"domains", "pec", "shared", "addresses", "authserv_id", "auth_lines", "auth_hops", "per_hour", "quarantine_days", "trace_days",
		"max_bytes", "held_bytes", "imap.port", "imap.tls", "imap.username", "imap.password_file", "imap.processed",
		"lmtp.networks", "lmtp.recipients",
	} {
		if !strings.Contains(err.Error(), "intake."+key+":") {
			t.Errorf("%s is not told in\n%v", key, err)
		}
	}
	for listen, wrong := range map[string]bool{
		"unix:/run/x/lmtp": true, "unix:relativo": true, "24": true, "127.0.0.1:24": false, "localhost:24": false, "unix:/lmtp": false, "0.0.0.0:24": true,
	} {
		c := DefaultConfig()
		c.AuthservID, c.LMTP.Listen = "mx.giustizia.it", listen
		if err := c.Check(); (err != nil) != wrong {
			t.Errorf("%s: %v", listen, err)
		}
	}
}

func TestResultsAreReadAsTheyAreWritten(t *testing.T) {
	for line, want := range map[string]bool{
		"mx.giustizia.it; dmarc=pass header.from=giustizia.it":                                       true,
		"MX.GIUSTIZIA.IT; DMARC=PASS header.from=GIUSTIZIA.IT":                                       true,
		`mx.giustizia.it 1; dmarc = pass (p=none; dis=none) header.from = "giustizia.it"`:            true,
		`"mx.giustizia.it"; dmarc/1=pass reason="ok; fine" header.from=giustizia.it`:                 true,
		"mx.giustizia.it; dkim=pass header.d=posta.giustizia.it; dmarc=none":                         true,
		"mx.giustizia.it; dkim=pass header.i=@giustizia.it":                                          true,
		"mx.giustizia.it; spf=pass smtp.mailfrom=giustizia.it":                                       true,
		"mx.giustizia.it; dmarc=pass":                                                                false,
		"mx.giustizia.it; dmarc=temperror header.from=giustizia.it; dkim=pass header.d=giustizia.it": false,
		"mx.giustizia.it; dmarc=pass header.from=giustizia.it.evil.example":                          false,
		"mx.giustizia.it; dkim=pass header.d=ngiustizia.it":                                          false,
		"mx.giustizia.it; dkim=pass header.d=it":                                                     false,
		"mx.giustizia.it; spf=pass smtp.helo=giustizia.it":                                           false,
		"mx.giustizia.it.evil.example; dmarc=pass header.from=giustizia.it":                          false,
		"mx.giustizia.it evil; none; dmarc=fail header.from=giustizia.it":                            false,
		"mx.giustizia.it; none": false,
		"":                      false,
	} {
		if got := (Relay{ID: "mx.giustizia.it"}).vouches(header{{"authentication-results", line}}, "giustizia.it"); got != want {
			t.Errorf("%q: %v", line, got)
		}
	}
}

func TestOnlyTheTopmostLinesOfTheRelayAreBelieved(t *testing.T) {
	good := field{"authentication-results", "mx.giustizia.it; dmarc=pass header.from=giustizia.it"}
	spf := field{"authentication-results", "mx.giustizia.it; spf=pass smtp.mailfrom=evil.example"}
	other := field{"authentication-results", "inner.giustizia.it; dmarc=fail header.from=giustizia.it"}
	received := field{"received", "from a by b"}
	for name, one := range map[string]struct {
		relay Relay
		lines header
		want  bool
	}{
		"on top":                                {Relay{}, header{good, received}, true},
		"below the lines of our own servers":    {Relay{}, header{received, received, received, good}, true},
		"below more of them":                    {Relay{}, header{received, received, received, received, good}, false},
		"below another server's line":           {Relay{}, header{other, good}, true},
		"the second of one":                     {Relay{}, header{spf, good}, false},
		"the second of two":                     {Relay{Lines: 2}, header{spf, good}, true},
		"the second of two, with a hop between": {Relay{Lines: 2}, header{spf, received, good}, false},
		"one hop only":                          {Relay{Hops: 1}, header{received, received, good}, false},
	} {
		one.relay.ID = "mx.giustizia.it"
		if got := one.relay.vouches(one.lines, "giustizia.it"); got != one.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (Relay{}).vouches(header{{"authentication-results", "; dmarc=pass header.from=giustizia.it"}}, "giustizia.it") {
		t.Error("a relay without a name is believed")
	}
}
