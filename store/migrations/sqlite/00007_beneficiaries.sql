-- +goose Up
CREATE INDEX tickets_of_beneficiary ON tickets (beneficiary_email) WHERE beneficiary_id = '';

-- +goose Down
DROP INDEX tickets_of_beneficiary;
