-- +goose Up
ALTER TABLE tickets ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0; -- sorts as numbers do
ALTER TABLE tickets ADD COLUMN urgency TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN assignee_id TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN proposed TEXT NOT NULL DEFAULT '{}'; -- JSON, a beneficiary
ALTER TABLE tickets ADD COLUMN links TEXT NOT NULL DEFAULT 'null'; -- JSON list
ALTER TABLE tickets ADD COLUMN due_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN due_rank INTEGER NOT NULL DEFAULT 4503599627370496; -- due_at, or after all others
ALTER TABLE tickets ADD COLUMN time_left INTEGER NOT NULL DEFAULT 0; -- nanoseconds
ALTER TABLE tickets ADD COLUMN wake_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tickets ADD COLUMN is_open INTEGER NOT NULL DEFAULT 1;
UPDATE tickets SET
	ordinal = CAST(substr(number, 1, 4) AS INTEGER) * 1000000000 + CAST(substr(number, 6) AS INTEGER),
	is_open = CASE WHEN status IN ('solved', 'closed', 'cancelled') THEN 0 ELSE 1 END;

CREATE UNIQUE INDEX tickets_by_ordinal ON tickets (ordinal);
CREATE INDEX tickets_open_of_team ON tickets (team, due_rank, ordinal) WHERE is_open = 1;
CREATE INDEX tickets_open_by_due ON tickets (due_rank, ordinal) WHERE is_open = 1;
CREATE INDEX tickets_of_assignee ON tickets (assignee_id, due_rank, ordinal) WHERE assignee_id <> '' AND is_open = 1;
CREATE INDEX tickets_waking ON tickets (wake_at) WHERE wake_at > 0;

ALTER TABLE ticket_events ADD COLUMN field TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_events ADD COLUMN old TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_events ADD COLUMN new TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_events ADD COLUMN aside TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_events ADD COLUMN channel TEXT NOT NULL DEFAULT '';

-- What tickets are found by, already folded and stemmed; rowid is the ordinal.
CREATE VIRTUAL TABLE ticket_words USING fts5 (words, content = '', contentless_delete = 1, tokenize = 'ascii', detail = 'none');
