package browser

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// Tab is one page with its own storage, as of a person who comes for the first
// time. What its scripts throw, and what its policy forbids them, fails the test.
type Tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	failures []string
}

// Open opens a tab at url and waits until the page has loaded.
func (b *Browser) Open(t testing.TB, url string, s Screen) *Tab {
	t.Helper()
	tab := &Tab{t: t}
	ctx, stop := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(tab.hear))
	tab.ctx = ctx
	t.Cleanup(func() {
		stop()
		tab.mu.Lock()
		defer tab.mu.Unlock()
		for _, failure := range tab.failures {
			t.Errorf("on the page: %s", failure)
		}
	})
	// The tab lives as long as the context of its first command, so that one has no time limit.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	if s.Width == 0 {
		s.Width, s.Height = 1280, 900
	}
	if s.Lang == "" {
		s.Lang = "it"
	}
	scheme := "light"
	if s.Dark {
		scheme = "dark"
	}
	forced := "none"
	if s.Forced {
		forced = "active"
	}
	tab.Do(
		chromedp.EmulateViewport(s.Width, s.Height),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // nothing to wait for
			{Name: "forced-colors", Value: forced},
		}}),
		call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": s.Lang}}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: s.NoScript}),
		chromedp.Navigate(url),
	)
	return tab
}

func (tab *Tab) hear(event any) {
	failure := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		failure = e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			failure += " " + thrown.Description
		}
	case *log.EventEntryAdded:
		if strings.Contains(e.Entry.Text, "Content Security Policy") {
			failure = e.Entry.Text
		}
	}
	if failure != "" {
		tab.mu.Lock()
		tab.failures = append(tab.failures, failure)
		tab.mu.Unlock()
	}
}

// call makes an action of a command whose result nobody needs.
func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}

// Do runs chromedp actions; the test fails if one does. One that found a node
// which the page had just replaced did nothing, and looks again.
func (tab *Tab) Do(actions ...chromedp.Action[chromedp.Void]) {
	tab.t.Helper()
	ctx, done := context.WithTimeout(tab.ctx, 2*Patience)
	defer done()
	for _, action := range actions {
		err := chromedp.Do(ctx, action)
		for err != nil && strings.Contains(err.Error(), staleNode) && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
			err = chromedp.Do(ctx, action)
		}
		if err != nil {
			tab.t.Fatal(err)
		}
	}
}

// staleNode is what the browser says of a node that is no longer on the page.
const staleNode = "Could not find node with given id"

// Go follows an address in the same tab.
func (tab *Tab) Go(url string) {
	tab.t.Helper()
	tab.Do(chromedp.Navigate(url))
}

// Reload loads the page again, keeping what it has stored.
func (tab *Tab) Reload() {
	tab.t.Helper()
	tab.Do(chromedp.Reload())
}

// Run runs a statement on the page, and awaits it if it is a promise.
func (tab *Tab) Run(statement string) {
	tab.t.Helper()
	_ = Eval[any](tab, "(async () => { await ("+statement+"); return null })()")
}

// Eval returns the value of an expression on the page, awaited if it is a promise.
func Eval[T any](tab *Tab, expression string) T {
	tab.t.Helper()
	value, err := eval[T](tab, expression)
	if err != nil {
		tab.t.Fatalf("%v in %.200s", err, expression)
	}
	return value
}

func eval[T any](tab *Tab, expression string) (T, error) {
	ctx, done := context.WithTimeout(tab.ctx, 2*Patience)
	defer done()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Wait waits until an expression is true on the page, or fails the test. One
// that throws is not true yet: while the next page loads, half of it is there.
func (tab *Tab) Wait(expression string) {
	tab.t.Helper()
	for deadline := time.Now().Add(Patience); ; {
		met, err := eval[bool](tab, "Boolean("+expression+")")
		if err == nil && met {
			return
		}
		if time.Now().After(deadline) {
			tab.Shot("failed-" + filepath.Base(tab.t.Name()))
			tab.t.Fatalf("never became true on the page: %s (at last: %v, %v)", expression, met, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// Type writes into whatever has the focus, as the keyboard does; package
// chromedp/kb names the keys that are no letters.
func (tab *Tab) Type(text string, with ...chromedp.Modifier) {
	tab.t.Helper()
	tab.Do(chromedp.KeyEvent(text, chromedp.KeyModifiers(with...)))
}

// Enter presses Enter as a keyboard does: where the page refuses the key going
// down, nothing is typed. Type sends the two apart from each other.
func (tab *Tab) Enter() {
	tab.t.Helper()
	tab.Press("Enter")
}

// Press presses one key as Enter does: a letter, a sign or "Enter".
func (tab *Tab) Press(name string, with ...chromedp.Modifier) {
	tab.t.Helper()
	key := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: name, Text: name}
	if name == "Enter" {
		key.Code, key.WindowsVirtualKeyCode, key.Text = "Enter", 13, "\r"
	}
	for _, m := range with {
		key.Modifiers |= int64(m)
	}
	up := key
	up.Type, up.Text = input.DispatchKeyEventTypeKeyUp, ""
	tab.Do(call(input.DispatchKeyEvent, key), call(input.DispatchKeyEvent, up))
}

// Offline cuts the tab's network, or restores it.
func (tab *Tab) Offline(off bool) {
	tab.t.Helper()
	tab.Do(
		call(network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: []*network.Conditions{
			{Offline: off, DownloadThroughput: -1, UploadThroughput: -1},
		}}),
		call(network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: off, DownloadThroughput: -1, UploadThroughput: -1}),
	)
}

// Shot saves what the tab shows as name.png in the folder named by the
// environment variable SHOTS, and does nothing without it.
func (tab *Tab) Shot(name string) {
	tab.t.Helper()
	tab.shot(name, false)
}

// FullShot is Shot for the whole length of the page.
func (tab *Tab) FullShot(name string) {
	tab.t.Helper()
	tab.shot(name, true)
}

func (tab *Tab) shot(name string, whole bool) {
	tab.t.Helper()
	folder := os.Getenv("SHOTS")
	if folder == "" {
		return
	}
	tab.Do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		image, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &whole})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(folder, name+".png"), image.Data, 0o644)
	}))
}

// Click presses what the CSS selector finds first, as soon as it is there. It
// needs no script on the page; whether it led somewhere is for Wait to see.
func (tab *Tab) Click(selector string) {
	tab.t.Helper()
	tab.Do(chromedp.Click(chromedp.CSS(selector)))
}

// Title is the title of the page.
func (tab *Tab) Title() string {
	tab.t.Helper()
	title, err := chromedp.Run(tab.ctx, chromedp.Title())
	if err != nil {
		tab.t.Fatal(err)
	}
	return title
}
