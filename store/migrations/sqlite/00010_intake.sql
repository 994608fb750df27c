-- +goose Up
-- Every mail that was taken in, once. Key and content are hashes; that of the
-- sender is forgotten after some weeks.
CREATE TABLE intake_mails (
	key      TEXT    NOT NULL PRIMARY KEY,
	content  TEXT    NOT NULL,
	at       INTEGER NOT NULL,
	sender   TEXT    NOT NULL, -- empty once it is forgotten
	outcome  TEXT    NOT NULL,
	reason   TEXT    NOT NULL,
	number   TEXT    NOT NULL  -- of the ticket opened or joined, may be empty
);
CREATE INDEX intake_mails_of_sender ON intake_mails (sender, at) WHERE sender <> '';

-- When somebody was last told that their mail becomes no ticket.
CREATE TABLE intake_refusals (
	sender TEXT    NOT NULL PRIMARY KEY, -- a hash
	at     INTEGER NOT NULL
);

-- Mails that wait for an operator. Their bytes are in the store of files.
CREATE TABLE intake_held (
	id      TEXT    NOT NULL PRIMARY KEY, -- sorts by time
	at      INTEGER NOT NULL,
	reason  TEXT    NOT NULL,
	sender  TEXT    NOT NULL, -- as it is shown
	subject TEXT    NOT NULL,
	bytes   INTEGER NOT NULL,
	raw     TEXT    NOT NULL, -- ID of a file
	status  TEXT    NOT NULL,
	by_id   TEXT    NOT NULL,
	number  TEXT    NOT NULL
);
CREATE INDEX intake_held_waiting ON intake_held (id) WHERE status = 'waiting';

-- +goose Down
DROP TABLE intake_held;
DROP TABLE intake_refusals;
DROP TABLE intake_mails;
