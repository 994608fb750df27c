package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"sportello/internal/fault"
)

// form is a multipart form with a file in the field of this name.
func form(t testing.TB, field, name string, content []byte) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile(field, name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func TestAttachments(t *testing.T) {
	a := testApp(t)
	site := testSite(t, a, false)
	c, other := call(t, site.URL, "en"), call(t, site.URL, "en")
	say := func(key string, values fault.Values) string { return a.material.phrases.Say("en", key, values) }
	t.Setenv("TMPDIR", t.TempDir())

	png := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), make([]byte, 100)...)
	body, kind := form(t, "file", `C:\Users\anna\schermata è.png`, png)
	status, _, text := c.do(http.MethodPost, c.id+"/attachments", body, "Content-Type", kind)
	var file struct {
		ID, Name, Type string
		Size           int
	}
	if err := json.Unmarshal([]byte(text), &file); err != nil || status != http.StatusCreated || file.ID == "" || file.Type != "image/png" ||
		file.Size != len(png) || !strings.HasSuffix(file.Name, ".png") || strings.Contains(file.Name, `\`) {
		t.Fatalf("an image is answered %d %s (%v)", status, text, err)
	}

	message := func(c caller, id string) (int, string) {
		status, _, text := c.do(http.MethodPost, c.id+"/messages", `{"client_id":"`+id+`","text":"ecco","attachments":["`+id+`"]}`)
		return status, text
	}
	if status, text := message(c, file.ID); status != http.StatusAccepted {
		t.Errorf("a message with the file is answered %d %s", status, text)
	}
	if _, _, text := c.do(http.MethodGet, c.id+"/events", "", "Accept", "application/json"); !strings.Contains(text, file.ID) {
		t.Errorf("the message does not show its file: %s", text)
	}
	stolenStatus, stolen := message(other, file.ID)
	unknownStatus, unknown := message(other, "no-such-file")
	if stolenStatus != http.StatusNotFound || unknownStatus != stolenStatus || stolen != unknown {
		t.Errorf("a file of another conversation is answered %d %s, one that is not there %d %s", stolenStatus, stolen, unknownStatus, unknown)
	}

	big, bigKind := form(t, "file", "a.png", append(png, make([]byte, 11<<20)...))
	huge, hugeKind := form(t, "file", "a.png", append(png, make([]byte, 40<<20)...))
	program, programKind := form(t, "file", "fattura.pdf", append([]byte("MZ\x90\x00\x03"), make([]byte, 500)...))
	empty, emptyKind := form(t, "file", "a.png", nil)
	elsewhere, elsewhereKind := form(t, "document", "a.png", png)
	for name, test := range map[string]struct {
		body, kind string
		status     int
		detail     string
	}{
		"too large":          {big, bigKind, 413, say("files.too_large", fault.Values{"Max": "10 MB"})},
		"far too large":      {huge, hugeKind, 413, say("files.too_large", fault.Values{"Max": "10 MB"})},
		"a program":          {program, programKind, 422, say("files.forbidden", nil)},
		"empty":              {empty, emptyKind, 422, say("files.empty", nil)},
		"in another field":   {elsewhere, elsewhereKind, 422, say("error.malformed", nil)},
		"cut off":            {body[:len(body)-90], kind, 422, say("error.malformed", nil)},
		"without a boundary": {body, "multipart/form-data", 422, say("error.malformed", nil)},
		"no form":            {"hello", "text/plain", 422, say("error.malformed", nil)},
		"no body":            {"", kind, 422, say("error.malformed", nil)},
	} {
		t.Run(name, func(t *testing.T) { // in the language of the conversation, whatever the browser's is
			c := c
			c.TB = t
			status, _, text := c.do(http.MethodPost, c.id+"/attachments", test.body, "Content-Type", test.kind, "Accept-Language", "it")
			wantProblem(t, status, text, test.status, test.detail)
		})
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("%d temporary files are left (%v)", len(left), err)
	}
}

func TestAFileIsReadOnlyFromWhoHasTheKey(t *testing.T) {
	c := call(t, testSite(t, testApp(t), false).URL, "it")
	asked := false // a client that expects "100 Continue" sends the file once the server reads it
	body := readerFunc(func([]byte) (int, error) { asked = true; return 0, io.EOF })
	transport := &http.Transport{ExpectContinueTimeout: 20 * time.Second}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+c.id+"/attachments", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Expect": {"100-continue"}, "Authorization": {"Bearer wrong"}, "Content-Type": {"multipart/form-data; boundary=x"}}
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNotFound || asked {
		t.Errorf("without the key a file is answered %s, read: %v", answer.Status, asked)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
