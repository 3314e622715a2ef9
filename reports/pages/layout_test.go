package pages

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
)

var inlined = regexp.MustCompile(`(?s)<(style|script)>(.*?)</(?:style|script)>`)

// checkPolicy tells whether a page's policy allows what stands in the page, and
// nothing else.
func checkPolicy(t *testing.T, html string) {
	t.Helper()
	match := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(html)
	if match == nil {
		t.Fatal("the page has no policy")
	}
	want := map[string]string{"style": "style-src", "script": "script-src"}
	for _, element := range inlined.FindAllStringSubmatch(html, -1) {
		sum := sha256.Sum256([]byte(element[2]))
		want[element[1]] += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	policy := "default-src 'none'; " + want["style"] + "; " + want["script"] + "; base-uri 'none'; form-action 'none'"
	if match[1] != policy {
		t.Errorf("policy %s\nwant   %s", match[1], policy)
	}
}

func TestPolicyNamesWhatStandsInThePage(t *testing.T) {
	var out strings.Builder
	err := writePage(&out, page{Title: "x", Body: "<p>x</p>", Styles: []string{"p { color: red; }"}, Scripts: []string{"let a = 1;", "let b = 2;"}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(inlined.FindAllString(out.String(), -1)); n != 5 {
		t.Errorf("%d inlined elements, want 5", n)
	}
	checkPolicy(t, out.String())
}

func TestTitleStaysText(t *testing.T) {
	var out strings.Builder
	if err := writePage(&out, page{Title: "</title><script>alert(1)</script>"}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), "<script>alert") {
		t.Error("a title became a script")
	}
}

func TestStyleWithItsOwnEndTagIsRefused(t *testing.T) {
	var out strings.Builder
	if err := writePage(&out, page{Styles: []string{"p::after { content: '</STYLE>'; }"}}); err == nil {
		t.Error("written without an error")
	}
}
