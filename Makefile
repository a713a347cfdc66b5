# WhyMol: `make app` and `make test` bring a machine with Python 3.11, make and pip to a running state by themselves.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help app test train concepts bench app-libraries test-libraries

PORT ?= 8501
ADDRESS ?= localhost
TASK ?= mutagenicity
ARGS ?=

PYTHON ?= $(shell for p in python3.11 python3; do $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/python
# Files go to several processes; one thread each, since threads of several processes fight for the same cores.
PYTEST := OMP_NUM_THREADS=1 $(RUN) -m pytest -n auto --maxprocesses 4 --dist loadfile
PIP := $(RUN) -m pip --quiet --disable-pip-version-check

# A browser is opened where there is a screen to open it on.
HEADLESS := $(shell { [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ] || [ "$$(uname)" = Darwin ]; } && echo false || echo true)

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

app: app-libraries $(VENV)/app.stamp  ## install what is missing and open the app on http://localhost:8501 (PORT=...)
	$(RUN) -m streamlit run streamlit_app.py --server.port $(PORT) --server.headless $(HEADLESS) \
		--server.showEmailPrompt false --server.address $(ADDRESS) --browser.gatherUsageStats false

test: test-libraries $(VENV)/dev.stamp  ## install what is missing, then ruff, mypy, pytest, and its core without DGL (ARGS=... go to pytest)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(PYTEST) $(ARGS)
	WHYMOL_HIDE_DGL=1 $(PYTEST) -q tests/megan/test_graph.py tests/megan/test_layers.py tests/megan/test_model.py tests/megan/test_training.py tests/megan/test_predictor.py

train: app-libraries $(VENV)/app.stamp  ## train a task's committee: make train TASK=mutagenicity (ARGS="--members 5")
	$(RUN) -m app train $(TASK) $(ARGS)

CONCEPT_TASKS ?= mutagenicity aggregation solubility

concepts: app-libraries $(VENV)/app.stamp  ## find the concepts that ship again: make concepts CONCEPT_TASKS=mutagenicity
	for task in $(CONCEPT_TASKS); do \
		$(RUN) -m app concepts $$task --map umap --brief --output concepts/shipped/$$task || exit 1; done

BENCHMARKS := featurizer interactive accuracy trust ablations aggregation_sampling small_tables explanations concepts prototypes counterfactuals counterfactual_truth counterfactual_peers screening simulatability inference training_cost readme_tables

bench: $(addprefix bench-,$(BENCHMARKS))  ## run every benchmark; each prints a table and writes json that the README quotes

# One of them: make bench-featurizer. Some need the measured tables: MEGAN_DATA=FOLDER, or fetch-data first.
bench-%: test-libraries $(VENV)/dev.stamp
	$(RUN) -m benchmarks.$* $(ARGS)

app-libraries:
	@tools/system_libraries.sh app

test-libraries:
	@tools/system_libraries.sh test

# Debian splits ensurepip off; there the machine's pip serves the new environment from outside.
$(RUN):
	@[ -n "$(PYTHON)" ] || { echo "WhyMol needs Python 3.11 or later; none was found on the PATH." >&2; exit 1; }
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
		else $(PYTHON) -m venv --without-pip $(VENV) && \
		{ $(PYTHON) -m pip --quiet --python $(VENV)/bin/python install pip || { rm -rf $(VENV); exit 1; }; }; fi

# A stamp is newer than its requirements once they are installed, so that a second start needs no network and no wait.
$(VENV)/app.stamp: requirements.txt | $(RUN)
	@echo "Installing requirements.txt into $(VENV); the first time takes some minutes."
	@$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements.txt requirements-dev.txt | $(RUN)
	@echo "Installing requirements-dev.txt into $(VENV); the first time takes some minutes."
	@$(PIP) install -r requirements-dev.txt
	@touch $@ $(VENV)/app.stamp
