// Package browser lets tests use a real, headless Chromium: a few journeys
// that no request to a handler can show. It waits for what a person would see,
// never for a fixed time.
package browser

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience is how long Wait waits before the test fails.
const Patience = 30 * time.Second

// names under which systems install the browser.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// Browser is one Chromium process, ended with the test that started it.
type Browser struct{ ctx context.Context }

// Start launches Chromium with an empty profile. Without one the test fails
// and says what to install: a journey nobody walked is not a green one.
func Start(t testing.TB) *Browser {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	for _, name := range names {
		if found, err := exec.LookPath(name); path == "" && err == nil {
			path = found
		}
	}
	if path == "" {
		t.Fatal("no Chromium: install it (Debian: apt-get install chromium) or name its program in CHROMIUM, then run web/ui/assets.sh for the accessibility checker")
	}
	profile, err := os.MkdirTemp("", "sportello-browser-")
	if err != nil {
		t.Fatal(err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(time.Minute))
	allocated, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocated, quiet)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx)
		stop()
		end()
		_ = os.RemoveAll(profile) // what a dying process still writes there is not worth a failed test
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return &Browser{ctx: ctx}
}

// The driver complains about events it does not know; the tests look at pages.
var quiet = chromedp.WithErrorf(func(string, ...any) {})

// Screen is what a tab pretends to be. Its zero value is a light desktop.
type Screen struct {
	Width, Height int64 // 1280 by 900 if zero
	Dark          bool
	Forced        bool   // colours are the system's, as with high contrast
	Lang          string // Accept-Language, "it" if empty
	NoScript      bool
}
