# demo: install, run the first paper on the simulated respondent, write its report.
# test: install what the tests need and run them all.   check: everything that main must satisfy.   docs: build the site.   studio: build its pages.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := cards,data,mcp,postgres,ray,serve,stats,text,watch,zstd,dedup,hub,vector
JOBS ?= auto

.PHONY: demo test check lint types floors docs studio clean

demo: $(VENV)/.runtime
	$(BIN)/personae paper run personallm --model sim

test: $(VENV)/.dev
	$(BIN)/pytest -q -n $(JOBS)

check: lint types floors
	$(BIN)/pytest -q -n $(JOBS) -m "not slow"

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

floors: $(VENV)/.dev
	$(BIN)/lint-imports

docs: $(VENV)/.dev
	$(BIN)/personae paper list --markdown > docs/papers.md
	$(BIN)/zensical build --strict --clean

studio: # the pages of the studio, from studio/ into the package; needs Node, which nothing else does
	cd studio && npm ci --silent && npm test && npm run build

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[$(EXTRAS)]" --group dev --group oracle --group docs
	touch $@ $(VENV)/.runtime

clean:
	rm -rf $(VENV) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
