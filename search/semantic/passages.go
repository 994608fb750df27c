package semantic

import (
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"sportello/search"
)

// key names a text, whichever article it stands in: a vector is asked for once.
type key [16]byte

func keyOf(text string) (k key) {
	sum := sha256.Sum256([]byte(text))
	copy(k[:], sum[:])
	return k
}

// piece is a text of an article that questions are compared with.
type piece struct {
	text    string
	section int // that it is of; titles and stored questions count as of the first
	asked   bool
}

// longestPiece is what common models read whole, in bytes.
const longestPiece = 1_200

// piecesOf cuts an article into what is compared with questions: its title,
// the questions it answers, and its sections, long ones in parts. A part
// carries its title and heading: "Apra le impostazioni" is of some application.
func piecesOf(d search.Document) []piece {
	all := []piece{{text: d.Title}}
	for _, q := range d.Questions {
		all = append(all, piece{text: q, asked: true})
	}
	for i, s := range d.Sections {
		head := d.Title
		if s.Heading != "" {
			head += " – " + s.Heading
		}
		for _, part := range parts(s.Text) {
			all = append(all, piece{text: head + "\n" + part, section: i})
		}
	}
	return all
}

// parts cuts a text at line ends, else at blanks, into parts of some length.
func parts(text string) []string {
	var all []string
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := len(text)
		if end > longestPiece {
			end = longestPiece
			for !utf8.RuneStart(text[end]) {
				end--
			}
			if line := strings.LastIndexByte(text[:end], '\n'); line > longestPiece/2 {
				end = line
			} else if blank := strings.LastIndexFunc(text[:end], unicode.IsSpace); blank > longestPiece/2 {
				end = blank
			}
		}
		all = append(all, text[:end])
		text = text[end:]
	}
	return all
}
