package telegram

import (
	"context"
	"errors"
	"io"
	"path"
	"strconv"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/go-telegram/bot/models"
)

// sentFile is a file in a message.
type sentFile struct {
	id, name string
	size     int64
}

// filesOf are the files of a message: the largest size of a photograph.
func filesOf(m *models.Message) []sentFile {
	n := strconv.Itoa(m.ID)
	switch {
	case len(m.Photo) > 0:
		largest := m.Photo[0]
		for _, size := range m.Photo {
			if size.Width*size.Height > largest.Width*largest.Height {
				largest = size
			}
		}
		return []sentFile{{largest.FileID, "foto-" + n + ".jpg", int64(largest.FileSize)}}
	case m.Document != nil:
		return []sentFile{{m.Document.FileID, m.Document.FileName, m.Document.FileSize}}
	case m.Animation != nil:
		return []sentFile{{m.Animation.FileID, m.Animation.FileName, m.Animation.FileSize}}
	case m.Voice != nil:
		return []sentFile{{m.Voice.FileID, "voce-" + n + ".ogg", m.Voice.FileSize}}
	case m.Audio != nil:
		return []sentFile{{m.Audio.FileID, m.Audio.FileName, m.Audio.FileSize}}
	case m.Video != nil:
		return []sentFile{{m.Video.FileID, m.Video.FileName, m.Video.FileSize}}
	case m.VideoNote != nil:
		return []sentFile{{m.VideoNote.FileID, "video-" + n + ".mp4", int64(m.VideoNote.FileSize)}}
	}
	return nil
}

// mostFetched is how large a file may be that Telegram hands out to bots.
const mostFetched = 20 << 20

// fetchAll keeps the files of messages. What cannot be kept is returned, to be
// told: the words, and the other files, still count.
func (c *Channel) fetchAll(ctx context.Context, id bot.ConversationID, updates []update) (kept []bot.Attachment, wrong []fault.Error, err error) {
	for _, u := range updates {
		for _, file := range filesOf(u.Message) {
			if len(kept) == bot.MaxAttachments {
				wrong = append(wrong, *fault.New(fault.Invalid, "error.too_many_attachments", fault.Values{"Most": bot.MaxAttachments}))
				return kept, wrong, nil
			}
			attachment, err := c.fetch(ctx, id, file)
			var told *fault.Error
			switch {
			case err == nil:
				kept = append(kept, attachment)
			case errors.As(err, &told) && told.Kind != fault.Internal:
				wrong = append(wrong, *told)
			default:
				return nil, nil, err
			}
		}
	}
	return kept, wrong, nil
}

// fetches of a file before whoever sent it hears that it did not arrive.
const fetches = 3

// fetch keeps one file.
func (c *Channel) fetch(ctx context.Context, id bot.ConversationID, file sentFile) (a bot.Attachment, err error) {
	if file.size > mostFetched {
		return a, fault.New(fault.TooLarge, "telegram.file_too_large", fault.Values{"Megabytes": mostFetched >> 20})
	}
	if err := c.Engine.MayAttach(ctx, id, file.size); err != nil {
		return a, err
	}
	var pause pause
	for try := 1; ; try++ {
		call, cancel := context.WithTimeout(ctx, uploadTime)
		err = c.api.file(call, file.id, func(r io.Reader) error {
			name := file.name
			if name == "" {
				name = "file"
			}
			kept, err := c.Files.Accept(call, path.Base(name), arriving{r})
			if err == nil {
				a, err = c.Engine.Attach(ctx, id, bot.Attachment{ID: kept.ID, Name: kept.Name, Type: kept.Type, Size: kept.Size})
			}
			return err
		})
		cancel()
		_, told := errors.AsType[*fault.Error](err)
		switch {
		case err == nil || told:
			return a, err
		case refused(err, "too big"):
			return a, fault.New(fault.TooLarge, "telegram.file_too_large", fault.Values{"Megabytes": mostFetched >> 20}).Because(err)
		case try == fetches || refused(err):
			return a, fault.New(fault.Unavailable, "telegram.file_lost").Because(err)
		case !pause.after(ctx, err):
			return a, err
		}
	}
}

// arriving is a file on its way: that it breaks off is no failure of ours.
type arriving struct{ io.Reader }

func (a arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if err != nil && err != io.EOF {
		err = errors.Join(bot.ErrAway, err)
	}
	return n, err
}
