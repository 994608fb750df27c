// Package tnef reads the envelope in which Outlook wraps a mail for programs
// other than itself: winmail.dat (MS-OXTNEF). It takes out the files and the
// text and leaves everything else.
//
// Every length in the envelope is the sender's claim and is checked against
// what is there. Reading takes time and memory in proportion to the input,
// except for compressed text, which is bounded.
package tnef

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

// File is a file within the envelope.
type File struct {
	Name    string
	Content []byte
}

// Message is what an envelope holds. Text is empty where only HTML is there.
type Message struct {
	Text  string
	HTML  []byte
	Files []File
}

var signature = []byte{0x78, 0x9f, 0x3e, 0x22}

// Is reports whether content begins as an envelope does.
func Is(content []byte) bool { return bytes.HasPrefix(content, signature) }

// ErrBroken is returned beside what could be read of a damaged envelope.
var ErrBroken = errors.New("the envelope of Outlook is damaged")

// Limits of one envelope.
const (
	maxFiles = 200
	maxNamed = 64 << 10 // properties of one list
)

// The attributes and properties that we look at.
const (
	attachmentBegins = 0x00069002
	attachmentTitle  = 0x00018010
	attachmentData   = 0x0006800f
	attachmentProps  = 0x00069005
	messageProps     = 0x00069003
	messageBody      = 0x0002800c

	propBody         = 0x1000
	propHTML         = 0x1013
	propRTF          = 0x1009
	propFileName     = 0x3704
	propLongFileName = 0x3707
	propDisplayName  = 0x3001
	propData         = 0x3701
)

// Read takes an envelope apart. With ErrBroken it returns what stands before
// the damage.
func Read(content []byte) (Message, error) {
	if !Is(content) {
		return Message{}, ErrBroken
	}
	e := &envelope{}
	r := &reader{rest: content[len(signature):]}
	r.take(2) // a key that nobody needs
	for len(r.rest) > 0 && !r.broken {
		r.take(1) // of the message or of a file; the attribute tells as well
		id := r.uint32()
		data := r.take(int(min(r.uint32(), 1<<30)))
		r.take(2) // a sum that writers get wrong
		if r.broken {
			break
		}
		e.attribute(id, data)
	}
	return e.done(), r.err()
}

type envelope struct {
	message Message
	rtf     []byte
	file    *File
	long    bool // the file has its long name
}

func (e *envelope) attribute(id uint32, data []byte) {
	switch id {
	case messageBody:
		e.message.Text = string(bytes.TrimRight(data, "\x00"))
	case messageProps:
		properties(data, e.messageProperty)
	case attachmentBegins:
		e.endFile()
		e.file, e.long = &File{}, false
	case attachmentTitle:
		if e.file != nil && !e.long {
			e.file.Name = string(bytes.TrimRight(data, "\x00"))
		}
	case attachmentData:
		if e.file != nil {
			e.file.Content = data
		}
	case attachmentProps:
		if e.file != nil {
			properties(data, e.fileProperty)
		}
	}
}

func (e *envelope) messageProperty(id uint16, value []byte, text string) {
	switch id {
	case propBody:
		if text != "" {
			e.message.Text = text
		}
	case propHTML:
		if e.message.HTML = value; text != "" {
			e.message.HTML = []byte(text)
		}
	case propRTF:
		e.rtf = value
	}
}

func (e *envelope) fileProperty(id uint16, value []byte, text string) {
	switch {
	case id == propLongFileName && text != "":
		e.file.Name, e.long = text, true
	case (id == propFileName || id == propDisplayName) && text != "" && e.file.Name == "":
		e.file.Name = text
	case id == propData && len(e.file.Content) == 0 && len(value) > 0:
		e.file.Content = value
	}
}

func (e *envelope) endFile() {
	if e.file != nil && len(e.message.Files) < maxFiles && len(e.file.Content) > 0 {
		e.message.Files = append(e.message.Files, *e.file)
	}
	e.file = nil
}

func (e *envelope) done() Message {
	e.endFile()
	if e.message.Text == "" && len(e.message.HTML) == 0 && len(e.rtf) > 0 {
		e.message.Text = textOfRTF(decompressed(e.rtf))
	}
	return e.message
}

// properties calls each for every property of a list, with the bytes of its
// first value and, if it is text, with that.
func properties(data []byte, each func(id uint16, value []byte, text string)) {
	r := &reader{rest: data}
	count := min(r.uint32(), maxNamed)
	for ; count > 0 && !r.broken; count-- {
		kind, id := r.uint16(), r.uint16()
		if id >= 0x8000 { // a named one: its name stands here
			r.take(16)
			if r.uint32() == 0 {
				r.take(4)
			} else {
				r.padded(r.uint32())
			}
		}
		several := kind&0x1000 != 0
		kind &^= 0x1000
		values := uint32(1)
		if several || variable(kind) {
			values = min(r.uint32(), maxNamed)
		}
		var first []byte
		for i := uint32(0); i < values && !r.broken; i++ {
			value := r.value(kind)
			if i == 0 {
				first = value
			}
		}
		if !r.broken {
			each(id, first, text(kind, first))
		}
	}
}

func variable(kind uint16) bool {
	return kind == 0x0d || kind == 0x1e || kind == 0x1f || kind == 0x102
}

func text(kind uint16, value []byte) string {
	switch kind {
	case 0x1e:
		return string(bytes.TrimRight(value, "\x00"))
	case 0x1f:
		units := make([]uint16, len(value)/2)
		for i := range units {
			units[i] = binary.LittleEndian.Uint16(value[2*i:])
		}
		for len(units) > 0 && units[len(units)-1] == 0 {
			units = units[:len(units)-1]
		}
		return string(utf16.Decode(units))
	}
	return ""
}

// reader takes pieces off what is left; once too little is left it is broken
// and gives nothing more.
type reader struct {
	rest   []byte
	broken bool
}

func (r *reader) err() error {
	if r.broken {
		return ErrBroken
	}
	return nil
}

func (r *reader) take(n int) []byte {
	if r.broken || n < 0 || n > len(r.rest) {
		r.broken = true
		return nil
	}
	taken := r.rest[:n:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint32() uint32 {
	if b := r.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// padded takes n bytes and what fills them up to a multiple of four.
func (r *reader) padded(n uint32) []byte {
	value := r.take(int(min(n, 1<<30)))
	if fill := int(-n & 3); fill <= len(r.rest) { // the last one is sometimes not filled up
		r.take(fill)
	}
	return value
}

func (r *reader) value(kind uint16) []byte {
	switch kind {
	case 0x00, 0x01:
		return nil
	case 0x02, 0x03, 0x04, 0x0a, 0x0b:
		return r.take(4)
	case 0x05, 0x06, 0x07, 0x14, 0x40:
		return r.take(8)
	case 0x48:
		return r.take(16)
	case 0x0d:
		value := r.padded(r.uint32())
		return value[min(16, len(value)):] // the interface it is of
	case 0x1e, 0x1f, 0x102:
		return r.padded(r.uint32())
	}
	r.broken = true // a kind of unknown length: there is no way past it
	return nil
}
