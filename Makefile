# From a fresh clone: `make run`. Needs make and a Python 3.11 to 3.13, nothing else.
.DEFAULT_GOAL := help
.PHONY: help run dev test test-bi lint audit format lock pages docs bi bi-lock env clean bench-tracking bench-landing bench-build bench-outfile check-captures check-samples torture torture-landing torture-builds

VENV := .venv
# Made when the environment is exactly what requirements.lock says.
STAMP := $(VENV)/made-from-lock
BIN := $(VENV)/bin
ARGS ?=
CAPTURES ?=
SAMPLES ?=
COMPARE ?=

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1 - /p' $(MAKEFILE_LIST)

run: $(STAMP) ## Land, build and print the KPIs (the sample when there is nothing to land)
	@$(BIN)/casebook run $(ARGS)

dev: $(STAMP) ## Start the Dagster UI
	@$(BIN)/casebook dev $(ARGS)

test: $(STAMP) ## Run the whole test suite
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

torture-landing: $(STAMP) ## Kill loaders and servers at random, TORTURE_LANDING_TRIALS times
	@$(BIN)/python -m pytest -m torture -o timeout=0 -s tests/integration/test_landing_torture.py $(ARGS)

check-captures: $(STAMP) ## Hold captures of the systems' clients in CAPTURES against the clients' own figures
	@CASEBOOK_CAPTURES="$(CAPTURES)" $(BIN)/python -m pytest -m torture -o timeout=0 -s -q tests/pipeline/test_captures.py

check-samples: $(STAMP) ## Hold warehouses of the folders in SAMPLES against what they expect, by the program COMPARE
	@CASEBOOK_SAMPLES="$(SAMPLES)" CASEBOOK_SAMPLES_COMPARE="$(COMPARE)" $(BIN)/python -m pytest -m torture -o timeout=0 -s -q tests/pipeline/test_samples.py

torture-builds: $(STAMP) ## Kill builds and their server at random, fill the disk, TORTURE_BUILD_TRIALS times
	@$(BIN)/python -m pytest -m torture -o timeout=0 -s tests/pipeline/test_build_torture.py $(ARGS)

bench-landing: $(STAMP) ## Measure landing against COPY and its peers, which it installs
	@$(BIN)/python -m bench.landing $(ARGS)

bench-build: $(STAMP) ## Measure builds of 1M and 10M events against a plain group by
	@$(BIN)/python -m bench.builds $(ARGS)

bench-outfile: $(STAMP) ## Measure landing of the coding agent's outfiles
	@$(BIN)/python -m bench.outfile $(ARGS)

torture: $(STAMP) ## Random trials of every order of arrival, for TORTURE_SECONDS or TORTURE_TRIALS
	@$(BIN)/python -m pytest -m torture -o timeout=0 -s tests/pipeline tests/integration $(ARGS)

lint: $(STAMP) ## Check style, types and SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python .ci/lint_sql.py

audit: $(STAMP) ## List licences, refuse unfit ones; look for known vulnerabilities (network)
	@$(BIN)/python .ci/audit.py

bench-tracking: $(STAMP) ## Measure the tracking client (needs redis-server)
	@$(BIN)/python -m bench.tracking $(ARGS)

format: $(STAMP) ## Write Python and SQL in the style that lint wants
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .
	@$(BIN)/python .ci/lint_sql.py fix

pages: $(STAMP) ## Write the pages of docs/ that are made from the program
	@$(BIN)/python -m raw_loaders.catalogue_page > docs/catalogue.md
	@$(BIN)/python -m orchestration.pages

docs: $(STAMP) ## Write dbt's documentation as one page, and say where
	@$(BIN)/python -m orchestration.pages.dbt_docs

bi: $(STAMP) ## Start Superset with its dashboards on the marts, in an environment of its own
	@$(BIN)/python -m bi.superset $(ARGS)

test-bi: $(STAMP) ## Import the dashboards into a Superset and run every chart's query
	@$(BIN)/python -m pytest -m bi -s tests/pipeline/test_superset.py $(ARGS)

bi-lock: ## Write bi/superset/requirements.txt from requirements.in; needs uv
	uv pip compile bi/superset/requirements.in --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make bi-lock" --quiet -o bi/superset/requirements.txt

lock: ## Write requirements.lock from pyproject.toml; needs uv
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 \
	    --generate-hashes --no-emit-index-url --no-annotate \
	    --custom-compile-command "make lock" --quiet -o requirements.lock

env: $(STAMP) ## Make the Python environment in .venv

clean: ## Remove the Python environment; data stays
	rm -rf $(VENV)

$(STAMP): requirements.lock
	@sh .ci/make-environment $(VENV)
