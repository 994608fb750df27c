package telegram

import "strconv"

// markPassed is the mark of the last update that was given up.
const markPassed = "passed over"

// markOffset names the mark of the last update that is stored, and when it
// came. Each bot's updates have numbers of their own: those of another one may
// be lower, and Telegram would forget them unread.
func (c *Channel) markOffset() string { return "offset " + strconv.FormatInt(c.me.Load().ID, 10) }

// What is remembered of a conversation, each under its ID, so that it is
// forgotten together with it.
const (
	markTold   = ChannelName + " told"   // what the person was told cannot be taken
	markAlbums = ChannelName + " albums" // which messages make one
	markStart  = ChannelName + " start"  // the /start that began it
	markSent   = ChannelName + " sent"   // how far its letter got, if that needs several messages
)
