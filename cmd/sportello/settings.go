package main

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// decodeSettings reads text into c. It tells every key that is no setting, and
// a value of the wrong sort, by line.
func decodeSettings(text []byte, c *config) (err error) {
	defer func() { // the library panics on some malformed texts
		if p := recover(); p != nil {
			err = fmt.Errorf("this is no YAML: %v", p)
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return inWords(err)
	}
	var mistakes []error
	empty := true
	for _, document := range file.Docs {
		if document.Body != nil && document.Body.Type() != ast.CommentType {
			empty = false
			mistakes = append(mistakes, unknownKeys(document.Body, reflect.TypeFor[config](), "")...)
		}
	}
	if empty { // decoding it would take the defaults away
		return nil
	}
	if err := yaml.Unmarshal(text, c); err != nil {
		mistakes = append(mistakes, inWords(err))
	}
	return errors.Join(mistakes...)
}

// unknownKeys tells which keys below node are no fields of t.
func unknownKeys(node ast.Node, t reflect.Type, above string) (mistakes []error) {
	if list, is := node.(*ast.SequenceNode); is && t.Kind() == reflect.Slice {
		for _, one := range list.Values {
			mistakes = append(mistakes, unknownKeys(one, t.Elem(), above)...)
		}
		return mistakes
	}
	mapping, is := node.(ast.MapNode)
	if !is || t.Kind() != reflect.Struct {
		return nil
	}
	for entries := mapping.MapRange(); entries.Next(); {
		token := entries.Key().GetToken()
		field, known := setting(t, token.Value)
		if !known {
			mistakes = append(mistakes, fmt.Errorf("line %d: there is no setting %s%s", token.Position.Line, above, token.Value))
			continue
		}
		mistakes = append(mistakes, unknownKeys(entries.Value(), field.Type, above+token.Value+".")...)
	}
	return mistakes
}

// setting is the field of t with this key.
func setting(t reflect.Type, key string) (reflect.StructField, bool) {
	for i := range t.NumField() {
		if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name == key {
			return t.Field(i), true
		}
	}
	return reflect.StructField{}, false
}

// inWords tells a failure of the decoder by its line, without the names of our
// types.
func inWords(err error) error {
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		if _, value, is := strings.Cut(err.Error(), "time: invalid duration "); is { // the library knows no line
			return fmt.Errorf("%s is not a time such as 300ms or 4s", value)
		}
		return err
	}
	token, message := at.GetToken(), at.GetMessage()
	var dst reflect.Type
	if wrong, is := errors.AsType[*yaml.TypeError](err); is {
		dst = wrong.DstType
	} else if wrong, is := errors.AsType[*yaml.OverflowError](err); is {
		dst = wrong.DstType
	}
	if dst != nil {
		message = fmt.Sprintf("%q is not %s", token.Value, sortOf(dst))
	} else if wrong, is := errors.AsType[*yaml.UnexpectedNodeTypeError](err); is && wrong.Expected == ast.MappingType {
		message = "settings are due here, each as key: value"
	}
	return fmt.Errorf("line %d: %s", token.Position.Line, message)
}

// sortOf names what a field holds.
func sortOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "a group of settings"
	}
	return "a text"
}
