package widget

import (
	"context"
	"io"
	"mime"
	"strconv"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/danielgtaylor/huma/v2"
)

// DownloadInput names a file of a conversation.
type DownloadInput struct {
	Key
	File string `path:"file" maxLength:"60"`
}

// download sends a file that the person, or an operator, put into the
// conversation. It is only ever saved, never shown within the page.
func (w *Widget) download(ctx context.Context, in *DownloadInput) (*huma.StreamResponse, error) {
	record, err := w.opened(ctx, in.Key)
	if err != nil {
		return nil, err
	}
	if wait := w.limits.Take("follow "+in.ID, followed*w.Config.MessagesPerMinute, w.Now()); wait > 0 {
		return nil, w.tooMany(w.langOf(ctx, record), wait)
	}
	file, content, err := w.file(ctx, record.ID, in.File)
	if err != nil {
		return nil, w.problem(ctx, w.langOf(ctx, record), err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer content.Close()
		hc.SetHeader("Content-Type", file.Type)
		hc.SetHeader("Content-Length", strconv.FormatInt(file.Size, 10))
		hc.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file.Name}))
		hc.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
		hc.SetHeader("Cache-Control", "private, no-store")
		_, _ = io.Copy(hc.BodyWriter(), content) // who went away needs no answer
	}}, nil
}

func (w *Widget) file(ctx context.Context, id bot.ConversationID, name string) (file bot.Attachment, content io.ReadCloser, err error) {
	defer fault.Wrap(&err, "send a file of conversation %s", id)
	if file, err = w.Engine.Store.Attachment(ctx, id, name); err != nil {
		return file, nil, err
	}
	content, err = w.Files.Open(ctx, file.ID)
	return file, content, err
}
