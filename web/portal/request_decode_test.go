package portal

import (
	"io"
	"net/url"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"sportello/internal/fault"
	"sportello/tickets"
)

const parts = "--x\r\nContent-Disposition: form-data; name=\"f-body\"\r\n\r\nriga\r\nriga\r\n" +
	"--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"\"\r\n\r\n\r\n" +
	"--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"log.txt\"\r\n\r\nsono un log\r\n--x--\r\n"

func TestAFormIsReadInEitherEncoding(t *testing.T) {
	for kind, body := range map[string]string{
		"multipart/form-data; boundary=x":                  parts,
		"application/x-www-form-urlencoded; charset=utf-8": "f-body=riga%0D%0Ariga",
	} {
		kept := ""
		values, err := decode(kind, strings.NewReader(body), func(name string, content io.Reader) error {
			text, err := io.ReadAll(content)
			kept += name + " " + string(text)
			return err
		})
		if err != nil || len(values) != 1 || values.Get("f-body") != "riga\nriga" {
			t.Errorf("%s: %v, %v", kind, values, err)
		}
		if strings.HasPrefix(kind, "multipart") && kept != "log.txt sono un log" {
			t.Errorf("kept %q", kept)
		}
	}
}

func TestWhatIsNoFormIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ kind, body string }{
		"no type":            {"", "a=b"},
		"JSON":               {"application/json", "{}"},
		"no boundary":        {"multipart/form-data", parts},
		"another boundary":   {"multipart/form-data; boundary=y", parts},
		"cut off":            {"multipart/form-data; boundary=x", parts[:60]},
		"a broken escape":    {"application/x-www-form-urlencoded", "a=%zz"},
		"a broken parameter": {"multipart/form-data; boundary", parts},
	} {
		if values, err := decode(c.kind, strings.NewReader(c.body), func(string, io.Reader) error { return nil }); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, %v", name, values, err)
		}
	}
}

// Whatever is sent, what comes out is text within the limits, belongs to the
// form, and can be understood without a panic; what was masked stays masked.
func FuzzForm(f *testing.F) {
	catalogue, err := tickets.ReadCatalogue(os.DirFS("../../content"))
	if err != nil {
		f.Fatal(err)
	}
	p := &Portal{Deps: Deps{Tickets: &tickets.Desk{Catalogue: catalogue}, Now: timeOf}}
	f.Add("multipart/form-data; boundary=x", parts)
	f.Add("application/x-www-form-urlencoded", "f-body=la+password+%C3%A8+Estate2024!&for=other&for-email=a@b.it&observers=a@b.it,,%00&f-application=")
	f.Add("application/x-www-form-urlencoded", "key=ABCDEFGHIJKLMNOPQRSTUVWXYZ&seen=a+b+c&f-impact=tutti&do=solved:../x")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n\xff\x00\r\n--x--")
	f.Fuzz(func(t *testing.T, kind, body string) {
		values, err := decode(kind, strings.NewReader(body), func(_ string, content io.Reader) error {
			_, err := io.Copy(io.Discard, content)
			return err
		})
		if err != nil {
			if phrase, _ := fault.Public(err); phrase == "" || fault.KindOf(err) == fault.Internal {
				t.Fatalf("a failure of ours: %v", err)
			}
			return
		}
		size := 0
		for name, all := range values {
			for _, value := range all {
				size += len(value)
				if !utf8.ValidString(name) || !utf8.ValidString(value) || strings.ContainsAny(value, "\x00\r") {
					t.Errorf("%q is %q", name, value)
				}
			}
		}
		if size > longestForm || len(values) > mostValues {
			t.Errorf("%d bytes in %d values", size, len(values))
		}
		for _, id := range []string{"consolle", "nuova-utenza", "adi-accesso"} {
			r, _ := catalogue.Request(id)
			form := readWritten(r, values)
			again := url.Values{}
			for name, value := range form.Values {
				again.Set(name, value)
			}
			if twice := readWritten(r, again); len(twice.Masked) > 0 {
				t.Errorf("masked again: %v in %v", twice.Masked, form.Values)
			}
			for _, w := range p.understand("it", r, form, nil).Wrong {
				if w.Input == "" || w.Phrase == "" {
					t.Errorf("a problem without a place or words: %+v", w)
				}
			}
		}
	})
}
