package files

import (
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	maxName  = 120 // bytes; file systems take 255
	nameless = "allegato"
)

// reserved are names that Windows keeps for devices, whatever the extension.
var reserved = func() map[string]bool {
	names := map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true}
	for _, digit := range "0123456789" {
		names["COM"+string(digit)], names["LPT"+string(digit)] = true, true
	}
	return names
}()

// CleanName returns a name that is safe to show, to log beside others and to
// save under: without folders, control characters, and marks that turn the
// direction of writing around, at most 120 bytes long, never empty. Cleaning a
// clean name changes nothing.
func CleanName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.ToValidUTF8(name, "_")
	// composing may join what was taken apart, hence the order
	name = norm.NFC.String(strings.Map(safe, name))
	name = strings.Join(strings.Fields(name), " ")
	name = strings.Trim(name, " .")
	if ext := path.Ext(name); len(name) > maxName && len(ext) <= 10 {
		name = shortened(strings.TrimSuffix(name, ext), maxName-len(ext)) + ext
	} else {
		name = shortened(name, maxName)
	}
	stem, _, _ := strings.Cut(name, ".")
	if reserved[strings.ToUpper(strings.TrimSpace(stem))] {
		name = "_" + name
	}
	if name = strings.Trim(name, " ."); name == "" {
		return nameless
	}
	return name
}

// safe drops what cannot be seen and replaces what some file systems refuse.
func safe(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.C, r): // controls, direction marks, joiners, private use
		return -1
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	case !unicode.IsPrint(r):
		return -1
	}
	return r
}
