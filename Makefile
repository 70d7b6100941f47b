# Needs Python 3.11 or newer, make and a C compiler. Everything is installed into .venv, nothing elsewhere.
# Another Python: make demo PYTHON=/path/to/python3.12

SHELL := /bin/sh
PYTHON ?= $(shell for p in python3.11 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && exit; done; echo python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo test lint lock clean

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

demo: .venv/.with-deep,service,knowledge  ## Find bargains in a simulated market and say which files to open
	$(BIN)/perla demo -o perla-demo

test: .venv/.with-deep,knowledge,speech,test  ## Run the whole test suite
	$(BIN)/python -m pytest -n auto --dist loadscope

lint: .venv/.with-deep,knowledge,speech,test,lint  ## Check style, types and who imports whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:  ## Write constraints.txt anew: what pip chooses today for perla and its extras, in an empty environment
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && set -e && \
	$(PYTHON) -m venv "$$scratch" && \
	"$$scratch/bin/python" -m pip --disable-pip-version-check install -q '.[deep,service,postgres,knowledge,speech,test,lint,bench]' && \
	{ echo '# What perla is tested with, for every platform. Written by "make lock"; use: pip install -c constraints.txt .' ; \
	  "$$scratch/bin/python" -m pip freeze --exclude perla | sed 's/+[a-z0-9.]*$$//' | \
	  grep -Eiv '^(nvidia|cuda|triton|pip|setuptools)' ; } > "$$scratch/constraints.txt" && \
	mv "$$scratch/constraints.txt" constraints.txt && rm -rf build

clean:  ## Remove the environment, caches and the demo's files
	rm -rf .venv build dist perla-demo src/perla.egg-info .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "perla needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo not there). Install it, or say which: make demo PYTHON=python3.12" >&2; \
	  exit 2; }
	$(PYTHON) -m venv .venv

# One stamp for each set of extras; the source is linked, so only these three files call for another installation.
.venv/.with-%: pyproject.toml constraints.txt src/perla/__init__.py | $(BIN)/python
	@echo "Installing perla with $* into .venv (some minutes the first time)"
	$(PIP) install -q -c constraints.txt -e '.[$*]'
	@touch '$@'
