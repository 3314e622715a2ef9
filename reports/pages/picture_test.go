package pages

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"

	"flinch/reports"
)

// TestPictureStandsAlone draws the finding of the README, and holds the picture
// against the one that the README shows: -rewrite makes it anew.
func TestPictureStandsAlone(t *testing.T) {
	var f reports.Finding
	text, err := os.ReadFile("testdata/finding.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	var drawn bytes.Buffer
	if err := WriteTimeline(&drawn, f); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, drawn.String())
	if n := strings.Count(drawn.String(), "http"); n != 1 {
		t.Errorf("%d addresses in the picture, want that of its name space alone", n)
	}
	const golden = "testdata/timeline.svg"
	if rewrite := flag.Lookup("rewrite"); rewrite != nil && rewrite.Value.String() == "true" {
		if err := os.WriteFile(golden, drawn.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, drawn.Bytes()) {
		t.Errorf("%s is another picture: look at it, and run make golden", golden)
	}
}

func TestFindingWithoutStepsHasNoPicture(t *testing.T) {
	if err := WriteTimeline(io.Discard, reports.Finding{}); !errors.Is(err, ErrNoPicture) {
		t.Errorf("%v, want %v", err, ErrNoPicture)
	}
}

// wellFormed reads a picture to its end.
func wellFormed(t *testing.T, picture string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(picture))
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
