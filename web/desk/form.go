package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"sportello/files"
	"sportello/internal/fault"
	"sportello/tickets"
)

// Sizes of forms, in bytes.
const (
	mostForm     = 256 << 10 // without files
	formInMemory = 1 << 20
)

// plainKey is the shape of the keys we give to forms.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// form is what a form of the desk sends.
type form struct {
	url.Values
	files []*multipart.FileHeader
}

// read reads a form and bounds it.
func (v *visit) read() (f form, err error) {
	most := int64(mostForm)
	parted := strings.HasPrefix(v.r.Header.Get("Content-Type"), "multipart/form-data")
	if parted && v.Files != nil {
		limits := v.Files.Limits()
		most += limits.MaxBytes * int64(limits.MaxCount)
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, most)
	if parted {
		err = v.r.ParseMultipartForm(formInMemory)
	} else {
		err = v.r.ParseForm()
	}
	if err != nil {
		if tooLarge(err) {
			return f, fault.New(fault.TooLarge, "error.too_large").Because(err)
		}
		return f, malformed()
	}
	f.Values = v.r.PostForm
	if v.r.MultipartForm != nil {
		for _, file := range v.r.MultipartForm.File["files"] {
			if file.Filename != "" {
				f.files = append(f.files, file)
			}
		}
	}
	if !plainKey.MatchString(f.Get("key")) {
		return f, malformed()
	}
	return f, nil
}

// tidy removes the temporary files of a form. The server does so only where
// nobody gave the request another context on its way here, as our session does.
func (v *visit) tidy() {
	if v.r.MultipartForm == nil {
		return
	}
	if err := v.r.MultipartForm.RemoveAll(); err != nil {
		v.Log.WarnContext(v.r.Context(), "temporary files of a form not removed", "error", err)
	}
}

func tooLarge(err error) bool {
	_, is := errors.AsType[*http.MaxBytesError](err)
	return is
}

// text is what was typed into a field, its lines ending as ours do.
func (f form) text(name string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(f.Get(name), ""), "\r\n", "\n"))
}

// line is what was typed into a field of one line.
func (f form) line(name string) string { return oneLine(f.Get(name)) }

// key of what a form does to something: the same form sent twice has the same
// one, a page gone back to and filled in differently another.
func (v *visit) key(f form, what string) string {
	content := url.Values{}
	for name, values := range f.Values {
		if name != "version" && name != "seen" {
			content[name] = values
		}
	}
	text := content.Encode()
	for _, file := range f.files {
		text += "\n" + file.Filename + "\n" + strconv.FormatInt(file.Size, 10)
	}
	sum := sha256.Sum256([]byte(text))
	return "desk/" + string(v.by.ID) + "/" + what + "/" + f.Get("key") + "/" + hex.EncodeToString(sum[:8])
}

// doneBefore reports whether a change with this key was made before.
func (v *visit) doneBefore(key string) (bool, error) {
	switch _, err := v.Desk.Store.ByKey(v.r.Context(), key); {
	case err == nil:
		return true, nil
	case missing(err):
		return false, nil
	default:
		return false, err
	}
}

// version that the form's page showed, 0 for none.
func (f form) version() int {
	n, _ := strconv.Atoi(f.Get("version"))
	return n
}

// accept keeps the files of a form.
func (v *visit) accept(f form) (kept []tickets.Attachment, err error) {
	if len(f.files) == 0 || v.Files == nil {
		return nil, nil
	}
	if err := v.Files.Count(len(f.files)); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			v.discard(kept)
			kept = nil
		}
	}()
	for _, header := range f.files {
		file, err := v.acceptOne(header)
		if err != nil {
			return kept, err
		}
		kept = append(kept, tickets.Attachment{ID: file.ID, Name: file.Name, Type: file.Type, Size: file.Size})
	}
	return kept, nil
}

func (v *visit) acceptOne(header *multipart.FileHeader) (files.File, error) {
	body, err := header.Open()
	if err != nil {
		return files.File{}, err
	}
	defer func() { _ = body.Close() }() // it was only read
	return v.Files.Accept(v.r.Context(), header.Filename, io.Reader(body))
}

// discard takes back files that no ticket got.
func (v *visit) discard(kept []tickets.Attachment) {
	for _, a := range kept {
		if err := v.Files.Remove(v.r.Context(), a.ID); err != nil {
			v.Log.WarnContext(v.r.Context(), "file not removed", "file", a.ID, "error", err)
		}
	}
}
