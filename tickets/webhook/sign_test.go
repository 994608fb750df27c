package webhook_test

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"sportello/internal/fault"
	"sportello/tickets/webhook"
)

var noon = time.Date(2026, time.November, 27, 12, 0, 0, 0, time.UTC)

func signed(t testing.TB, secret, id string, at time.Time, body []byte) http.Header {
	t.Helper()
	signature, err := webhook.Sign(secret, id, at, body)
	if err != nil {
		t.Fatal(err)
	}
	return http.Header{webhook.HeaderID: {id}, webhook.HeaderTimestamp: {strconv.FormatInt(at.Unix(), 10)}, webhook.HeaderSignature: {signature}}
}

// The example of the specification of Standard Webhooks.
func TestASignatureIsThatOfTheSpecification(t *testing.T) {
	const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	got, err := webhook.Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if err != nil || got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Errorf("the signature is %q (%v)", got, err)
	}
}

func TestOnlyWhatWasSignedIsVerified(t *testing.T) {
	secret, body := webhook.NewSecret(), []byte(`{"seq":1}`)
	for name, c := range map[string]struct {
		change func(http.Header)
		secret string
		body   string
		at     time.Time
		fails  bool
	}{
		"as it was sent":          {},
		"a little later":          {at: noon.Add(4 * time.Minute)},
		"by a clock that is slow": {at: noon.Add(-4 * time.Minute)},
		"one of two signatures": {change: func(h http.Header) {
			h.Set(webhook.HeaderSignature, "v1,AAAA "+h.Get(webhook.HeaderSignature)+" v2,x")
		}},
		"too late":            {at: noon.Add(6 * time.Minute), fails: true},
		"from the future":     {at: noon.Add(-6 * time.Minute), fails: true},
		"another body":        {body: `{"seq":2}`, fails: true},
		"another secret":      {secret: webhook.NewSecret(), fails: true},
		"another ID":          {change: func(h http.Header) { h.Set(webhook.HeaderID, "other") }, fails: true},
		"no ID":               {change: func(h http.Header) { h.Del(webhook.HeaderID) }, fails: true},
		"another time":        {change: func(h http.Header) { h.Set(webhook.HeaderTimestamp, "1") }, fails: true},
		"no time":             {change: func(h http.Header) { h.Set(webhook.HeaderTimestamp, "noon") }, fails: true},
		"no signature":        {change: func(h http.Header) { h.Del(webhook.HeaderSignature) }, fails: true},
		"an unknown scheme":   {change: func(h http.Header) { h.Set(webhook.HeaderSignature, "v2"+h.Get(webhook.HeaderSignature)[2:]) }, fails: true},
		"a signature cut off": {change: func(h http.Header) { h.Set(webhook.HeaderSignature, h.Get(webhook.HeaderSignature)[:20]) }, fails: true},
	} {
		t.Run(name, func(t *testing.T) {
			header := signed(t, secret, "wh_1_1", noon, body)
			if c.change != nil {
				c.change(header)
			}
			with, text, at := secret, string(body), noon
			if c.secret != "" {
				with = c.secret
			}
			if c.body != "" {
				text = c.body
			}
			if !c.at.IsZero() {
				at = c.at
			}
			err := webhook.Verify(with, header, []byte(text), at)
			if (err != nil) != c.fails || err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("verified: %v", err)
			}
		})
	}
}

func TestASecretHasItsForm(t *testing.T) {
	for _, secret := range []string{"", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_???"} {
		if _, err := webhook.Sign(secret, "id", noon, nil); err == nil {
			t.Errorf("%q signs", secret)
		}
	}
}

func FuzzVerify(f *testing.F) {
	secret := webhook.NewSecret()
	h := signed(f, secret, "wh_1_1", noon, []byte("{}"))
	f.Add("wh_1_1", h.Get(webhook.HeaderTimestamp), h.Get(webhook.HeaderSignature), []byte("{}"))
	f.Add("", "-1", "v1, v1,=", []byte(nil))
	f.Add("a.b", "9223372036854775807", "v1,AAAA", []byte("."))
	f.Fuzz(func(t *testing.T, id, at, signature string, body []byte) {
		header := http.Header{webhook.HeaderID: {id}, webhook.HeaderTimestamp: {at}, webhook.HeaderSignature: {signature}}
		if webhook.Verify(secret, header, body, noon) != nil {
			return
		}
		seconds, err := strconv.ParseInt(at, 10, 64)
		if err != nil {
			t.Fatalf("a message of the time %q is verified", at)
		}
		want, err := webhook.Sign(secret, id, time.Unix(seconds, 0), body)
		if err != nil || id != "wh_1_1" || string(body) != "{}" {
			t.Fatalf("what nobody signed is verified: %q %q (%v, %s)", id, body, err, want)
		}
	})
}
