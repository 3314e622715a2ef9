// Command tidy keeps the rules of this repository that a compiler does not: which
// package may import which, what deterministic code may not call, how long a
// function may get, what must be documented.
//
//	go run ./cmd/tidy            check the module in the working directory
//	go run ./cmd/tidy -exempt    print which files are exempt from what, and why
//
// Each finding is a line "path:line: rule: message (mend)"; with any, the exit
// code is 1. The rules as such stand in rules.go, what they know of this
// repository in layout.go.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	exempt := flag.Bool("exempt", false, "print the exempt files and the reasons")
	root := flag.String("root", ".", "folder of the module's go.mod")
	flag.Parse()
	if *exempt {
		printExempt(os.Stdout, flinch.exempt)
		return
	}
	found, err := check(*root, flinch)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tidy:", err)
		os.Exit(2)
	}
	for _, f := range found {
		fmt.Println(f)
	}
	if len(found) > 0 {
		fmt.Fprintf(os.Stderr, "tidy: %d findings\n", len(found))
		os.Exit(1)
	}
}

func printExempt(w io.Writer, list []exemption) {
	for _, e := range list {
		fmt.Fprintf(w, "%s: %v: %s\n", e.files, e.rules, e.reason)
	}
}
