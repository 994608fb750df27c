-- +goose Up
-- what was asked under a key, and the first line of history written then
ALTER TABLE ticket_changes ADD COLUMN sum TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_changes ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;

-- The same words as in ticket_words between blanks, for a search within one
-- person's few tickets. Those that have none yet get them when the database is
-- opened.
ALTER TABLE tickets ADD COLUMN words TEXT NOT NULL DEFAULT '';
CREATE INDEX tickets_without_words ON tickets (id) WHERE words = '';

CREATE INDEX tickets_rated ON tickets (rated_at) WHERE rating_score > 0;

CREATE TABLE webhooks (
	id          TEXT    PRIMARY KEY,
	url         TEXT    NOT NULL,
	secret      TEXT    NOT NULL, -- we sign with it, so it is kept as it is
	events      TEXT    NOT NULL, -- JSON list of kinds; empty: all
	notes       INTEGER NOT NULL, -- 1: internal notes, too
	name        TEXT    NOT NULL,
	owner_id    TEXT    NOT NULL,
	created_at  INTEGER NOT NULL,
	active      INTEGER NOT NULL,
	stopped     TEXT    NOT NULL, -- why it is not active: '', paused, failing, gone
	failures    INTEGER NOT NULL, -- since the last success
	failing     INTEGER NOT NULL, -- since when, 0 if it is not
	resting     INTEGER NOT NULL, -- nothing is sent until then
	version     INTEGER NOT NULL
);

-- What a hook is told; seq is that of the happening.
CREATE TABLE webhook_deliveries (
	hook_id    TEXT    NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
	seq        INTEGER NOT NULL,
	ticket_id  TEXT    NOT NULL,
	kind       TEXT    NOT NULL,
	payload    TEXT    NOT NULL,
	state      TEXT    NOT NULL, -- planned, delivered, parked
	planned_at INTEGER NOT NULL,
	first_at   INTEGER NOT NULL, -- of the first try, 0 before it
	next_at    INTEGER NOT NULL, -- not before
	leased     INTEGER NOT NULL, -- until then somebody is at it
	tries      INTEGER NOT NULL,
	ended_at   INTEGER NOT NULL,
	status     INTEGER NOT NULL, -- of the last answer, 0 if there was none
	took       INTEGER NOT NULL, -- milliseconds
	answer     TEXT    NOT NULL, -- the beginning of it, or why there was none
	PRIMARY KEY (hook_id, seq)
);
CREATE INDEX webhook_deliveries_planned ON webhook_deliveries (hook_id, ticket_id, seq) WHERE state = 'planned';
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (hook_id, next_at) WHERE state = 'planned';
CREATE INDEX webhook_deliveries_leased ON webhook_deliveries (hook_id, leased) WHERE state = 'planned' AND leased > 0;
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (planned_at);

-- how far the feed of happenings was read
CREATE TABLE webhook_mark (
	id   INTEGER PRIMARY KEY CHECK (id = 1),
	last INTEGER NOT NULL
);
INSERT INTO webhook_mark (id, last) VALUES (1, 0);
