-- +goose Up
-- A letter gets the position after the last one, and waits for the earlier
-- ones of its recipient: neither may look at every letter ever sent.
CREATE INDEX outbox_by_position ON outbox (position);
CREATE INDEX outbox_of_recipient ON outbox (channel, recipient, position) WHERE due_at IS NOT NULL;
