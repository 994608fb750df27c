package files

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"syscall"
	"time"

	"sportello/internal/fault"
)

var _ Store = (*Folder)(nil)

const arriving = "arriving" // holds what is still being written

// Folder is a Store in a folder of the machine: one file for each content,
// under a random name, in folders by its first two characters. It never leaves
// the folder, whatever ID it is asked for.
type Folder struct{ root *os.Root }

// OpenFolder opens a folder, and makes it if it is not there.
func OpenFolder(dir string) (f *Folder, err error) {
	defer fault.Wrap(&err, "open folder of files")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := root.MkdirAll(arriving, 0o700); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return &Folder{root}, nil
}

// Close lets go of the folder.
func (f *Folder) Close() error { return f.root.Close() }

// Put writes to a temporary file, forces it to the disk and only then gives it
// its name, so that a crash leaves all of it or nothing.
func (f *Folder) Put(ctx context.Context, r io.Reader) (blob Blob, err error) {
	defer fault.Wrap(&err, "store file")
	id := rand.Text()
	temporary := arriving + "/" + id
	file, err := f.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return blob, full(err)
	}
	defer func() {
		if err != nil {
			err = full(errors.Join(err, ignoreMissing(f.root.Remove(temporary))))
		}
	}()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(file, sum), untilDone{ctx, r})
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return blob, err
	}
	if err := f.root.MkdirAll(shelf(id), 0o700); err != nil {
		return blob, err
	}
	if err := f.root.Rename(temporary, place(id)); err != nil {
		return blob, err
	}
	if err := errors.Join(f.sync(shelf(id)), f.sync(".")); err != nil {
		return blob, errors.Join(err, f.root.Remove(place(id)))
	}
	return Blob{id, size, hex.EncodeToString(sum.Sum(nil))}, nil
}

// full tells a disk without room apart from a defect.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.Unavailable, "files.no_room").Because(err)
	}
	return err
}

// sync makes the names in a folder survive a crash.
func (f *Folder) sync(dir string) error {
	folder, err := f.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// Open opens content by its ID.
func (f *Folder) Open(_ context.Context, id string) (c Content, err error) {
	defer fault.Wrap(&err, "open file")
	if !idForm.MatchString(id) {
		return nil, fault.New(fault.NotFound, "files.gone")
	}
	file, err := f.root.Open(place(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "files.gone").Because(err)
	}
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Remove forgets content by its ID.
func (f *Folder) Remove(_ context.Context, id string) (err error) {
	defer fault.Wrap(&err, "remove file")
	if !idForm.MatchString(id) {
		return nil
	}
	return ignoreMissing(f.root.Remove(place(id)))
}

// Sweep removes what a crash left half written before that time.
func (f *Folder) Sweep(before time.Time) (err error) {
	defer fault.Wrap(&err, "sweep folder of files")
	return fs.WalkDir(f.root.FS(), arriving, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return ignoreMissing(err)
		}
		info, err := entry.Info()
		if err != nil || !info.ModTime().Before(before) {
			return ignoreMissing(err)
		}
		return ignoreMissing(f.root.Remove(path))
	})
}

// idForm is what rand.Text makes.
var idForm = regexp.MustCompile(`^[A-Z2-7]{26}$`)

func shelf(id string) string { return id[:2] }
func place(id string) string { return shelf(id) + "/" + id }

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// untilDone stops reading when the context ends.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (u untilDone) Read(p []byte) (int, error) {
	if err := u.ctx.Err(); err != nil {
		return 0, err
	}
	return u.r.Read(p)
}
