package pages

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browserPath returns the browser, or ends the test: it is skipped, unless
// FLINCH_BROWSER says that there has to be one.
func browserPath(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "no browser to open the pages in: .ci/setup browser installs one (apt-get install --no-install-recommends chromium)"
	if os.Getenv("FLINCH_BROWSER") == "required" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// newBrowser starts a browser, with a fresh profile, that asks nothing of the
// network by itself.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds to start: not in short tests")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browserPath(t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(2*time.Minute), // of a machine that is busy
	)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	ctx, cancelAllocator := chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancelAllocator)
	ctx, _ = chromedp.NewContext(ctx)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	return ctx
}

// tab is one tab of the browser, and what it did that no page may do.
type tab struct {
	context.Context

	mu       sync.Mutex
	requests []string
	said     []string      // errors, exceptions, and breaches of the policy
	heard    chan struct{} // has a token if something came since it was last looked at
}

// newTab opens a tab.
func newTab(t *testing.T, browser context.Context) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	b := &tab{Context: ctx, heard: make(chan struct{}, 1)}
	b.do(t, chromedp.Do(ctx))
	b.do(t, chromedp.Listen(ctx, b.hear))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	b.do(t, err)
	return b
}

// do demands that a step went well.
func (b *tab) do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// hear notes an event.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() {
		select {
		case b.heard <- struct{}{}:
		default:
		}
	}()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests = append(b.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		b.requests = append(b.requests, e.URL)
	case *log.EventEntryAdded:
		b.said = append(b.said, fmt.Sprintf("%s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text))
	case *runtime.EventExceptionThrown:
		b.said = append(b.said, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.said = append(b.said, "console: "+string(e.Type))
	}
}

// awaited is how long an event may take, on a machine that is busy.
const awaited = time.Minute

// await waits for a condition that an event of the tab makes true.
func (b *tab) await(t *testing.T, is func() bool, wrong func() string) {
	t.Helper()
	late := time.After(awaited)
	for !is() {
		select {
		case <-b.heard:
		case <-late:
			t.Fatal(wrong())
		case <-b.Done():
			t.Fatal(wrong(), context.Cause(b))
		}
	}
}

// forget begins anew.
func (b *tab) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests, b.said = nil, nil
}

// trouble lists what the tab did wrong, if it may ask for files below a folder.
func (b *tab) trouble(folder string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := append([]string(nil), b.said...)
	for _, url := range b.requests {
		if !strings.HasPrefix(url, "file://"+folder+"/") {
			list = append(list, "request to "+url)
		}
	}
	return list
}

// look says how a page is looked at.
type look struct {
	scheme string // light or dark
	width  int64
}

var looks = []look{{"light", 1280}, {"dark", 1280}, {"light", 390}, {"dark", 390}}

// open shows a page.
func (b *tab) open(t *testing.T, path string) {
	t.Helper()
	b.do(t, chromedp.Do(b, chromedp.Navigate("file://"+path), chromedp.WaitReady(chromedp.CSS("body"))))
}

// turn looks at the page in another way.
func (b *tab) turn(t *testing.T, l look) {
	t.Helper()
	_, err := chromedp.Call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}},
	})
	b.do(t, err)
	b.do(t, chromedp.Do(b, chromedp.EmulateViewport(l.width, 900)))
}

// evaluate returns what a script says.
func evaluate[T any](t *testing.T, b *tab, script string) T {
	t.Helper()
	value, err := chromedp.Run(b, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return value
}

// picture keeps a picture of the page if the tests keep artefacts: go test
// -artifacts says where.
func (b *tab) picture(t *testing.T, name string) {
	t.Helper()
	if f := flag.Lookup("test.artifacts"); f == nil || f.Value.String() != "true" {
		return
	}
	picture, err := chromedp.Run(b, chromedp.FullScreenshot(100))
	b.do(t, err)
	b.do(t, os.WriteFile(filepath.Join(t.ArtifactDir(), name), picture, 0o644))
}

func writeTo(t *testing.T, path string, write func(io.Writer) error) {
	t.Helper()
	var text strings.Builder
	if err := write(&text); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
