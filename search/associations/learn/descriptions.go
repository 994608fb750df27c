package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// addDescriptions reads what Debian's packages are, in both languages, from
// the files Translation-en and Translation-it, if they are there.
func (c *corpus) addDescriptions(folder string) error {
	english, err := descriptions(filepath.Join(folder, "Translation-en"))
	if err != nil {
		return err
	}
	italian, err := descriptions(filepath.Join(folder, "Translation-it"))
	if err != nil {
		return err
	}
	for _, d := range italian.all {
		original := english.bySum[d.sum]
		for i, l := range d.lines {
			if len(original) == len(d.lines) {
				c.addTranslated(original[i], l)
			} else {
				c.add(l)
			}
		}
	}
	return nil
}

// described is a package's description, known by the sum of its English text.
type described struct {
	sum   string
	lines []string
}

type list struct {
	all   []described
	bySum map[string][]string
}

func descriptions(file string) (l list, err error) {
	l.bySum = map[string][]string{}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	for entry := range strings.SplitSeq(string(text), "\n\n") {
		var d described
		for line := range strings.Lines(entry) {
			line = strings.TrimRight(line, "\n")
			switch key, value, _ := strings.Cut(line, ": "); {
			case key == "Description-md5":
				d.sum = value
			case strings.HasPrefix(key, "Description-"):
				d.lines = append(d.lines, value, "")
			case line == " .":
				d.lines = append(d.lines, "")
			case strings.HasPrefix(line, "  "): // of a list
				d.lines = append(d.lines, strings.TrimSpace(line))
			case strings.HasPrefix(line, " ") && len(d.lines) > 0:
				d.lines[len(d.lines)-1] += line
			}
		}
		if d.sum != "" {
			l.all = append(l.all, d)
			l.bySum[d.sum] = d.lines
		}
	}
	return l, err
}
