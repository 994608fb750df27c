package tickets

import (
	"context"
	"errors"
	"time"

	"sportello/internal/fault"
)

// Remover forgets the content of a file; files.Cabinet is one.
type Remover interface {
	Remove(ctx context.Context, id string) error
}

// PurgeUnsent forgets the requests that nobody sent for KeepUnsent, with the
// contents of their files, and returns how many they were.
func PurgeUnsent(ctx context.Context, forms Forms, contents Remover, now time.Time) (purged int, err error) {
	defer fault.Wrap(&err, "purge unsent requests")
	const page = 100
	for {
		n, files, err := forms.Purge(ctx, now.Add(-KeepUnsent), page)
		purged += n
		for _, file := range files { // nothing refers to them any more
			err = errors.Join(err, contents.Remove(ctx, file.ID))
		}
		if err != nil || n < page {
			return purged, err
		}
	}
}
