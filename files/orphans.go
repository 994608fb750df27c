package files

import (
	"context"
	"io/fs"
	"path"
	"time"

	"sportello/internal/fault"
)

// Orphans are contents of a folder that nothing names any more.
type Orphans struct {
	Folder *Folder
	Named  func(ctx context.Context) (map[string]bool, error) // the IDs of all that something names
}

// Purge removes orphans that were stored before cut, at most limit of them,
// and returns how many. A file that is stored, and named only a moment later,
// is younger than any cut.
func (o *Orphans) Purge(ctx context.Context, cut time.Time, limit int) (n int, err error) {
	defer fault.Wrap(&err, "remove files that nothing names")
	err = o.each(ctx, cut, func(id string) error {
		if n >= limit {
			return fs.SkipAll
		}
		n++
		return o.Folder.Remove(ctx, id)
	})
	return n, err
}

// Aged counts what Purge would remove.
func (o *Orphans) Aged(ctx context.Context, cut time.Time) (n int, err error) {
	defer fault.Wrap(&err, "count files that nothing names")
	err = o.each(ctx, cut, func(string) error {
		n++
		return nil
	})
	return n, err
}

func (o *Orphans) each(ctx context.Context, cut time.Time, do func(id string) error) error {
	// What was named before we look at the folder, and is so no longer, stays
	// until the next time; nothing that is old becomes named.
	named, err := o.Named(ctx)
	if err != nil {
		return err
	}
	return fs.WalkDir(o.Folder.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return ignoreMissing(err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if entry.IsDir() {
			if name == arriving {
				return fs.SkipDir
			}
			return nil
		}
		id := path.Base(name)
		if !idForm.MatchString(id) || name != place(id) || named[id] {
			return nil
		}
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(cut) {
			return ignoreMissing(err)
		}
		return do(id)
	})
}
