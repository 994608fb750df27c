-- +goose Up

-- Codes that continue a conversation elsewhere.
CREATE TABLE passages (
	hash       TEXT PRIMARY KEY, -- of the code, which is not kept
	source     TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
	expires_at INTEGER NOT NULL,
	used_in    TEXT NOT NULL DEFAULT '' -- conversation; empty: not used yet
);
CREATE INDEX passages_of_source ON passages (source);
CREATE INDEX passages_expired ON passages (expires_at);

-- How often a conversation went on elsewhere: a turn that does not know of the
-- last time is taken again.
ALTER TABLE conversations ADD COLUMN crossed INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE conversations DROP COLUMN crossed;
DROP TABLE passages;
