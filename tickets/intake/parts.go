package intake

import (
	"bytes"
	"strings"

	"github.com/jhillyerd/enmime/v2"
	"github.com/jhillyerd/enmime/v2/mediatype"
)

// node is a part of a mail: a container of others, or a leaf.
type node struct {
	media    string // content type, in lower case
	header   header
	body     []byte
	children []*node
}

// splitter takes a mail apart. Containers are split here, not by the library:
// that one takes twice as long for each level that is not closed, which sixty
// lines can make longer than the world is old. Here it is a look at every line
// for each level, and levels are few.
type splitter struct {
	parts int
	bomb  bool // too many parts or levels
}

func (s *splitter) split(raw []byte, level int) *node {
	h, body, bomb := splitHeader(raw)
	n := &node{header: h, body: body}
	if s.parts++; bomb || s.parts > maxParts || level > maxLevels {
		s.bomb = true
		return n
	}
	media, params, _, err := mediatype.ParseWithOptions(h.get("content-type"), mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
	if err != nil {
		return n
	}
	n.media = strings.ToLower(media)
	if !strings.HasPrefix(n.media, "multipart/") {
		return n
	}
	for _, piece := range s.between(body, params["boundary"]) {
		if s.bomb {
			return n
		}
		n.children = append(n.children, s.split(piece, level+1))
	}
	return n
}

// between cuts a container at the lines that bound its parts. What stands
// before the first and after the last is no part.
func (s *splitter) between(body []byte, boundary string) (pieces [][]byte) {
	if boundary == "" {
		return nil
	}
	mark := []byte("--" + boundary)
	start := -1 // of the part that is open
	for at := 0; at < len(body) && !s.bomb; {
		end := bytes.IndexByte(body[at:], '\n')
		next := len(body)
		if end >= 0 {
			next = at + end + 1
		}
		if line := body[at:next]; bytes.HasPrefix(line, mark) {
			rest := string(bytes.TrimSpace(line[len(mark):]))
			if rest == "" || rest == "--" {
				if start >= 0 {
					pieces = append(pieces, bytes.TrimSuffix(bytes.TrimSuffix(body[start:at], []byte("\n")), []byte("\r")))
				}
				start = next
				if rest == "--" {
					return pieces
				}
				s.bomb = len(pieces) > maxParts
			}
		}
		at = next
	}
	if start >= 0 { // never closed
		pieces = append(pieces, body[start:])
	}
	return pieces
}

// parser decodes leaves without guessing at character sets: it is told that
// all is UTF-8, hands the bytes through, and decodeText looks at them.
var parser = enmime.NewParser(
	enmime.SkipMalformedParts(true), enmime.MultipartWOBoundaryAsSinglePart(true), enmime.MaxStoredPartErrors(20),
	enmime.DisableCharacterDetection(true), enmime.SetReadPartErrorPolicy(func(*enmime.Part, error) bool { return true }),
	enmime.SetCustomParseMediaType(func(value string) (string, map[string]string, []string, error) {
		media, params, wrong, err := mediatype.ParseWithOptions(value, mediatype.ParseOptions{StripMediaTypeInvalidCharacters: true})
		if err != nil {
			media, params, err = "text/plain", nil, nil // shown as it is rather than lost
		}
		if params == nil {
			params = map[string]string{}
		}
		params["charset"] = "utf-8"
		return media, params, wrong, err
	}))

// decoded reads a leaf; nil if there is no making sense of it. The library
// gets no other lines of the header than those that say how to decode, so that
// it finds no container where the splitter found none.
func (n *node) decoded() (p *enmime.Part) {
	defer func() {
		if recover() != nil { // foreign input in a foreign library
			p = nil
		}
	}()
	var raw bytes.Buffer
	for _, name := range []string{"content-type", "content-transfer-encoding", "content-disposition", "content-id"} {
		value := n.header.get(name)
		if name == "content-type" && strings.Contains(strings.ToLower(value), "multipart") {
			value = "text/plain" // said to be a container, and is none
		}
		if value != "" {
			raw.WriteString(name + ": " + strings.ReplaceAll(value, "\r", "") + "\r\n")
		}
	}
	raw.WriteString("\r\n")
	raw.Write(n.body)
	p, err := parser.ReadParts(&raw)
	if err != nil {
		return nil
	}
	return p
}
