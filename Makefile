# Two commands are enough: `make run` and `make test`. The rest is for maintainers.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test bench lint map translations screenshots clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/.ready  ## make .venv with everything needed to run

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.txt constraints.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt scanners/requirements.txt
	$(BIN)/pip install --quiet -r scanners/requirements.txt -r requirements-dev.txt
	@touch $@

run: export VOLUNTEER_DEMO ?= 1
run: setup  ## start everything with a demo district; Ctrl-C ends it
	@$(BIN)/flask --app app serve

test: setup-dev  ## install what tests need and run them all
	@bash tests/install_system_packages.sh
	$(BIN)/python -m pytest -n auto --dist loadfile --ignore=tests/browser $(ARGS)
	# A browser at a time: two of them starve each other on two cores.
	$(BIN)/python -m pytest tests/browser $(ARGS)

bench: setup-dev  ## measure; writes docs/performance.md
	@bash tests/install_system_packages.sh
	$(BIN)/python -m benchmarks

lint: setup-dev  ## style, types
	$(BIN)/ruff check .
	$(BIN)/mypy

map: setup-dev  ## draw docs/map.md from the code
	$(BIN)/python -m tools.map

translations: setup-dev  ## bring the English catalogue up to date
	$(BIN)/python -m tools.translations

screenshots: setup-dev  ## take the pictures of the README
	$(BIN)/python -m tools.screenshots

clean:  ## remove what make made (not the database)
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
