package bundle

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"sportello/internal/fault"
)

// mostFront is how many bytes of front matter an article may have.
const mostFront = 64 << 10

// keys of the front matter, in the order in which they are written.
var (
	textKeys = []string{"id", "title", "lang", "application", "audience", "status", "review_by"}
	listKeys = []string{"questions", "tags", "related"}
)

// fields is a front matter with the place of everything in it.
type fields struct {
	texts map[string]string
	lists map[string][]string
	lines map[string]int
	rows  map[string][]int // lines of a list's entries
	wrong map[string]bool  // keys with a problem of their own
}

func (f fields) text(key string) string   { return f.texts[key] }
func (f fields) list(key string) []string { return f.lists[key] }

// line is where a key stands, or the first line if it does not.
func (f fields) line(key string) int { return max(f.lines[key], 1) }

func (f fields) entryLine(key string, i int) int {
	if i < len(f.rows[key]) {
		return f.rows[key][i]
	}
	return f.line(key)
}

// deepest is how many brackets may be open in a front matter, which needs one.
const deepest = 50

// front reads the YAML between the dashes. Its first line is the file's second.
func (r *reader) front(text string) fields {
	f := fields{map[string]string{}, map[string][]string{}, map[string]int{}, map[string][]int{}, map[string]bool{}}
	if strings.Count(text, "[")+strings.Count(text, "{") > deepest*len(listKeys) {
		r.report(Error, 1, "kb.file.yaml", fault.Values{"Detail": "too many brackets"})
		f.spoil()
		return f
	}
	file, err := parser.ParseBytes([]byte(text), 0, parser.AllowDuplicateMapKey())
	if err != nil {
		line, detail := 1, err.Error()
		var syntax yaml.Error
		if errors.As(err, &syntax) {
			detail = syntax.GetMessage()
			if token := syntax.GetToken(); token != nil && token.Position != nil {
				line = token.Position.Line + 1
			}
		}
		r.report(Error, line, "kb.file.yaml", fault.Values{"Detail": detail})
		f.spoil()
		return f
	}
	for _, doc := range file.Docs {
		switch body := doc.Body.(type) {
		case nil, *ast.CommentGroupNode:
		case *ast.MappingNode:
			for _, pair := range body.Values {
				r.field(f, pair)
			}
		case *ast.MappingValueNode:
			r.field(f, body)
		default:
			r.report(Error, lineOf(body), "kb.file.not_map", nil)
			f.spoil()
		}
	}
	return f
}

// spoil keeps missing keys from being told after a failure that hides them.
func (f fields) spoil() {
	for _, key := range slices.Concat(textKeys, listKeys) {
		f.wrong[key] = true
	}
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line + 1
	}
	return 1
}

func (r *reader) field(f fields, pair *ast.MappingValueNode) {
	key, line := pair.Key.GetToken().Value, lineOf(pair.Key)
	isText, isList := slices.Contains(textKeys, key), slices.Contains(listKeys, key)
	switch {
	case !isText && !isList:
		r.report(Error, line, "kb.file.unknown_key", fault.Values{"Key": key})
		return
	case f.lines[key] > 0:
		r.report(Error, line, "kb.file.key_twice", fault.Values{"Key": key})
		return
	}
	f.lines[key] = line
	if isText {
		text, ok := scalar(pair.Value)
		if !ok {
			r.report(Error, line, "kb.file.not_text", fault.Values{"Key": key})
			f.wrong[key] = true
		}
		f.texts[key] = text
		return
	}
	if _, empty := pair.Value.(*ast.NullNode); empty {
		return
	}
	list, is := pair.Value.(*ast.SequenceNode)
	if !is {
		r.report(Error, line, "kb.file.not_list", fault.Values{"Key": key})
		f.wrong[key] = true
		return
	}
	for _, entry := range list.Values {
		text, ok := scalar(entry)
		if !ok {
			r.report(Error, lineOf(entry), "kb.file.not_text", fault.Values{"Key": key})
			f.wrong[key] = true
			continue
		}
		f.lists[key] = append(f.lists[key], text)
		f.rows[key] = append(f.rows[key], lineOf(entry))
	}
}

// scalar returns a value as the text that was written: an editor who writes
// the title 2024 means these four characters.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case nil, *ast.NullNode:
		return "", true
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	return "", false
}
