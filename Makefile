# Every target is a line or three; the work is done in tools/. On Windows, see README.md.
PYTHON ?= python3
VENV ?= .venv
export VENV
PY = "$(VENV)/bin/python"
.DEFAULT_GOAL := help

.PHONY: help python install install-test lab test chapters solutions experiments verify bench update lint constraints

help: ## what there is
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 22

python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here: install Python 3.11 to 3.14 and try again."; exit 1; }

install: python
	@$(PYTHON) tools/install.py

install-test: python
	@$(PYTHON) tools/install.py test

lab: install ## open the course (PORT=8889, BROWSER=none, ARGS="…" for JupyterLab)
	@$(PY) tools/lab.py $(if $(PORT),--port=$(PORT)) $(if $(BROWSER),--browser=$(BROWSER)) $(ARGS)

test: install-test ## run all tests, solutions and chapters
	@$(PY) tools/test.py $(ARGS)

chapters: install-test ## derive chapters/ from solutions/
	@$(PY) tools/chapters.py

solutions: install-test ## run solutions/ in place and strip what is volatile (ARGS=01: one of them)
	@$(PY) tools/solutions.py $(ARGS)

experiments: install-test ## run the recorded experiments that are missing or stale (ARGS=--all: every one)
	@$(PY) tools/experiments.py $(ARGS)

verify: install-test ## run every experiment anew, and the solutions' assertions on the new records
	@$(PY) tools/verify.py

bench: python ## measure speed, and write tests/bench/RESULTS.md (ARGS=--quick: a trial; ARGS=live: a section)
	@$(PYTHON) tools/install.py test bench
	@$(PY) tools/bench.py $(ARGS)

update: ## bring a newer course in; what you have written is kept
	@$(PYTHON) tools/update.py

lint: install-test ## ruff, on package, tools, tests and notebooks
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .

constraints: ## write constraints.txt anew from the newest packages that fit
	@$(PYTHON) tools/constraints.py
