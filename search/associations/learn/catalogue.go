package main

import (
	"encoding/binary"
	"errors"
	"html"
	"strings"
)

var errCatalogue = errors.New("this is no message catalogue")

// addCatalogue reads a compiled message catalogue of GNU gettext: English
// messages and what they are in Italian.
func (c *corpus) addCatalogue(b []byte) error {
	if len(b) < 20 {
		return errCatalogue
	}
	var order binary.ByteOrder = binary.LittleEndian
	if order.Uint32(b) != 0x950412de {
		order = binary.BigEndian
	}
	if order.Uint32(b) != 0x950412de {
		return errCatalogue
	}
	text := func(table, i uint32) (string, bool) {
		at := uint64(table) + 8*uint64(i)
		if at+8 > uint64(len(b)) {
			return "", false
		}
		size, from := uint64(order.Uint32(b[at:])), uint64(order.Uint32(b[at+4:]))
		if from+size > uint64(len(b)) {
			return "", false
		}
		return string(b[from : from+size]), true
	}
	messages, originals, translations := order.Uint32(b[8:]), order.Uint32(b[12:]), order.Uint32(b[16:])
	for i := range messages {
		original, ok := text(originals, i)
		translation, ok2 := text(translations, i)
		if !ok || !ok2 {
			return errCatalogue
		}
		if _, message, hasContext := strings.Cut(original, "\x04"); hasContext {
			original = message
		}
		// of the plural forms, the first
		original, _, _ = strings.Cut(original, "\x00")
		translation, _, _ = strings.Cut(translation, "\x00")
		if original != "" && original != translation {
			c.addTranslated(message(original), message(translation))
		}
	}
	return nil
}

// message is the text of a message without markup and the marks of shortcuts.
func message(s string) string {
	s = html.UnescapeString(tag.ReplaceAllString(s, " "))
	return strings.Join(strings.Fields(strings.NewReplacer("_", "", "&", "", "~", "").Replace(s)), " ")
}
