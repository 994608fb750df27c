# make help tells what there is.
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
BINARY  := bin/sportello
FLAGS   := -trimpath -ldflags "-s -w -X main.version=$(VERSION)"
export CGO_ENABLED := 0

.PHONY: all build assets run tools peers test check unit e2e bench rank fuzz race golden help clean

all: build

help: ## what there is
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: assets ## the program, in bin/
	$(GO) build $(FLAGS) -o $(BINARY) ./cmd/sportello

assets: ## the design system's files, from npm
	@web/ui/assets.sh

run: build ## serve a demonstration on http://127.0.0.1:8080
	$(BINARY) serve --demo

test: tools check unit ## all that must be green
	@echo "make test: all green"

tools: assets peers

peers: ## the real servers that tests talk to: installed, and Mattermost built (minutes, the first time)
	@scripts/tools.sh
	$(GO) test -count=1 -timeout 30m -run TestTheServerIsBuilt ./internal/mattermostpeer

check: ## format, vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these"; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

unit: ## tests, arrows, conversation scripts, browser journeys
	$(GO) test -timeout 20m ./...

e2e: tools ## the journeys against the real binary only
	$(GO) test -count=1 -timeout 15m -run 'Journey|Story|Killed|Mail' ./cmd/sportello ./web/...

bench: ## figures beside their references
	$(GO) run $(FLAGS) ./cmd/sportello bench

rank: ## quality and cost of the search, ours beside others; takes some minutes
	@mkdir -p bin
	$(GO) test ./search/rank -count=1 -timeout 60m -run "Golden|RankingFit|ConfidenceFit|Growth|Publishing" -rank -plot $(CURDIR)/bin/reliability.svg -v

golden: ## write the golden files anew; read the diff
	$(GO) test $$(grep -rl 'sportello/internal/golden"' --include='*_test.go' . | xargs -n1 dirname | sort -u) -update

fuzz: ## each fuzzer for a while (FUZZTIME=20s)
	@scripts/fuzz.sh $(or $(FUZZTIME),20s)

race: ## tests under the race detector
	CGO_ENABLED=1 $(GO) test -race -short -timeout 20m ./...

clean:
	rm -rf bin
