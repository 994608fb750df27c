package mattermost

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestALongTextIsCutWhereItHurtsLeast(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"what fits stays":           {"uno\n\ndue", []string{"uno\n\ndue"}},
		"between paragraphs":        {"uno uno uno\n\ndue due\ndue due\n\ntre tre tre", []string{"uno uno uno\n\ndue due\ndue due", "tre tre tre"}},
		"between lines":             {"uno uno uno\ndue due due\ntre tre tre tre", []string{"uno uno uno\ndue due due", "tre tre tre tre"}},
		"between words":             {strings.Repeat("parola ", 8), []string{"parola parola parola parola", "parola parola parola parola "}},
		"where it must":             {strings.Repeat("è", 40), []string{strings.Repeat("è", 30), strings.Repeat("è", 10)}},
		"code goes on as code":      {"a\n```\nriga uno\nriga due\nriga tre\n```\nb", []string{"a\n```\nriga uno\nriga due\n```", "```\nriga tre\n```\nb"}},
		"an empty line in code":     {"```\nriga uno uno\n\nriga due due due\n```", []string{"```\nriga uno uno\n```", "```\nriga due due due\n```"}},
		"no paragraph is too small": {"a\n\n" + strings.Repeat("b", 35), []string{"a\n\n" + strings.Repeat("b", 27), strings.Repeat("b", 8)}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, cut(c.text, 30)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("```\na\n\nb")
	f.Add("uno\n\ndue ````\n```")
	f.Add(strings.Repeat("`", 60) + "\n" + strings.Repeat("a", 200))
	f.Add(strings.Repeat("`", 199) + "\n" + strings.Repeat("a", 200))
	f.Fuzz(func(t *testing.T, text string) {
		parts := cut(text, 200)
		for _, part := range parts {
			if n := utf8.RuneCountInString(part); n > 300+200 {
				t.Errorf("a part of %q has %d characters", text, n)
			}
		}
		bare := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "`", "")), "") }
		if got := bare(strings.Join(parts, "\n")); got != bare(text) {
			t.Errorf("%q becomes %q", text, parts)
		}
	})
}
