package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"flinch/reports"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browserPages are the pages that are opened in a browser, by path. Each is
// opened light and dark, wide and narrow.
var browserPages = map[string]func(io.Writer) error{
	"clean/index.html": func(w io.Writer) error {
		c := campaignOf(400, nil)
		c.Finish(time.Second, time.Second)
		return WriteCampaign(w, c, someEnvironment)
	},
	"failing/index.html": func(w io.Writer) error { return WriteCampaign(w, failingCampaign(), someEnvironment) },
	"stopped/index.html": func(w io.Writer) error {
		c := campaignOf(3, nil)
		c.Interrupted = true
		c.Finish(time.Second, time.Second)
		return WriteCampaign(w, c, someEnvironment)
	},
	"huge/index.html": func(w io.Writer) error { return WriteCampaign(w, huge(), someEnvironment) },
	"finding/index.html": func(w io.Writer) error {
		f, err := realFinding()
		if err != nil {
			return err
		}
		return WriteFinding(w, f)
	},
	"hostile/index.html": func(w io.Writer) error { return WriteFinding(w, finding(1, hostile)) },
}

// realFinding is one that was found in a backend with a planted bug.
func realFinding() (f reports.Finding, err error) {
	text, err := os.ReadFile("testdata/finding.json")
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}

// overflow is how far, in pixels, the page is wider than the window.
const overflow = `document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth`

// overlaps lists the labels that lie on one another.
const overlaps = `(() => {
  const boxes = [...document.querySelectorAll(".label")]
    .map(e => ({e, r: e.getBoundingClientRect(), text: e.textContent.trim()}))
    .filter(b => b.text && b.r.width > 0 && b.r.height > 0)
    .sort((a, b) => a.r.top - b.r.top);
  const found = [];
  boxes.forEach((a, i) => {
    for (let j = i + 1; j < boxes.length && boxes[j].r.top < a.r.bottom - 1; j++) {
      const b = boxes[j];
      if (a.e.contains(b.e) || b.e.contains(a.e)) continue;
      const x = Math.min(a.r.right, b.r.right) - Math.max(a.r.left, b.r.left);
      if (x > 1 && found.length < 5) found.push(a.text + " on " + b.text);
    }
  });
  return found;
})()`

// TestBrowser opens pages from their files. One browser serves all: it takes a
// while to start.
func TestBrowser(t *testing.T) {
	browser := newBrowser(t)
	t.Run("PagesKeepToThemselves", func(t *testing.T) { pagesKeepToThemselves(t, browser) })
	t.Run("CampaignLeadsToItsFindings", func(t *testing.T) { campaignLeadsToItsFindings(t, browser) })
	t.Run("WhatIsForbiddenIsNoticed", func(t *testing.T) { whatIsForbiddenIsNoticed(t, browser) })
}

// pagesKeepToThemselves opens every kind of page.
func pagesKeepToThemselves(t *testing.T, browser context.Context) {
	folder := t.TempDir()
	for name, write := range browserPages {
		writeTo(t, filepath.Join(folder, name), write)
	}
	b := newTab(t, browser)
	for name := range browserPages {
		b.open(t, filepath.Join(folder, name))
		b.do(t, chromedp.Do(b, chromedp.KeyEvent(kb.Tab+kb.ArrowRight+kb.ArrowRight+kb.ArrowLeft+"jk"+kb.End+kb.Home)))
		if got := evaluate[string](t, b, "document.activeElement.tagName"); got == "BODY" {
			t.Errorf("%s: the Tab key leads nowhere", name)
		}
		for _, l := range looks {
			b.turn(t, l)
			at := fmt.Sprintf("%s, %s, %d wide", name, l.scheme, l.width)
			if wider := evaluate[float64](t, b, overflow); wider > 0 {
				t.Errorf("%s: the page is %v pixels too wide", at, wider)
			}
			if list := evaluate[[]string](t, b, overlaps); len(list) > 0 {
				t.Errorf("%s: labels overlap: %q", at, list)
			}
			b.picture(t, strings.NewReplacer("/", "-", ".html", "").Replace(name)+fmt.Sprintf("-%s-%d.png", l.scheme, l.width))
		}
	}
	if list := b.trouble(folder); len(list) > 0 {
		t.Errorf("the pages did what they must not:\n%s", strings.Join(list, "\n"))
	}
}

// watchButton keeps what the first button says when it is clicked, from before
// that: it says it for a moment only. buttonSaid waits for it.
const (
	watchButton = `window.said = new Promise(done => {
  const button = document.querySelector("button.copy");
  new MutationObserver(() => done(button.textContent)).observe(button, {childList: true});
}), true`
	buttonSaid = "window.said"
)

// campaignLeadsToItsFindings clicks on what can be clicked on.
func campaignLeadsToItsFindings(t *testing.T, browser context.Context) {
	folder := t.TempDir()
	writeTo(t, filepath.Join(folder, "index.html"), browserPages["failing/index.html"])
	writeTo(t, filepath.Join(folder, "F-0001", "index.html"), browserPages["finding/index.html"])
	b := newTab(t, browser)
	b.open(t, filepath.Join(folder, "index.html"))
	evaluate[bool](t, b, watchButton)
	b.do(t, chromedp.Do(b, chromedp.Click(chromedp.CSS("button.copy"))))
	if got := evaluate[string](t, b, buttonSaid); got != "copied" && got != "selected" {
		t.Errorf("the button says %q", got)
	}
	b.do(t, chromedp.Do(b, chromedp.Click(chromedp.CSS("details > summary"))))
	if !evaluate[bool](t, b, `document.querySelector("details").open`) {
		t.Error("the floors that were met stay hidden")
	}
	b.do(t, chromedp.Do(b, chromedp.Click(chromedp.CSS(".findings a")), chromedp.WaitNotPresent(chromedp.CSS(".findings"))))
	if got := evaluate[string](t, b, "document.title"); !strings.HasPrefix(got, "restored-state broken") {
		t.Errorf("the link leads to %q", got)
	}
	if list := b.trouble(folder); len(list) > 0 {
		t.Errorf("the pages did what they must not:\n%s", strings.Join(list, "\n"))
	}
}

// whatIsForbiddenIsNoticed holds the other tests of this file against pages that
// are wrong.
func whatIsForbiddenIsNoticed(t *testing.T, browser context.Context) {
	folder := t.TempDir()
	b := newTab(t, browser)
	for _, test := range []struct {
		name, body string
		guarded    bool // written with the policy
		want       string
	}{
		{"script", `<script>alert(1)</script>`, true, "Content Security Policy"},
		{"attribute", `<p style="color: red">x</p>`, true, "Content Security Policy"},
		{"picture", `<img src="http://127.0.0.1:9/x.png" alt="">`, true, "Content Security Policy"},
		{"request", `<img src="http://127.0.0.1:9/x.png" alt="">`, false, "request to http://127.0.0.1:9/x.png"},
		{"exception", `<script>throw new Error("no")</script>`, false, "exception"},
		{"console", `<script>console.error("no")</script>`, false, "console"},
	} {
		path := filepath.Join(folder, test.name+".html")
		writeTo(t, path, func(w io.Writer) error {
			if test.guarded {
				return writePage(w, page{Title: test.name, Body: template.HTML(test.body)})
			}
			_, err := io.WriteString(w, "<!DOCTYPE html><title>x</title>"+test.body)
			return err
		})
		b.open(t, path)
		b.await(t, func() bool { return strings.Contains(strings.Join(b.trouble(folder), "\n"), test.want) },
			func() string { return fmt.Sprintf("%s: noticed %q, want %q", test.name, b.trouble(folder), test.want) })
		b.forget()
	}
	path := filepath.Join(folder, "labels.html")
	writeTo(t, path, func(w io.Writer) error {
		_, err := io.WriteString(w, `<!DOCTYPE html><title>x</title><style>.label { position: absolute; width: 3000px }</style><p class="label">one<p class="label">two`)
		return err
	})
	b.open(t, path)
	if evaluate[float64](t, b, overflow) <= 0 || len(evaluate[[]string](t, b, overlaps)) != 1 {
		t.Error("labels that overlap, and a page that is too wide, were not noticed")
	}
}
