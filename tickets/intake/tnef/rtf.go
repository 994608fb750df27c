package tnef

import (
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxRTF bounds what compressed text may grow to.
const maxRTF = 4 << 20

// dictionary is what both sides know before the first byte (MS-OXRTFCP).
const dictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

// decompressed undoes the compression of text within an envelope. What is
// damaged gives what stands before the damage.
func decompressed(data []byte) []byte {
	if len(data) < 16 {
		return nil
	}
	size := int(min(binary.LittleEndian.Uint32(data[4:]), maxRTF))
	form, data := binary.LittleEndian.Uint32(data[8:]), data[16:]
	if form == 0x414c454d { // not compressed
		return data[:min(len(data), size)]
	}
	if form != 0x75465a4c {
		return nil
	}
	var window [4096]byte
	at := copy(window[:], dictionary)
	var out []byte
	put := func(c byte) {
		out = append(out, c)
		window[at] = c
		at = (at + 1) % len(window)
	}
	for len(data) > 0 && len(out) < size {
		flags := data[0]
		data = data[1:]
		for bit := 0; bit < 8 && len(out) < size; bit++ {
			if flags>>bit&1 == 0 {
				if len(data) == 0 {
					return out
				}
				put(data[0])
				data = data[1:]
				continue
			}
			if len(data) < 2 {
				return out
			}
			reference := binary.BigEndian.Uint16(data)
			data = data[2:]
			from, length := int(reference>>4), int(reference&0xf)+2
			if from == at {
				return out // this is how the end is told
			}
			for ; length > 0 && len(out) < size; length-- {
				put(window[from])
				from = (from + 1) % len(window)
			}
		}
	}
	return out
}

// textOfRTF is the plain text of a text with layout, without what describes
// it: fonts, colours, and the markup of a mail that was HTML.
func textOfRTF(rtf []byte) string {
	var out strings.Builder
	var skipped []bool // of each open group, whether its content is shown
	hidden := false
	unicodeSkip := 0 // letters that stand in for one in Unicode, for old programs
	show := func(text string) {
		if !hidden {
			out.WriteString(text)
		}
	}
	for i := 0; i < len(rtf); i++ {
		switch c := rtf[i]; {
		case c == '{':
			if len(skipped) > 1000 {
				return out.String()
			}
			skipped = append(skipped, hidden)
		case c == '}':
			if n := len(skipped); n > 0 {
				hidden, skipped = skipped[n-1], skipped[:n-1]
			}
		case c == '\r' || c == '\n':
		case c != '\\':
			if unicodeSkip > 0 {
				unicodeSkip--
				continue
			}
			if !hidden && c >= 0x80 {
				out.WriteString(windows1252(c))
			} else {
				show(string(rune(c)))
			}
		default:
			word, number, next := control(rtf, i+1)
			i = next - 1
			switch word {
			case "par", "line", "row":
				show("\n")
			case "tab", "cell":
				show("\t")
			case "*", "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer", "object":
				hidden = true
			case "'":
				if unicodeSkip > 0 {
					unicodeSkip--
				} else if !hidden {
					out.WriteString(windows1252(byte(number)))
				}
			case "u":
				if r := rune(uint16(number)); utf8.ValidRune(r) {
					show(string(r))
				}
				unicodeSkip = 1
			case "\\", "{", "}":
				show(word)
			case "~":
				show(" ")
			}
		}
	}
	return strings.TrimSpace(out.String())
}

// control reads the control word that begins at i, and its number.
func control(rtf []byte, i int) (word string, number, next int) {
	if i >= len(rtf) {
		return "", 0, i
	}
	if rtf[i] == '\'' {
		if i+2 < len(rtf) {
			n, err := strconv.ParseUint(string(rtf[i+1:i+3]), 16, 8)
			if err == nil {
				return "'", int(n), i + 3
			}
		}
		return "", 0, i + 1
	}
	start := i
	for i < len(rtf) && i-start < 32 && (rtf[i] >= 'a' && rtf[i] <= 'z' || rtf[i] >= 'A' && rtf[i] <= 'Z') {
		i++
	}
	if i == start { // a symbol
		return string(rune(rtf[i])), 0, i + 1
	}
	word = string(rtf[start:i])
	start = i
	if i < len(rtf) && rtf[i] == '-' {
		i++
	}
	for i < len(rtf) && i-start < 10 && rtf[i] >= '0' && rtf[i] <= '9' {
		i++
	}
	number, _ = strconv.Atoi(string(rtf[start:i])) // none is 0
	if i < len(rtf) && rtf[i] == ' ' {
		i++
	}
	return word, number, i
}

// windows1252 is a letter of the character set of old programs.
func windows1252(c byte) string {
	if c >= 0x80 && c < 0xa0 {
		return string([]rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")[c-0x80])
	}
	return string(rune(c))
}
