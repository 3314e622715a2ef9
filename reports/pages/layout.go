package pages

import (
	"crypto/sha256"
	_ "embed" // the style and script of every page
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
)

//go:embed base.css
var baseStyle string

//go:embed base.js
var baseScript string

// page is a page before it is written.
type page struct {
	Title string        // as plain text
	Body  template.HTML // what stands between <body> and </body>
	// Styles and Scripts are what this page has beside base.css and base.js.
	// They must not hold the end tag of their element.
	Styles, Scripts []string
}

// writePage writes a page with its content security policy: nothing is loaded
// from anywhere, and of styles and scripts only those run whose checksums the
// policy names.
func writePage(w io.Writer, p page) error {
	styles := slices.Concat([]string{baseStyle}, p.Styles)
	scripts := slices.Concat([]string{baseScript}, p.Scripts)
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	fmt.Fprintf(&b, "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n", policy(styles, scripts))
	b.WriteString("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
	b.WriteString("<meta name=\"color-scheme\" content=\"light dark\">\n")
	b.WriteString("<meta name=\"referrer\" content=\"no-referrer\">\n")
	fmt.Fprintf(&b, "<title>%s</title>\n", template.HTMLEscapeString(p.Title))
	if err := inline(&b, "style", styles); err != nil {
		return err
	}
	b.WriteString("</head>\n<body>\n")
	b.WriteString(string(p.Body))
	if err := inline(&b, "script", scripts); err != nil {
		return err
	}
	b.WriteString("</body>\n</html>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// inline adds an element for each text.
func inline(b *strings.Builder, element string, texts []string) error {
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), "</"+element) {
			return fmt.Errorf("inline %s: it holds its own end tag", element)
		}
		fmt.Fprintf(b, "<%s>%s</%s>\n", element, text, element)
	}
	return nil
}

// policy is the content security policy of a page with these styles and scripts.
func policy(styles, scripts []string) string {
	return "default-src 'none'; style-src" + checksums(styles) + "; script-src" + checksums(scripts) +
		"; base-uri 'none'; form-action 'none'"
}

// checksums lists texts as sources of a content security policy.
func checksums(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		sum := sha256.Sum256([]byte(text))
		b.WriteString(" 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
	}
	return b.String()
}
