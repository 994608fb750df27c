-- +goose Up
CREATE TABLE unsent (
	person_id    TEXT    NOT NULL,
	request_type TEXT    NOT NULL,
	key          TEXT    NOT NULL, -- under which the ticket will be opened
	written      TEXT    NOT NULL, -- JSON map
	masked       TEXT    NOT NULL, -- JSON list
	saved_at     INTEGER NOT NULL,
	PRIMARY KEY (person_id, request_type)
) WITHOUT ROWID;
CREATE INDEX unsent_by_age ON unsent (saved_at);

CREATE TABLE unsent_files (
	id           TEXT    PRIMARY KEY,
	person_id    TEXT    NOT NULL,
	request_type TEXT    NOT NULL,
	name         TEXT    NOT NULL,
	type         TEXT    NOT NULL,
	size         INTEGER NOT NULL,
	nth          INTEGER NOT NULL, -- their order
	FOREIGN KEY (person_id, request_type) REFERENCES unsent (person_id, request_type) ON DELETE CASCADE
);
CREATE INDEX files_of_unsent ON unsent_files (person_id, request_type, nth);

CREATE TABLE deflections (
	key          TEXT    PRIMARY KEY,
	article      TEXT    NOT NULL,
	lang         TEXT    NOT NULL,
	request_type TEXT    NOT NULL,
	at           INTEGER NOT NULL
);
CREATE INDEX deflections_by_time ON deflections (at);
