# Everything is set up in .venv and nothing anywhere else. The first 'make run' takes about
# half a minute, the first 'make test' about a minute; after that both start at once.

PORT ?= 8080
DATA ?= data/demo
# The first Python that is new enough: make run PYTHON=/path/to/python3.13
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
  && echo $$python && break; done)

PY := .venv/bin/python
# Hashes are checked and nothing is resolved: what is installed is what the lock file says.
INSTALL := $(PY) -m pip --disable-pip-version-check install -qq --require-hashes --no-deps -r

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test lint format bench conformance messages lock clean

help:
	@echo 'make run [PORT=8080] [DATA=data/demo]   a sample newsroom, to look at'
	@echo 'make test [ARGS="tests/unit -k clock"]  the tests'
	@echo 'make lint                               format, rules, types, import contracts'
	@echo 'make format                             let the formatter do its work'
	@echo 'make bench [ARGS="--quick"]             speed and costs, beside peers (15 minutes)'
	@echo 'make conformance                        docs/conformance.md, from the tests'
	@echo 'make messages                           bring the catalogues of messages up to date'
	@echo 'make lock [UPGRADE=--upgrade]           resolve the dependencies anew'
	@echo 'make clean                              remove .venv and caches, never data'

run: .venv/.ready-to-run
	@$(PY) -m feedsvc demo --port '$(PORT)' --data '$(DATA)'

test: .venv/.ready-to-test
	@$(PY) -m pytest -q -n auto --dist loadgroup --cov --cov-report=term $(ARGS)

lint: .venv/.ready-to-test
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo

format: .venv/.ready-to-test
	@$(PY) -m ruff format .
	@$(PY) -m ruff check --fix .

bench: .venv/.ready-to-test .venv/.peers
	@$(PY) -m bench $(ARGS)

conformance: .venv/.ready-to-test
	@$(PY) -m tests.conformance

messages: .venv/.ready-to-test
	@$(PY) -m tests.catalogues

lock: .venv/.lock-tool
	@for kind in '' '-dev'; do \
	  group=$${kind:+--group dev}; \
	  .venv/lock-tool/bin/uv pip compile -q pyproject.toml --all-extras $$group --universal \
	    --generate-hashes --no-emit-index-url --no-header --no-annotate $(UPGRADE) \
	    -o requirements$$kind.lock || exit 1; \
	done
	@.venv/lock-tool/bin/uv pip compile -q bench/peers.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate $(UPGRADE) \
	  -o bench/peers.lock
	@git --no-pager diff --stat -- 'requirements*.lock' bench/peers.lock

clean:
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: each is newer than what it was made from, or made again.

.venv/.made:
	@$(PY) -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  $(MAKE) --no-print-directory new-venv
	@touch $@

.PHONY: new-venv
new-venv:
	@test -n '$(PYTHON)' || { echo 'feedsvc needs Python 3.11 or newer. Install it, or say where'; \
	  echo 'it is: make run PYTHON=/path/to/python3.12'; exit 1; }
	@echo 'making .venv with $(PYTHON)'
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo 'Python cannot make virtual environments'; \
	  echo 'here. On Debian and Ubuntu: apt install python3-venv'; exit 1; }

.venv/.ready-to-run: requirements.lock | .venv/.made
	@echo 'installing what feedsvc needs (about 20 seconds)'
	@$(INSTALL) requirements.lock
	@touch $@

.venv/.ready-to-test: requirements-dev.lock | .venv/.made
	@echo 'installing what the tests need (about a minute)'
	@$(INSTALL) requirements-dev.lock
	@touch $@ .venv/.ready-to-run

# What tries the API out; CI does. Its plugin for pytest would load itself into every test run.
.venv/api/.ready: requirements-api.lock | .venv/.made
	@$(PY) -m venv .venv/api
	@.venv/api/bin/python -m pip --disable-pip-version-check install -qq --require-hashes \
	  --no-deps -r $<
	@touch $@

# What is measured beside us. Without it the others are measured, and it is named as missing.
.venv/.peers: bench/peers.lock | .venv/.made
	@echo 'installing what is measured beside feedsvc (about half a minute)'
	@$(PY) -m venv .venv/peers
	@if .venv/peers/bin/python -m pip --disable-pip-version-check install -qq --require-hashes \
	  --no-deps -r $<; then touch $@; else rm -rf .venv/peers; fi

.venv/.lock-tool: | .venv/.made
	@$(PY) -m venv .venv/lock-tool
	@.venv/lock-tool/bin/python -m pip --disable-pip-version-check install -qq 'uv>=0.9'
	@touch $@
