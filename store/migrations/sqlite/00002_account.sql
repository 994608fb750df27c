-- +goose Up
CREATE TABLE people (
	id         TEXT    PRIMARY KEY,
	email      TEXT    NOT NULL UNIQUE, -- normalised
	name       TEXT    NOT NULL,
	office     TEXT    NOT NULL,
	area       TEXT    NOT NULL,
	phone      TEXT    NOT NULL,
	external   INTEGER NOT NULL, -- 1: not of the organisation
	roles      TEXT    NOT NULL, -- JSON list
	lang       TEXT    NOT NULL,
	created_at INTEGER NOT NULL,
	version    INTEGER NOT NULL
);

CREATE TABLE identities (
	channel     TEXT    NOT NULL,
	platform_id TEXT    NOT NULL,
	person_id   TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
	linked_at   INTEGER NOT NULL,
	PRIMARY KEY (channel, platform_id)
);
CREATE INDEX identities_of_person ON identities (person_id);

CREATE TABLE challenges (
	id          TEXT    PRIMARY KEY,
	channel     TEXT    NOT NULL,
	platform_id TEXT    NOT NULL,
	email       TEXT    NOT NULL,
	hash        BLOB    NOT NULL, -- of the code, never the code
	sent_at     INTEGER NOT NULL,
	expires_at  INTEGER NOT NULL,
	attempts    INTEGER NOT NULL,
	spent       INTEGER NOT NULL -- 1: used, or followed by another
);
CREATE INDEX challenges_of_identity ON challenges (channel, platform_id, sent_at);
CREATE INDEX challenges_to_address ON challenges (email, sent_at);
CREATE INDEX challenges_by_age ON challenges (sent_at);
