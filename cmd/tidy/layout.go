package main

// layout is what the rules know of a repository.
type layout struct {
	module  string
	layers  map[string]int      // package folder to layer; a package imports lower ones only
	top     []string            // folders wanted at the top
	modules map[string][]string // package folder to the other modules that it may use
	tests   []string            // modules that any test may use
	barred  []bar
	exempt  []exemption
}

// bar forbids imports that the layers would allow.
type bar struct {
	from, to []string // folders; "x/..." is x and all below it
	except   []string // packages of from that may
	why      string
}

// exemption frees files from rules.
type exemption struct {
	files  string // pattern of path.Match
	rules  []string
	reason string
}

// layerCommands is where the banned calls end: commands live in the real world.
const layerCommands = 9

const (
	afero     = "github.com/spf13/afero"
	btree     = "github.com/tidwall/btree"
	grocksdb  = "github.com/linxGnu/grocksdb"
	rapid     = "pgregory.net/rapid"
	snappy    = "github.com/golang/snappy"
	xxhash    = "github.com/cespare/xxhash/v2"
	goCmp     = "github.com/google/go-cmp"
	script    = "github.com/rogpeppe/go-internal"
	driven    = "github.com/cockroachdb/datadriven"
	porcupine = "github.com/anishathalye/porcupine"
)

// flinch is the layout of this repository. Where a layer turns out wrong in the
// building, change its number here, in a commit that says why.
var flinch = layout{
	module: "flinch",
	layers: map[string]int{
		"model":         0,
		"model/history": 1,
		"faults":        2, "checks": 2,
		"faults/disk": 3, "backends": 3, "reports": 3, "sim/rng": 3, "sim/trace": 3,
		"reports/pages": 4,
		"backends/heap": 4, "backends/operator": 4, "backends/kv": 4, "backends/storage": 4, "backends/ttl": 4,
		"sim/sched":                      4,
		"backends/backendtest/reference": 4,
		"backends/rocksdb/simenv":        4,
		"backends/rocksdb":               5, "backends/backendtest": 5, "sim/checkpoint": 5, "sim/barrier": 5,
		"sim":               6,
		"scenarios":         7,
		"scenarios/explore": 8, "scenarios/mutants": 8,
		"cmd/...": layerCommands, ".": layerCommands,
	},
	top: []string{"backends", "checks", "cmd", "faults", "model", "reports", "scenarios", "sim"},
	modules: map[string][]string{
		"checks":                  {porcupine},
		"faults/disk":             {afero, btree, xxhash},
		"backends":                {afero},
		"reports":                 {"github.com/fxamacker/cbor/v2", "github.com/klauspost/compress"},
		"backends/heap":           {afero, btree, xxhash},
		"backends/operator":       {afero, btree, snappy, xxhash},
		"backends/kv":             {afero, btree, snappy, xxhash},
		"backends/storage":        {afero, snappy, xxhash},
		"backends/rocksdb":        {afero, grocksdb, xxhash},
		"backends/rocksdb/simenv": {afero, grocksdb, xxhash},
		"backends/backendtest":    {afero, goCmp, rapid},
		"sim/checkpoint":          {afero, xxhash},
		"sim":                     {afero, xxhash},
		"scenarios/...":           {afero},
		"cmd/...":                 {"github.com/spf13", "github.com/vbauerster/mpb/v8", "golang.org/x/term"},
	},
	tests: []string{goCmp, rapid, driven, script, afero, btree, "github.com/chromedp"},
	barred: []bar{
		{
			from: []string{"backends"}, to: []string{"model/...", "faults/...", "checks", "reports"},
			why: "whoever brings a backend reads that package alone",
		},
		{
			from: []string{"backends/..."}, to: []string{"model/..."}, except: []string{"backends/backendtest"},
			why: "the model shares no code with what it judges",
		},
		{
			from: []string{"model/..."}, to: []string{"backends/..."},
			why: "the model shares no code with what it judges",
		},
		{
			from: []string{"sim/...", "scenarios/..."}, to: []string{"backends/heap", "backends/kv", "backends/rocksdb/..."},
			why: "keyed backends are passed in",
		},
	},
	exempt: []exemption{
		{"faults/disk/osfs*.go", []string{ruleCall}, "hard links and the sync of directories, which afero lacks"},
		{"backends/backendtest/times.go", []string{ruleCall}, "go test hands over the number of operations in the environment"},
		{"scenarios/check_settings.go", []string{ruleCall}, "go test hands over seeds and folders in the environment"},
		{"scenarios/explore/*.go", []string{ruleCall, ruleGoroutine}, "campaigns run in child processes and in real time, one world per worker"},
		{"scenarios/mutants/*.go", []string{ruleCall, ruleGoroutine}, "builds and runs the tree with a known bug"},
		{"backends/rocksdb/native*.go", []string{ruleCall}, "the engine with its own threads works on real files"},
	},
}
