package bundle_test

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sportello/internal/phrases"
	"sportello/kb/bundle"
)

func TestTheShippedArticlesAreInOrder(t *testing.T) {
	says, err := phrases.Read(os.DirFS("../../content/phrases"))
	if err != nil {
		t.Fatal(err)
	}
	articles, problems := bundle.Read(os.DirFS("../../content/kb"))
	if len(articles) == 0 {
		t.Error("there are no articles")
	}
	for _, p := range append(problems, bundle.Check(articles)...) {
		if p.Severity != bundle.Info {
			t.Errorf("%s:%d: %s: %s", p.File, p.Line, p.Severity, says.Say("en", p.Phrase, p.Values))
		}
	}
}

func TestTheShippedArticlesSurviveARoundTrip(t *testing.T) {
	articles, _ := bundle.Read(os.DirFS("../../content/kb"))
	dir := t.TempDir()
	if err := bundle.Write(dir, articles); err != nil {
		t.Fatal(err)
	}
	again, problems := bundle.Read(os.DirFS(dir))
	if bundle.Failed(problems) {
		t.Errorf("problems: %v", problems)
	}
	if diff := cmp.Diff(articles, again); diff != "" {
		t.Errorf("articles come back differently (-want +got):\n%s", diff)
	}
}
