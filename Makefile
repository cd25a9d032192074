# What there is to do here; `make` alone lists it. Needs Python 3.11 or newer, its venv module, and Git.

VENV   ?= .venv
PYTHON ?=
UV     ?= uv
FUZZ   ?= 600
PYTEST ?= -n 2

BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed

export PIP_DISABLE_PIP_VERSION_CHECK = 1
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types layers fix fuzz lock clean

help:  ## list what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(STAMP)  ## install everything into .venv, from the lock file

demo: setup  ## watch a request being opened, approved and run
	@$(BIN)/assent demo

test: setup  ## run the tests
	@$(BIN)/pytest $(PYTEST)

check: format lint types layers test  ## all that must hold before a change is merged

format: setup  ## look whether the files are formatted
	@echo "== format"
	@$(BIN)/ruff format --check .

lint: setup  ## look for mistakes
	@echo "== lint"
	@$(BIN)/ruff check .

types: setup  ## check the types
	@echo "== types"
	@$(BIN)/mypy

layers: setup  ## check that imports point down and the house keeps its sizes
	@echo "== layers"
	@$(BIN)/pytest -q --no-header tests/test_layers.py

fix: setup  ## format the files and mend what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

fuzz: setup  ## try made-up inputs for FUZZ seconds a target (600)
	@ASSENT_FUZZ_SECONDS=$(FUZZ) $(BIN)/pytest $(PYTEST) -m fuzz

lock:  ## choose the versions of all dependencies anew (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	@$(UV) pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
	  --no-header --quiet -o requirements.lock

clean:  ## remove what was built, .venv included
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

# The first Python that is new enough; one that is named must be.
define find_python
for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
  "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
done; \
test -n "$$python" || { echo "assent needs Python 3.11 or newer$(if $(PYTHON), ($(PYTHON) is none)):" \
  "install it, or name it as in: make setup PYTHON=/path/to/python3" >&2; exit 1; }; \
"$$python" -c 'import ensurepip, venv' 2>/dev/null || { echo "$$python cannot make a virtual environment:" \
  "install its venv module (Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
endef

$(STAMP): requirements.lock pyproject.toml
	@command -v git >/dev/null || { echo "assent needs git, and found none: install it" >&2; exit 1; }
	@$(find_python); $(BIN)/python -c '' 2>/dev/null || "$$python" -m venv --clear $(VENV)
	@echo "installing into $(VENV), from requirements.lock"
	@$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
