package mail

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"sportello/account"

	"github.com/google/go-cmp/cmp"
)

var returning = Config{Host: "localhost", From: "noreply@giustizia.it", BounceAddress: "rimbalzi+*@giustizia.it"}

func reportFile(t testing.TB, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata/reports", name+".eml"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestReportsOfFailedDeliveriesAreUnderstood(t *testing.T) {
	const anna, neri, ours = "anna.verdi@giustizia.it", "avv.neri@studio.example.it", "LETTER7@giustizia.it"
	type told struct {
		Bounce
		Gone bool
	}
	for name, want := range map[string][]told{
		"standard-unknown-mailbox": {{Bounce{"LETTER7", ours, anna, true, "5.1.1", "550 5.1.1 no such mailbox"}, true}},
		"standard-delayed":         {{Bounce{"LETTER7", ours, anna, false, "4.4.1", "connect to 10.1.2.3: Connection timed out"}, false}},
		"mailbox-full":             {{Bounce{"LETTER7", ours, neri, true, "5.2.2", "552 5.2.2 Over quota"}, false}},
		"exchange":                 {{Bounce{"LETTER7", ours, anna, true, "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"}, true}},
		"exchange-of-old":          {{Bounce{"LETTER7", ours, anna, true, "5.1.1", "anna.verdi@giustizia.it on Fri, 27 Nov 2026 09:00:01 +0100 The e-mail account does not exist at the organization this message was sent to. Check the e-mail address. <mx.giustizia.it #5.1.1>"}, true}},
		"exim":                     {{Bounce{"LETTER7", ours, neri, true, "5.1.1", "avv.neri@studio.example.it host mail.studio.example.it [192.0.2.1] SMTP error from remote mail server after RCPT TO:<avv.neri@studio.example.it>: 550 Unrouteable address"}, true}},
		"qmail": {
			{Bounce{"LETTER7", ours, neri, true, "5.1.1", "<avv.neri@studio.example.it>: Sorry, no mailbox here by that name. (#5.1.1)"}, true},
			{Bounce{"LETTER7", ours, "avv.bruni@studio.example.it", true, "5.0.0", "<avv.bruni@studio.example.it>: 192.0.2.7 does not like recipient. Remote host said: 554 too much mail Giving up on 192.0.2.7."}, false},
		},
		"returned-without-a-word": {{Bounce{"LETTER7", ours, anna, true, "5.7.1", "The original message was received at Fri, 27 Nov 2026 09:00:00 +0100 ----- Transcript of session follows ----- 550 5.7.1 Access denied"}, false}},
		"italian-provider":        {{Bounce{"LETTER7", ours, neri, true, "5.1.1", "avv.neri@studio.example.it: casella inesistente (550 5.1.1 User unknown)"}, true}},
		"of-somebody-else":        {{Bounce{"", "spam@elsewhere.example", "capo@giustizia.it", true, "5.1.1", ""}, true}},
		"standard-delivered":      nil,
	} {
		t.Run(name, func(t *testing.T) {
			bounces, isReport := returning.Bounces(reportFile(t, name))
			if !isReport {
				t.Fatal("it is taken for an ordinary mail")
			}
			var got []told
			for _, b := range bounces {
				got = append(got, told{b, b.Gone()})
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAnAddressIsGivenUpOnlyWhereItIsTheAddressThatFails(t *testing.T) {
	for status, gone := range map[string]bool{
		"5.1.1": true, "5.1.10": true, "5.2.1": true, "5.1.2": true,
		"5.2.2": false, "5.7.1": false, "5.4.4": false, "5.1.8": false, "5.0.0": false, "4.1.1": false, "": false, "5": false, "5.1": false,
	} {
		if got := (Bounce{Status: status, Permanent: true}).Gone(); got != gone {
			t.Errorf("after %q the address is gone: %v", status, got)
		}
		if (Bounce{Status: status}).Gone() {
			t.Errorf("after %q for now the address is gone", status)
		}
	}
}

func TestMailOfPeopleIsNoReport(t *testing.T) {
	files, err := filepath.Glob("testdata/reports/no-report-*.eml")
	if err != nil || len(files) < 3 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		bounces, isReport := returning.Bounces(reportFile(t, strings.TrimSuffix(filepath.Base(file), ".eml")))
		if isReport || len(bounces) > 0 {
			t.Errorf("%s is taken for a report of %+v", file, bounces)
		}
	}
}

// entry is what a ledger was told.
type entry struct {
	Letter, Reason string
	Gone           bool
	At             time.Time
}

// ledger remembers what it was told.
type ledger struct {
	told []entry
	err  error
}

func (l *ledger) Returned(_ context.Context, letter, reason string, gone bool, at time.Time) error {
	l.told = append(l.told, entry{letter, reason, gone, at})
	return l.err
}

func noon() time.Time { return time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC) }

func TestTheLedgerIsToldOfOurLettersOnly(t *testing.T) {
	l := &ledger{}
	r := Returns{Config: returning, Ledger: l, Now: noon}
	for name, isReport := range map[string]bool{"of-somebody-else": true, "no-report-holiday": false, "standard-delivered": true, "standard-delayed": true} {
		if report, err := r.Take(t.Context(), reportFile(t, name)); report != isReport || err != nil {
			t.Errorf("%s: %v, %v", name, report, err)
		}
	}
	if len(l.told) != 0 {
		t.Errorf("the ledger hears of %+v", l.told)
	}
	if report, err := r.Take(t.Context(), reportFile(t, "exim")); !report || err != nil || len(l.told) != 1 || l.told[0].Letter != "LETTER7" || !l.told[0].Gone || !l.told[0].At.Equal(noon()) {
		t.Errorf("of a letter of ours it hears %+v (%v, %v)", l.told, report, err)
	}
	if err := r.Bounced(t.Context(), reportFile(t, "qmail")); err != nil || len(l.told) != 3 {
		t.Errorf("of a report handed on it hears %+v (%v)", l.told, err)
	}
	l.err = errors.New("no disk")
	if _, err := r.Take(t.Context(), reportFile(t, "exim")); err == nil {
		t.Error("a mail counts as done with that the ledger could not keep")
	}
}

func TestAnIDSurvivesItsWayThroughAnAddress(t *testing.T) {
	for _, id := range []string{"LETTER7", "letter-1", "a/1", "è=+ @", strings.Repeat("x", 300)} {
		if got, ours := returning.letterOf("<" + returning.messageID(id) + ">"); !ours || got != id {
			t.Errorf("of the Message-ID of %q remains %q", id, got)
		}
		path := returning.returnPath(id)
		if _, err := account.Address(path); err != nil {
			t.Errorf("%q is no address", path)
		}
		if got, ours := returning.returned(path); len(id) < 50 && (!ours || got != id) {
			t.Errorf("of the address of reports about %q remains %q", id, got)
		}
	}
	for _, foreign := range []string{"", "LETTER7@elsewhere.example", "@giustizia.it", "a b@giustizia.it", "=zz@giustizia.it", returning.threadID("2026-004512")} {
		if letter, ours := returning.letterOf(foreign); ours {
			t.Errorf("%q names letter %q", foreign, letter)
		}
	}
	if got := (Config{From: "noreply@giustizia.it"}).returnPath("x"); got != "noreply@giustizia.it" {
		t.Errorf("without an address of their own reports go to %q", got)
	}
}

func FuzzBounces(f *testing.F) {
	files, err := filepath.Glob("testdata/reports/*.eml")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		f.Add(reportFile(f, strings.TrimSuffix(filepath.Base(file), ".eml")))
	}
	f.Fuzz(func(t *testing.T, mail []byte) {
		bounces, isReport := returning.Bounces(mail)
		if len(bounces) > mostBounces || len(bounces) > 0 && !isReport {
			t.Errorf("%d bounces, report: %v", len(bounces), isReport)
		}
		for _, b := range bounces {
			if got, err := account.Address(b.Recipient); err != nil || got != b.Recipient {
				t.Errorf("recipient %q", b.Recipient)
			}
			if b.Gone() && !b.Permanent {
				t.Errorf("%+v is gone for now", b)
			}
			if len([]rune(b.Diagnostic)) > longestDiagnostic || !utf8.ValidString(b.Diagnostic) || strings.ContainsAny(b.Diagnostic, "\r\n\x00\x1b") {
				t.Errorf("diagnostic %q", b.Diagnostic)
			}
			if b.Status != "" && statusIn(b.Status) != b.Status {
				t.Errorf("status %q", b.Status)
			}
		}
	})
}
