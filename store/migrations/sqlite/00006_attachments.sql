-- +goose Up
CREATE INDEX attachments_of_conversation ON attachments (conversation);

-- +goose Down
DROP INDEX attachments_of_conversation;
