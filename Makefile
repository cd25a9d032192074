# What there is to do here; `make` alone lists it. Needs Python 3.11 or newer, its venv module, and Git.

VENV   ?= .venv
PYTHON ?=
UV     ?= uv
FUZZ   ?= 600
PYTEST ?= -n 2 --dist loadfile

BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed

export PIP_DISABLE_PIP_VERSION_CHECK = 1
MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types layers controlplane fix messages fuzz soak screenshots load bench bench-quick lock clean

help:  ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

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

controlplane:  ## build a Kubernetes control plane for the cluster tests (needs Go; minutes, once)
	@$(build_controlplane)

fix: setup  ## format the files and mend what can be mended by itself
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

messages: setup  ## bring the catalogues of the panel and its mails up to date (then translate what is empty)
	@cd $(PORTAL) && $(PYBABEL) extract -F locale/babel.toml --omit-header --add-location=file --no-wrap -o locale/assent.pot . \
	  && $(PYBABEL) update -i locale/assent.pot -d locale -D assent --no-fuzzy-matching --ignore-obsolete --no-wrap \
	  --ignore-pot-creation-date; done=$$?; rm -f locale/assent.pot; exit $$done

fuzz: setup  ## try made-up inputs for FUZZ seconds a target (600)
	@ASSENT_FUZZ_SECONDS=$(FUZZ) $(BIN)/pytest $(PYTEST) -m fuzz

soak: setup  ## kill the operator 200 times while the API server errs (ten minutes; SEED, KILLS, FAULTS)
	@PYTHONPATH=tests $(BIN)/python -m cluster.soak

screenshots: setup  ## take the pictures of the panel in docs/images anew (needs Chromium)
	@PYTHONPATH=tests $(BIN)/python -m browser.screenshots docs/images

load: setup  ## fifty people on a panel with 1,000 open requests, and 1,000 decisions at once (two minutes; ARGS=--write)
	@PYTHONPATH=tests $(BIN)/python -m load $(ARGS)

bench: setup  ## measure beside what people would use instead, and write docs/benchmarks.md (ARGS="--rows 3,4"; 6 to 8 need make controlplane)
	@$(BIN)/python -m bench $(ARGS)

bench-quick: setup  ## prove in a few minutes that every benchmark runs, and that all come to the same
	@$(BIN)/python -m bench --quick

lock:  ## choose the versions of all dependencies anew (needs uv)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv/" >&2; exit 1; }
	@$(UV) pip compile pyproject.toml --extra dev --extra cluster --extra postgres --extra portal --extra bench --no-emit-package django --no-emit-package sqlparse --generate-hashes --universal --python-version 3.11 \
	  --no-header --quiet -o requirements.lock

clean:  ## remove what was built, .venv included
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage

PORTAL  := controller/assent/portal
PYBABEL := $(abspath $(BIN))/pybabel -q

KUBERNETES := v1.36.3
PLANE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/assent/controlplane-$(KUBERNETES)
PLANE_FLAGS := -s -w -X k8s.io/component-base/version.gitVersion=$(KUBERNETES) \
  -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36

# Built beside its place and moved there whole, so that what is there is complete.
define build_controlplane
plane="$(PLANE)"; for program in etcd kube-apiserver kube-controller-manager kubectl helm; do \
  test -x "$$plane/$$program" || missing=$$program; \
done; \
test -n "$$missing" || { echo "the control plane is in $$plane"; exit 0; }; \
command -v go >/dev/null || { echo "make controlplane needs Go: https://go.dev/dl/" >&2; exit 1; }; \
echo "building etcd, Kubernetes $(KUBERNETES) and helm into $$plane: this takes minutes, once"; \
rm -rf "$$plane.part" && mkdir -p "$$plane.part" && \
cd tests/cluster/controlplane && CGO_ENABLED=0 GOBIN="$$plane.part" GOFLAGS=-mod=readonly \
  go install -ldflags "$(PLANE_FLAGS)" tool && \
mv "$$plane.part/server" "$$plane.part/etcd" && rm -rf "$$plane" && mv "$$plane.part" "$$plane" && \
echo "the control plane is in $$plane"
endef

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
