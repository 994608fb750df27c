package files

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestNamesAreCleaned(t *testing.T) {
	for name, want := range map[string]string{
		"schermata.png":                     "schermata.png",
		"Perché no (2).pdf":                 "Perché no (2).pdf",
		"../../etc/passwd":                  "passwd",
		`C:\Users\mario\Desktop\errore.log`: "errore.log",
		"/":                                 "allegato",
		"..":                                "allegato",
		"":                                  "allegato",
		"  a\tb\nc.txt ":                    "a b c.txt",
		"fattura\u202Egpj.exe":              "fatturagpj.exe",
		"a\u200Bb\uFEFF.txt":                "ab.txt",
		"a\x00b.txt":                        "ab.txt",
		"nome<>:\"|?*.txt":                  "nome_______.txt",
		"CON":                               "_CON",
		"con.txt":                           "_con.txt",
		"contratto.txt":                     "contratto.txt",
		"file.":                             "file",
		".bashrc":                           "bashrc",
		"cafe\u0301.txt":                    "café.txt",
		"\xff\xfe.txt":                      "_.txt",
		strings.Repeat("à", 200) + ".p7m":   strings.Repeat("à", 58) + ".p7m",
		strings.Repeat("x", 200):            strings.Repeat("x", 120),
		"x." + strings.Repeat("y", 200):     "x." + strings.Repeat("y", 118),
		"troppi punti." + strings.Repeat(".", 300): "troppi punti",
	} {
		if got := CleanName(name); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	for _, name := range []string{"a.pdf", "../a", `..\a`, "CON.txt", "\u202Ea", "a\x00", "nul ", strings.Repeat("à.", 100), "a\u0300\u200d"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean := CleanName(name)
		switch {
		case clean == "" || len(clean) > maxName || !utf8.ValidString(clean):
			t.Errorf("%q became %q", name, clean)
		case strings.ContainsAny(clean, "/\\\x00<>:\"|?*") || strings.ContainsFunc(clean, unicode.IsControl) || strings.Trim(clean, " .") != clean:
			t.Errorf("%q became %q", name, clean)
		case CleanName(clean) != clean:
			t.Errorf("%q became %q, and then %q", name, clean, CleanName(clean))
		}
	})
}
