// Package arrows keeps the floor plan honest: it reads the imports of every
// package and reports those that the plan does not allow.
//
// The plan is one table, Plan. A package that is not in it has no place yet:
// add a line, and say in ARCHITECTURE.md what the package is for. Test files
// may import what they like; the compiler refuses cycles there as well.
package arrows

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the path of our module.
const Module = "sportello"

// Room says what one package, or one family of packages, may import.
type Room struct {
	Package string   // path below the module; "web/*" is every package below web without a line of its own
	Ours    []string // our packages it may import, in the same notation
	Outside []string // doors to the outside world it may use; see doors
}

// leaves may be imported by every package but content.
var leaves = []string{"internal/fault", "internal/phrases", "internal/strictyaml"}

// roots are the domain: types, rules and the ports they need.
var roots = []string{"account", "bot", "contacts", "files", "kb", "privacy", "search", "tickets"}

// doors are ways out of the program that a domain package does not take: what
// it needs from there, it asks of a port.
var doors = map[string][]string{
	"http":   {"net/http", "github.com/go-chi/chi", "github.com/danielgtaylor/huma", "github.com/alexedwards/scs"},
	"sql":    {"database/sql", "modernc.org/sqlite", "github.com/jackc/pgx", "github.com/pressly/goose"},
	"chat":   {"github.com/go-telegram", "github.com/mattermost", "github.com/wneessen/go-mail", "github.com/emersion", "net/smtp"},
	"bleve":  {"github.com/blevesearch"},
	"signin": {"github.com/coreos/go-oidc", "golang.org/x/oauth2"},
}

// Plan is the floor plan: every package of ours, and the arrows that leave it.
var Plan = []Room{
	{Package: "content"},
	{Package: "internal/*"},
	{Package: "internal/httpstatus", Outside: []string{"http"}},
	{Package: "internal/mailpeer", Ours: []string{"internal/freeport"}},
	{Package: "internal/mattermostpeer", Ours: []string{"internal/freeport"}, Outside: []string{"http", "chat"}}, // a server for tests
	{Package: "internal/sse", Outside: []string{"http"}},

	{Package: "account"},
	{Package: "contacts"},
	{Package: "files", Ours: []string{"privacy"}},
	{Package: "privacy"},

	{Package: "search", Ours: []string{"search/analysis"}},
	{Package: "search/analysis"},
	{Package: "search/analysis/lexicon"},
	{Package: "search/analysis/lexicon/build", Ours: []string{"search/analysis"}},
	{Package: "search/associations", Ours: []string{"search/analysis"}},
	{Package: "search/associations/learn", Ours: []string{"search/analysis"}},
	{Package: "search/bleveindex", Ours: []string{"search", "search/analysis", "search/analysis/lexicon", "search/associations"}, Outside: []string{"bleve"}},
	{Package: "search/rank", Ours: []string{"search", "search/analysis"}},
	{Package: "search/semantic", Ours: []string{"search", "privacy"}, Outside: []string{"http"}},
	{Package: "search/semantic/semantictest", Outside: []string{"http"}},

	{Package: "kb", Ours: []string{"account", "search", "kb/markdown"}},
	{Package: "kb/markdown"},
	{Package: "kb/bundle", Ours: []string{"kb", "kb/markdown", "account"}}, // an article names its audience

	{Package: "tickets", Ours: []string{"account", "contacts", "privacy", "files"}},
	{Package: "tickets/webhook", Ours: []string{"tickets", "account", "privacy"}, Outside: []string{"http"}},
	{Package: "tickets/intake", Ours: []string{"tickets", "tickets/intake/tnef", "account", "search", "privacy", "files"}},
	{Package: "tickets/intake/tnef"},
	{Package: "tickets/intake/*", Ours: []string{"tickets/intake", "account"}, Outside: []string{"chat"}}, // the ways mail comes in by

	{Package: "bot", Ours: []string{"account", "search", "kb", "tickets", "contacts", "files", "privacy"}},
	{Package: "bot/script", Ours: []string{"bot"}},
	{Package: "bot/channeltest", Ours: []string{"bot", "internal/*"}, Outside: []string{"http"}},
	{Package: "bot/telegram/telegramtest", Outside: []string{"http"}}, // Telegram's side of the line: it knows nothing of ours
	{Package: "bot/mattermost", Ours: []string{"bot", "account", "files", "kb/markdown", "tickets", "internal/checklist", "internal/httpstatus", "internal/ratelimit"}, Outside: []string{"http", "chat"}}, // it shows forms, whose fields are those of tickets
	{Package: "bot/*", Ours: []string{"bot", "account", "files", "kb/markdown", "internal/checklist", "internal/httpstatus", "internal/ratelimit", "internal/sse"}, Outside: []string{"http", "chat"}},

	{Package: "store", Ours: slices.Concat(roots, []string{"tickets/intake", "tickets/webhook", "store/*"}), Outside: []string{"sql"}},
	{Package: "store/*", Ours: slices.Concat(roots, []string{"tickets/intake", "tickets/webhook", "internal/*", "store"}), Outside: []string{"sql"}},

	{Package: "web", Ours: []string{"account", "web/*", "internal/httpstatus", "internal/ratelimit"}, Outside: []string{"http", "signin"}},
	{Package: "web/ui", Outside: []string{"http"}},
	{Package: "web/api", Ours: []string{"account", "files", "kb", "search", "tickets", "tickets/webhook", "internal/httpstatus", "internal/ratelimit", "internal/spreadsheet"}, Outside: []string{"http"}},
	{Package: "web/signin", Ours: []string{"account", "bot", "web/ui", "internal/ratelimit"}, Outside: []string{"http", "signin"}},
	{Package: "web/*", Ours: slices.Concat(roots, []string{"kb/markdown", "web/ui", "internal/httpstatus", "internal/spreadsheet", "internal/sse"}), Outside: []string{"http"}},

	{Package: "cmd/*", Ours: []string{"*"}, Outside: []string{"http", "sql", "chat", "bleve", "signin"}},
}

// Wrong reads the Go files of the module at fsys and returns what breaks the
// plan, one sentence each, sorted. An error means that it could not look.
func Wrong(fsys fs.FS) ([]string, error) {
	var wrong []string
	err := fs.WalkDir(fsys, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != "." && (skipped(entry.Name()) || isModule(fsys, file)):
			return fs.SkipDir
		case entry.IsDir(), !strings.HasSuffix(file, ".go"), strings.HasSuffix(file, "_test.go"):
			return nil
		}
		found, err := wrongIn(fsys, file)
		wrong = append(wrong, found...)
		return err
	})
	slices.Sort(wrong)
	return slices.Compact(wrong), err
}

// skipped tells folders that hold none of our packages: the go command ignores
// the first three, and npm's packages bring Go files of their own.
func skipped(folder string) bool {
	return folder == "testdata" || folder == "node_modules" || folder[0] == '.' || folder[0] == '_'
}

// isModule tells a folder that is a module of its own, such as a server for
// tests: it imports nothing of ours, and the compiler keeps us from importing it.
func isModule(fsys fs.FS, folder string) bool {
	_, err := fs.Stat(fsys, path.Join(folder, "go.mod"))
	return err == nil
}

func wrongIn(fsys fs.FS, file string) ([]string, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	pkg := path.Dir(file)
	room, planned := roomOf(pkg)
	if !planned {
		return []string{fmt.Sprintf("%s has no place in the floor plan", pkg)}, nil
	}
	var wrong []string
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if why := room.refuses(imported); why != "" {
			wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", pkg, imported, why))
		}
	}
	return wrong, nil
}

// roomOf finds the line of a package; its own line comes before its family's,
// and a near family before a far one.
func roomOf(pkg string) (Room, bool) {
	for _, room := range Plan {
		if room.Package == pkg {
			return room, true
		}
	}
	for family := path.Dir(pkg); family != "."; family = path.Dir(family) {
		for _, room := range Plan {
			if room.Package == family+"/*" {
				return room, true
			}
		}
	}
	return Room{}, false
}

// refuses says why the import is not allowed, or nothing.
func (r Room) refuses(imported string) string {
	if ours, is := strings.CutPrefix(imported, Module+"/"); is {
		if r.Package != "content" && slices.Contains(leaves, ours) {
			return ""
		}
		if slices.ContainsFunc(r.Ours, func(allowed string) bool { return covers(allowed, ours) }) {
			return ""
		}
		return "no such arrow in the floor plan"
	}
	if r.Package == "content" && imported != "embed" {
		return "content is data only"
	}
	for door, libraries := range doors {
		through := slices.ContainsFunc(libraries, func(lib string) bool { return imported == lib || strings.HasPrefix(imported, lib+"/") })
		if through && !slices.Contains(r.Outside, door) {
			return "this package does no " + door
		}
	}
	return ""
}

func covers(pattern, pkg string) bool {
	if family, is := strings.CutSuffix(pattern, "*"); is {
		return strings.HasPrefix(pkg, family)
	}
	return pattern == pkg
}
