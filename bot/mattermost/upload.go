package mattermost

import (
	"context"
	"fmt"
	"io"

	"sportello/bot"
	"sportello/internal/fault"

	"github.com/mattermost/mattermost/server/public/model"
)

// upload brings files to the server, for a post in this channel. Those that are
// gone are left out.
func (c *Channel) upload(ctx context.Context, k *client, channel string, files []bot.Attachment) (ids model.StringArray, err error) {
	defer fault.Wrap(&err, "upload files")
	for _, file := range files {
		content, err := c.Files.Open(ctx, file.ID)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		bytes, err := io.ReadAll(io.LimitReader(content, c.Files.Limits().MaxBytes+1))
		_ = content.Close()
		if err != nil {
			return nil, err
		}
		up, response, err := k.UploadFile(ctx, bytes, channel, file.Name)
		if err != nil {
			return nil, failed(response, err)
		}
		if len(up.FileInfos) == 0 {
			return nil, fmt.Errorf("the server kept no file")
		}
		ids = append(ids, up.FileInfos[0].Id)
	}
	return ids, nil
}
