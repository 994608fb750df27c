// Command mattermost is a real Mattermost server, team edition, against which
// the tests run: internal/mattermostpeer builds and starts it. Its arguments
// are the server's own.
package main

import (
	"os"

	_ "github.com/mattermost/mattermost/server/v8/channels/app/slashcommands" // the commands people type
	"github.com/mattermost/mattermost/server/v8/cmd/mattermost/commands"
)

func main() {
	if commands.Run(os.Args[1:]) != nil { // it has said what is wrong
		os.Exit(1)
	}
}
