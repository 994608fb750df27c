-- +goose Up
CREATE TABLE tickets (
	id                TEXT    PRIMARY KEY,
	number            TEXT    NOT NULL UNIQUE,
	status            TEXT    NOT NULL,
	request_type      TEXT    NOT NULL,
	application       TEXT    NOT NULL,
	subject           TEXT    NOT NULL,
	body              TEXT    NOT NULL,
	error_text        TEXT    NOT NULL,
	since             TEXT    NOT NULL,
	deadline          TEXT    NOT NULL,
	impact            TEXT    NOT NULL,
	fields            TEXT    NOT NULL, -- JSON, field ID to value
	attachments       TEXT    NOT NULL, -- JSON list
	author_id         TEXT    NOT NULL, -- people.id; kept when the person is erased
	beneficiary_name  TEXT    NOT NULL,
	beneficiary_email TEXT    NOT NULL,
	beneficiary_id    TEXT    NOT NULL,
	observers         TEXT    NOT NULL, -- JSON list of people.id
	phone             TEXT    NOT NULL,
	office            TEXT    NOT NULL,
	area              TEXT    NOT NULL,
	team              TEXT    NOT NULL,
	channel           TEXT    NOT NULL,
	conversation      TEXT    NOT NULL,
	opened_at         INTEGER NOT NULL,
	moved_at          INTEGER NOT NULL,
	rating_score      INTEGER NOT NULL, -- 0: not rated
	rating_suggestion TEXT    NOT NULL,
	rated_at          INTEGER NOT NULL,
	version           INTEGER NOT NULL
);

-- who has a ticket in their list; ordinal sorts as numbers do
CREATE TABLE ticket_people (
	person_id TEXT    NOT NULL,
	ordinal   INTEGER NOT NULL,
	ticket_id TEXT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
	PRIMARY KEY (person_id, ordinal)
);
CREATE INDEX ticket_people_of_ticket ON ticket_people (ticket_id);

CREATE TABLE ticket_events (
	seq         INTEGER PRIMARY KEY, -- given by ticket_numbers, in the order of commits
	ticket_id   TEXT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
	kind        TEXT    NOT NULL,
	by_id       TEXT    NOT NULL,
	at          INTEGER NOT NULL,
	public      INTEGER NOT NULL,
	body        TEXT    NOT NULL,
	from_status TEXT    NOT NULL,
	to_status   TEXT    NOT NULL,
	attachments TEXT    NOT NULL -- JSON list
);
CREATE INDEX ticket_events_of_ticket ON ticket_events (ticket_id, seq);

-- the last number given: of the tickets of a year, and of the happenings
CREATE TABLE ticket_numbers (
	name TEXT    PRIMARY KEY,
	last INTEGER NOT NULL
);

CREATE TABLE ticket_changes (
	key       TEXT PRIMARY KEY,
	ticket_id TEXT NOT NULL
);
