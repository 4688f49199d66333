# make bench     install, then run the main comparison     make test    install, then run all checks
# make setup     install into .venv                        make smoke   the quick checks (20 s)
# make coverage  the tests with line and branch coverage   make perf    speed against a plain script
# make pictures  redraw the README's pictures              make results regenerate all figures
# make trust     simulate how often intervals and verdicts are right
# make guide     regenerate the tables of docs/plugins.md from the records
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PLUGINS := $(wildcard plugins/*/pyproject.toml)
STAMP  := $(VENV)/.set-up

export PIP_CONSTRAINT := $(CURDIR)/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: setup bench smoke test test-minidl test-dask scaling coverage lint types test-slow test-faults perf \
        pictures results trust guide data clean

setup: $(STAMP)
	@echo "cmpnet is installed. Next: $(BIN)/cmpnet train ws-aux"

$(STAMP): pyproject.toml constraints.txt $(PLUGINS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cmpnet needs Python 3.11 or newer; name one with make PYTHON=..."; exit 1; }
	@echo "Installing cmpnet, its plugins and the development tools into $(VENV)."
	@echo "The first time takes 1 to 10 minutes, mostly for PyTorch (0.7 GB; with CUDA several GB)."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet -e '.[dev]' $(foreach plugin,$(PLUGINS),-e $(dir $(plugin)))
	@touch $@

bench: $(STAMP)
	$(BIN)/cmpnet bench --repeats 10

# A training, a bench, a plot, a comparison and the errors: what to run after each edit.
smoke: $(STAMP)
	$(BIN)/python -m pytest -q -n 2 tests/test_smoke.py

test: $(STAMP) lint types test-minidl test-dask
	$(BIN)/python -m pytest -n 4

# Every line and branch of the framework from scratch is covered.
test-minidl: $(STAMP)
	$(BIN)/python -m pytest plugins/cmpnet-minidl -q \
	  --cov=minidl --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

# A real scheduler and real workers, some of which are killed.
test-dask: $(STAMP)
	$(BIN)/python -m pytest plugins/cmpnet-dask -q -n 2

# The figures of docs/scaling.md: what a job costs on the way to a worker and back.
scaling: $(STAMP)
	$(BIN)/python plugins/cmpnet-dask/tests/benchmarks/scaling.py

# Lines that run only in processes of their own are counted too.
coverage: $(STAMP)
	$(BIN)/python -m pytest -q -n 4 --cov=cmpnet --cov-branch \
	  --cov-report=term-missing:skip-covered --cov-fail-under=95

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

# Benches killed and stopped at many random moments; 1200 arbitrary calls and damaged stores;
# a store with each of its bits flipped.
test-faults: $(STAMP)
	$(BIN)/python -m pytest -m slow tests/faults tests/test_arbitrary.py \
	  tests/test_flipped_bits.py

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow tests plugins

perf: $(STAMP)
	$(BIN)/python -m tests.benchmarks.perf
	$(BIN)/python plugins/cmpnet-minidl/tests/benchmarks/perf_minidl.py

# Trains what the pictures show and the store lacks, then draws them.
pictures: $(STAMP)
	mkdir -p docs
	$(BIN)/cmpnet bench --repeats 10 --no-plot
	$(BIN)/cmpnet plot errors --save docs/errors.svg
	$(BIN)/cmpnet bench --suite fig5 --repeats 1 --no-plot --store .cmpnet/map
	$(BIN)/cmpnet plot map --store .cmpnet/map --save docs/map.svg

# Every figure of the READMEs, docs/results.md and docs/results.json, from the store (CMPNET_STORE, or
# .cmpnet); what it lacks is trained.
results: $(STAMP)
	$(BIN)/python -m tools.readme

# docs/trust.md, by simulation: 30 minutes on one core.
trust: $(STAMP)
	$(BIN)/python -m tools.trust

# The tables of fields in docs/plugins.md, from the docstrings of the records.
guide: $(STAMP)
	$(BIN)/python -m tools.guide

# Packs the digits from a folder of the original IDX files: make data FOLDER=...
data: $(STAMP)
	$(BIN)/python -m cmpnet.tasks.mnist $(FOLDER)

clean:
	rm -rf $(VENV) dist
