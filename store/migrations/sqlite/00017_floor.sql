-- +goose Up
-- Who answers in a conversation: the assistant, the queue or an operator.
ALTER TABLE conversations ADD COLUMN holder    TEXT    NOT NULL DEFAULT 'bot';
ALTER TABLE conversations ADD COLUMN operator  TEXT    NOT NULL DEFAULT ''; -- who has it, if an operator has
ALTER TABLE conversations ADD COLUMN branch    TEXT    NOT NULL DEFAULT ''; -- of the phone tree, that the request went to
ALTER TABLE conversations ADD COLUMN floor_seq INTEGER NOT NULL DEFAULT 0;  -- of the last event that changed who answers
ALTER TABLE conversations ADD COLUMN queued_at INTEGER NOT NULL DEFAULT 0;  -- since when it waits
CREATE INDEX conversations_queued ON conversations (queued_at) WHERE holder = 'queue';
CREATE INDEX conversations_held ON conversations (operator) WHERE holder = 'operator';

-- +goose Down
DROP INDEX conversations_held;
DROP INDEX conversations_queued;
ALTER TABLE conversations DROP COLUMN queued_at;
ALTER TABLE conversations DROP COLUMN floor_seq;
ALTER TABLE conversations DROP COLUMN branch;
ALTER TABLE conversations DROP COLUMN operator;
ALTER TABLE conversations DROP COLUMN holder;
