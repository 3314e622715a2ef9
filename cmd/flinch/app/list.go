package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"flinch/checks"
	"flinch/faults"
	"flinch/scenarios/explore"

	"github.com/spf13/cobra"
)

// row is one line of a list.
type row struct {
	Name string `json:"name"`
	Doc  string `json:"doc"`
}

// lists are what can be listed.
var lists = []row{
	{"backends", "the state backends that this program knows, and Flink's names for them"},
	{"checks", "the guarantees that every run is held against"},
	{"faults", "what can go wrong in a run"},
	{"scenarios", "the situations that cases are drawn for"},
}

func (a *app) listCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "list backends|checks|faults|scenarios",
		Short:   "Say what there is",
		Example: "  flinch list\n  flinch list scenarios\n  flinch list checks --format json",
		Args: func(_ *cobra.Command, args []string) error {
			var names []string
			for _, l := range lists {
				names = append(names, l.Name)
			}
			if len(args) > 1 || len(args) == 1 && !slices.Contains(names, args[0]) {
				return fmt.Errorf("list %q is not known: want one of %s", strings.Join(args, " "), strings.Join(names, ", "))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			if len(args) == 0 {
				return a.print(format, lists)
			}
			return a.print(format, a.rows(args[0]))
		},
	}
	formatFlag(cmd.Flags(), &format)
	return cmd
}

// rows returns one of the lists.
func (a *app) rows(list string) []row {
	var rows []row
	switch list {
	case "scenarios":
		for _, s := range a.world.Scenarios {
			rows = append(rows, row{s.Name, s.Doc})
		}
	case "faults":
		for _, k := range faults.Kinds() {
			rows = append(rows, row{k.Name, k.Doc})
		}
	case "checks":
		for _, c := range checks.All() {
			rows = append(rows, row{c.Name, c.Guarantee})
		}
	case "backends":
		return a.backendRows()
	}
	return rows
}

// backendRows lists the backends, and what Flink calls them. Those that cannot
// run here say why, and the mend.
func (a *app) backendRows() []row {
	var rows []row
	missing := map[string]string{}
	for i, b := range a.world.Backends {
		doc := "--backend " + b.Name()
		if i == 0 {
			doc += ", the default"
		}
		engine := explore.EngineOf(b)
		if engine.Version != "" {
			doc += ": " + engine.Version
		}
		if engine.Opaque != "" {
			doc += "; traces are not compared: " + engine.Opaque
		}
		if why := explore.Unavailable(b); why != "" {
			missing[b.Name()] = "cannot run here: " + why
			doc = missing[b.Name()]
		}
		rows = append(rows, row{b.Name(), doc})
	}
	for _, n := range a.world.FlinkNames() {
		doc := fmt.Sprintf("--backend %s: %s, every case with %s checkpoint storage", n.Name, n.Backend, n.Storage)
		if missing[n.Backend] != "" {
			doc = fmt.Sprintf("%s with %s checkpoint storage: %s", n.Backend, n.Storage, missing[n.Backend])
		}
		rows = append(rows, row{n.Name, doc})
	}
	return rows
}

// print writes rows as a table or as JSON.
func (a *app) print(format string, rows []row) error {
	if format == formatJSON {
		e := json.NewEncoder(a.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(rows)
	}
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\n", r.Name, r.Doc)
	}
	return table.Flush()
}
