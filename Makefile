# Few verbs. Each one makes what it needs: `.venv` from hash-pinned requirements, nothing installed by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OTHER_VENV := .venv-accuracy
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test check soak bench accuracy format lock clean

demo: $(VENV)/.sandbox  ## the whole way on a made-up clinic, in under two minutes (KEEP=1 leaves it running)
	@$(BIN)/ajantasa demo $(if $(KEEP),--keep)

test: $(VENV)/.dev  ## every test, real PostgreSQL and real browser included
	$(BIN)/pytest

check: $(VENV)/.dev  ## lint, formatting, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

soak: $(VENV)/.dev  ## a day of kills, faults and chance; writes RELIABILITY.md (MINUTES=60 for a part of each)
	$(BIN)/python -m tests.soak --write $(if $(MINUTES),--minutes $(MINUTES))

bench: $(VENV)/.dev $(OTHER_VENV)/.accuracy  ## speed and memory, as figures of one run, Splink's beside ours
	$(BIN)/python -m tests.benchmarks
	$(BIN)/python -m tests.benchmarks.at_scale

accuracy: $(VENV)/.dev $(OTHER_VENV)/.accuracy  ## how well the matcher matches, on labelled data (SPLINK=1 lets Splink match it too)
	$(BIN)/python -m tests.benchmarks.accuracy $(SETS) $(if $(SPLINK),--splink)

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ajantasa needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.sandbox: requirements/sandbox.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/sandbox.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# What makes labelled data asks for other versions than we do, so it lives apart and only writes files.
$(OTHER_VENV)/.accuracy: requirements/accuracy.txt | $(VENV)/bin/python
	$(PYTHON) -m venv $(OTHER_VENV)
	$(OTHER_VENV)/bin/pip install --quiet --require-hashes -r requirements/accuracy.txt
	@touch $@

# For maintainers: pin anew. Needs `uv` on the PATH.
UV_COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header
lock:
	$(UV_COMPILE) --extra build pyproject.toml -o requirements/run.txt
	$(UV_COMPILE) --extra build --extra sandbox -c requirements/run.txt pyproject.toml -o requirements/sandbox.txt
	$(UV_COMPILE) --extra build --extra dev -c requirements/run.txt pyproject.toml -o requirements/dev.txt
	$(UV_COMPILE) requirements/accuracy.in -o requirements/accuracy.txt

clean:
	rm -rf $(VENV) $(OTHER_VENV) build *.egg-info
