package portal

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"sportello/internal/fault"
)

// Limits of what is read of a form, files apart.
const (
	mostValues   = 120
	longestValue = 128 << 10 // bytes
	longestForm  = 512 << 10 // bytes
)

// aside is how a form's file is kept while the rest of the form is read; an
// empty name means that none was chosen, and is not passed on.
type aside func(name string, content io.Reader) error

// decode reads a posted form as it comes, in either encoding. Files go to keep
// at once, so that neither memory nor a temporary folder ever holds one. What
// is too large fails with fault.TooLarge, what is no form with fault.Invalid.
// Line ends become those of Unix, what is no UTF-8 is left out.
func decode(contentType string, body io.Reader, keep aside) (url.Values, error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, malformed(err)
	}
	switch {
	case kind == "application/x-www-form-urlencoded":
		return decodeURL(body)
	case kind == "multipart/form-data" && parameters["boundary"] != "":
		return decodeParts(multipart.NewReader(body, parameters["boundary"]), keep)
	}
	return nil, malformed(nil)
}

func decodeURL(body io.Reader) (url.Values, error) {
	raw, err := io.ReadAll(io.LimitReader(body, 3*longestForm+1)) // as it is escaped
	if err != nil {
		return nil, broken(err)
	}
	if len(raw) > 3*longestForm {
		return nil, fault.New(fault.TooLarge, "error.too_large")
	}
	posted, err := url.ParseQuery(string(raw))
	if err != nil {
		return nil, malformed(err)
	}
	values, size := url.Values{}, 0
	for name, all := range posted {
		for _, value := range all {
			if err := add(values, &size, name, value); err != nil {
				return nil, err
			}
		}
	}
	return values, nil
}

func decodeParts(parts *multipart.Reader, keep aside) (url.Values, error) {
	values, size := url.Values{}, 0
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) && n > 0 {
			return values, nil
		}
		if err != nil {
			return nil, broken(err)
		}
		if _, disposition, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition")); disposition["filename"] != "" {
			if err := keep(disposition["filename"], arriving{part}); err != nil {
				return nil, err
			}
			continue
		}
		raw, err := io.ReadAll(io.LimitReader(part, longestValue+1))
		if err != nil {
			return nil, broken(err)
		}
		if part.FormName() == inputFiles && len(raw) == 0 {
			continue // no file was chosen
		}
		if err := add(values, &size, part.FormName(), string(raw)); err != nil {
			return nil, err
		}
	}
}

func add(values url.Values, size *int, name, value string) error {
	*size += len(name) + len(value)
	if len(value) > longestValue || *size > longestForm || len(values) >= mostValues {
		return fault.New(fault.TooLarge, "error.too_large")
	}
	value = strings.ReplaceAll(strings.ToValidUTF8(value, ""), "\r\n", "\n")
	value = strings.ReplaceAll(strings.ReplaceAll(value, "\r", "\n"), "\x00", "")
	values.Add(strings.ToValidUTF8(name, ""), value)
	return nil
}

// arriving is a part of a form whose sender may stop at any time.
type arriving struct{ part io.Reader }

func (a arriving) Read(into []byte) (int, error) {
	n, err := a.part.Read(into)
	if err != nil && !errors.Is(err, io.EOF) {
		err = broken(err)
	}
	return n, err
}

// broken tells why a form could not be read to its end.
func broken(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.New(fault.TooLarge, "error.too_large").Because(err)
	}
	return malformed(err)
}

func malformed(cause error) error { return fault.New(fault.Invalid, "error.malformed").Because(cause) }
