# make            list what can be made
# make run        open the demo company in a browser
# make test       everything that must hold

BENCHES ?= intake accept hooks queue search similar match remedy steps rehearse clocks quality
TEST_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test bench format docs messages lock clean

help: ## This list
	@sed -n 's/^\([a-z]*\):.*## /  make \1#/p' $(MAKEFILE_LIST) | column -t -s '#' 2>/dev/null \
		|| sed -n 's/^\([a-z]*\):.*## /  make \1  /p' $(MAKEFILE_LIST)

setup: ## Create .venv with the command .venv/bin/huiyin
	@scripts/setup

run: setup ## Start web and worker with the demo company
	@.venv/bin/huiyin up --demo

test: setup ## Style, types, contracts, tests on SQLite and PostgreSQL, browser, docs
	@.venv/bin/python scripts/test.py $(TEST_ARGS)

bench: setup ## Measure; one JSON object for each benchmark
	@for name in $(BENCHES); do .venv/bin/huiyin bench $$name || exit 1; done

format: setup ## Bring the code into the house style
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .

docs: setup ## Build the documentation into site/
	@.venv/bin/python scripts/settings_page.py
	@.venv/bin/python scripts/quality_curve.py
	@.venv/bin/python scripts/conformance_page.py
	@NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet --site-dir site

messages: setup ## Collect the texts of the interface and compile their translation
	@.venv/bin/python scripts/messages.py

lock: setup ## Resolve pyproject.toml into requirements/*.txt
	@scripts/lock

clean: ## Remove what tools left behind; .venv stays
	@rm -rf build dist site .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
