# Everything that a newcomer or CI needs. Two commands do all the set-up:
#   make demo    the main job on a portal in a box
#   make test    every test

GO          ?= go
STATICCHECK ?= honnef.co/go/tools/cmd/staticcheck@v0.8.2
ACTIONLINT  ?= github.com/rhysd/actionlint/cmd/actionlint@v1.7.8
FUZZTIME    ?= 20s

# What "b24apply version" says of the build.
STAMP = -X main.commit=$(shell git rev-parse HEAD 2>/dev/null) -X main.date=$(shell git log -1 --format=%cI 2>/dev/null)

.PHONY: demo build test test-all lint fuzz bench campaign cover clean interop conformance bench-portal bench-scale bench-peers check-peers race-campaign simulate chaos model model-all check-html

build:
	$(GO) build -ldflags "$(STAMP)" -o bin/b24apply ./cmd/b24apply

demo: build
	@./examples/demo.sh

# What a newcomer waits for. The race detector makes the portal's database ten times slower, so it
# is behind test-all. Some wait, so more of them run at once than there are processors.
test:
	$(GO) test -shuffle=on -parallel 6 -timeout 20m ./...

# Every test with the race detector, but of the command's, which run whole commands one after
# another, only those that are about doing several things at once.
test-all: test
	$(GO) test -race -shuffle=on -timeout 30m ./pkg/... ./internal/... ./schemas/...
	$(GO) test -race -shuffle=on -timeout 30m -run 'Interrupt|Stop|CallStreams|Parked|CaseB|TestScript/(call|login|token|limits|case_b)' ./cmd/...

lint:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) run $(ACTIONLINT) $$(ls ci/github/*.yml)
	@if command -v shellcheck >/dev/null; then shellcheck ci/*.sh; else echo "shellcheck is not installed: the scripts of ci/ were not checked"; fi

# Every fuzz target for FUZZTIME each; what fails is named at the end. Making inputs
# smaller is bounded by tries: by time, a target whose coverage varies would do little else.
fuzz:
	@failed=""; for pkg in $$($(GO) list ./...); do \
	  listed=$$($(GO) test -list '^Fuzz' $$pkg) || failed="$$failed $$pkg"; \
	  for target in $$(echo "$$listed" | grep '^Fuzz' || true); do \
	    echo "== $$pkg $$target"; \
	    $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$pkg || failed="$$failed $$target"; \
	  done; \
	done; if [ -n "$$failed" ]; then echo "failed:$$failed"; exit 1; fi

# Pairs of applies on one portal at the same time, with lost answers, and rows that are visible late:
# 100 in short time, five with the 60 seconds that a real run waits. A failure names its seed, which
# RACE_SEED=N tries alone.
race-campaign:
	RACE_SEEDS=100 RACE_FULL=5 $(GO) test -count=1 -timeout 60m -run 'TestRaceCampaign' -v ./cmd/b24apply

# Stories in simulated time: processes die at every boundary of their journal and of their way to the
# portal, and what the next command leaves is what is declared; and each rule that is taken away is
# found. Takes half an hour on two cores. A failure names its seed, which SIM_SEED=N plays alone, with all that was said.
simulate:
	SIM_SEEDS=10000 SIM_MUTANTS=1000 SIM_NOTES=400 $(GO) test -count=1 -timeout 3h -run '^TestSimulation$$|SimulationFinds|ADeathLeavesNoValue' -v ./cmd/b24apply

# The program itself under kill -9, over 300 to 2,000 records, with requests that go wrong on the way: 500 seeds, for which
# 10 seconds stand for 60, and ten with the 60 that a real run waits; half an hour of CPU. CHAOS_SEED=N plays one alone.
chaos:
	CHAOS_SEEDS=500 CHAOS_FULL=10 CHAOS_LEAST=300 CHAOS_MOST=2000 CHAOS_MINUTE=10 CHAOS_AT_ONCE=12 CHAOS_NOTES=400 $(GO) test -count=1 -timeout 12h -run '^TestKillCampaign$$|AKillLeavesNoValue' -v ./cmd/b24apply

# The models of the write protocol (test/model) against their table: what holds, and what goes wrong
# without each rule. Needs spin and gcc; takes a minute or two on two cores that are free.
model:
	@test/model/check.sh

# The same with the rows that take minutes each.
model-all:
	@test/model/check.sh all

# The official JavaScript SDK against the portal; needs Node.js 20 or later.
interop: build
	@cd test/interop && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@test/interop/run.sh

# b24apply and the official JavaScript SDK at the same 5,000 items, within the limits of the
# standard plan; writes docs/benchmarks.md. Takes some ten minutes, and Node.js 20 or later.
bench-peers: build
	@cd test/interop && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@test/interop/bench.sh 5000 docs/benchmarks.md

# The same with 500 items, for what is counted: duplicates, losses, requests.
check-peers: build
	@cd test/interop && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@test/interop/bench.sh 500

# The portal against the facts of the official documentation, counted by family.
# B24_DOCS=<checkout> make conformance reads them anew.
conformance:
	@$(GO) test -count=1 -run '^TestConformance' -v ./pkg/portal $(if $(B24_DOCS),-update) >conformance.out; status=$$?; \
	  grep -v '^ *\(=== \|--- PASS\)' conformance.out; exit $$status

bench:
	$(GO) test -run '^$$' -bench . -benchmem ./...

# A portal with a million records, measured against its bounds; takes minutes.
bench-portal:
	B24_PORTAL_ITEMS=1000000 $(GO) test -run '^TestBatchesOverAMillionItems' -v -timeout 30m ./pkg/portal

# What many records cost the client, measured apart from the portal's process, against the bounds in
# cmd/b24apply/scale_test.go; takes half an hour. SCALE and SCALE_ROWS choose other numbers of records.
SCALE      ?= 1000 10000 100000
SCALE_ROWS ?= 100000
bench-scale:
	B24_SCALE="$(SCALE)" B24_SCALE_ROWS="$(SCALE_ROWS)" $(GO) test -count=1 -run '^TestScale' -v -timeout 3h ./cmd/b24apply

# Hours of migration in simulated time, with real updates; takes minutes.
campaign:
	B24_CAMPAIGN=1 $(GO) test -count=1 -v -timeout 30m -run 'KeepToThePortalsOwnBound|UsesItsBudget' ./pkg/bitrix

cover:
	$(GO) test -coverprofile=cover.out -coverpkg=./... ./...
	$(GO) tool cover -func=cover.out | tail -1

clean:
	rm -rf bin cover.out .b24apply examples/quickstart/.b24apply

# The pages of plans and runs in a browser: hostile values, 100,000 changes, keys, and axe at four widths, in the dark
# and in forced colours. Needs Chromium and node. Screenshots are below dist/html/shots, to be looked at.
check-html:
	mkdir -p dist/html
	cd internal/ui/html/check && npm install --no-audit --no-fund --silent
	HTML_PAGES=$(CURDIR)/dist/html $(GO) test -count=1 -run TestPagesForABrowser ./internal/ui/html
	node internal/ui/html/check/check.mjs dist/html
