package mailpeer

import (
	"fmt"
	"strings"
	"testing"
)

// AuthservID is the name in the Authentication-Results lines of a relay.
const AuthservID = "mx." + Domain

// OtherDomain is an outside one whose mailboxes a relay knows too.
const OtherDomain = "studio.example"

// StartRelay starts a Postfix as an organisation has it at its border: on each
// mail it writes an Authentication-Results line. The envelope's sender is taken
// for proven, so a test that forges a From line gives another domain's
// envelope. routes leads addresses to LMTP servers of the test's own, such as
// inet:127.0.0.1:24; what is for the other mailboxes, of both domains, goes to
// d.
func StartRelay(t testing.TB, d *Dovecot, mailboxes []string, routes map[string]string) *Postfix {
	t.Helper()
	at := folder(t)
	var transport strings.Builder
	for address, server := range routes {
		fmt.Fprintf(&transport, "/^%s$/ lmtp:%s\n", strings.ReplaceAll(address, ".", `\.`), server)
	}
	write(t, at+"/transport", transport.String())
	var results strings.Builder
	for _, domain := range []string{Domain, OtherDomain} {
		fmt.Fprintf(&results, "/@%s$/ PREPEND Authentication-Results: %s; spf=pass smtp.mailfrom=%s; dmarc=pass header.from=%s\n",
			strings.ReplaceAll(domain, ".", `\.`), AuthservID, domain, domain)
	}
	fmt.Fprintf(&results, "/./ PREPEND Authentication-Results: %s; spf=fail; dmarc=fail\n", AuthservID)
	write(t, at+"/results", results.String())
	return StartPostfix(t, d, mailboxes,
		"transport_maps = regexp:"+at+"/transport",
		"smtpd_sender_restrictions = check_sender_access regexp:"+at+"/results",
		"virtual_mailbox_domains = "+Domain+", "+OtherDomain)
}
