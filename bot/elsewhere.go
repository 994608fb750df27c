package bot

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"math/big"
	"regexp"
	"strings"
	"time"
)

// Passage is a code that continues a conversation in another one, on whatever
// channel. The code itself is told in the conversation that it leads away from
// and is kept nowhere else.
type Passage struct {
	Hash      string         // of the code, in hexadecimal
	From      ConversationID // that it continues
	ExpiresAt time.Time
	UsedIn    ConversationID // it was used there; empty: not yet
}

// Crossing is what a turn changes because its conversation continues another
// one: the code is used up, and the other conversation hears of it.
type Crossing struct {
	Hash   string         // of the code
	From   ConversationID // that is continued here
	Seq    int64          // of the last event that was read there
	Events []Event        // that are added there
}

// How a code to go on elsewhere lives.
const (
	passageLifetime = 30 * time.Minute
	privateLifetime = 24 * time.Hour            // of one that is good for one account only: its platform may be away
	passageLetters  = "ABCDEFGHJKMNPQRSTUVWXYZ" // none that looks like a digit
	passageDigits   = "23456789"                // none that looks like a letter
	passageLength   = 8
	mostWrongCodes  = 5                // then one has to wait
	wrongCodesPause = 15 * time.Minute // that long
)

// Guesses are the wrong codes that were tried in a conversation.
type Guesses struct {
	Wrong int       `json:"wrong,omitempty"`
	Last  time.Time `json:"last,omitzero"`
}

// open reports whether one more code may be tried.
func (g Guesses) open(now time.Time) bool {
	return g.Wrong < mostWrongCodes || now.Sub(g.Last) >= wrongCodesPause
}

// and is g with one more wrong code.
func (g Guesses) and(now time.Time) Guesses {
	if now.Sub(g.Last) >= wrongCodesPause {
		g.Wrong = 0
	}
	return Guesses{Wrong: g.Wrong + 1, Last: now}
}

// newPassageCode draws a code, as it is shown: ABCD-EF2H. It has a digit, so
// that no word looks like one.
func newPassageCode(random io.Reader) (string, error) {
	draw := func(from string) (byte, error) {
		n, err := rand.Int(random, big.NewInt(int64(len(from))))
		if err != nil {
			return 0, err
		}
		return from[n.Int64()], nil
	}
	for {
		code := make([]byte, passageLength)
		for i := range code {
			var err error
			if code[i], err = draw(passageLetters + passageDigits); err != nil {
				return "", err
			}
		}
		if strings.ContainsAny(string(code), passageDigits) && strings.ContainsAny(string(code), passageLetters) {
			return string(code[:4]) + "-" + string(code[4:]), nil
		}
	}
}

var (
	passageCode  = regexp.MustCompile(`^[A-HJKMNP-Z2-9]{8}$`)
	continueWith = regexp.MustCompile(`(?i)^\W*(?:continua(?:re)?|continuo|prosegui(?:re)?|proseguo|riprendi|riprendo|continue|resume)(?:\s+(?:con|il|col|codice|with|the|code|da|from)){0,3}[\s:]+([a-z0-9]{4})([\s-]?)([a-z0-9]{4})\W*$`)
	bareCode     = regexp.MustCompile(`(?i)^\s*([a-z0-9]{4})-([a-z0-9]{4})\s*$`)
)

// plainCode is a code as it is hashed: ABCDEFGH. It is empty for what cannot
// be one.
func plainCode(text string) string {
	code := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(text)))
	if !passageCode.MatchString(code) {
		return ""
	}
	return code
}

// typedCode finds the code in a message that asks to go on with it, or that is
// nothing but a code. ok reports whether it asks for that, even if what it
// names can be no code of ours.
func typedCode(text string) (code string, ok bool) {
	if m := continueWith.FindStringSubmatch(text); m != nil && strings.ContainsAny(m[1]+m[3], "0123456789") {
		code := plainCode(m[1] + m[3])
		return code, code != "" || m[2] == "-" // "continua windows7" asks for something else
	}
	if m := bareCode.FindStringSubmatch(text); m != nil {
		code := plainCode(m[1] + m[2])
		return code, strings.ContainsAny(code, passageDigits) && strings.ContainsAny(code, passageLetters)
	}
	return "", false
}

// hashPassage is how a code is kept and looked for. There are too many codes,
// for too short a time, to need a salt.
func hashPassage(code string) string {
	sum := sha256.Sum256([]byte("passage " + plainCode(code)))
	return hex.EncodeToString(sum[:])
}
