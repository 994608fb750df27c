package files

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"unicode/utf16"

	"sportello/internal/fault"
	"sportello/internal/phrases"
)

// archive is a zip with these entries, in turn name and content.
func archive(t testing.TB, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		entry, err := w.Create(entries[i])
		if err == nil {
			_, err = io.WriteString(entry, entries[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// outlook is a compound file in which the mark of a message stands at an offset.
func outlook(offset int) string {
	var mark strings.Builder
	for _, unit := range utf16.Encode([]rune("__properties_version1.0")) {
		mark.WriteString(string([]byte{byte(unit), byte(unit >> 8)}))
	}
	return "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", offset) + mark.String() + strings.Repeat("\x00", 100)
}

func cabinet(t testing.TB, limits Limits, scanner Scanner) (*Cabinet, *Folder) {
	t.Helper()
	folder, err := OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	return New(folder, limits, scanner), folder
}

func TestTheContentDecidesTheType(t *testing.T) {
	c, _ := cabinet(t, DefaultLimits, nil)
	signedFile := "\x30\x82\x0c\x1f" + string(signedData) + "\xa0\x82"
	for name, f := range map[string]struct{ named, content, name, media string }{
		"an image":                            {"schermo.png", "\x89PNG\r\n\x1a\n....", "schermo.png", "image/png"},
		"a photograph":                        {"IMG.JPEG", "\xff\xd8\xff\xe0..JFIF", "IMG.JPEG", "image/jpeg"},
		"a moving image":                      {"a.gif", "GIF89a...", "a.gif", "image/gif"},
		"an image for the web":                {"a.webp", "RIFF\x10\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp"},
		"a PDF with a wrong name":             {"atto.doc", "%PDF-1.7\n", "atto.doc.pdf", "application/pdf"},
		"a PDF without extension":             {"atto", "%PDF-1.7\n", "atto.pdf", "application/pdf"},
		"a secret in a name":                  {"cedolino RSSMRA80A01H501U.pdf", "%PDF-1.7\n", "cedolino ‹codice-fiscale›.pdf", "application/pdf"},
		"a password in a name":                {"password=Segreta123!.txt", "ciao", "password=‹password›.txt", "text/plain"},
		"a signed file":                       {"atto.pdf.p7m", signedFile, "atto.pdf.p7m", "application/pkcs7-mime"},
		"a signed file in text":               {"atto.p7m", "-----BEGIN PKCS7-----\nMII", "atto.p7m", "application/pkcs7-mime"},
		"a Word document":                     {"a.docx", archive(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>"), "a.docx", docx.media},
		"an Excel sheet":                      {"a.xlsx", archive(t, "xl/workbook.xml", "<x/>"), "a.xlsx", xlsx.media},
		"an OpenDocument text":                {"a.odt", archive(t, "mimetype", odt.media), "a.odt", odt.media},
		"an OpenDocument sheet":               {"a.ods", archive(t, "mimetype", ods.media), "a.ods", ods.media},
		"a message of Outlook":                {"a.msg", outlook(700), "a.msg", msg.media},
		"the mark across two pieces":          {"a.msg", outlook(64<<10 - 8 - 20), "a.msg", msg.media},
		"a saved message":                     {"a.eml", "Received: from x\r\n by y\r\nSubject: prova\r\n\r\nciao", "a.eml", "message/rfc822"},
		"a log":                               {"errore.log", "2026-11-23 ERROR è andata male\n", "errore.log", "text/plain"},
		"text of an old program":              {"note.txt", "perch\xe8 no", "note.txt", "text/plain"},
		"text of Notepad":                     {"note.txt", "\xff\xfec\x00i\x00a\x00o\x00", "note.txt", "text/plain"},
		"a table":                             {"dati.CSV", "a;b\n1;2\n", "dati.CSV", "text/csv"},
		"a script is text, and named as such": {"aiuto.bat", "@echo off\r\ndel *.*\r\n", "aiuto.bat.txt", "text/plain"},
		"a page is text":                      {"x.html", "<script>alert(1)</script>", "x.html.txt", "text/plain"},
		"an image that says it is a program":  {"x.exe", "\x89PNG\r\n\x1a\n....", "x.exe.png", "image/png"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.Accept(t.Context(), f.named, strings.NewReader(f.content))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(f.content))
			want := File{got.ID, f.name, f.media, int64(len(f.content)), hex.EncodeToString(sum[:])}
			if got != want {
				t.Errorf("accepted %+v, want %+v", got, want)
			}
			content, err := c.Open(t.Context(), got.ID)
			if err != nil {
				t.Fatal(err)
			}
			defer content.Close()
			if kept, err := io.ReadAll(content); err != nil || string(kept) != f.content {
				t.Errorf("%d bytes were kept (%v), want %d", len(kept), err, len(f.content))
			}
		})
	}
}

func TestRefusedFilesLeaveNothing(t *testing.T) {
	limits := Limits{MaxBytes: 5000, MaxCount: 2}
	for name, f := range map[string]struct {
		content io.Reader
		kind    fault.Kind
		phrase  string
	}{
		"an empty file":             {strings.NewReader(""), fault.Invalid, "files.empty"},
		"a program":                 {strings.NewReader("MZ\x90\x00\x03\x00"), fault.Invalid, "files.forbidden"},
		"a program of Linux":        {strings.NewReader("\x7fELF\x02"), fault.Invalid, "files.forbidden"},
		"any archive":               {strings.NewReader(archive(t, "setup.exe", "MZ")), fault.Invalid, "files.forbidden"},
		"half an archive":           {strings.NewReader("PK\x03\x04 and no more"), fault.Invalid, "files.forbidden"},
		"a document with macros":    {strings.NewReader(archive(t, "word/document.xml", "", "word/vbaProject.bin", "x")), fault.Invalid, "files.forbidden"},
		"another OpenDocument":      {strings.NewReader(archive(t, "mimetype", "application/vnd.oasis.opendocument.graphics")), fault.Invalid, "files.forbidden"},
		"an old office document":    {strings.NewReader("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)), fault.Invalid, "files.forbidden"},
		"one byte too many":         {strings.NewReader(strings.Repeat("a", 5001)), fault.TooLarge, "files.too_large"},
		"far too much":              {io.LimitReader(endless{}, 1<<40), fault.TooLarge, "files.too_large"},
		"a connection that breaks":  {io.MultiReader(strings.NewReader(strings.Repeat("a", 4900)), iotest.ErrReader(errors.New("gone"))), fault.Internal, "error.internal"},
		"what the scanner refuses":  {strings.NewReader("this is malware"), fault.Invalid, "files.infected"},
		"what it could not look at": {strings.NewReader("make the scanner fail"), fault.Unavailable, "files.not_scanned"},
	} {
		t.Run(name, func(t *testing.T) {
			c, folder := cabinet(t, limits, scanner{})
			_, err := c.Accept(t.Context(), "x.txt", f.content)
			if phrase, _ := fault.Public(err); !fault.Is(err, f.kind) || phrase != f.phrase {
				t.Errorf("the error is %v (%s), want %s and %s", err, phrase, f.kind, f.phrase)
			}
			if left := kept(t, folder); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	c, _ := cabinet(t, limits, scanner{})
	if _, err := c.Accept(t.Context(), "x.txt", strings.NewReader(strings.Repeat("a", 5000))); err != nil {
		t.Errorf("a file of exactly the limit: %v", err)
	}
	if err := c.Count(2); err != nil {
		t.Errorf("two files: %v", err)
	}
	if err := c.Count(3); !fault.Is(err, fault.Invalid) {
		t.Errorf("three files: %v, want Invalid", err)
	}
}

func TestLimitsTellEveryMistake(t *testing.T) {
	if err := DefaultLimits.Check(); err != nil {
		t.Error(err)
	}
	err := Limits{MaxBytes: 0, MaxCount: -1}.Check()
	if err == nil || !strings.Contains(err.Error(), "max_bytes") || !strings.Contains(err.Error(), "max_count") {
		t.Errorf("Check says %v", err)
	}
}

func TestEveryRefusalIsToldInBothLanguages(t *testing.T) {
	files := fstest.MapFS{}
	for _, lang := range []string{"it", "en"} {
		text, err := os.ReadFile("../content/phrases/" + lang + "/files.yaml")
		if err != nil {
			t.Fatal(err)
		}
		files[lang+"/files.yaml"] = &fstest.MapFile{Data: text}
	}
	catalogue, err := phrases.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := cabinet(t, Limits{MaxBytes: 3 << 20}, nil)
	_, err = c.Accept(t.Context(), "x.txt", io.LimitReader(endless{}, 4<<20))
	phrase, values := fault.Public(err)
	if told := catalogue.Say("it", phrase, values); !strings.Contains(told, "il massimo è 3 MB") {
		t.Errorf("a large file is told %q", told)
	}
	for _, key := range []string{"files.too_many", "files.empty", "files.forbidden", "files.infected", "files.not_scanned", "files.no_room", "files.gone"} {
		if !catalogue.Has("it", key) {
			t.Errorf("nothing is told for %s", key)
		}
	}
}

// scanner refuses what names malware.
type scanner struct{}

func (scanner) Scan(_ context.Context, r io.Reader) error {
	content, err := io.ReadAll(r)
	switch {
	case err != nil:
		return err
	case bytes.Contains(content, []byte("malware")):
		return Infected
	case bytes.Contains(content, []byte("fail")):
		return errors.New("no answer")
	}
	return nil
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a'
	}
	return len(p), nil
}

func FuzzAccept(f *testing.F) {
	f.Add("a.docx", []byte(archive(f, "word/document.xml", "x")))
	f.Add("a.odt", []byte(archive(f, "mimetype", odt.media)))
	f.Add("a.msg", []byte(outlook(10)))
	f.Add("../../etc/passwd", []byte("root:x:0:0"))
	f.Add("", []byte("\xff\xfe\x00"))
	c, _ := cabinet(f, Limits{MaxBytes: 1 << 20}, nil)
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		file, err := c.Accept(t.Context(), name, bytes.NewReader(content))
		if err != nil {
			if fault.Is(err, fault.Internal) {
				t.Errorf("a file of %d bytes is a defect of ours: %v", len(content), err)
			}
			return
		}
		if file.Type == "" || file.Size != int64(len(content)) || file.Name != CleanName(file.Name) {
			t.Errorf("accepted %+v", file)
		}
		if err := c.Remove(t.Context(), file.ID); err != nil {
			t.Error(err)
		}
	})
}
