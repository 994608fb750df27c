package mattermost

import (
	"context"
	"errors"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// fetched are the files of a post.
type fetched struct {
	kept    []bot.Attachment
	refused []error // what is told of those that were not kept
}

// fileTries is how often a file is tried that the server has trouble with.
const fileTries = 6

// fetch keeps the files of a post. It fails if the server is away or we cannot
// keep them now; what can never be kept, or was tried too often, is refused.
func (c *Channel) fetch(ctx context.Context, k *client, id bot.ConversationID, post *model.Post, try int) (f fetched, err error) {
	ids := post.FileIds
	if len(ids) > bot.MaxAttachments {
		f.refused = append(f.refused, fault.New(fault.Invalid, "error.too_many_attachments", fault.Values{"Most": bot.MaxAttachments}))
		ids = ids[:bot.MaxAttachments]
	}
	for _, file := range ids {
		kept, err := c.keep(ctx, k, id, file)
		switch {
		case isRefusal(err):
			f.refused = append(f.refused, err)
		case errors.Is(err, ErrRefused): // it was deleted, or we may not
			f.refused = append(f.refused, fault.New(fault.Invalid, "mattermost.file_gone").Because(err))
		case err != nil && (try >= fileTries || isDefect(err)) && !errors.Is(err, ErrServerAway) && !errors.Is(err, ErrRevoked) && ctx.Err() == nil:
			c.Log.ErrorContext(ctx, "file given up", "post", post.Id, "error", err)
			f.refused = append(f.refused, fault.New(fault.Invalid, "mattermost.file_lost").Because(err))
		case err != nil:
			return f, err
		default:
			f.kept = append(f.kept, kept)
		}
	}
	return f, nil
}

// keep keeps one file. Of one that is too large no more is read than it takes to
// see that.
func (c *Channel) keep(ctx context.Context, k *client, id bot.ConversationID, file string) (kept bot.Attachment, err error) {
	defer fault.Wrap(&err, "keep file %s", file)
	info, response, err := k.GetFileInfo(ctx, file)
	if err != nil {
		return kept, failed(response, err)
	}
	if err := c.Engine.MayAttach(ctx, id, info.Size); err != nil {
		return kept, err
	}
	content, err := k.DoAPIGet(ctx, "/files/"+file, "")
	if err != nil {
		return kept, failed(model.BuildResponse(content), err)
	}
	defer func() { _ = content.Body.Close() }()
	accepted, err := c.Files.Accept(ctx, info.Name, content.Body)
	if err != nil {
		return kept, err
	}
	return c.Engine.Attach(ctx, id, bot.Attachment{ID: accepted.ID, Name: accepted.Name, Type: accepted.Type, Size: accepted.Size})
}
