-- +goose Up

-- Who was told, or is to be told, of what happened to a ticket.
CREATE TABLE notices (
	id           TEXT    PRIMARY KEY, -- of the happening and the person
	person_id    TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
	ticket_id    TEXT    NOT NULL,
	number       TEXT    NOT NULL,
	kind         TEXT    NOT NULL,
	bond         TEXT    NOT NULL, -- what the person is to the ticket
	happening    INTEGER NOT NULL,
	at           INTEGER NOT NULL,
	body         TEXT    NOT NULL, -- forgotten once nothing is left to do
	by_name      TEXT    NOT NULL,
	conversation TEXT    NOT NULL, -- it was told in, or empty
	seq          INTEGER NOT NULL, -- of the event there
	due_at       INTEGER           -- when to see to it again; null once nothing is left to do
);
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX notices_of_person ON notices (person_id) WHERE due_at IS NOT NULL;
CREATE INDEX notices_by_age ON notices (at);

-- How far each reader of the feed of happenings got. What happened before there
-- were notices is no news.
CREATE TABLE feed_marks (
	reader TEXT    PRIMARY KEY,
	last   INTEGER NOT NULL
);
INSERT INTO feed_marks (reader, last) SELECT 'announcer', last FROM ticket_numbers WHERE name = 'happenings';

-- Mailboxes that a server refused for good.
CREATE TABLE undeliverable (
	email  TEXT    PRIMARY KEY,
	reason TEXT    NOT NULL,
	at     INTEGER NOT NULL
);

-- Keys that the program made for itself.
CREATE TABLE secrets (
	name  TEXT PRIMARY KEY,
	value BLOB NOT NULL
);

ALTER TABLE conversations ADD COLUMN said_at INTEGER NOT NULL DEFAULT 0; -- when the person last said something
ALTER TABLE conversations ADD COLUMN said    INTEGER NOT NULL DEFAULT 0; -- seq of that
ALTER TABLE conversations ADD COLUMN seen    INTEGER NOT NULL DEFAULT 0; -- seq of the last event that a client showed
UPDATE conversations SET
	said    = COALESCE((SELECT MAX(e.seq) FROM events e WHERE e.conversation = conversations.id AND e.author = 'user'), 0),
	said_at = COALESCE((SELECT MAX(e.at)  FROM events e WHERE e.conversation = conversations.id AND e.author = 'user'), 0);
CREATE INDEX conversations_of_identity ON conversations (channel, identity);

ALTER TABLE outbox ADD COLUMN kind        TEXT    NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN lang        TEXT    NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN thread      TEXT    NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN unsubscribe TEXT    NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN expires_at  INTEGER NOT NULL DEFAULT 0; -- 0: never
ALTER TABLE outbox ADD COLUMN claimed_until INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE outbox DROP COLUMN claimed_until;
ALTER TABLE outbox DROP COLUMN expires_at;
ALTER TABLE outbox DROP COLUMN unsubscribe;
ALTER TABLE outbox DROP COLUMN thread;
ALTER TABLE outbox DROP COLUMN lang;
ALTER TABLE outbox DROP COLUMN kind;
DROP INDEX conversations_of_identity;
ALTER TABLE conversations DROP COLUMN seen;
ALTER TABLE conversations DROP COLUMN said;
ALTER TABLE conversations DROP COLUMN said_at;
DROP TABLE secrets;
DROP TABLE undeliverable;
DROP TABLE feed_marks;
DROP TABLE notices;
