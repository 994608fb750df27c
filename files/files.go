// Package files takes in what people attach: it bounds the size, decides the
// type by the content, cleans the name and masks secrets in it, lets a scanner
// look, and keeps the bytes in a Store. Who attached what to which message is kept by others, with
// the File that Accept returns.
package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"sportello/internal/fault"
	"sportello/privacy"
)

// File is a file that was accepted.
type File struct {
	ID     string // its key in the Store
	Name   string // cleaned, without secrets, with an extension that fits the type
	Type   string // media type, as sniffed
	Size   int64
	SHA256 string // of the content, in hexadecimal
}

// Blob is content without a name, as a Store keeps it.
type Blob struct {
	ID     string
	Size   int64
	SHA256 string
}

// Content is stored content, open for reading.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Store keeps bytes. It is safe for concurrent use.
type Store interface {
	// Put keeps all that r gives under a new ID. When it returns without an
	// error the bytes survive a crash; with one, nothing is kept.
	Put(ctx context.Context, r io.Reader) (Blob, error)

	// Open fails with fault.NotFound if there is no such content.
	Open(ctx context.Context, id string) (Content, error)

	// Remove forgets content; one that is not there is no failure.
	Remove(ctx context.Context, id string) error
}

// Infected is what a Scanner returns for content that must not be kept.
var Infected = fault.New(fault.Invalid, "files.infected")

// Scanner looks for malware. It returns nil for harmless content and an error
// that is Infected otherwise; any other error means that it could not look,
// and the file is refused for now.
type Scanner interface {
	Scan(ctx context.Context, r io.Reader) error
}

// Limits bound what people may attach.
type Limits struct {
	MaxBytes int64 `yaml:"max_bytes"` // of one file
	MaxCount int   `yaml:"max_count"` // files of one message
}

// DefaultLimits are 10 MiB and 5 files.
var DefaultLimits = Limits{MaxBytes: 10 << 20, MaxCount: 5}

// Check tells every mistake in the limits.
func (l Limits) Check() error {
	var errs []error
	if l.MaxBytes < 1 {
		errs = append(errs, fmt.Errorf("files.max_bytes is %d: give the largest size of a file in bytes", l.MaxBytes))
	}
	if l.MaxCount < 0 {
		errs = append(errs, fmt.Errorf("files.max_count is %d: give the number of files of one message, 0 for none", l.MaxCount))
	}
	return errors.Join(errs...)
}

// Cabinet accepts files into a store.
type Cabinet struct {
	store   Store
	limits  Limits
	scanner Scanner
}

// New returns a cabinet. Without a scanner, nil, files are not scanned.
func New(store Store, limits Limits, scanner Scanner) *Cabinet {
	return &Cabinet{store, limits, scanner}
}

// Limits are the limits of the cabinet, for whoever announces them.
func (c *Cabinet) Limits() Limits { return c.limits }

// Count fails with fault.Invalid if n files are too many for one message.
func (c *Cabinet) Count(n int) error {
	if n > c.limits.MaxCount {
		return fault.New(fault.Invalid, "files.too_many", fault.Values{"Max": c.limits.MaxCount})
	}
	return nil
}

// Accept checks a file and keeps it. It fails with fault.TooLarge, and with
// fault.Invalid for an empty, forbidden or infected one; then nothing is kept.
// The name is what the sender says, and is trusted with nothing.
func (c *Cabinet) Accept(ctx context.Context, name string, r io.Reader) (f File, err error) {
	defer fault.Wrap(&err, "accept file")
	head := bufio.NewReaderSize(r, sniffed)
	start, err := head.Peek(sniffed)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return f, err
	case len(start) == 0:
		return f, fault.New(fault.Invalid, "files.empty")
	}
	format, known := sniff(start)
	if !known {
		return f, forbidden()
	}
	blob, err := c.store.Put(ctx, &bounded{r: head, left: c.limits.MaxBytes, max: c.limits.MaxBytes})
	if err != nil {
		return f, err
	}
	if format, err = c.inspect(ctx, blob, format); err != nil {
		return f, errors.Join(err, c.store.Remove(context.WithoutCancel(ctx), blob.ID))
	}
	name, _ = privacy.Mask(CleanName(name))
	name = format.name(CleanName(name)) // a placeholder may be longer than the secret
	return File{blob.ID, name, format.typeOf(name), blob.Size, blob.SHA256}, nil
}

// inspect looks at the whole content: into containers, and for malware.
func (c *Cabinet) inspect(ctx context.Context, blob Blob, f format) (format, error) {
	content, err := c.store.Open(ctx, blob.ID)
	if err != nil {
		return f, err
	}
	defer content.Close()
	if f.inside != nil {
		known := false
		if f, known = f.inside(content, blob.Size); !known {
			return f, forbidden()
		}
	}
	if c.scanner == nil {
		return f, nil
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return f, err
	}
	if err := c.scanner.Scan(ctx, content); err != nil {
		if fault.Is(err, fault.Invalid) {
			return f, err
		}
		return f, fault.New(fault.Unavailable, "files.not_scanned").Because(err)
	}
	return f, nil
}

// Open returns the content of a file; it fails with fault.NotFound if it is gone.
func (c *Cabinet) Open(ctx context.Context, id string) (Content, error) { return c.store.Open(ctx, id) }

// Remove forgets the content of a file.
func (c *Cabinet) Remove(ctx context.Context, id string) error { return c.store.Remove(ctx, id) }

func forbidden() error { return fault.New(fault.Invalid, "files.forbidden") }

// bounded fails, rather than ends, after too many bytes.
type bounded struct {
	r         io.Reader
	left, max int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fault.New(fault.TooLarge, "files.too_large", fault.Values{"Max": size(b.max)})
	}
	return n, err
}

// size writes a limit as people read it.
func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%d MB", bytes>>20)
	case bytes >= 1<<10:
		return fmt.Sprintf("%d kB", bytes>>10)
	}
	return fmt.Sprintf("%d byte", bytes)
}
