package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"sportello/internal/fault"
	"sportello/tickets"
	"sportello/tickets/webhook"
)

var _ webhook.Store = (*Webhooks)(nil)

// Webhooks keeps webhooks and what they are told.
type Webhooks struct{ db *DB }

// NewWebhooks returns the webhooks of a database.
func NewWebhooks(db *DB) *Webhooks { return &Webhooks{db} }

const hookColumns = `id, url, secret, events, notes, name, owner_id, created_at, active, stopped, failures, failing, resting, version`

func scanHook(row scanner) (h webhook.Hook, err error) {
	var events string
	var created, failing, resting int64
	if err := row.Scan(&h.ID, &h.URL, &h.Secret, &events, &h.Notes, &h.Name, &h.Owner, &created, &h.Active, &h.Stopped, &h.Failures, &failing, &resting, &h.Version); err != nil {
		return webhook.Hook{}, err
	}
	h.CreatedAt, h.Failing, h.Resting = fromMillis(created), fromMillis(failing), fromMillis(resting)
	return h, json.Unmarshal([]byte(events), &h.Events)
}

const hookByID = `SELECT ` + hookColumns + ` FROM webhooks WHERE id = ?`

// Hook implements webhook.Store.
func (s *Webhooks) Hook(ctx context.Context, id webhook.HookID) (h webhook.Hook, err error) {
	defer fault.Wrap(&err, "read webhook %s", id)
	h, err = scanHook(s.db.queryRow(ctx, hookByID, id))
	return h, found(err, "webhook.not_found")
}

// Hooks implements webhook.Store.
func (s *Webhooks) Hooks(ctx context.Context) (_ []webhook.Hook, err error) {
	defer fault.Wrap(&err, "list webhooks")
	r, err := s.db.query(ctx, `SELECT `+hookColumns+` FROM webhooks ORDER BY created_at, id`)
	return rows(r, err, scanHook)
}

const (
	insertHook = `
		INSERT INTO webhooks (url, secret, events, notes, name, owner_id, created_at, active, stopped, failures, failing, resting, version, id)
		SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
		WHERE  (SELECT COUNT(*) FROM webhooks) < ?
		ON CONFLICT DO NOTHING`
	updateHook = `
		UPDATE webhooks SET
			url = ?, secret = ?, events = ?, notes = ?, name = ?, owner_id = ?, created_at = ?, active = ?, stopped = ?,
			failures = ?, failing = ?, resting = ?, version = ?
		WHERE id = ? AND version = ?`
)

// AddHook implements webhook.Store.
func (s *Webhooks) AddHook(ctx context.Context, h webhook.Hook, key string) (kept webhook.Hook, err error) {
	defer fault.Wrap(&err, "add webhook %s", h.ID)
	name, sum := tickets.CutKey(key)
	err = s.db.inTx(ctx, func(tx *tx) error {
		kept = h
		if name != "" {
			n, err := tx.exec(ctx, noteKey, name, h.ID, sum, 0)
			if err != nil {
				return err
			}
			if n == 0 {
				done, err := scanReceipt(tx.queryRow(ctx, doneUnder, name), sum)
				if err != nil {
					return err
				}
				kept, err = scanHook(tx.queryRow(ctx, hookByID, done.Ticket))
				return found(err, "webhook.not_found")
			}
		}
		values, err := hookValues(h)
		if err != nil {
			return err
		}
		n, err := tx.exec(ctx, insertHook, append(values, webhook.MaxHooks)...)
		if err == nil && n == 0 {
			return fault.New(fault.Invalid, "webhook.many", fault.Values{"Max": webhook.MaxHooks})
		}
		return err
	})
	return kept, err
}

// SaveHook implements webhook.Store.
func (s *Webhooks) SaveHook(ctx context.Context, h webhook.Hook) (err error) {
	defer fault.Wrap(&err, "save webhook %s", h.ID)
	return s.db.inTx(ctx, func(tx *tx) error {
		values, err := hookValues(h)
		if err != nil {
			return err
		}
		return tx.changeOne(ctx, "webhook.changed", updateHook, append(values, h.Version-1)...)
	})
}

func hookValues(h webhook.Hook) ([]any, error) {
	events, err := json.Marshal(h.Events)
	return []any{
		h.URL, h.Secret, string(events), boolInt(h.Notes), h.Name, h.Owner, millis(h.CreatedAt), boolInt(h.Active), h.Stopped,
		h.Failures, millis(h.Failing), millis(h.Resting), h.Version, h.ID,
	}, err
}

// RemoveHook implements webhook.Store.
func (s *Webhooks) RemoveHook(ctx context.Context, id webhook.HookID) (err error) {
	defer fault.Wrap(&err, "remove webhook %s", id)
	return s.db.inTx(ctx, func(tx *tx) error {
		n, err := tx.exec(ctx, `DELETE FROM webhooks WHERE id = ?`, id)
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "webhook.not_found")
		}
		return err
	})
}

// Mark implements webhook.Store.
func (s *Webhooks) Mark(ctx context.Context) (last int64, err error) {
	defer fault.Wrap(&err, "read the mark of webhooks")
	err = s.db.queryRow(ctx, `SELECT last FROM webhook_mark WHERE id = 1`).Scan(&last)
	return last, err
}

const deliveryColumns = `d.hook_id, d.seq, d.ticket_id, d.kind, d.payload, d.state, d.planned_at, d.first_at, d.next_at, d.ended_at, d.tries, d.status, d.took, d.answer`

func scanDelivery(row scanner) (d webhook.Delivery, err error) {
	var planned, first, next, ended, took int64
	var payload string
	err = row.Scan(&d.Hook, &d.Seq, &d.Ticket, &d.Kind, &payload, &d.State, &planned, &first, &next, &ended, &d.Tries, &d.Status, &took, &d.Answer)
	d.Payload, d.Took = []byte(payload), time.Duration(took)*time.Millisecond
	d.PlannedAt, d.FirstAt, d.NextAt, d.EndedAt = fromMillis(planned), fromMillis(first), fromMillis(next), fromMillis(ended)
	return d, err
}

const (
	insertDelivery = `
		INSERT INTO webhook_deliveries (hook_id, seq, ticket_id, kind, payload, state, planned_at, first_at, next_at, leased, tries, ended_at, status, took, answer)
		SELECT ?, ?, ?, ?, ?, 'planned', ?, 0, ?, 0, 0, 0, 0, 0, ''
		WHERE  EXISTS (SELECT 1 FROM webhooks WHERE id = ?)
		ON CONFLICT (hook_id, seq) DO `
	planDelivery   = insertDelivery + `NOTHING`
	replayDelivery = insertDelivery + `UPDATE SET
		payload = excluded.payload, state = 'planned', planned_at = excluded.planned_at, first_at = 0, next_at = excluded.next_at,
		leased = 0, tries = 0, ended_at = 0, status = 0, took = 0, answer = ''`
)

func (t *tx) planDeliveries(ctx context.Context, text string, planned []webhook.Delivery) error {
	for _, d := range planned {
		if _, err := t.exec(ctx, text, d.Hook, d.Seq, d.Ticket, d.Kind, string(d.Payload), millis(d.PlannedAt), millis(d.NextAt), d.Hook); err != nil {
			return err
		}
	}
	return nil
}

// Plan implements webhook.Store.
func (s *Webhooks) Plan(ctx context.Context, from, to int64, planned []webhook.Delivery) (err error) {
	defer fault.Wrap(&err, "plan deliveries up to %d", to)
	return s.db.inTx(ctx, func(tx *tx) error {
		if err := tx.changeOne(ctx, "webhook.changed", `UPDATE webhook_mark SET last = ? WHERE id = 1 AND last = ?`, to, from); err != nil {
			return err
		}
		return tx.planDeliveries(ctx, planDelivery, planned)
	})
}

// Replay implements webhook.Store.
func (s *Webhooks) Replay(ctx context.Context, planned []webhook.Delivery) (err error) {
	defer fault.Wrap(&err, "replay deliveries")
	return s.db.inTx(ctx, func(tx *tx) error { return tx.planDeliveries(ctx, replayDelivery, planned) })
}

const (
	hooksAwake = `SELECT id FROM webhooks WHERE active = 1 AND resting <= ? ORDER BY resting, created_at`
	underWay   = `SELECT COUNT(*) FROM webhook_deliveries WHERE hook_id = ? AND state = 'planned' AND leased > 0 AND leased > ?`

	// head is the oldest planned one of its hook and ticket.
	head = `NOT EXISTS (
		SELECT 1 FROM webhook_deliveries e
		WHERE  e.hook_id = d.hook_id AND e.ticket_id = d.ticket_id AND e.state = 'planned' AND e.seq < d.seq)`
	dueDeliveries = `
		SELECT ` + deliveryColumns + ` FROM webhook_deliveries d
		WHERE  d.hook_id = ? AND d.state = 'planned' AND d.next_at <= ? AND d.leased <= ? AND ` + head + `
		ORDER  BY d.next_at, d.seq LIMIT ?`
	leaseDelivery = `UPDATE webhook_deliveries SET leased = ? WHERE hook_id = ? AND seq = ?`
)

// Claim implements webhook.Store.
func (s *Webhooks) Claim(ctx context.Context, now, until time.Time, limit, side int) (claimed []webhook.Delivery, err error) {
	defer fault.Wrap(&err, "claim deliveries")
	if due, err := s.Due(ctx); err != nil || due.IsZero() || due.After(now) {
		return nil, err // nothing to write
	}
	err = s.db.inTx(ctx, func(tx *tx) error {
		claimed = nil
		hooks, err := txRows(ctx, tx, func(r scanner) (id webhook.HookID, err error) { return id, r.Scan(&id) }, hooksAwake, millis(now))
		if err != nil {
			return err
		}
		for _, hook := range hooks {
			busy := 0
			if err := tx.queryRow(ctx, underWay, hook, millis(now)).Scan(&busy); err != nil {
				return err
			}
			most := min(side-busy, limit-len(claimed))
			if most <= 0 {
				continue
			}
			due, err := txRows(ctx, tx, scanDelivery, dueDeliveries, hook, millis(now), millis(now), most)
			if err != nil {
				return err
			}
			for _, d := range due {
				if _, err := tx.exec(ctx, leaseDelivery, millis(until), d.Hook, d.Seq); err != nil {
					return err
				}
			}
			claimed = append(claimed, due...)
		}
		return nil
	})
	return claimed, err
}

// txRows reads rows within a transaction.
func txRows[T any](ctx context.Context, t *tx, scan func(scanner) (T, error), text string, args ...any) ([]T, error) {
	s, err := t.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args...)
	return rows(r, err, scan)
}

const deliveryByID = `SELECT ` + deliveryColumns + ` FROM webhook_deliveries d WHERE d.hook_id = ? AND d.seq = ?`

const (
	keepTry = `
		UPDATE webhook_deliveries SET state = ?, first_at = ?, next_at = ?, leased = 0, tries = ?, ended_at = ?, status = ?, took = ?, answer = ?
		WHERE  hook_id = ? AND seq = ?`
	keepHealth = `UPDATE webhooks SET active = ?, stopped = ?, failures = ?, failing = ?, resting = ? WHERE id = ?`
)

// Tried implements webhook.Store.
func (s *Webhooks) Tried(ctx context.Context, d webhook.Delivery, next func(webhook.Delivery, webhook.Hook) (webhook.Delivery, webhook.Hook)) (h webhook.Hook, err error) {
	defer fault.Wrap(&err, "keep what came of delivery %s", d.ID())
	err = s.db.inTx(ctx, func(tx *tx) error {
		h = webhook.Hook{}
		was, err := scanDelivery(tx.queryRow(ctx, deliveryByID, d.Hook, d.Seq))
		if errors.Is(err, sql.ErrNoRows) || err == nil && was.State != webhook.Planned {
			return nil
		}
		if err != nil {
			return err
		}
		if h, err = scanHook(tx.queryRow(ctx, hookByID, d.Hook)); err != nil {
			return err
		}
		now, health := next(was, h)
		if _, err := tx.exec(ctx, keepTry, now.State, millis(now.FirstAt), millis(now.NextAt), now.Tries, millis(now.EndedAt), now.Status, now.Took.Milliseconds(), now.Answer, d.Hook, d.Seq); err != nil {
			return err
		}
		h = health
		_, err = tx.exec(ctx, keepHealth, boolInt(h.Active), h.Stopped, h.Failures, millis(h.Failing), millis(h.Resting), h.ID)
		return err
	})
	return h, err
}

const nextDue = `
	SELECT MIN(MAX(d.next_at, d.leased, h.resting))
	FROM   webhooks h JOIN webhook_deliveries d ON d.hook_id = h.id
	WHERE  h.active = 1 AND d.state = 'planned' AND ` + head

// Due implements webhook.Store.
func (s *Webhooks) Due(ctx context.Context) (_ time.Time, err error) {
	defer fault.Wrap(&err, "look when a delivery is due")
	var due sql.NullInt64
	err = s.db.queryRow(ctx, nextDue).Scan(&due)
	return fromMillis(due.Int64), err
}

const listDeliveries = `
	SELECT ` + deliveryColumns + ` FROM webhook_deliveries d
	WHERE  d.hook_id = ? AND d.seq < ?
	ORDER  BY d.seq DESC LIMIT ?`

// Deliveries implements webhook.Store.
func (s *Webhooks) Deliveries(ctx context.Context, hook webhook.HookID, before int64, limit int) (_ []webhook.Delivery, err error) {
	defer fault.Wrap(&err, "list deliveries of %s", hook)
	if before <= 0 {
		before = 1 << 62
	}
	r, err := s.db.query(ctx, listDeliveries, hook, before, limit)
	return rows(r, err, scanDelivery)
}

// Delivery implements webhook.Store.
func (s *Webhooks) Delivery(ctx context.Context, hook webhook.HookID, seq int64) (d webhook.Delivery, err error) {
	defer fault.Wrap(&err, "read delivery %d of %s", seq, hook)
	d, err = scanDelivery(s.db.queryRow(ctx, deliveryByID, hook, seq))
	return d, found(err, "webhook.delivery_not_found")
}

// FirstSince implements webhook.Store.
func (s *Webhooks) FirstSince(ctx context.Context, since time.Time) (first int64, err error) {
	defer fault.Wrap(&err, "look for the first happening since")
	err = s.db.queryRow(ctx, `SELECT COALESCE(MIN(seq), 0) FROM ticket_events WHERE at >= ?`, millis(since)).Scan(&first)
	return first, err
}
