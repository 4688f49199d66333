# make bench   set up, then the main comparison          make test    set up, then all checks
# make setup   only the environment in .venv             make perf    speed against a plain script
# make pictures   the README's pictures anew, from runs of the full protocol
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PLUGINS := $(wildcard plugins/*/pyproject.toml)
STAMP  := $(VENV)/.set-up

export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup bench pictures results test test-minidl lint types test-slow test-faults perf data clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt $(PLUGINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cmpnet needs Python 3.11 or newer; name one with make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet -e '.[dev]' $(foreach plugin,$(PLUGINS),-e $(dir $(plugin)))
	@touch $@

bench: setup
	$(BIN)/cmpnet bench --repeats 10

# Trains what the README shows, as far as the store lacks it, and draws it by cmpnet's own export.
pictures: setup
	mkdir -p docs
	$(BIN)/cmpnet bench --repeats 10 --no-plot
	$(BIN)/cmpnet plot errors --save docs/errors.svg
	$(BIN)/cmpnet bench --suite fig5 --repeats 1 --no-plot
	$(BIN)/cmpnet plot map 'minidl-relu[lr=0.005]' --save docs/map.svg

# Four at once on two cores, since many tests wait for processes of their own: 7:52 in place of 8:39.
test: setup lint types test-minidl
	$(BIN)/python -m pytest -n 4

# The framework from scratch has every line and branch run by its tests.
test-minidl: setup
	$(BIN)/python -m pytest plugins/cmpnet-minidl -q \
	  --cov=minidl --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

# Benches killed and stopped at many random moments, and 1200 arbitrary calls and damaged stores.
test-faults: setup
	$(BIN)/python -m pytest -m slow tests/faults tests/test_arbitrary.py

test-slow: setup
	$(BIN)/python -m pytest -m slow tests plugins

perf: setup
	$(BIN)/python -m tests.benchmarks.perf
	$(BIN)/python plugins/cmpnet-minidl/tests/benchmarks/perf_minidl.py

# Every figure of the READMEs and docs/results.md, anew from the store (CMPNET_STORE, or .cmpnet);
# what it lacks is trained.
results: setup
	$(BIN)/python -m tests.readme

# Packs the digits anew from a folder of the original IDX files: make data FOLDER=...
data: setup
	$(BIN)/python -m cmpnet.tasks.mnist $(FOLDER)

clean:
	rm -rf $(VENV) dist
