package main

import (
	"errors"
	"io/fs"
	"maps"
	"path"
	"slices"
)

// overlay lays one file system over another, file by file: what the upper one
// has hides the lower one's file of the same path.
type overlay struct{ upper, lower fs.FS }

var _ fs.ReadDirFS = overlay{}

// Open implements fs.FS. Folders are those of both.
func (o overlay) Open(name string) (fs.File, error) {
	file, err := o.upper.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return o.lower.Open(name)
	}
	return file, err
}

// ReadDir implements fs.ReadDirFS.
func (o overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	all := map[string]fs.DirEntry{}
	lower, lowerErr := fs.ReadDir(o.lower, name)
	upper, upperErr := fs.ReadDir(o.upper, name)
	if lowerErr != nil && upperErr != nil {
		return nil, lowerErr
	}
	for _, entry := range append(lower, upper...) {
		all[path.Base(entry.Name())] = entry
	}
	names := slices.Sorted(maps.Keys(all))
	entries := make([]fs.DirEntry, len(names))
	for i, n := range names {
		entries[i] = all[n]
	}
	return entries, nil
}
