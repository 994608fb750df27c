// Package strictyaml reads YAML that people wrote: an unknown key is a
// mistake, and whatever the text is, the reader comes back with an error.
package strictyaml

import (
	"bytes"
	"fmt"

	"github.com/goccy/go-yaml"
)

// Decode reads text into what into points to; an empty text changes nothing.
func Decode(text []byte, into any) (err error) {
	defer func() { // the library panics on some malformed texts
		if p := recover(); p != nil {
			err = fmt.Errorf("not YAML: %v", p)
		}
	}()
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	return yaml.UnmarshalWithOptions(text, into, yaml.Strict())
}
