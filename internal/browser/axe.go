package browser

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Axe fails the test for each way in which what the tab shows now keeps
// somebody out, by the rules of WCAG 2.2 AA and axe-core's best practices.
func (tab *Tab) Axe(what string) {
	tab.t.Helper()
	_ = Eval[any](tab, axe(tab.t)+"; null")
	for _, violation := range Eval[[]violation](tab, axeRun) {
		for _, node := range violation.Nodes {
			tab.t.Errorf("%s: %s (%s)\n%s\n%s", what, violation.Help, violation.ID, node.HTML, node.Why)
		}
	}
}

// axeRun asks for what failed only, in the shape of violation.
const axeRun = `axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => violations.map(({id, help, nodes}) =>
	({id, help, nodes: nodes.map(({html, failureSummary}) => ({html, why: failureSummary}))})))`

type violation struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML string `json:"html"`
		Why  string `json:"why"`
	} `json:"nodes"`
}

// axe reads the checker from where web/ui/assets.sh puts it.
func axe(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		if folder == filepath.Dir(folder) {
			t.Fatal("the test runs outside the module, so axe-core cannot be found")
		}
	}
	script, err := os.ReadFile(filepath.Join(folder, "web/ui/node_modules/axe-core/axe.min.js"))
	if err != nil {
		t.Fatalf("no axe-core: run web/ui/assets.sh (%v)", err)
	}
	return strings.TrimSuffix(strings.TrimSpace(string(script)), ";")
}
