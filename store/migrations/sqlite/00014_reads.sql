-- +goose Up
CREATE TABLE ticket_reads (
	person_id TEXT    NOT NULL REFERENCES people (id) ON DELETE CASCADE,
	ticket_id TEXT    NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
	seq       INTEGER NOT NULL, -- of the last event they have seen
	PRIMARY KEY (person_id, ticket_id)
) WITHOUT ROWID;

-- What is there today is no news.
INSERT INTO ticket_reads (person_id, ticket_id, seq)
SELECT p.person_id, p.ticket_id, MAX(e.seq)
FROM   ticket_people p JOIN ticket_events e ON e.ticket_id = p.ticket_id
WHERE  p.person_id IN (SELECT id FROM people)
GROUP  BY p.person_id, p.ticket_id;

-- +goose Down
DROP TABLE ticket_reads;
