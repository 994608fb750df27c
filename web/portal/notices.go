package portal

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"sync"
	"time"

	"sportello/internal/phrases"
	"sportello/internal/strictyaml"
	"sportello/kb"
)

// Notice tells of an incident while it lasts.
type Notice struct {
	ID           string            `yaml:"id"`
	Severity     string            `yaml:"severity"`
	Applications []string          `yaml:"applications"` // IDs; none: it is about everything
	From         string            `yaml:"from"`         // 2026-11-27 08:00, in Italian time
	Until        string            `yaml:"until"`
	Title        map[string]string `yaml:"title"`
	Text         map[string]string `yaml:"text"`
	Article      string            `yaml:"article"` // ID, may be empty

	from, until time.Time
}

// severities of a notice, with the icon of each.
var severities = map[string]string{"info": "info-circle", "warning": "horn", "outage": "warning-circle"}

const (
	noticesFile   = "avvisi.yaml"
	noticeTime    = "2006-01-02 15:04"
	noticesLooked = 2 * time.Second // between two looks at the file
)

// rome is where the times of notices are meant.
var rome = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		return time.FixedZone("CET", 3600)
	}
	return zone
}()

// readNotices reads the notices strictly, and tells all mistakes at once.
func readNotices(fsys fs.FS) ([]Notice, error) {
	text, err := fs.ReadFile(fsys, noticesFile)
	if err != nil {
		return nil, err
	}
	var file struct {
		Notices []Notice `yaml:"notices"`
	}
	if err := strictyaml.Decode(text, &file); err != nil {
		return nil, fmt.Errorf("%s: %w", noticesFile, err)
	}
	var mistakes []error
	seen := map[string]bool{}
	for i := range file.Notices {
		n := &file.Notices[i]
		mistake := func(format string, args ...any) {
			mistakes = append(mistakes, fmt.Errorf("%s: notice %q: "+format, append([]any{noticesFile, n.ID}, args...)...))
		}
		if n.ID == "" || seen[n.ID] {
			mistake("it needs an id of its own")
		}
		seen[n.ID] = true
		if severities[n.Severity] == "" {
			mistake("severity is info, warning or outage, not %q", n.Severity)
		}
		var errFrom, errUntil error
		n.from, errFrom = time.ParseInLocation(noticeTime, n.From, rome)
		n.until, errUntil = time.ParseInLocation(noticeTime, n.Until, rome)
		if errFrom != nil || errUntil != nil || !n.until.After(n.from) {
			mistake("from and until are times such as 2026-11-27 08:00, the second one later")
		}
		for _, lang := range Languages {
			if n.Title[lang] == "" || n.Text[lang] == "" {
				mistake("title or text is not told in %q", lang)
			}
		}
	}
	return file.Notices, errors.Join(mistakes...)
}

// notices are those of a file, read again when it changes. One with mistakes
// leaves what was there before.
type notices struct {
	fsys fs.FS

	mu      sync.Mutex
	looked  time.Time
	changed time.Time // when the file was, that was read last
	all     []Notice
}

func newNotices(fsys fs.FS) (*notices, error) {
	n := &notices{fsys: fsys}
	var err error
	n.changed = n.modified()
	n.all, err = readNotices(fsys)
	return n, err
}

func (n *notices) modified() time.Time {
	info, err := fs.Stat(n.fsys, noticesFile)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// now returns the notices that hold at a time, the gravest first.
func (n *notices) now(now time.Time, log *slog.Logger) []Notice {
	if n == nil {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if since := now.Sub(n.looked); since < 0 || since >= noticesLooked {
		n.looked = now
		if at := n.modified(); !at.Equal(n.changed) {
			n.changed = at
			if all, err := readNotices(n.fsys); err != nil {
				log.Warn("incident notices have mistakes, the earlier ones stay", "error", err)
			} else {
				n.all = all
			}
		}
	}
	var holding []Notice
	for _, one := range n.all {
		if !now.Before(one.from) && now.Before(one.until) {
			holding = append(holding, one)
		}
	}
	grave := []string{"outage", "warning", "info"}
	slices.SortStableFunc(holding, func(a, b Notice) int { return slices.Index(grave, a.Severity) - slices.Index(grave, b.Severity) })
	return holding
}

// noticed is a notice as a page shows it.
type noticed struct {
	Severity, Icon, Sort string
	Title, Text, Until   string
	URL                  string // of an article, may be empty
}

// notices that hold now: all of them, or with applications those about one of
// these or about everything.
func (p *Portal) noticed(l string, of ...string) []noticed {
	var told []noticed
	for _, n := range p.Content.notices.now(p.Now(), p.Log) {
		about := len(of) == 0 || len(n.Applications) == 0 || slices.ContainsFunc(of, func(a string) bool { return slices.Contains(n.Applications, a) })
		if !about {
			continue
		}
		one := noticed{
			Severity: n.Severity, Icon: severities[n.Severity], Sort: p.Phrases.Say(l, "notice."+n.Severity, nil), Title: n.Title[l], Text: n.Text[l],
			Until: phrases.DateTime(l, n.until),
		}
		if n.Article != "" {
			one.URL = kb.Article{ID: n.Article, Lang: l}.URL()
		}
		told = append(told, one)
	}
	return told
}
