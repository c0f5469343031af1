# Everything a person needs to try, test and change the connector. Each target sets up what it needs;
# the only things a machine must have are make and Python 3.11 or newer with its venv module.

VENV      := .venv
BIN       := $(VENV)/bin
INSTALL   := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
# Wheels only: with hashes, so that nothing unknown is installed, and no package's build script runs.
LOCKED    := --require-hashes --only-binary :all:
COMPILE   := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 \
             --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links \
             $(if $(UPGRADE),--upgrade)

# Number of test processes: `make test WORKERS=4`.
WORKERS   ?= auto
# How many rounds `make recon-mutations` plays at a time.
MUTANTS   ?= 2
# Tests start the connector a hundred times: what Python has compiled is kept, whatever the
# environment says, and each process saves a third of its start.
PYTEST    := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest
# More arguments for the command behind a target: `make demo ARGS="--help"`.
ARGS      ?=
# Which Python the environment is made with; found by itself when empty.
PYTHON    ?=
YEAR      ?= 2020
# How long `make fuzz` goes on.
SECONDS   ?= 60
# How often `make kill-payments` kills, and which system it posts to: ecc, s4 or s4-mixed.
KILLS     ?= 20
PROFILE   ?= ecc

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo globalbike test lint unit format bench kill-proof kill-payments torture fuzz \
        golden recon-mutations wheel wheel-test lock hooks clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

## ---- set up ------------------------------------------------------------------------------------

# An environment that was moved with its folder, or whose Python is gone, is made anew.
USABLE := $(shell test "$$(cat $(VENV)/.locked 2>/dev/null)" = "$(CURDIR)" \
            && $(BIN)/python -c '' 2>/dev/null && echo yes)
ifneq ($(USABLE),yes)
.PHONY: $(VENV)/.locked
endif

setup: $(VENV)/.installed ## make .venv with the locked dependencies and the project itself

$(VENV)/.locked: requirements.lock
	@python="$$(sh tools/find-python $(PYTHON))" || exit 1; \
	echo "Setting up $(VENV) with $$("$$python" --version), about half a minute ..."; \
	"$$python" -m venv --clear $(VENV)
	@$(INSTALL) $(LOCKED) -r requirements.lock
	@echo "$(CURDIR)" > $@

# The build backend comes from the lock as well, hence no build isolation.
$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@$(INSTALL) --no-build-isolation --no-index --no-deps -e .
	@touch $@

## ---- see it work -------------------------------------------------------------------------------

demo: setup ## run web-shop orders through the simulated ERP, up to paid and reconciled
	@$(BIN)/sd-connector demo $(ARGS)

globalbike: setup ## compare a history with the documents a real system made: HISTORY=DIR YEAR=2020
	@test -n "$(HISTORY)" || { \
	  echo "Say where the history is: make globalbike HISTORY=DIR YEAR=$(YEAR)" >&2; \
	  echo "DIR holds orders_YEAR.tsv, documents_YEAR.csv, customers.csv and materials.csv." >&2; \
	  exit 2; }
	@$(BIN)/sd-connector history --history "$(HISTORY)" --year "$(YEAR)" $(ARGS)

## ---- check it ----------------------------------------------------------------------------------

test: lint unit ## everything that must be green: lint, types, import rules, tests

lint: setup ## ruff, formatting, mypy --strict and the import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: setup ## the tests alone, without lint
	$(PYTEST) -n $(WORKERS) --dist worksteal $(ARGS)

kill-proof: setup ## kill connector, daemon and ERP wherever they can die: nothing lost or doubled
	$(PYTEST) -m kill_proof -n $(WORKERS) -v $(ARGS)

kill-payments: setup ## kill the posting of payments from statements: KILLS=20 PROFILE=ecc
	$(BIN)/python -m tests.faults.kill_statement_payments --kills $(KILLS) --profile $(PROFILE) $(ARGS)

torture: setup ## the suites that take minutes and are no part of `make test`; shows their seeds
	$(PYTEST) -m torture -n $(WORKERS) -v $(ARGS)

fuzz: setup ## throw arbitrary messages and expressions at readers and rules: SECONDS=600
	SD_CONNECTOR_FUZZ_SECONDS=$(SECONDS) $(PYTEST) -m fuzz -n 0 -v $(ARGS)

recon-mutations: setup ## plant faults in a reconciled year, and hold what is told against them
	$(BIN)/python -m tests.mutations --workers $(MUTANTS) $(ARGS)

bench: setup ## measure time per order, throughput and memory, as ratios
	$(BIN)/python -m benchmarks $(ARGS)

wheel: setup ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel -d dist

wheel-test: setup ## install the wheel in an environment of its own, and run it there as the image does
	sh tools/wheel-test $(BIN)/python build/wheel-test

## ---- change it ---------------------------------------------------------------------------------

format: setup ## format the code and sort its imports
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

golden: setup ## write the expected output of the golden tests anew; read the diff before committing
	SD_CONNECTOR_WRITE_GOLDEN=1 $(PYTEST) -n $(WORKERS) $(ARGS)

hooks: setup ## let git run the quick checks before each commit
	$(BIN)/pre-commit install

lock: setup ## pin the dependencies anew after a change of pyproject.toml; UPGRADE=1 takes newer ones
	$(COMPILE) pyproject.toml --extra dev --group build --group bench -o requirements.lock
	$(COMPILE) pyproject.toml --extra postgresql -c requirements.lock -o requirements-runtime.lock
	$(COMPILE) --group build -c requirements.lock -o requirements-build.lock

clean: ## remove everything that was built, installed or cached here
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
