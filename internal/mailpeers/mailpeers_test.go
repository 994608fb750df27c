package mailpeers_test

import (
	"fmt"
	"net/smtp"
	"strings"
	"testing"
	"time"

	"sportello/internal/mailpeers"
)

func TestAMailSentToTheRelayLiesInItsMailboxWithTheRelaysResults(t *testing.T) {
	d := mailpeers.StartDovecot(t)
	p := mailpeers.StartPostfix(t, fmt.Sprintf("inet:127.0.0.1:%d", d.LMTP), nil)
	err := smtp.SendMail(fmt.Sprintf("127.0.0.1:%d", p.Port), nil, "anna@giustizia.it", []string{"bruno@giustizia.it"}, []byte("Subject: prova\r\n\r\ntesto\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(mailpeers.Patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if mails := d.Mails(t, "bruno"); len(mails) == 1 {
			if !strings.Contains(mails[0], "Authentication-Results: mx.giustizia.it; spf=pass smtp.mailfrom=giustizia.it; dmarc=pass") {
				t.Errorf("%s", mails[0])
			}
			return
		}
	}
	t.Fatalf("no mail: %s", p.Log())
}
