package widget

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/danielgtaylor/huma/v2"
)

// aForm is the body of a request that sends a file.
var aForm = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
	"multipart/form-data": {Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{"file"},
		Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
	}},
}}

// AttachInput is a form with one file. It is read as it comes, and only once
// the key opened the conversation: who has no key can fill neither memory nor
// disk.
type AttachInput struct {
	Key
	kind string
	body io.Reader
}

// Resolve implements huma.Resolver.
func (in *AttachInput) Resolve(ctx huma.Context) []error {
	in.kind, in.body = ctx.Header("Content-Type"), ctx.BodyReader()
	return nil
}

var _ huma.Resolver = (*AttachInput)(nil)

// Attached is a file that was kept.
type Attached struct {
	Body bot.Attachment
}

// Limits of what is read of a form.
const (
	aroundFile = 64 << 10 // beside the file, in bytes
	drained    = 64 << 20 // read and thrown away, for else many clients never see why they were refused
)

func (w *Widget) attach(ctx context.Context, in *AttachInput) (*Attached, error) {
	record, err := w.opened(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	if wait := w.limits.Take("send "+in.ID, w.Config.MessagesPerMinute, w.Now()); wait > 0 {
		return nil, w.tooMany(w.langOf(ctx, record), wait)
	}
	file, err := w.keep(ctx, record.ID, in)
	if err != nil {
		_, _ = io.Copy(io.Discard, io.LimitReader(in.body, drained)) // what went wrong is known already
		return nil, w.problem(ctx, w.langOf(ctx, record), err)
	}
	return &Attached{Body: file}, nil
}

// keep keeps the file of a form.
func (w *Widget) keep(ctx context.Context, id bot.ConversationID, in *AttachInput) (file bot.Attachment, err error) {
	defer fault.Wrap(&err, "keep a file of conversation %s", id)
	kind, values, err := mime.ParseMediaType(in.kind)
	if err != nil || !strings.EqualFold(kind, "multipart/form-data") || values["boundary"] == "" {
		return file, malformed(err)
	}
	if err := w.Engine.MayAttach(ctx, id, 0); err != nil {
		return file, err
	}
	form := multipart.NewReader(io.LimitReader(in.body, w.Files.Limits().MaxBytes+aroundFile), values["boundary"])
	for {
		part, err := form.NextPart()
		if err != nil {
			return file, malformed(err)
		}
		if part.FormName() != "file" {
			continue
		}
		kept, err := w.Files.Accept(ctx, part.FileName(), sent{part})
		if err != nil {
			return file, err
		}
		return w.Engine.Attach(ctx, id, bot.Attachment{ID: kept.ID, Name: kept.Name, Type: kept.Type, Size: kept.Size})
	}
}

// sent is what a client sends: that it breaks off is no failure of ours.
type sent struct{ io.Reader }

func (s sent) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = malformed(err)
	}
	return n, err
}

func malformed(err error) error { return fault.New(fault.Invalid, "error.malformed").Because(err) }
