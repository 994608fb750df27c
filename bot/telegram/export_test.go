package telegram

import "context"

// Look asks Telegram now whether it can deliver.
func (c *Channel) Look(ctx context.Context) { c.look(ctx) }
