package markdown

import "testing"

func TestALetterSpellsWhereItsLinksLead(t *testing.T) {
	for src, want := range map[string]string{
		"Apra [il **ticket**](https://help.example.it/t/1).": "Apra il ticket <https://help.example.it/t/1>.",
		"[Articolo](/kb/it/vpn)":                             "Articolo <https://help.example.it/kb/it/vpn>",
		"https://help.example.it/t/1":                        "https://help.example.it/t/1",
		"<https://help.example.it/t/1>":                      "https://help.example.it/t/1",
		"[sciocchezze](javascript:alert(1))":                 "sciocchezze",
		"[a](<https://example.it/a b>)":                      "a",
		"![disegno](https://example.it/a.png)":               "disegno",
		"- [uno](https://example.it/1)\n- due":               "- uno <https://example.it/1>\n- due",
	} {
		if got := Letter(src, "https://help.example.it/"); got != want {
			t.Errorf("of %q a letter says %q, want %q", src, got, want)
		}
	}
	if got := Letter("[Articolo](/kb/it/vpn)", ""); got != "Articolo" {
		t.Errorf("a path that leads nowhere is told as %q", got)
	}
	if got := Plain("[Articolo](https://example.it)"); got != "Articolo" {
		t.Errorf("plain text says %q", got)
	}
}
