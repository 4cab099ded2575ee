# Two commands matter: `make up` runs the program, `make test` proves it.
# Both install what is missing first, as root or through sudo. The scripts behind them are in make/.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.NOTPARALLEL:
.DEFAULT_GOAL := help

TARGET := $(or $(CARGO_TARGET_DIR),target)
WASM := --package frontend --target wasm32-unknown-unknown
# `frontend` is for the browser alone: beside `server` its features would be joined with the server's.
NATIVE := --workspace --exclude frontend
WASM_BUDGET := 150000

export PATH := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/command-center/tools/bin:$(PATH)
# Queries are compiled against .sqlx, whatever DATABASE_URL says.
export SQLX_OFFLINE := true
export STARTED_AT := $(or $(STARTED_AT),$(shell date +%s))
step := @make/step

.PHONY: help up down test check build dev e2e bench sqlx
.PHONY: tools check-tools test-tools wasm format clippy edges deny queries unit doctest budget throwaway end2end-packages

help: ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

up: build ## build, load the demo and run the server in the background
	$(step) "start the server" make/server up

down: ## stop the server `make up` started
	@make/server down

test: test-tools format clippy edges deny queries unit doctest build budget e2e ## everything that must hold before a change lands
	$(step) "all checks passed" true

check: check-tools format clippy unit ## the quick part of `make test`

build: tools wasm ## leave command-center, with everything inside, in target/release
	$(step) "build the server" cargo build --release --package server

wasm: tools
	$(step) "build the frontend" cargo build $(WASM) --profile wasm-release
	$(step) "bundle the frontend and the styles" cargo run --quiet --package bundle -- \
	  --wasm "$(TARGET)/wasm32-unknown-unknown/wasm-release/frontend.wasm" \
	  --style style --out "$(TARGET)/site" --wasm-opt wasm-opt

dev: tools ## build and restart whenever a source changes
	@make/dev

e2e: test-tools build throwaway end2end-packages ## drive the real program in a browser
	$(step) "end to end" make/e2e

bench: test-tools throwaway ## run the benchmarks
	$(step) "packages of the benchmarks" make/packages server/benches/analytics/duckdb
	$(step) "benchmarks" make/with-database cargo bench --package server

sqlx: test-tools throwaway ## write .sqlx again after a query has changed
	$(step) "prepare the queries" make/with-database make/queries

# The parts of `make test`.

tools:
	@make/need run

check-tools: tools
	@make/need check

test-tools: check-tools
	@make/need test

format:
	$(step) "format" cargo fmt --all --check

clippy:
	$(step) "clippy, native" cargo clippy --quiet $(NATIVE) --all-targets -- --deny warnings
	$(step) "clippy, wasm" cargo clippy --quiet $(WASM) -- --deny warnings

edges:
	$(step) "nothing of the server reaches the browser" make/edges

deny:
	$(step) "licences, bans and sources of dependencies" cargo deny check bans licenses sources
	$(step) "known vulnerabilities of dependencies" make/advisories

queries: throwaway
	$(step) "prepared queries" make/with-database make/queries --check

unit: throwaway
	$(step) "tests" make/with-database cargo nextest run --no-fail-fast $(NATIVE)

doctest: throwaway
	$(step) "tests in documentation" make/doctest $(NATIVE)

budget:
	$(step) "weight of the wasm" make/budget $(WASM_BUDGET)

throwaway:
	$(step) "build the throw-away database" cargo build --quiet --package cluster --example throwaway

end2end-packages:
	$(step) "packages of the end-to-end tests" make/packages end2end
