-- +goose Up
CREATE TABLE conversations (
	id         TEXT PRIMARY KEY,
	channel    TEXT NOT NULL,
	chat       TEXT NOT NULL,
	identity   TEXT NOT NULL, -- the platform's ID of who speaks
	lang       TEXT NOT NULL,
	token_hash BLOB,
	started_at INTEGER NOT NULL,
	last       INTEGER NOT NULL, -- seq of the last event
	handled    INTEGER NOT NULL, -- seq of the last message that was answered
	unread     INTEGER NOT NULL, -- messages that no turn has answered
	UNIQUE (channel, chat)
);
CREATE INDEX conversations_unread ON conversations (unread) WHERE unread > 0;

CREATE TABLE events (
	conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
	seq          INTEGER NOT NULL,
	at           INTEGER NOT NULL,
	author       TEXT NOT NULL,
	act          TEXT NOT NULL, -- empty for what a person said
	object       TEXT NOT NULL,
	body         TEXT NOT NULL, -- JSON
	PRIMARY KEY (conversation, seq)
);

CREATE TABLE inbounds (
	channel      TEXT NOT NULL,
	id           TEXT NOT NULL, -- the platform's own
	conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
	seq          INTEGER NOT NULL,
	PRIMARY KEY (channel, conversation, id)
);

CREATE TABLE attachments (
	id           TEXT PRIMARY KEY,
	conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
	name         TEXT NOT NULL,
	type         TEXT NOT NULL,
	size         INTEGER NOT NULL
);

CREATE TABLE outbox (
	id           TEXT PRIMARY KEY,
	conversation TEXT NOT NULL,
	channel      TEXT NOT NULL,
	recipient    TEXT NOT NULL,
	subject      TEXT NOT NULL,
	markdown     TEXT NOT NULL,
	secret       INTEGER NOT NULL,
	position     INTEGER NOT NULL, -- order of storing
	attempts     INTEGER NOT NULL,
	due_at       INTEGER, -- null once delivered or parked
	delivered_at INTEGER,
	platform_id  TEXT,
	failure      TEXT
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE due_at IS NOT NULL;

-- +goose Down
DROP TABLE outbox;
DROP TABLE attachments;
DROP TABLE inbounds;
DROP TABLE events;
DROP TABLE conversations;
