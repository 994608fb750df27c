package mattermost

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"sportello/internal/fault"
)

func TestATapComesBackAsItWent(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := signer{[]byte("key")}
	sent := Tap{Conversation: "c", Letter: "c/7", Choice: "5.solved", Expires: now.Add(tapTime)}
	text, err := json.Marshal(s.context(sent))
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if got, err := s.tap(back, now); err != nil || got != sent {
		t.Errorf("it comes back as %+v, %v", got, err)
	}
	if _, err := s.tap(back, now.Add(tapTime+time.Second)); !fault.Is(err, fault.Invalid) {
		t.Errorf("after its time: %v", err)
	}
	for part := range back {
		changed := map[string]any{}
		for name, value := range back {
			changed[name] = value
		}
		changed[part] = "9" + back[part].(string)
		if _, err := s.tap(changed, now); !fault.Is(err, fault.Forbidden) {
			t.Errorf("with another %s: %v", part, err)
		}
		delete(changed, part)
		if _, err := s.tap(changed, now); !fault.Is(err, fault.Forbidden) {
			t.Errorf("without %s: %v", part, err)
		}
	}
	if _, err := (signer{[]byte("other")}).tap(back, now); !fault.Is(err, fault.Forbidden) {
		t.Errorf("of another installation: %v", err)
	}
}

func TestThePathOfCallbacksIsOfTheInstallation(t *testing.T) {
	one, other := signer{[]byte("key")}, signer{[]byte("other")}
	if one.path("action") == other.path("action") || strings.TrimSuffix(one.path("action"), "action") == strings.TrimSuffix(one.path("dialog"), "dialog") {
		t.Errorf("paths are %s, %s, %s", one.path("action"), other.path("action"), one.path("dialog"))
	}
}
