# Everything a person or a machine does with this repository. `make help` lists it.
# Needs Python >= 3.11 (with venv), git and make; all else comes from requirements.lock into .venv.
# The tests run against the built and installed wheel: what is tested is what ships.

VENV ?= .venv
JOBS ?= 2
ARGS ?=
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	"$$p" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$p" && break; done)

BIN := $(VENV)/bin
# -P keeps this folder off sys.path, so that nothing can import the working tree by accident.
PY := $(BIN)/python -P
ROOMS := $(wildcard package engine workflows storage notifications runtime cli web)
SOURCES := $(shell find $(ROOMS) -name __pycache__ -prune -o -print)
CHECKED := $(foreach folder,tests scripts benchmarks,$(if $(wildcard $(folder)/*.py),$(folder)))

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_NO_INPUT = 1
export PIP_ROOT_USER_ACTION = ignore

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test quick lint types coverage soak bench lock format clean
# Two goals on one line must not build the same wheel twice at once.
.NOTPARALLEL:

help:  ## list what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/installed  ## set up and run the main job in virtual time (ARGS="..." are passed on)
	$(BIN)/samskabt demo $(ARGS)

test: lint types coverage  ## everything that must hold: format, lint, types, all tests, coverage

quick: $(VENV)/installed  ## tests only, no coverage: make quick ARGS="tests/unit -k calendar"
	$(PY) -m pytest -q $(ARGS)

lint: $(VENV)/ready  ## format and lint, changing nothing
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .

types: $(VENV)/installed  ## mypy --strict on the installed package, the tests and the tools
	$(PY) -m mypy --strict -p samskabt
	$(PY) -m mypy --strict $(CHECKED)

coverage: $(VENV)/installed  ## all tests against the installed wheel, with the two coverage gates
	@rm -rf $(VENV)/coverage .coverage .coverage.*
	$(PY) -m pytest -n $(JOBS) --dist loadgroup --cov --cov-report=json:$(VENV)/coverage.json $(ARGS)
	@$(PY) scripts/check_coverage.py $(VENV)/coverage.json

soak: $(VENV)/installed  ## the long forms of the crash, race and simulation tests
	SAMSKABT_SOAK=1 $(PY) -m pytest -n $(JOBS) --dist loadgroup -m soak $(ARGS)

bench: $(VENV)/installed  ## measure the engine beside hand-written SQL
	$(BIN)/python -m benchmarks $(ARGS)

format: $(VENV)/ready  ## format the code and mend what ruff can mend
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

lock: $(VENV)/ready  ## resolve pyproject.toml anew into requirements.lock (run it with Python 3.11)
	CUSTOM_COMPILE_COMMAND="make lock" $(PY) -m piptools compile --quiet --upgrade --strip-extras --allow-unsafe \
		--generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
		--extra postgres --extra web --extra dev --output-file requirements.lock pyproject.toml

clean:  ## remove the environment and everything that was built
	rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis htmlcov

# The environment: exactly what the lock says, nothing resolved and nothing compiled here.
$(VENV)/ready: requirements.lock
	@test -n "$(PYTHON)" || { echo "samskabt needs Python 3.11 or newer with its venv module; none was found." \
		"Install one, or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) ..."
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes --only-binary :all: -r requirements.lock
	@touch $@

# The package: source distribution -> wheel -> site-packages, so that a file missing from either is missed by a test.
$(VENV)/installed: $(VENV)/ready pyproject.toml README.md LICENSE $(SOURCES)
	@rm -rf build dist *.egg-info
	@$(PY) -m build --no-isolation --outdir dist . >$(VENV)/build.log 2>&1 || { cat $(VENV)/build.log; exit 1; }
	@$(BIN)/python -m pip install --quiet --no-deps --no-index --force-reinstall dist/*.whl
	@rm -rf build *.egg-info
	@touch $@
