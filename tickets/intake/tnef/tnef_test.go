package tnef

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
)

// Pieces of an envelope, as Outlook writes them.

func envelopeOf(attributes ...[]byte) []byte {
	return append(append(bytes.Clone(signature), 1, 0), bytes.Join(attributes, nil)...)
}

func attributeOf(id uint32, data []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte{1}, id)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(data)))
	return append(append(out, data...), 0, 0)
}

func listOf(properties ...[]byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(properties))), bytes.Join(properties, nil)...)
}

func propertyOf(kind, id uint16, value []byte) []byte {
	out := binary.LittleEndian.AppendUint16(nil, kind)
	out = binary.LittleEndian.AppendUint16(out, id)
	if kind == 0x03 {
		return append(out, value...)
	}
	out = binary.LittleEndian.AppendUint32(out, 1)
	out = binary.LittleEndian.AppendUint32(out, uint32(len(value)))
	return append(append(out, value...), make([]byte, -len(value)&3)...)
}

func wide(text string) (out []byte) {
	for _, u := range utf16.Encode([]rune(text + "\x00")) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return out
}

func TestAnEnvelopeGivesItsTextAndItsFilesByTheirLongNames(t *testing.T) {
	got, err := Read(envelopeOf(
		attributeOf(messageProps, listOf(
			propertyOf(0x03, 0x0e07, []byte{1, 0, 0, 0}),
			propertyOf(0x1f, propBody, wide("La Consolle è ferma.")))),
		attributeOf(attachmentBegins, make([]byte, 14)),
		attributeOf(attachmentTitle, []byte("RELAZI~1.PDF\x00")),
		attributeOf(attachmentData, []byte("%PDF-1.4")),
		attributeOf(attachmentProps, listOf(propertyOf(0x1f, propLongFileName, wide("relazione perché.pdf")))),
		attributeOf(attachmentBegins, make([]byte, 14)),
		attributeOf(attachmentTitle, []byte("b.txt\x00")),
		attributeOf(attachmentData, []byte("due"))))
	if err != nil || got.Text != "La Consolle è ferma." || len(got.Files) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if got.Files[0].Name != "relazione perché.pdf" || string(got.Files[0].Content) != "%PDF-1.4" || got.Files[1].Name != "b.txt" {
		t.Errorf("%+v", got.Files)
	}
}

func TestADamagedEnvelopeGivesWhatStandsBeforeTheDamage(t *testing.T) {
	whole := envelopeOf(
		attributeOf(attachmentBegins, make([]byte, 14)), attributeOf(attachmentTitle, []byte("a.txt\x00")),
		attributeOf(attachmentData, []byte("uno")), attributeOf(attachmentBegins, make([]byte, 14)), attributeOf(attachmentData, []byte("due")))
	got, err := Read(whole[:len(whole)-4])
	if err != ErrBroken || len(got.Files) != 1 || got.Files[0].Name != "a.txt" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := Read([]byte("altro")); err != ErrBroken {
		t.Error(err)
	}
}

// compressedExample is the worked example of MS-OXRTFCP.
var compressedExample = []byte{
	0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7,
	0x03, 0x00, 0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20,
	0x68, 0x65, 0x6c, 0x09, 0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
}

func TestCompressedTextIsRead(t *testing.T) {
	want := "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
	if got := string(decompressed(compressedExample)); got != want {
		t.Errorf("%q", got)
	}
	got, err := Read(envelopeOf(attributeOf(messageProps, listOf(propertyOf(0x102, propRTF, compressedExample)))))
	if err != nil || got.Text != "hello world" {
		t.Errorf("%q, %v", got.Text, err)
	}
}

func TestLayoutIsTakenOffText(t *testing.T) {
	for rtf, want := range map[string]string{
		`{\rtf1\ansi{\fonttbl{\f0 Arial;}}Perch\'e9 no\par Due\tab tre}`:         "Perché no\nDue\ttre",
		`{\rtf1\fromhtml1{\*\htmltag84 <b>}Grassetto{\*\htmltag92 </b>}\par ok}`: "Grassetto\nok",
		`{\rtf1 \u8364?uro \{graffe\}}`:                                          "€uro {graffe}",
	} {
		if got := textOfRTF([]byte(rtf)); got != want {
			t.Errorf("%s: %q", rtf, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(envelopeOf(attributeOf(messageProps, listOf(propertyOf(0x1f, propBody, wide("testo")), propertyOf(0x102, propRTF, compressedExample)))))
	f.Add(envelopeOf(attributeOf(attachmentBegins, nil), attributeOf(attachmentData, []byte("x")), attributeOf(attachmentProps, listOf(propertyOf(0x0d, propData, make([]byte, 20))))))
	f.Fuzz(func(t *testing.T, content []byte) {
		got, _ := Read(content)
		total := 0
		for _, file := range got.Files {
			total += len(file.Content)
		}
		if total > len(content) || len(got.Text) > 4*maxRTF || len(got.HTML) > 3*len(content) {
			t.Errorf("of %d bytes came %d of files, %d of text and %d of HTML", len(content), total, len(got.Text), len(got.HTML))
		}
	})
}

func FuzzRTF(f *testing.F) {
	f.Add([]byte(`{\rtf1\ansi Perch\'e9 \u8364?}`), compressedExample)
	f.Fuzz(func(t *testing.T, rtf, compressed []byte) {
		if text := textOfRTF(rtf); len(text) > 4*len(rtf) || strings.ContainsRune(text, 0x1ffff) {
			t.Errorf("%d bytes became %d", len(rtf), len(text))
		}
		if out := decompressed(compressed); len(out) > maxRTF {
			t.Errorf("it grew to %d bytes", len(out))
		}
	})
}
