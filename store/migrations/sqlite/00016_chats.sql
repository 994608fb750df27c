-- +goose Up

-- Conversations on platforms that must be sent to.
ALTER TABLE conversations ADD COLUMN public     INTEGER NOT NULL DEFAULT 0; -- others read along
ALTER TABLE conversations ADD COLUMN sent       INTEGER NOT NULL DEFAULT 0; -- what is said goes to the outbox
ALTER TABLE conversations ADD COLUMN blocked_at INTEGER NOT NULL DEFAULT 0; -- the chat refuses us since; 0: it does not

-- A letter that tells an event of its conversation has no text of its own.
ALTER TABLE outbox ADD COLUMN seq      INTEGER NOT NULL DEFAULT 0; -- of the event
ALTER TABLE outbox ADD COLUMN doubtful INTEGER NOT NULL DEFAULT 0; -- an attempt began that the platform may have taken
CREATE INDEX outbox_of_platform ON outbox (channel, platform_id) WHERE platform_id IS NOT NULL;

-- What a channel must remember between two starts: how far it read, and the like.
CREATE TABLE channel_marks (
	channel TEXT NOT NULL,
	name    TEXT NOT NULL,
	value   TEXT NOT NULL,
	PRIMARY KEY (channel, name)
);

-- +goose Down
DROP TABLE channel_marks;
DROP INDEX outbox_of_platform;
ALTER TABLE outbox DROP COLUMN doubtful;
ALTER TABLE outbox DROP COLUMN seq;
ALTER TABLE conversations DROP COLUMN blocked_at;
ALTER TABLE conversations DROP COLUMN sent;
ALTER TABLE conversations DROP COLUMN public;
