package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sportello/account"
	"sportello/internal/fault"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// aForm is the body of a request that sends files.
var aForm = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
	"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"},
		Properties: map[string]*huma.Schema{
			"file":     {Type: huma.TypeString, Format: "binary", Description: "Once for each file"},
			"text":     {Type: huma.TypeString, Description: "What is said with them"},
			"internal": {Type: huma.TypeString, Enum: []any{"true", "false"}, Description: "With a note that operators alone read"},
		},
	}},
}}

// Files are what is attached to a ticket and its messages.
type Files struct {
	Attachments []File `json:"attachments" doc:"Oldest first"`
}

func (k *Requests) registerAttachments(api huma.API) {
	path := ticketsRoot + "/{number}/attachments"
	serve(k.Door, api, operation{
		id: "list-attachments", method: http.MethodGet, path: path, tag: "tickets", scope: account.TicketsRead,
		summary: "What is attached to a ticket", answers: Files{}, errors: []int{http.StatusNotFound},
	}, k.attachments)
	serve(k.Door, api, operation{
		id: "attach-files", method: http.MethodPost, path: path, tag: "tickets", scope: account.TicketsWrite,
		summary: "Add files, perhaps with a message", status: http.StatusCreated, answers: TicketMessage{}, body: aForm,
		description: "The files become one message. Their types are told by the content, whatever their names say.",
		errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge},
	}, k.attach)
	serve(k.Door, api, operation{
		id: "read-attachment", method: http.MethodGet, path: path + "/{file}", tag: "tickets", scope: account.TicketsRead,
		summary: "Read an attached file", errors: []int{http.StatusNotFound},
	}, k.attachment)
}

// attached lists the files of a ticket that somebody may have.
func (k *Requests) attached(ctx context.Context, v visitor, n Named) (t tickets.Ticket, all []tickets.Attachment, err error) {
	if t, err = k.ticket(ctx, v, n); err != nil {
		return t, nil, err
	}
	events, err := k.Desk.History(ctx, v.person, t)
	all = slices.Clone(t.Attachments)
	for _, e := range events {
		for _, a := range e.Attachments {
			if !slices.ContainsFunc(all, func(there tickets.Attachment) bool { return there.ID == a.ID }) {
				all = append(all, a)
			}
		}
	}
	return t, all, err
}

func (k *Requests) attachments(ctx context.Context, v visitor, in *struct {
	Reader
	Named
}) (answer, error) {
	t, all, err := k.attached(ctx, v, in.Named)
	return answer{etag: "W/" + tagOf(t), body: Files{filesOf(t, all)}}, err
}

func (k *Requests) attachment(ctx context.Context, v visitor, in *struct {
	Reader
	Named
	File string `path:"file" maxLength:"60"`
}) (answer, error) {
	_, all, err := k.attached(ctx, v, in.Named)
	if err != nil {
		return answer{}, err
	}
	i := slices.IndexFunc(all, func(a tickets.Attachment) bool { return a.ID == in.File })
	if i < 0 {
		return answer{}, fault.New(fault.NotFound, "error.not_found")
	}
	content, err := k.Files.Open(ctx, all[i].ID)
	if err != nil {
		return answer{}, err
	}
	etag := `"` + all[i].ID + `"`
	if matches(in.IfNoneMatch, etag) {
		err = content.Close()
	}
	return answer{etag: etag, write: func(hc huma.Context) error {
		defer content.Close()
		hc.SetHeader("Content-Type", all[i].Type)
		hc.SetHeader("Content-Length", strconv.FormatInt(all[i].Size, 10))
		hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": all[i].Name}))
		hc.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
		hc.SetStatus(http.StatusOK)
		_, err := io.Copy(hc.BodyWriter(), content)
		return err
	}}, err
}

// Limits of what is read of a form.
const (
	aroundFiles = 128 << 10 // beside the files, in bytes
	drained     = 64 << 20  // read and thrown away, for else many clients never see why they were refused
)

func (k *Requests) attach(ctx context.Context, v visitor, in *struct {
	Caller
	Sent
	Named
}) (a answer, err error) {
	if _, err := k.ticket(ctx, v, in.Named); err != nil { // before a byte is kept
		return answer{}, err
	}
	m, asked, err := k.form(ctx, in.Sent)
	key := ""
	if err == nil {
		key, err = in.key(v, asked...)
	}
	var t tickets.Ticket
	var done func(context.Context) (int64, error)
	if err == nil {
		t, done, err = k.add(ctx, v, in.Named, key, m)
	}
	if err != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(in.reader, drained)) // what went wrong is known already
		return answer{}, errors.Join(err, k.forget(ctx, m.Attachments))
	}
	if a, err = k.told(ctx, v, t, done); err != nil {
		return a, err
	}
	if kept := a.body.(TicketMessage).Attachments; len(kept) == 0 || kept[0].ID != m.Attachments[0].ID { // the same request again
		return a, k.forget(ctx, m.Attachments)
	}
	return a, nil
}

// form keeps the files of a form. With an error it returns those that were
// kept before it.
func (k *Requests) form(ctx context.Context, in Sent) (m tickets.Message, asked [][]byte, err error) {
	m.Channel = Channel
	kind, values, err := mime.ParseMediaType(in.kind)
	if err != nil || !strings.EqualFold(kind, "multipart/form-data") || values["boundary"] == "" {
		return m, nil, fault.New(fault.Invalid, "api.body_kind", fault.Values{"Type": "multipart/form-data"})
	}
	limits := k.Files.Limits()
	form := multipart.NewReader(io.LimitReader(in.reader, limits.MaxBytes*int64(max(1, limits.MaxCount))+aroundFiles), values["boundary"])
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, nil, malformed(err)
		}
		switch part.FormName() {
		case "file":
			if err := k.Files.Count(len(m.Attachments) + 1); err != nil {
				return m, nil, err
			}
			kept, err := k.Files.Accept(ctx, part.FileName(), fromClient{part})
			if err != nil {
				return m, nil, err
			}
			m.Attachments = append(m.Attachments, tickets.Attachment{ID: kept.ID, Name: kept.Name, Type: kept.Type, Size: kept.Size})
			asked = append(asked, []byte("file "+kept.Name+" "+kept.SHA256))
		case "text", "internal":
			text, err := io.ReadAll(io.LimitReader(part, aroundFiles))
			if err != nil {
				return m, nil, malformed(err)
			}
			asked = append(asked, append([]byte(part.FormName()+" "), text...))
			if part.FormName() == "text" {
				m.Text = string(text)
			} else {
				m.Internal = string(text) == "true"
			}
		default:
			var w wrong
			w.add(part.FormName(), "api.field_unknown")
			return m, nil, w
		}
	}
	if len(m.Attachments) == 0 {
		var w wrong
		w.add("file", "api.file_missing")
		return m, nil, w
	}
	return m, asked, nil
}

// forget removes files that no message has.
func (k *Requests) forget(ctx context.Context, kept []tickets.Attachment) error {
	var errs []error
	for _, a := range kept {
		errs = append(errs, k.Files.Remove(context.WithoutCancel(ctx), a.ID))
	}
	return errors.Join(errs...)
}

// fromClient is what a client sends: that it breaks off is no failure of ours.
type fromClient struct{ io.Reader }

func (s fromClient) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = malformed(err)
	}
	return n, err
}

func malformed(err error) error { return fault.New(fault.Invalid, "error.malformed").Because(err) }
