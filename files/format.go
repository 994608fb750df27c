package files

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"io"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// sniffed is how many bytes at the start decide the type.
const sniffed = 4096

// format is a type of file that we accept.
type format struct {
	media      string
	extensions []string // the first is given to a name that has none of them
	inside     func(content Content, size int64) (format, bool)
}

var (
	text  = format{media: "text/plain", extensions: []string{".txt", ".log", ".csv"}}
	email = format{media: "message/rfc822", extensions: []string{".eml"}}

	signed = format{media: "application/pkcs7-mime", extensions: []string{".p7m", ".p7s"}}
	docx   = format{media: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", extensions: []string{".docx"}}
	xlsx   = format{media: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", extensions: []string{".xlsx"}}
	odt    = format{media: "application/vnd.oasis.opendocument.text", extensions: []string{".odt"}}
	ods    = format{media: "application/vnd.oasis.opendocument.spreadsheet", extensions: []string{".ods"}}
	msg    = format{media: "application/vnd.ms-outlook", extensions: []string{".msg"}}

	container = format{inside: insideZip}
	compound  = format{inside: insideCompound}
)

// magic is how the formats begin.
var magic = []struct {
	begins string
	at     int
	format format
}{
	{"\x89PNG\r\n\x1a\n", 0, format{media: "image/png", extensions: []string{".png"}}},
	{"\xff\xd8\xff", 0, format{media: "image/jpeg", extensions: []string{".jpg", ".jpeg"}}},
	{"GIF87a", 0, format{media: "image/gif", extensions: []string{".gif"}}},
	{"GIF89a", 0, format{media: "image/gif", extensions: []string{".gif"}}},
	{"WEBPVP8", 8, format{media: "image/webp", extensions: []string{".webp"}}},
	{"OggS", 0, format{media: "audio/ogg", extensions: []string{".ogg", ".oga", ".opus"}}},
	{"ID3", 0, format{media: "audio/mpeg", extensions: []string{".mp3"}}},
	{"ftypM4A", 4, format{media: "audio/mp4", extensions: []string{".m4a"}}},
	{"ftyp", 4, format{media: "video/mp4", extensions: []string{".mp4", ".mov", ".m4v"}}},
	{"%PDF-", 0, format{media: "application/pdf", extensions: []string{".pdf"}}},
	{"PK\x03\x04", 0, container},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, compound},
	{"-----BEGIN PKCS7-----", 0, signed},
	{"-----BEGIN CMS-----", 0, signed},
}

var (
	// signedData is the object identifier near the start of a signed envelope.
	signedData = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

	// mailHeader is the first line of a saved message, with another header below.
	mailHeader = regexp.MustCompile(`(?i)^(?:received|return-path|from|to|date|subject|message-id|mime-version|delivered-to|x-[a-z\-]+|dkim-signature|arc-[a-z\-]+):[^\n]*\n(?:[ \t][^\n]*\n)*[a-z\-]+:`)
)

// sniff decides the format by the first bytes. One that is not in the list is
// unknown, and refused.
func sniff(start []byte) (format, bool) {
	for _, m := range magic {
		if len(start) >= m.at && bytes.HasPrefix(start[m.at:], []byte(m.begins)) {
			return m.format, true
		}
	}
	switch {
	case start[0] == 0x30 && bytes.Contains(start[:min(len(start), 32)], signedData):
		return signed, true
	case !isText(start):
		return format{}, false
	case mailHeader.Match(start):
		return email, true
	}
	return text, true
}

// isText reports whether the bytes are text: in UTF-8, UTF-16 with its mark, or
// an old one-byte encoding, without the control characters that text has not.
func isText(start []byte) bool {
	if len(start) >= 2 && (start[0] == 0xff && start[1] == 0xfe || start[0] == 0xfe && start[1] == 0xff) {
		var order binary.ByteOrder = binary.LittleEndian
		if start[0] == 0xfe {
			order = binary.BigEndian
		}
		var units []uint16
		for i := 2; i+1 < len(start); i += 2 {
			units = append(units, order.Uint16(start[i:]))
		}
		start = []byte(string(utf16.Decode(units)))
	}
	for _, c := range start {
		if c < 0x20 && !strings.ContainsRune("\t\n\r\f\x1b", rune(c)) || c == 0x7f {
			return false
		}
	}
	return true
}

// name gives a name the extension of the format, unless it has it.
func (f format) name(name string) string {
	if slices.Contains(f.extensions, strings.ToLower(path.Ext(name))) {
		return name
	}
	return shortened(name, maxName-len(f.extensions[0])) + f.extensions[0]
}

// typeOf is the media type: text with commas is known by its name alone.
func (f format) typeOf(name string) string {
	if f.media == text.media && strings.EqualFold(path.Ext(name), ".csv") {
		return "text/csv"
	}
	return f.media
}

// insideZip accepts office documents without macros. Other archives are
// refused: nobody can see at a glance what is in them.
func insideZip(content Content, size int64) (format, bool) {
	archive, err := zip.NewReader(content, size)
	if err != nil {
		return format{}, false
	}
	var found format
	for _, entry := range archive.File {
		switch name := strings.ToLower(entry.Name); {
		case strings.HasSuffix(name, "vbaproject.bin"), strings.HasPrefix(name, "basic/"), strings.HasPrefix(name, "scripts/"):
			return format{}, false
		case name == "word/document.xml":
			found = docx
		case name == "xl/workbook.xml":
			found = xlsx
		case name == "mimetype":
			found = openDocument(entry)
		}
	}
	return found, found.media != ""
}

func openDocument(entry *zip.File) format {
	r, err := entry.Open()
	if err != nil {
		return format{}
	}
	defer r.Close()
	declared, err := io.ReadAll(io.LimitReader(r, 100))
	if err != nil {
		return format{}
	}
	for _, f := range []format{odt, ods} {
		if strings.TrimSpace(string(declared)) == f.media {
			return f
		}
	}
	return format{}
}

// insideCompound accepts messages saved by Outlook; the old office documents
// of the same container may carry macros and are refused.
func insideCompound(content Content, _ int64) (format, bool) {
	var mark []byte
	for _, unit := range utf16.Encode([]rune("__properties_version1.0")) {
		mark = binary.LittleEndian.AppendUint16(mark, unit)
	}
	buffer := make([]byte, 64<<10)
	kept := 0 // the end of the last piece, where the mark may begin
	for {
		n, err := io.ReadFull(content, buffer[kept:])
		piece := buffer[:kept+n]
		if bytes.Contains(piece, mark) {
			return msg, true
		}
		if err != nil {
			return format{}, false
		}
		kept = copy(buffer, piece[len(piece)-len(mark):])
	}
}

// shortened cuts a name to so many bytes, between characters.
func shortened(name string, bytes int) string {
	if len(name) <= bytes {
		return name
	}
	for bytes > 0 && !utf8.RuneStart(name[bytes]) {
		bytes--
	}
	return strings.TrimRight(name[:bytes], " .")
}
