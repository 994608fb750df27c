package tickets

import (
	"context"

	"sportello/account"
	"sportello/internal/fault"
)

// exportPage is how many tickets are in memory at a time.
const exportPage = 200

// Export hands every ticket of a queue to each, in the queue's order and
// however many there are, for operators. An error of each ends it. A ticket
// that moves within the order while it is read may come twice or not at all.
func (d *Desk) Export(ctx context.Context, by account.Person, q Queue, each func(Ticket) error) (err error) {
	defer fault.Wrap(&err, "export tickets")
	if !account.Can(by, account.ExportTickets, account.Thing{}) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	q.Limit, q.After = exportPage, ""
	for {
		page, err := d.Queue(ctx, by, q)
		if err != nil {
			return err
		}
		for _, t := range page {
			if err := each(t); err != nil {
				return err
			}
		}
		if len(page) < exportPage {
			return nil
		}
		q.After = q.Cursor(page[len(page)-1])
	}
}
