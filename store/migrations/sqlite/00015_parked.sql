-- +goose Up
-- The desk shows the few letters that were given up, out of all ever sent.
CREATE INDEX outbox_parked ON outbox (position) WHERE due_at IS NULL AND delivered_at IS NULL;
