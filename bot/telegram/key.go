package telegram

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
)

// sum proves that we said text, for this use.
func (c *Channel) sum(use, text string) []byte {
	mac := hmac.New(sha256.New, c.Key)
	mac.Write([]byte("telegram\x00" + use + "\x00" + text))
	return mac.Sum(nil)
}

// derived is a secret for one use, 64 letters and digits.
func (c *Channel) derived(use string) string { return hex.EncodeToString(c.sum(use, "")) }
