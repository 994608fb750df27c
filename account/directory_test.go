package account_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"sportello/account"
)

var areas = []string{"nord", "centro", "sud"}

func people(t *testing.T, text string) map[string]account.Person {
	t.Helper()
	entries, mistakes := account.ReadDirectory([]byte(text), areas)
	for _, m := range mistakes {
		t.Error(m)
	}
	all := map[string]account.Person{}
	for _, e := range entries {
		all[e.Email] = e.Apply(account.Person{Email: e.Email, Roles: []account.Role{account.User}, Lang: "it"})
	}
	return all
}

func TestADirectoryIsReadAsProgramsWriteIt(t *testing.T) {
	want := map[string]account.Person{
		"n.dangelo@giustizia.it":  {Email: "n.dangelo@giustizia.it", Name: `Niccolò "Nico" D'Angelo`, Office: "Tribunale di Bari, cancelleria", Area: "sud", Phone: "080 123", Roles: []account.Role{account.User}, Lang: "it"},
		"protocollo@giustizia.it": {Email: "protocollo@giustizia.it", Name: "Protocollo", Area: "nord", Shared: true, Roles: []account.Role{account.User}, Lang: "it"},
	}
	const comma = "e-mail,name,office,area,telephone,shared-mailbox flag\n"
	text := strings.Replace(comma, " flag", "", 1) + `N.DAngelo@giustizia.it,"Niccolò ""Nico"" D'Angelo","Tribunale di Bari,  cancelleria",sud,080 123,no` + "\n\n,,,,,\nprotocollo@giustizia.it,Protocollo,,nord,,x\n"
	latin := strings.ReplaceAll(text, "ò", "\xf2")
	semicolons := "E-mail;Nome;Ufficio;Area;Telefono;Condivisa\r\n" + `n.dangelo@giustizia.it;"Niccolò ""Nico"" D'Angelo";Tribunale di Bari, cancelleria;sud;080 123;No` + "\r\nprotocollo@giustizia.it;Protocollo;;nord;;Sì\r\n"
	var utf16 strings.Builder
	utf16.WriteString("\xff\xfe")
	for _, r := range strings.ReplaceAll(semicolons, ";", "\t") {
		utf16.WriteByte(byte(r))
		utf16.WriteByte(byte(r >> 8))
	}
	for name, file := range map[string]string{
		"commas": text, "with a byte order mark": "\xef\xbb\xbf" + text, "Windows-1252": latin, "semicolons, in Italian": semicolons, "UTF-16 with tabs": utf16.String(),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, people(t, file)); diff != "" {
				t.Errorf("people (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryMistakeOfADirectoryIsTold(t *testing.T) {
	entries, mistakes := account.ReadDirectory([]byte(`e-mail,name,area,shared,roles,lang
anna@giustizia.it,Anna,sud,no,,
anna,Anna,est,forse,king operator,de
ANNA@giustizia.it,Anna,sud,no,,
bruno@giustizia.it,Bruno
carla@giustizia.it,"Car"la,sud,no,,
dario@giustizia.it,`+strings.Repeat("x", 300)+`,sud,no,,
elena@giustizia.it,Elena,sud,no,,en
`), areas)
	var told []string
	for _, m := range mistakes {
		told = append(told, m.Error())
	}
	want := []string{
		`line 3: "anna" is no e-mail address`, `line 3: there is no area "est"; those there are: nord, centro, sud`, `line 3: shared-mailbox is "forse", neither yes nor no`,
		`line 3: lang is "de", neither it nor en`, `line 3: "king" is none of the roles`, `line 4: anna@giustizia.it is in line 2 already`,
		`line 5: it has 2 fields, the titles are 6`, `line 6: the quotation marks do not match`, `line 7: name has more than 200 characters`,
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("mistakes (-want +got):\n%s", diff)
	}
	if len(entries) != 2 || entries[1].Line != 8 {
		t.Errorf("what is right: %+v", entries)
	}
	for text, part := range map[string]string{
		"":                            "no line of titles",
		"name,office\n":               "e-mail is missing",
		"e-mail,mail\n":               "twice",
		"e-mail,colour\n":             `no column "colour"`,
		"PK\x03\x04\x00\x00 a zip":    "no text",
		"e-mail\n\"anna@giustizia.it": "do not match",
	} {
		if _, mistakes := account.ReadDirectory([]byte(text), nil); len(mistakes) == 0 || !strings.Contains(mistakes[0].Error(), part) {
			t.Errorf("%q: %v, want %s", text, mistakes, part)
		}
	}
}

func TestADirectorySaysNothingOfWhatItDoesNotHold(t *testing.T) {
	before := account.Person{
		Email: "anna@giustizia.it", Name: "Anna", Office: "Bari", Area: "sud", Phone: "1", Shared: true, Lang: "en",
		Roles: []account.Role{account.User, account.Manager}, Teams: []string{"rete"}, Preferences: account.Preferences{MailOff: true},
	}
	for name, test := range map[string]struct {
		file   string
		change func(*account.Person)
	}{
		"an address only": {"e-mail\nanna@giustizia.it\n", func(*account.Person) {}},
		"empty fields clear": {"e-mail,name,office,area,telephone,shared,teams\nanna@giustizia.it,,,,,,\n", func(p *account.Person) {
			*p = account.Person{Email: p.Email, Lang: p.Lang, Roles: p.Roles, Preferences: p.Preferences}
		}},
		"but not roles and lang": {"e-mail,roles,lang\nanna@giustizia.it,,\n", func(*account.Person) {}},
		"roles are those told": {"e-mail,roles,teams\nanna@giustizia.it,operator|editor,postazioni+rete\n", func(p *account.Person) {
			p.Roles = []account.Role{account.User, account.Operator, account.Editor}
			p.Teams = []string{"postazioni", "rete"}
		}},
		"in another order is none": {"e-mail,roles,teams\nanna@giustizia.it,manager user,rete\n", func(*account.Person) {}},
	} {
		entries, mistakes := account.ReadDirectory([]byte(test.file), areas)
		if len(mistakes) > 0 || len(entries) != 1 {
			t.Fatalf("%s: %v", name, mistakes)
		}
		want := before
		test.change(&want)
		got := entries[0].Apply(before)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(got, entries[0].Apply(got)); diff != "" {
			t.Errorf("%s, a second time:\n%s", name, diff)
		}
	}
}

func FuzzDirectory(f *testing.F) {
	for _, seed := range []string{"e-mail,name\na@b.it,\"x\"\n", "E-mail;Nome\r\na@b.it;\xf2\r\n", "\xff\xfee\x00", "e-mail\ta\n\"", "\xef\xbb\xbfmail\na@b.it\na@b.it\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, mistakes := account.ReadDirectory(text, nil)
		seen := map[string]bool{}
		for _, e := range entries {
			p := e.Apply(account.Person{Email: e.Email})
			if _, err := account.Address(e.Email); err != nil || seen[e.Email] {
				t.Errorf("%q is read as %q", text, e.Email)
			}
			for _, field := range []string{p.Name, p.Office, p.Phone} {
				if !utf8.ValidString(field) || strings.ContainsAny(field, "\x00\r\n") {
					t.Errorf("%q is read as %q", text, field)
				}
			}
			seen[e.Email] = true
		}
		for _, m := range mistakes {
			if m.What == "" || m.Line < 0 {
				t.Errorf("%+v", m)
			}
		}
	})
}
