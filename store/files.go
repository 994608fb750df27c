package store

import (
	"context"
	"regexp"

	"sportello/internal/fault"
)

// fileColumns are those that name files, alone or within JSON. Who adds a
// table that does adds a line, or its files are swept away; a test compares
// with the columns there are.
var fileColumns = []struct{ table, column string }{
	{"attachments", "id"},
	{"tickets", "attachments"},
	{"ticket_events", "attachments"},
}

var fileID = regexp.MustCompile(`"id":"([A-Z2-7]{26})"|^([A-Z2-7]{26})$`)

// Files are the IDs of all files that something in the database names.
func (d *DB) Files(ctx context.Context) (named map[string]bool, err error) {
	defer fault.Wrap(&err, "list the files that are named")
	named = map[string]bool{}
	for _, c := range fileColumns {
		where := ""
		if c.column != "id" {
			where = ` WHERE ` + c.column + ` LIKE '%"id":"%'`
		}
		r, err := d.query(ctx, `SELECT `+c.column+` FROM `+c.table+where)
		if err != nil {
			return nil, err
		}
		for r.Next() {
			var text string
			if err := r.Scan(&text); err != nil {
				_ = r.Close() // the first failure counts
				return nil, err
			}
			for _, found := range fileID.FindAllStringSubmatch(text, -1) {
				named[found[1]+found[2]] = true
			}
		}
		if err := r.Err(); err != nil {
			return nil, told(err)
		}
		if err := r.Close(); err != nil {
			return nil, err
		}
	}
	return named, nil
}
