# Everything a checkout needs, from a bare machine (Debian 12 and later: python3, git, make) up.
# Each set-up step leaves a file that says it is done; it runs again when what it was made from has changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

SETUP := scripts/setup.sh
BIN := .venv/bin
NODE := $(SETUP) with-node
WEB_SOURCES := $(shell find web -name node_modules -prune -o -path web/dist -prune -o -type f -print)

.PHONY: help run test docs lint lint-python types lint-web types-web test-web format web wheel clean setup setup-test chromium tools soak external goals
.DEFAULT_GOAL := help

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## set up and start the demo room (make run ARGS="--viewers 0")
	@exec $(BIN)/roomserver demo $(ARGS)

soak: setup-test ## run the fault suite at its full sizes and all cases of conformance, for an hour or more
	@FAULTS=soak $(NODE) $(BIN)/python -m pytest -m "fault or conformance or fuzz" $(ARGS)

external: setup-test ## run the pictures against Debian's Janus and simple-whip-client, in a network of its own
	@$(NODE) scripts/own_network.sh $(BIN)/python -m pytest -m external $(ARGS)

goals: setup-test ## measure what is asked of the pictures with a browser, on a machine that does nothing else
	@$(NODE) $(BIN)/python -m pytest -m goals --log-cli-level=INFO $(ARGS)

test: setup-test ## set up and run every test (make test ARGS="-m browser")
	@$(NODE) $(BIN)/python -m pytest $(ARGS)

lint: lint-python types lint-web types-web test-web ## lint and type-check Python and the pages, and run the pages' unit tests

lint-python: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/.dev ## mypy --strict on source and tests
	$(BIN)/mypy .

lint-web types-web test-web: web/node_modules/.package-lock.json
lint-web:
	$(NODE) npm --prefix web run lint
types-web:
	$(NODE) npm --prefix web run typecheck
test-web:
	$(NODE) npm --prefix web test

format: .venv/.dev web/node_modules/.package-lock.json ## format Python and the pages
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(NODE) npm --prefix web run format

web: web/dist/index.html ## build the pages into web/dist

docs: .venv/.ready ## make docs/protocol.md and docs/configuration.md from the classes they tell of
	$(BIN)/python -m roomserver.protocol_page > docs/protocol.md
	$(BIN)/python -m roomserver.config_page > docs/configuration.md

wheel: .venv/.ready ## build dist/roomserver-*.whl, pages included
	@rm -rf dist
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps -w dist .
	@ls dist/*.whl

clean: ## remove everything that was set up or built
	rm -rf .venv build dist web/dist web/node_modules tests/js/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup: .venv/.ready web/dist/index.html
setup-test: setup .venv/.dev tests/js/node_modules/.package-lock.json chromium tools

.venv/.ready: pyproject.toml $(SETUP)
	@$(SETUP) venv
	@touch $@

.venv/.dev: .venv/.ready
	@$(SETUP) dev
	@touch $@

%/node_modules/.package-lock.json: %/package.json %/package-lock.json | .venv/.ready
	@$(SETUP) npm $*
	@touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	@$(SETUP) pages

chromium tools:
	@$(SETUP) $@
