package api

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"reflect"
	"strings"

	"sportello/internal/fault"
	"sportello/tickets"

	"github.com/danielgtaylor/huma/v2"
)

// Sent is what a request brings. It is read only once we know who comes: who
// has no token can fill no memory.
type Sent struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"Chosen by the program, up to 200 visible characters. The same key again with the same request does nothing and is answered alike; with another request it is refused. Keys of one token are no other token's."`

	kind   string
	reader io.Reader
	path   string
}

// Resolve implements huma.Resolver.
func (s *Sent) Resolve(ctx huma.Context) []error {
	s.kind, s.reader = ctx.Header("Content-Type"), ctx.BodyReader()
	u := ctx.URL()
	s.path = ctx.Method() + " " + u.Path
	return nil
}

var _ huma.Resolver = (*Sent)(nil)

// maxBody is the most that is read of a body that is no file.
const maxBody = 256 << 10

// decode reads a JSON object strictly into what into points to, and returns
// the text it came as.
func (s *Sent) decode(into any) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(s.kind)
	if s.kind != "" && (err != nil || kind != "application/json" && kind != "application/merge-patch+json") {
		return nil, fault.New(fault.Invalid, "api.body_kind", fault.Values{"Type": "application/json"})
	}
	text, err := io.ReadAll(io.LimitReader(s.reader, maxBody+1))
	switch {
	case err != nil:
		return nil, fault.New(fault.Invalid, "error.malformed").Because(err)
	case len(text) > maxBody:
		return nil, fault.New(fault.TooLarge, "error.too_large")
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil, fault.New(fault.Invalid, "api.body_missing")
	}
	return text, strictly(text, into)
}

// strictly decodes one JSON object that holds nothing unknown.
func strictly(text []byte, into any) error {
	malformed := fault.New(fault.Invalid, "api.body_malformed")
	if text[0] != '{' {
		return malformed
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if mistyped, is := errors.AsType[*json.UnmarshalTypeError](err); is && mistyped.Field != "" {
		var w wrong
		w.add(mistyped.Field, "api.field_type", fault.Values{"Type": typePhrase(mistyped.Type)})
		return w
	}
	if err != nil {
		// The library tells the name in its message only.
		if name, is := strings.CutPrefix(err.Error(), `json: unknown field "`); is {
			var w wrong
			w.add(strings.TrimSuffix(name, `"`), "api.field_unknown")
			return w
		}
		if w, is := errors.AsType[wrong](err); is {
			return w
		}
		return malformed.Because(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return malformed // something follows
	}
	return nil
}

func typePhrase(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return "api.type_text"
	case reflect.Int, reflect.Int64:
		return "api.type_number"
	case reflect.Bool:
		return "api.type_boolean"
	case reflect.Slice:
		return "api.type_list"
	default:
		return "api.type_object"
	}
}

// asked reads what a request asks for into into, and returns the idempotency
// key of that, with what else it hangs on.
func (s *Sent) asked(v visitor, into any, more ...[]byte) (key string, err error) {
	text, err := s.decode(into)
	if err != nil {
		return "", err
	}
	return s.key(v, append([][]byte{text}, more...)...)
}

// key is the idempotency key of a request that asks for all of this, empty if
// the program gave none. It is the token's own.
func (s *Sent) key(v visitor, asked ...[]byte) (string, error) {
	if s.Key == "" {
		return "", nil
	}
	if strings.ContainsFunc(s.Key, func(r rune) bool { return r < '!' || r > '~' }) {
		var w wrong
		w.add("Idempotency-Key", "api.key_form")
		return "", w
	}
	return tickets.KeyFor("api/"+v.token.ID+"/"+s.Key, sum(append([][]byte{[]byte(s.path)}, asked...)...)), nil
}

// sum stands for all that was asked.
func sum(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
		h.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
}

// Maybe is a value that a change may leave alone, take away (null) or set.
type Maybe[T any] struct {
	Given bool
	Null  bool
	Value T
}

// UnmarshalJSON implements json.Unmarshaler.
func (m *Maybe[T]) UnmarshalJSON(text []byte) error {
	m.Given = true
	if m.Null = string(text) == "null"; m.Null {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(&m.Value)
}

// Schema implements huma.SchemaProvider.
func (Maybe[T]) Schema(r huma.Registry) *huma.Schema {
	s := *r.Schema(reflect.TypeFor[T](), true, "")
	if s.Ref != "" {
		return &huma.Schema{AnyOf: []*huma.Schema{{Ref: s.Ref}, {Type: "null"}}}
	}
	s.Nullable = true
	return &s
}
