package semantic

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
)

// cache is a file of vectors by the text they are of, one file a model: what
// was asked of the endpoint once is not asked again after a restart. It only
// grows, by whole records, each with a checksum; it is derived, and may be
// removed at any time. Only the process that holds the data folder's index
// writes to it.
type cache struct {
	file string
}

// openCache names the file of a model in a folder; it opens none.
func openCache(dir, model string) cache {
	sum := sha256.Sum256([]byte(model))
	return cache{filepath.Join(dir, fmt.Sprintf("%x.vectors", sum[:8]))}
}

// cacheHead begins every file; its last byte is the version of the form.
var cacheHead = []byte("sportello vectors\x01")

// Each record: key, numbers, checksum of both. All are of one length, which
// follows the head.
func recordSize(length int) int { return len(key{}) + length + 4 }

// read returns the vectors and their length, zero if there are none. A broken
// file holds what stands before the break; broken tells that it must be
// written anew before anything is added.
func (c cache) read() (vectors map[key]vector, length int, broken bool, err error) {
	vectors = map[key]vector{}
	text, err := os.ReadFile(c.file)
	if errors.Is(err, fs.ErrNotExist) {
		return vectors, 0, false, nil
	}
	if err != nil {
		return nil, 0, false, err
	}
	rest, ours := bytes.CutPrefix(text, cacheHead)
	if !ours || len(rest) < 4 {
		return vectors, 0, true, nil
	}
	length, rest = int(binary.LittleEndian.Uint32(rest)), rest[4:]
	if length <= 0 || length > mostVector {
		return vectors, 0, true, nil
	}
	size := recordSize(length)
	for ; len(rest) >= size; rest = rest[size:] {
		body := rest[:size-4]
		if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(rest[size-4:]) {
			return vectors, length, true, nil
		}
		numbers := make([]int8, length)
		for i, b := range body[len(key{}):] {
			numbers[i] = int8(b)
		}
		if v := vectorOf(numbers); dot(numbers, numbers) > 0 {
			vectors[key(body[:len(key{})])] = v
		}
	}
	return vectors, length, len(rest) > 0, nil
}

// add appends vectors in one write.
func (c cache) add(length int, vectors map[key]vector) error {
	if err := os.MkdirAll(filepath.Dir(c.file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(c.file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	var head []byte
	if info, err := f.Stat(); err != nil {
		return errors.Join(err, f.Close())
	} else if info.Size() == 0 {
		head = cacheHeader(length)
	}
	_, err = f.Write(append(head, records(length, vectors)...))
	return errors.Join(err, f.Close())
}

// replace writes the file anew; whoever reads meanwhile reads the old one.
func (c cache) replace(length int, vectors map[key]vector) error {
	if err := os.MkdirAll(filepath.Dir(c.file), 0o700); err != nil {
		return err
	}
	fresh := c.file + ".new"
	if err := os.WriteFile(fresh, append(cacheHeader(length), records(length, vectors)...), 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, c.file)
}

func cacheHeader(length int) []byte {
	return binary.LittleEndian.AppendUint32(bytes.Clone(cacheHead), uint32(length))
}

func records(length int, vectors map[key]vector) []byte {
	all := make([]byte, 0, len(vectors)*recordSize(length))
	for k, v := range vectors {
		begin := len(all)
		all = append(all, k[:]...)
		for _, x := range v.numbers {
			all = append(all, byte(x))
		}
		all = binary.LittleEndian.AppendUint32(all, crc32.ChecksumIEEE(all[begin:]))
	}
	return all
}
