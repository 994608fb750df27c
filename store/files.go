package store

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"sportello/internal/fault"
)

// column is one of a table.
type column struct{ table, name string }

// fileColumns are where files are mostly named, alone or within JSON. It is
// for speed: what is named nowhere here is looked for everywhere. But files
// that go from one table to another stand in the first one here before the
// other, or one that goes just now would be seen in neither.
var fileColumns = []column{{"unsent_files", "id"}, {"attachments", "id"}, {"tickets", "attachments"}, {"ticket_events", "attachments"}}

var fileID = regexp.MustCompile(`[A-Z2-7]{26}`)

// Named returns those of these files that something in the database names, in
// whatever table: a table that is added needs no word here to keep its files.
func (d *DB) Named(ctx context.Context, files []string) (named map[string]bool, err error) {
	defer fault.Wrap(&err, "look for what names %d files", len(files))
	missing := map[string]bool{}
	for _, id := range files {
		missing[id] = true
	}
	named = map[string]bool{}
	for _, c := range fileColumns {
		if err := d.findFiles(ctx, c, missing, named); err != nil {
			return nil, err
		}
	}
	if len(missing) == 0 {
		return named, nil
	}
	everywhere, err := d.textColumns(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range everywhere {
		if slices.Contains(fileColumns, c) {
			continue
		}
		if err := d.findFiles(ctx, c, missing, named); err != nil {
			return nil, err
		}
	}
	return named, nil
}

// findFiles moves the IDs that a column names from missing to named.
func (d *DB) findFiles(ctx context.Context, c column, missing, named map[string]bool) (err error) {
	// Names of tables and columns are ours, or those of the database itself.
	r, err := d.read.QueryContext(ctx, `SELECT "`+c.name+`" FROM "`+c.table+`" WHERE length("`+c.name+`") >= 26`)
	if err != nil {
		return told(err)
	}
	defer r.Close()
	for r.Next() && len(missing) > 0 {
		var text []byte
		if err := r.Scan(&text); err != nil {
			return err
		}
		for _, id := range fileID.FindAll(text, -1) {
			if missing[string(id)] {
				named[string(id)] = true
			}
		}
		maps.DeleteFunc(missing, func(id string, _ bool) bool { return named[id] })
	}
	return told(r.Err())
}

// SQLite's own list of columns; PostgreSQL has information_schema.columns.
const textColumns = `
	SELECT m.name, c.name
	FROM   sqlite_master m JOIN pragma_table_info(m.name) c
	WHERE  m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' AND c.type IN ('TEXT', 'BLOB', '')
	ORDER  BY m.name, c.cid`

func (d *DB) textColumns(ctx context.Context) ([]column, error) {
	r, err := d.query(ctx, textColumns)
	return rows(r, err, func(row scanner) (c column, err error) { return c, row.Scan(&c.table, &c.name) })
}
