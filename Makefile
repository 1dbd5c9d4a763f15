# Every target does its own set-up; a second run starts in seconds.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

PAGE := src/meetmates/http/page
WEB := $(shell find web -type d \( -name node_modules -o -name coverage \) -prune -o -type f -print)
NPM := tests/clients/node/node_modules/.ready tests/providers/oidc/node_modules/.ready
FONTS := /usr/share/fonts/truetype/noto
PARTS := /usr/lib/postgresql /usr/bin/turnserver /usr/bin/chromium /usr/bin/ip $(FONTS)

RULES := wire domain
STORES := accounts safety store
DOORS := http cli

.PHONY: help setup page serve test test-rules test-stores test-doors test-page test-browser test-long lint bench docs pictures lock clean

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

%/node_modules/.ready: %/package-lock.json
	@echo "Installing what $* needs ..."
	@command -v npm >/dev/null || { apt-get update -qq && apt-get install -y -qq nodejs npm >/dev/null; }
	@cd $* && npm ci --silent --no-audit --no-fund
	@touch $@

$(PAGE)/index.html: web/node_modules/.ready $(WEB)
	@echo "Building the page ..."
	@cd web && npm run --silent build
	@touch $@

/usr/lib/postgresql: # the tests start their own server; Debian's is not to run beside it
	@echo "Installing PostgreSQL ..."
	@mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >> /etc/postgresql-common/createcluster.conf
	@apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null

/usr/bin/turnserver: # the same: Debian would start it at once, so its service is masked before it comes
	@echo "Installing coturn ..."
	@mkdir -p /etc/systemd/system && ln -sf /dev/null /etc/systemd/system/coturn.service
	@apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends coturn >/dev/null

/usr/bin/chromium:
	@echo "Installing Chromium ..."
	@apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null

$(FONTS): # letters of every language of the page; a picture without them has boxes
	@echo "Installing fonts ..."
	@apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-noto-core >/dev/null

/usr/bin/ip: # a network of their own for tests of video
	@echo "Installing iproute2 ..."
	@apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq iproute2 >/dev/null

setup: $(VENV)/.test $(PAGE)/index.html $(NPM) $(PARTS) ## Builds the page; installs everything that serving and testing need

page: $(PAGE)/index.html ## Builds the page, where it is not of today

serve: $(VENV)/.serve $(PAGE)/index.html ## Serves on http://127.0.0.1:3001
	@$(BIN)/meetmates serve

test: setup lint ## Runs every check and every test
	@$(BIN)/python -m docs.generate --check
	@$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-browser test-rules test-stores test-doors test-page
	@$(BIN)/python -m pytest $(addprefix --ignore=tests/,$(RULES) $(STORES) $(DOORS) web)

# Two cores, tests that have time: side by side. Whatever watches the clock runs alone, after them.
test-rules:
	@$(BIN)/coverage erase
	@MEETMATES_TEST_HISTORIES=500 $(BIN)/coverage run --source=meetmates.wire,meetmates.domain -m pytest $(addprefix tests/,$(RULES))
	@$(BIN)/coverage report --fail-under=100 --skip-covered --show-missing
	@$(BIN)/python -m pytest tests/domain/test_history.py  # all 10,000 histories: watched for coverage they would take twice as long

test-stores:
	@$(BIN)/python -m pytest $(addprefix tests/,$(STORES))

test-doors:
	@$(BIN)/python -m pytest $(addprefix tests/,$(DOORS))

test-page:
	@cd web && npm test --silent

test-browser: # a run of its own: it moves into a network that has nothing but loopback
	@$(BIN)/python -m pytest tests/web

test-long: setup ## Runs the random tests with far more cases
	@MEETMATES_TEST_HISTORIES=200000 MEETMATES_TEST_FUZZ=200000 $(BIN)/python -m pytest tests/wire tests/domain

lint: $(VENV)/.test web/node_modules/.ready ## Checks style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@cd web && npm run --silent check

bench: $(VENV)/.test ## Measures this server and its peers; writes docs/benchmarks.md
	@sh bench/setup.sh
	@$(BIN)/python -m bench.run

docs: $(VENV)/.test ## Writes the generated documents
	@$(BIN)/python -m docs.generate

pictures: setup ## Takes pictures of every screen; renews those in README.md
	@$(BIN)/python -m pytest tests/web/test_looks.py
	@$(BIN)/python -m docs.pictures

lock: ## Pins the newest versions that pyproject.toml allows (needs uv)
	@uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 pyproject.toml --group build --output-file requirements.txt
	@uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 pyproject.toml --group dev --output-file requirements-dev.txt

clean: ## Removes everything that was installed or built
	@rm -rf $(VENV) $(PAGE) $(dir $(NPM)) web/node_modules build bench/build bench/peers/node/node_modules dist .coverage .mypy_cache .ruff_cache
