# What a person types is what CI runs. Nothing but Python 3.11+, make and a network for packages.
PYTHON ?= python3
VENV   ?= .venv
HOST   ?= 127.0.0.1
PORT   ?= 8050
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test lint bench fuzz docs dist catalog reference clean lock browser
.DEFAULT_GOAL := run

run: $(VENV)/.run
	@$(BIN)/atlas serve --host $(HOST) --port $(PORT)

test: $(VENV)/.test browser
	@$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python scripts/sizes.py

# LARGE=1 measures a million activities too.
bench: $(VENV)/.test $(VENV)-bench/.ready
	@$(BIN)/python -m benchmarks --peer $(VENV)-bench/bin/python $(if $(LARGE),--large)

# Broken files and cells for FUZZ seconds; what breaks the readers is left in fuzz/.
FUZZ ?= 60
fuzz: $(VENV)-fuzz/.ready
	@$(VENV)-fuzz/bin/python -m scripts.fuzz -max_total_time=$(FUZZ) -rss_limit_mb=2048 -timeout=30

docs: $(VENV)/.docs
	@$(BIN)/mkdocs build --quiet --strict
	@echo "site/index.html"

# The English catalog follows the French sentences of the code.
catalog: $(VENV)/.run
	@$(BIN)/python scripts/catalog.py

# docs/reference.md: commands, variables, indicators and findings, as the code has them.
reference: $(VENV)/.run
	@$(BIN)/python -m scripts.reference

# Chromium is a system package: installed when that is allowed, named when it is not.
browser:
	@sh scripts/chromium.sh

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# The locked packages, then the package itself: nothing is resolved at install time.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installation des paquets verrouillés…"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q atlas
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch $@

$(VENV)/.docs: requirements/docs.txt $(VENV)/.run
	@$(PIP) install --require-hashes -r requirements/docs.txt
	@touch $@

$(VENV)-bench/.ready: requirements/bench.txt
	@$(PYTHON) -m venv $(VENV)-bench
	@$(VENV)-bench/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/bench.txt
	@touch $@

# A release: the wheel, run from an empty environment, and what is in it.
DIST := $(VENV)-dist
dist: $(VENV)/.run $(DIST)/.ready
	@rm -rf dist $(DIST)/wheel && mkdir dist
	@$(PIP) wheel --no-deps --no-build-isolation -w dist .
	@$(PYTHON) -m venv $(DIST)/wheel
	@$(DIST)/wheel/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/run.txt
	@$(DIST)/wheel/bin/python -m pip --disable-pip-version-check --quiet install --no-deps dist/*.whl
	@$(BIN)/python -m scripts.served $(DIST)/wheel/bin/atlas
	@$(DIST)/bin/cyclonedx-py environment $(DIST)/wheel/bin/python --of JSON -o dist/sbom.cdx.json
	@$(DIST)/bin/pip-licenses --python $(DIST)/wheel/bin/python --format csv --output-file dist/licences.csv
	@$(BIN)/python -m scripts.vulnerabilities $(DIST)/bin/pip-audit dist/vulnerabilities.txt
	@ls -l dist

$(DIST)/.ready: requirements/dist.txt
	@$(PYTHON) -m venv $(DIST)
	@$(DIST)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/dist.txt
	@touch $@

$(VENV)-fuzz/.ready: requirements/fuzz.txt
	@$(PYTHON) -m venv $(VENV)-fuzz
	@$(VENV)-fuzz/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements/fuzz.txt
	@touch $@

# Locks are made with uv, which only whoever changes a dependency needs.
COMPILE = uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"
lock:
	$(COMPILE) pyproject.toml requirements/build.in -o requirements/run.txt
	$(COMPILE) pyproject.toml requirements/build.in --extra test --extra dev -c requirements/run.txt -o requirements/test.txt
	$(COMPILE) pyproject.toml requirements/build.in --extra docs -c requirements/test.txt -o requirements/docs.txt
	$(COMPILE) requirements/bench.in -o requirements/bench.txt
	$(COMPILE) requirements/dist.in -o requirements/dist.txt
	$(COMPILE) pyproject.toml requirements/fuzz.in -c requirements/test.txt -o requirements/fuzz.txt

clean:
	@rm -rf $(VENV) $(VENV)-bench $(VENV)-fuzz $(VENV)-dist fuzz build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
