-- +goose Up
ALTER TABLE people ADD COLUMN shared INTEGER NOT NULL DEFAULT 0; -- 1: a mailbox that several read
ALTER TABLE people ADD COLUMN teams TEXT NOT NULL DEFAULT '[]'; -- JSON list
ALTER TABLE people ADD COLUMN preferences TEXT NOT NULL DEFAULT '{}'; -- JSON
ALTER TABLE people ADD COLUMN sought TEXT NOT NULL DEFAULT ''; -- name and address, in lower case and without accents
UPDATE people SET sought = lower(name || ' ' || email);

CREATE TABLE tokens (
	id         TEXT    PRIMARY KEY,
	person_id  TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
	name       TEXT    NOT NULL,
	scopes     TEXT    NOT NULL, -- JSON list
	hash       BLOB    NOT NULL UNIQUE,
	created_at INTEGER NOT NULL,
	used_at    INTEGER NOT NULL, -- 0: never
	expires_at INTEGER NOT NULL, -- 0: never
	revoked_at INTEGER NOT NULL  -- 0: it is open
);
CREATE INDEX tokens_of_person ON tokens (person_id, created_at);

CREATE TABLE credentials (
	person_id  TEXT    PRIMARY KEY REFERENCES people (id) ON DELETE CASCADE,
	password   TEXT    NOT NULL, -- its hash
	secret     BLOB    NOT NULL, -- of the app that makes codes
	enrolled   INTEGER NOT NULL,
	step       INTEGER NOT NULL, -- of the last code that was accepted
	recovery   TEXT    NOT NULL, -- JSON list of hashes
	changed_at INTEGER NOT NULL,
	version    INTEGER NOT NULL
);

CREATE TABLE nonces (
	word    TEXT    PRIMARY KEY,
	expires INTEGER NOT NULL
);
CREATE INDEX nonces_by_age ON nonces (expires);

CREATE TABLE sessions (
	hash      BLOB    PRIMARY KEY, -- of the browser's secret
	person_id TEXT    REFERENCES people (id) ON DELETE CASCADE, -- null until somebody signed in
	data      BLOB    NOT NULL,
	expires   INTEGER NOT NULL
);
CREATE INDEX sessions_of_person ON sessions (person_id);
CREATE INDEX sessions_by_age ON sessions (expires);

CREATE TABLE attempts (
	name TEXT    NOT NULL,
	at   INTEGER NOT NULL
);
CREATE INDEX attempts_by_name ON attempts (name, at);
CREATE INDEX attempts_by_age ON attempts (at);
