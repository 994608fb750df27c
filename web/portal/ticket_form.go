package portal

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"
)

// Limits of what is read of a form, in bytes.
const (
	mostForm  = 256 << 10 // of all fields: more than a message may hold, so that one too long can be told and kept
	mostFiles = 64 << 20  // of files, read and thrown away once one was refused
)

// ticketForm is what somebody sent from a ticket's page.
type ticketForm struct {
	values map[string]string
	files  []tickets.Attachment // kept already
	chosen bool                 // there were files
	wrong  error                // why one was not kept
}

func (f ticketForm) get(name string) string { return f.values[name] }

var sheetKey = regexp.MustCompile(`^[a-zA-Z]{0,20}[A-Z2-7]{26}$`)

// key is the idempotency key of a form, in the name of whoever sent it: nobody
// can use up somebody else's. The same form sent twice has the same one, a page
// gone back to and filled in differently another.
func (f ticketForm) key(by account.Person) (string, error) {
	if !sheetKey.MatchString(f.get("key")) {
		return "", fault.New(fault.Invalid, "error.malformed")
	}
	said := url.Values{}
	for name, value := range f.values {
		if name != "key" && name != "version" {
			said.Set(name, value)
		}
	}
	for _, file := range f.files {
		said.Add("file", file.Name+" "+strconv.FormatInt(file.Size, 10))
	}
	sum := sha256.Sum256([]byte(said.Encode()))
	return "portal/" + string(by.ID) + "/" + f.get("key") + "/" + hex.EncodeToString(sum[:8]), nil
}

// readForm reads fields and files as they come. Files are kept only if keep
// says so: who may not write fills no disk.
func (p *Portal) readForm(w http.ResponseWriter, r *http.Request, keep bool) (f ticketForm, err error) {
	f.values = map[string]string{}
	kind, values, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		r.Body = http.MaxBytesReader(w, r.Body, mostForm)
		if err := r.ParseForm(); err != nil {
			return f, malformedForm(err)
		}
		for name := range r.PostForm {
			f.values[name] = r.PostForm.Get(name)
		}
		return f, nil
	}
	limits := p.fileLimits()
	body := http.MaxBytesReader(w, r.Body, int64(limits.Count+1)*limits.Bytes+mostFiles)
	form := multipart.NewReader(body, values["boundary"])
	left := int64(mostForm)
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, malformedForm(err)
		}
		if part.FileName() == "" {
			text, err := io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(text)); err != nil || left < 0 {
				return f, malformedForm(err)
			}
			if part.FormName() != "file" { // a browser sends an empty one where none was chosen
				f.values[part.FormName()] = string(text)
			}
			continue
		}
		f.chosen = true
		if keep && f.wrong == nil && part.FormName() == "file" {
			f.wrong = p.keepFile(r.Context(), &f, part)
		}
		if _, err := io.Copy(io.Discard, part); err != nil {
			return f, malformedForm(err)
		}
	}
}

func (p *Portal) keepFile(ctx context.Context, f *ticketForm, part *multipart.Part) error {
	if p.Files == nil {
		return fault.New(fault.Unavailable, "files.no_room")
	}
	if err := p.Files.Count(len(f.files) + 1); err != nil {
		return err
	}
	kept, err := p.Files.Accept(ctx, part.FileName(), part)
	if err != nil {
		return err
	}
	f.files = append(f.files, tickets.Attachment{ID: kept.ID, Name: kept.Name, Type: kept.Type, Size: kept.Size})
	return nil
}

// dropFiles forgets files that no message holds.
func (p *Portal) dropFiles(ctx context.Context, f ticketForm) {
	for _, file := range f.files {
		if err := p.Files.Remove(context.WithoutCancel(ctx), file.ID); err != nil {
			p.Log.WarnContext(ctx, "file of no message not removed", "file", file.ID, "error", err)
		}
	}
}

func malformedForm(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return fault.New(fault.TooLarge, "error.too_large").Because(err)
	}
	return fault.New(fault.Invalid, "error.malformed").Because(err)
}
