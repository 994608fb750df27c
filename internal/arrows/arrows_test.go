package arrows

import (
	"os"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestOurImportsFollowTheFloorPlan(t *testing.T) {
	wrong, err := Wrong(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, sentence := range wrong {
		t.Error(sentence)
	}
}

func TestArrows(t *testing.T) {
	for name, c := range map[string]struct {
		file, imports string
		wrong         []string
	}{
		"a planned arrow":                       {"bot/engine.go", `"sportello/kb"`, nil},
		"every package may use the leaves":      {"privacy/mask.go", `"sportello/internal/fault"; "sportello/internal/phrases"`, nil},
		"the other leaves are for tests":        {"privacy/mask.go", `"sportello/internal/golden"`, []string{"privacy imports sportello/internal/golden: no such arrow in the floor plan"}},
		"an arrow the other way":                {"kb/kb.go", `"sportello/bot"`, []string{"kb imports sportello/bot: no such arrow in the floor plan"}},
		"a root is not its sub-packages":        {"bot/engine.go", `"sportello/kb/bundle"`, []string{"bot imports sportello/kb/bundle: no such arrow in the floor plan"}},
		"nobody but cmd imports store":          {"web/portal/portal.go", `"sportello/store"`, []string{"web/portal imports sportello/store: no such arrow in the floor plan"}},
		"cmd wires everything":                  {"cmd/sportello/main.go", `"sportello/store"; "sportello/content"; "net/http"; "database/sql"`, nil},
		"the domain speaks no HTTP":             {"tickets/desk.go", `"net/http"`, []string{"tickets imports net/http: this package does no http"}},
		"nor through a library":                 {"tickets/desk.go", `"github.com/go-chi/chi/v5"`, []string{"tickets imports github.com/go-chi/chi/v5: this package does no http"}},
		"the domain speaks no SQL":              {"account/account.go", `"database/sql/driver"`, []string{"account imports database/sql/driver: this package does no sql"}},
		"the domain knows no chat library":      {"bot/bot.go", `"github.com/go-telegram/bot"`, []string{"bot imports github.com/go-telegram/bot: this package does no chat"}},
		"a channel does":                        {"bot/telegram/telegram.go", `"github.com/go-telegram/bot"; "sportello/bot"`, nil},
		"a channel keeps off the database":      {"bot/telegram/telegram.go", `"database/sql"`, []string{"bot/telegram imports database/sql: this package does no sql"}},
		"a channel knows no search":             {"bot/widget/widget.go", `"sportello/search"`, []string{"bot/widget imports sportello/search: no such arrow in the floor plan"}},
		"an own line wins over the family's":    {"bot/script/script.go", `"sportello/account"`, []string{"bot/script imports sportello/account: no such arrow in the floor plan"}},
		"bleve stays behind our types":          {"search/search.go", `"github.com/blevesearch/bleve/v2"`, []string{"search imports github.com/blevesearch/bleve/v2: this package does no bleve"}},
		"content is data only":                  {"content/content.go", `"embed"; "os"`, []string{"content imports os: content is data only"}},
		"a package without a place":             {"util/util.go", `"fmt"`, []string{"util has no place in the floor plan"}},
		"tests are free":                        {"kb/kb_test.go", `"sportello/bot"; "net/http"`, nil},
		"folders of others are not looked into": {"web/ui/node_modules/x/x.go", `"sportello/bot"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Wrong(fstest.MapFS{c.file: {Data: []byte("package x\n\nimport (" + c.imports + ")\n")}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.wrong, got); diff != "" {
				t.Errorf("wrong imports (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAModuleOfItsOwnIsNotLookedInto(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("package main\n\nimport \"github.com/mattermost/mattermost/server/v8\"\n")}
	tree := fstest.MapFS{"test/mattermost/main.go": file}
	if wrong, err := Wrong(tree); err != nil || len(wrong) == 0 {
		t.Errorf("a package without a place was not told: %v, %v", wrong, err)
	}
	tree["test/mattermost/go.mod"] = &fstest.MapFile{Data: []byte("module peer\n")}
	if wrong, err := Wrong(tree); err != nil || len(wrong) > 0 {
		t.Errorf("a module of its own was looked into: %v, %v", wrong, err)
	}
}

func TestAFileThatIsNoGoIsAnError(t *testing.T) {
	if _, err := Wrong(fstest.MapFS{"kb/kb.go": {Data: []byte("pack")}}); err == nil {
		t.Error("a file that cannot be parsed must be an error, not a pass")
	}
}

func TestThePlanNamesOnlyPackagesItPlaces(t *testing.T) {
	for _, room := range Plan {
		for _, ours := range room.Ours {
			if _, planned := roomOf(ours); !planned && ours != "*" {
				t.Errorf("%s may import %s, which has no line in the plan", room.Package, ours)
			}
		}
		for _, door := range room.Outside {
			if doors[door] == nil {
				t.Errorf("%s may use the door %q, which does not exist", room.Package, door)
			}
		}
	}
}
