# What a contributor runs. `make` alone lists it.

GO    ?= go
BENCH ?= .
FOR   ?= 1h
OUT   ?= out

# Packages with golden files (those of datadriven, which brings the -rewrite flag)
# and packages with benchmarks.
goldens = $(shell $(GO) list -f '{{$$p := .ImportPath}}{{range .TestImports}}{{if eq . "github.com/cockroachdb/datadriven"}}{{$$p}}{{end}}{{end}} {{range .XTestImports}}{{if eq . "github.com/cockroachdb/datadriven"}}{{$$p}}{{end}}{{end}}' ./...)
benches = $(shell grep -rl --include='*_test.go' '^func Benchmark' . | xargs -r -n1 dirname | sort -u)

.DEFAULT_GOAL := help
.PHONY: help setup demo test race lint bench promises golden soak

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do printf '%-13s  %s\n' "$$target" "$$text"; done

setup: ## fetch what the build needs: modules, and RocksDB by apt-get
	@$(GO) mod download
	@.ci/setup

# Paths are trimmed so that the copy with the planted bug shares what was compiled.
demo: setup ## show what flinch does: backends that hold, and a planted bug that does not
	$(GO) build -trimpath -o $(OUT)/demo/flinch ./cmd/flinch
	@$(OUT)/demo/flinch demo --out $(OUT)/demo

test: setup ## run every test
	$(GO) test -timeout 20m ./...

race: setup ## run the short tests under the race detector
	$(GO) test -race -short -timeout 20m ./...

lint: setup ## vet, gofumpt, staticcheck and this repository's own rules
	$(GO) vet ./...
	$(GO) vet -tags norocksdb ./...
	@unformatted="$$($(GO) tool gofumpt -l .)"; if [ -n "$$unformatted" ]; then echo "run '$(GO) tool gofumpt -w .' for:"; echo "$$unformatted"; exit 1; fi
	$(GO) tool staticcheck -checks all ./...
	$(GO) run ./cmd/tidy

bench: setup ## run the benchmarks (BENCH=pattern picks some)
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem $(benches)

promises: setup ## measure what Flink's page says of heap and RocksDB, as a table (a minute)
	@mkdir -p $(OUT)
	@$(GO) test -run '^$$' -bench '^BenchmarkPromises$$' ./backends/rocksdb -promises '$(abspath $(OUT))/promises.md' >$(OUT)/promises.log || { cat $(OUT)/promises.log; exit 1; }
	@cat $(OUT)/promises.md

golden: setup ## rewrite the golden files, to be read in git diff
	$(GO) test $(strip $(goldens)) -rewrite

soak: setup ## run all scenarios on new seeds for an hour (FOR=10m for less)
	$(GO) run ./cmd/flinch run --scenario all --for $(FOR) --out $(OUT)/soak
