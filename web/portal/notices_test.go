package portal_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sportello/internal/htmlcheck"
	"sportello/tickets"
	"sportello/web/portal"
)

const twoNotices = `
notices:
  - id: sicid
    severity: outage
    applications: [sicid]
    from: 2026-11-23 08:00
    until: 2026-11-23 14:00
    title: {it: "SICID non risponde", en: "SICID does not answer"}
    text: {it: "I <tecnici> sono al lavoro.", en: "Technicians are at work."}
    article: account-adn-bloccato
  - id: tutti
    severity: info
    from: 2026-11-23 12:30
    until: 2026-11-24 00:00
    title: {it: "Manutenzione", en: "Maintenance"}
    text: {it: "Stasera il portale si ferma.", en: "The portal stops tonight."}
`

// noticesFolder is the portal's content in a folder that an editor changes.
func noticesFolder(t *testing.T, notices string) (dir string, pages portal.Content) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, sub(t, content, "pages")); err != nil {
		t.Fatal(err)
	}
	writeNotices(t, dir, notices)
	pages, err := portal.Read(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return dir, pages
}

func writeNotices(t *testing.T, dir, notices string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "avvisi.yaml"), []byte(notices), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestANoticeStandsWhereItMattersWhileItLasts(t *testing.T) {
	dir, pages := noticesFolder(t, twoNotices)
	c := newCounter(t, func(config *portal.Config, _ *portal.Deps) { config.Content = pages })
	htmlcheck.In(t, c.get(t, "/", http.StatusOK, "Accept-Language", "it").Body, htmlcheck.Count(".notices li", 1), htmlcheck.Contains(".notices .outage", "I <tecnici> sono al lavoro."), htmlcheck.Contains(".notices", "Fino al 23/11/2026, ore 14:00."),
		htmlcheck.Has(".notices a[href='/kb/it/account-adn-bloccato']"))
	htmlcheck.In(t, c.get(t, "/en/", http.StatusOK).Body, htmlcheck.Contains(".notices", "SICID does not answer"), htmlcheck.Contains(".notices .sort", "Outage"))
	htmlcheck.In(t, c.get(t, "/servizi/registri-civili", http.StatusOK).Body, htmlcheck.Count(".notices li", 1))
	htmlcheck.In(t, c.get(t, "/servizi/stampante-scanner", http.StatusOK).Body, htmlcheck.None(".notices"))
	c.now = noon.Add(time.Hour)
	htmlcheck.In(t, c.get(t, "/servizi/stampante-scanner", http.StatusOK).Body, htmlcheck.Text(".notices .what", "Avviso Manutenzione"))
	htmlcheck.In(t, c.get(t, "/servizi/registri-civili", http.StatusOK).Body, htmlcheck.Count(".notices li", 2), htmlcheck.Has(".notices li:first-child.outage"))
	c.now = noon.Add(2 * time.Hour)
	htmlcheck.In(t, c.get(t, "/servizi/registri-civili", http.StatusOK).Body, htmlcheck.Count(".notices li", 1))

	// An editor writes another one: nothing is restarted. A mistake leaves what was there.
	later := func(file string) {
		writeNotices(t, dir, file)
		changed := time.Now().Add(time.Duration(len(file)) * time.Second)
		if err := os.Chtimes(filepath.Join(dir, "avvisi.yaml"), changed, changed); err != nil {
			t.Fatal(err)
		}
		c.now = c.now.Add(5 * time.Second)
	}
	later(strings.ReplaceAll(twoNotices, "until: 2026-11-24", "until: 2026-11-23"))
	htmlcheck.In(t, c.get(t, "/servizi/registri-civili", http.StatusOK).Body, htmlcheck.Count(".notices li", 1))
	later("notices: []\n")
	htmlcheck.In(t, c.get(t, "/servizi/registri-civili", http.StatusOK).Body, htmlcheck.None(".notices"))
}

func TestMistakesInNoticesAreToldAtOnce(t *testing.T) {
	pages := fstest.MapFS{}
	if err := os.CopyFS(t.TempDir(), sub(t, content, "pages")); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"portal.yaml", "servizi.yaml"} {
		text, err := os.ReadFile("../../content/pages/" + file)
		if err != nil {
			t.Fatal(err)
		}
		pages[file] = &fstest.MapFile{Data: text}
	}
	pages["avvisi.yaml"] = &fstest.MapFile{Data: []byte(`
notices:
  - {id: a, severity: grave, from: domani, until: dopo, title: {it: x, en: x}, text: {it: x}}
  - {id: a, severity: info, from: 2026-11-23 14:00, until: 2026-11-23 08:00, title: {it: x, en: x}, text: {it: x, en: x}}
`)}
	_, err := portal.Read(pages)
	for _, want := range []string{`not "grave"`, `not told in "en"`, "an id of its own", "the second one later"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}

func TestTheOfferFitsTheCatalogue(t *testing.T) {
	catalogue, err := tickets.ReadCatalogue(content)
	if err != nil {
		t.Fatal(err)
	}
	_, pages := noticesFolder(t, strings.ReplaceAll(twoNotices, "[sicid]", "[sicidd]"))
	pages.Offer.Icons["niente"], pages.Offer.Asked = "key", []string{"reset"}
	err = pages.Fits(catalogue)
	for _, want := range []string{`no application "sicidd"`, `no category "niente"`, `no request type "reset"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %q", err, want)
		}
	}
}
