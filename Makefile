# Each target does the set-up that it needs; `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup peers demo test check audit lock bench docs page clean

# The first Python that is new enough; PYTHON=/path/to/python3.12 takes another one.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-stamp
# Two tests run at a time, each on one core.
WORKERS ?= 2

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## create .venv with the package, its pinned dependencies and the development tools

$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "deepvein needs Python 3.11 or newer, found: $$("$(or $(PYTHON),python3)" --version 2>&1 || true)" >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12 setup" >&2; exit 1; fi
	@echo "Setting up $(VENV) with $$("$(PYTHON)" --version); the first time this downloads about 500 MB"
	@$(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt -e '.[dev]'
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q -j 0 src
	@touch $(STAMP)

peers: $(STAMP) ## add the programs of others that the tests read our files with (100 MB)
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt -e '.[dev,peers]'

demo: $(STAMP) ## make a CT and an MR sample study, screen both, show the findings and the reports
	@rm -rf demo
	$(BIN)/deepvein phantom ct --seed 23 --dvt --out demo/ct
	$(BIN)/deepvein phantom mr --seed 23 --dvt --out demo/mr
	$(BIN)/deepvein screen demo/ct demo/mr --out demo/results

test: $(STAMP) ## run the whole test suite
	env -u PYTHONDONTWRITEBYTECODE PATH="$(abspath $(BIN)):$$PATH" OMP_NUM_THREADS=1 \
		$(BIN)/python -m pytest -n $(WORKERS)

check: $(STAMP) ## format, lint, types and the layer contract
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

audit: ## ask for known vulnerabilities of the pinned packages (needs the network)
	@[ -x .cache/audit/bin/pip-audit ] || { "$(PYTHON)" -m venv .cache/audit && \
		.cache/audit/bin/pip install --disable-pip-version-check --progress-bar off -q 'pip-audit>=2.10'; }
	@# --strict: without it a package that nobody could be asked about counts as clean.
	@if ! .cache/audit/bin/pip-audit --strict --progress-spinner off --disable-pip --no-deps \
			--requirement constraints.txt > .cache/audit/said.txt 2>&1; then \
		cat .cache/audit/said.txt >&2; \
		if ! grep -q 'Found [0-9]* known' .cache/audit/said.txt; then \
			echo "Not audited: the vulnerability service of the Python Package Index does not answer here," >&2; \
			echo "or does not know a package. Run make audit where the network allows it." >&2; fi; \
		exit 1; fi
	@echo "No known vulnerabilities in constraints.txt"

lock: ## write deploy/requirements.lock anew: the node's packages with hashes, all but torch (needs the network)
	@[ -x .cache/lock/bin/uv ] || { "$(PYTHON)" -m venv .cache/lock && \
		.cache/lock/bin/pip install --disable-pip-version-check --progress-bar off -q 'uv>=0.9'; }
	.cache/lock/bin/uv pip compile -q pyproject.toml --extra node -c constraints.txt --python-version 3.11 \
		--generate-hashes --no-annotate --no-header --no-emit-index-url -o .cache/lock/all.txt
	@# torch has builds of its own for processors, with hashes of their own; what only its CUDA build needs goes with it.
	awk '/^[a-z]/ { keep = !/^(torch==|triton==|cuda-|nvidia-)/ } keep' .cache/lock/all.txt > deploy/requirements.lock

bench: $(STAMP) ## run every benchmark that needs no arguments
	@for script in $(filter-out %/bundles.py %/judging.py,$(wildcard benchmarks/*.py)); do echo "== $$script"; $(BIN)/python "$$script"; done

docs: $(STAMP) ## write docs/commands.md and docs/parts.md anew from the commands and registries, and build the pages in site/
	$(BIN)/typer deepvein.cli.main utils docs --name deepvein --title Commands --output docs/commands.md
	$(BIN)/python docs/parts.py > docs/parts.md
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs site

page: ## build the readers' page anew from page/ into the package (needs node 20 or newer; users of deepvein need none)
	cd page && npm install && npm run build
	python3 page/sources.py > page/built.sha256

clean: ## remove the demo and what the tools left behind; .venv stays
	rm -rf demo site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
