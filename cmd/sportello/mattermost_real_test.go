package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sportello/internal/mattermostpeer"

	"github.com/mattermost/mattermost/server/public/model"
)

// conversing is the real binary on a real Mattermost server.
type conversing struct {
	*served
	server *mattermostpeer.Server
	bot    *model.Bot
	token  string // the bot's
}

// converse starts both. The service reaches the server by the address that
// through makes of the server's; nil leaves it as it is.
func converse(t *testing.T, through func(url string) string) *conversing {
	t.Helper()
	c := &conversing{served: unserved(t), server: mattermostpeer.Start(t)}
	c.bot, c.token = c.server.Bot("sportello")
	file := filepath.Join(c.data, "mattermost.token")
	if err := os.WriteFile(file, []byte(c.token), 0o600); err != nil {
		t.Fatal(err)
	}
	url := c.server.URL
	if through != nil {
		url = through(url)
	}
	c.more = fmt.Sprintf("mattermost:\n  url: %s\n  token_file: %s\n  callback_url: http://%s\n", url, file, c.address)
	c.start(t)
	return c
}
