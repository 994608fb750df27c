package strictyaml_test

import (
	"testing"

	"sportello/internal/strictyaml"
)

func TestAnUnknownKeyIsAMistake(t *testing.T) {
	var c struct {
		A int `yaml:"a"`
	}
	if err := strictyaml.Decode([]byte("a: 1\nb: 2\n"), &c); err == nil {
		t.Error("the unknown key was taken")
	}
	if err := strictyaml.Decode([]byte("a: 1\n"), &c); err != nil || c.A != 1 {
		t.Errorf("got %d, %v", c.A, err)
	}
	if err := strictyaml.Decode([]byte(" \n"), &c); err != nil || c.A != 1 {
		t.Errorf("an empty text gave %d, %v", c.A, err)
	}
}

func FuzzDecodeNeverPanics(f *testing.F) {
	f.Add([]byte("a: [1, {b: c}]\n"))
	f.Add([]byte("? \n- &x *x\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var into map[string]any
		if err := strictyaml.Decode(text, &into); err != nil {
			return // an error is an answer
		}
	})
}
