package telegram

// What is remembered of a conversation, each under its ID, so that it is
// forgotten together with it.
const (
	markTold   = ChannelName + " told"   // what the person was told cannot be taken
	markAlbums = ChannelName + " albums" // which messages make one
	markStart  = ChannelName + " start"  // the /start that began it
	markSent   = ChannelName + " sent"   // how far its letter got, if that needs several messages
)
