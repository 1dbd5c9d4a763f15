# Every target does its own set-up; a second run starts in seconds.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

RULES := wire domain
STORES := accounts safety store

.PHONY: help setup serve test test-rules test-stores test-long lint bench docs lock clean

help: ## Says what there is to make
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "MeetMates needs Python 3.11 or newer."; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); \
		echo "Installing python3-venv ..."; apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null && $(PYTHON) -m venv $(VENV); }

$(VENV)/.serve: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the server needs ..."
	@$(PIP) -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.serve
	@echo "Installing what the tests need ..."
	@$(PIP) -r requirements-dev.txt
	@touch $@

tests/clients/node/node_modules/.ready: tests/clients/node/package-lock.json
	@echo "Installing the official JavaScript client ..."
	@command -v npm >/dev/null || { apt-get update -qq && apt-get install -y -qq nodejs npm >/dev/null; }
	@cd tests/clients/node && npm ci --silent --no-audit --no-fund
	@touch $@

tests/providers/oidc/node_modules/.ready: tests/providers/oidc/package-lock.json
	@echo "Installing an OpenID provider ..."
	@command -v npm >/dev/null || { apt-get update -qq && apt-get install -y -qq nodejs npm >/dev/null; }
	@cd tests/providers/oidc && npm ci --silent --no-audit --no-fund
	@touch $@

/usr/lib/postgresql: # the tests start their own server; Debian's is not to run beside it
	@echo "Installing PostgreSQL ..."
	@mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf
	@apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null

setup: $(VENV)/.test tests/clients/node/node_modules/.ready tests/providers/oidc/node_modules/.ready /usr/lib/postgresql ## Installs everything that serving and testing need

serve: $(VENV)/.serve ## Serves on http://127.0.0.1:3001
	@$(BIN)/meetmates serve

test: setup lint ## Runs every check and every test
	@$(BIN)/python -m docs.generate --check
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-rules test-stores
	@$(BIN)/python -m pytest $(addprefix --ignore=tests/,$(RULES) $(STORES))

# Two cores, two kinds of tests that wait for nothing: side by side. Whatever watches the clock runs alone, after them.
test-rules:
	@$(BIN)/coverage erase
	@MEETMATES_TEST_HISTORIES=500 $(BIN)/coverage run --source=meetmates.wire,meetmates.domain -m pytest $(addprefix tests/,$(RULES))
	@$(BIN)/coverage report --fail-under=100 --skip-covered --show-missing
	@$(BIN)/python -m pytest tests/domain/test_history.py  # all 10,000 histories: watched for coverage they would take twice as long

test-stores:
	@$(BIN)/python -m pytest $(addprefix tests/,$(STORES))

test-long: setup ## Runs the random tests with far more cases
	@MEETMATES_TEST_HISTORIES=200000 MEETMATES_TEST_FUZZ=200000 $(BIN)/python -m pytest tests/wire tests/domain

lint: $(VENV)/.test ## Checks style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy

bench: $(VENV)/.test ## Measures this server and its peers; writes docs/benchmarks.md
	@sh bench/setup.sh
	@$(BIN)/python -m bench.run

docs: $(VENV)/.test ## Writes the generated documents
	@$(BIN)/python -m docs.generate

lock: ## Pins the newest versions that pyproject.toml allows (needs uv)
	@uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 pyproject.toml --group build --output-file requirements.txt
	@uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 pyproject.toml --group dev --output-file requirements-dev.txt

clean: ## Removes everything that was installed or built
	@rm -rf $(VENV) tests/clients/node/node_modules tests/providers/oidc/node_modules bench/build bench/peers/node/node_modules dist .coverage .mypy_cache .ruff_cache
