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
	Named  func(ctx context.Context, ids []string) (map[string]bool, error) // those of these that something names
}

// Purge removes orphans that were stored before cut and returns how many. It
// takes no notice of limit: a file that goes keeps nobody waiting. One that is
// stored, and named only a moment later, is younger than any cut.
func (o *Orphans) Purge(ctx context.Context, cut time.Time, _ int) (n int, err error) {
	defer fault.Wrap(&err, "remove files that nothing names")
	orphans, err := o.find(ctx, cut)
	if err != nil {
		return 0, err
	}
	for _, id := range orphans {
		if err := o.Folder.Remove(ctx, id); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// Aged counts what Purge would remove.
func (o *Orphans) Aged(ctx context.Context, cut time.Time) (n int, err error) {
	defer fault.Wrap(&err, "count files that nothing names")
	orphans, err := o.find(ctx, cut)
	return len(orphans), err
}

// find looks at the folder first and then at what is named: a file that is old
// is named already, or never will be.
func (o *Orphans) find(ctx context.Context, cut time.Time) (orphans []string, err error) {
	var old []string
	err = fs.WalkDir(o.Folder.root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return ignoreMissing(err)
		}
		if entry.IsDir() {
			if name == arriving {
				return fs.SkipDir
			}
			return ctx.Err()
		}
		id := path.Base(name)
		if !idForm.MatchString(id) || name != place(id) {
			return nil // nothing of ours
		}
		info, err := entry.Info()
		if err == nil && info.ModTime().Before(cut) {
			old = append(old, id)
		}
		return ignoreMissing(err)
	})
	if err != nil || len(old) == 0 {
		return nil, err
	}
	named, err := o.Named(ctx, old)
	if err != nil {
		return nil, err
	}
	for _, id := range old {
		if !named[id] {
			orphans = append(orphans, id)
		}
	}
	return orphans, nil
}
