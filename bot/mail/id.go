package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// letterMark stands for the letter's ID in Config.BounceAddress.
const letterMark = "*"

// longestLocal is how long the part of an address before the @ may be.
const longestLocal = 64

// messageID names a letter as a mail: its own ID at our domain. However often a
// letter is sent, it is the same mail.
func (c Config) messageID(letter string) string { return written(letter) + "@" + c.domain() }

// threadID is what all letters about one thing refer to. No mail has it.
func (c Config) threadID(thread string) string {
	sum := sha256.Sum256([]byte(thread))
	return "thread." + hex.EncodeToString(sum[:12]) + "@" + c.domain()
}

func (c Config) domain() string {
	_, domain, _ := strings.Cut(c.From, "@")
	return domain
}

// returnPath is where reports about a letter go.
func (c Config) returnPath(letter string) string {
	if c.BounceAddress == "" {
		return c.From
	}
	path := strings.Replace(c.BounceAddress, letterMark, written(letter), 1)
	if local, _, _ := strings.Cut(path, "@"); len(local) > longestLocal {
		return strings.Replace(c.BounceAddress, letterMark, "0", 1) // the report names the letter in other ways
	}
	return path
}

// letterOf is the ID of the letter that a Message-ID of ours names.
func (c Config) letterOf(messageID string) (letter string, ours bool) {
	local, domain, _ := strings.Cut(strings.Trim(strings.TrimSpace(messageID), "<>"), "@")
	if local == "" || !strings.EqualFold(domain, c.domain()) || strings.HasPrefix(local, "thread.") {
		return "", false
	}
	return unwritten(local)
}

// returned is the ID of the letter that an address of reports names.
func (c Config) returned(address string) (letter string, ours bool) {
	before, after, marked := strings.Cut(strings.ToLower(c.BounceAddress), letterMark)
	lower := strings.ToLower(address)
	if !marked || len(lower) <= len(before)+len(after) || !strings.HasPrefix(lower, before) || !strings.HasSuffix(lower, after) {
		return "", false
	}
	return unwritten(address[len(before) : len(address)-len(after)])
}

// written spells an ID so that it may stand in an address: what is no letter,
// digit, hyphen or underscore as = and two digits.
func written(id string) string {
	var b strings.Builder
	for i := range len(id) {
		if c := id[i]; plainByte(c) {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "=%02X", c)
		}
	}
	return b.String()
}

func plainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// unwritten is the inverse of written.
func unwritten(text string) (id string, valid bool) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case plainByte(c):
			b.WriteByte(c)
		case c == '=' && i+2 < len(text):
			n, err := strconv.ParseUint(text[i+1:i+3], 16, 8)
			if err != nil {
				return "", false
			}
			b.WriteByte(byte(n))
			i += 2
		default:
			return "", false
		}
	}
	return b.String(), b.Len() > 0
}
