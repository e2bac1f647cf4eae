# Everything a newcomer needs: `make demo` and `make test` set up a virtual environment of their own.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEMO := scenarios/sqs-interface-endpoint.yaml

.PHONY: help demo test check format bench golden clean

help:
	@echo "make demo    run the main scenario and print what was predicted and observed"
	@echo "make test    check style and types, and run the whole test suite"
	@echo "make bench   run the benchmarks"
	@echo "make golden  write the golden outputs and the documentation's outputs again"

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $(READY)

demo: $(READY)
	@$(BIN)/vpcsim run $(DEMO)

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

test: check
	$(BIN)/python -m pytest --numprocesses auto

bench: $(READY)
	$(BIN)/python -m benchmarks

golden: $(READY)
	$(BIN)/python tests/test_golden.py --write
	$(BIN)/python tests/test_docs.py --write

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
