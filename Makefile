# Everything a fresh clone needs besides Python 3.11, 3.12 or 3.13, make and pip.
# `make` alone lists the targets. ARGS reaches the program: make test ARGS="tests/store -x"

VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help demo run test check format docs bench fuzz pictures clean

help: ## List these targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r name what; \
	do printf '  make %-8s %s\n' "$$name" "$$what"; done

demo: $(VENV)/ready ## Show the whole pipeline at work: offline, no account, a few seconds
	@$(BIN)/python -m bot demo $(ARGS)

run: $(VENV)/ready ## Run the bot
	@$(BIN)/python -m bot run $(ARGS)

test: $(VENV)/ready-dev ## Run every test, on SQLite and on a real PostgreSQL
	$(BIN)/python -m pytest -n logical --maxprocesses 4 $(ARGS)

check: $(VENV)/ready-dev ## Check style, format, types and the arrows between the rooms
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/ready-dev ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(VENV)/ready-dev ## Build the pages of docs/ into build/docs; a broken link fails it
	@$(BIN)/python -m docs.site $(ARGS)

bench: $(VENV)/ready-dev ## Measure speed and memory; prints figures, judges nothing
	@set -e; for file in tests/bench/[a-z]*.py; do name=$$(basename "$$file" .py); \
	printf '\n== %s\n' "$$name"; $(BIN)/python -m "tests.bench.$$name" $(ARGS); done

fuzz: $(VENV)/ready-dev ## Feed the readers garbage for half an hour; stops at the first find
	@$(PIP_INSTALL) -e '.[fuzz]'
	$(BIN)/python -m tests.fuzz feeds --minutes 15 $(ARGS)
	$(BIN)/python -m tests.fuzz text --minutes 15 $(ARGS)

pictures: $(VENV)/ready-dev ## Take the pictures of docs/images anew; needs Chromium
	@$(BIN)/python -m tests.pictures $(ARGS)

clean: ## Remove what was built, installed and cached; databases and settings stay
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
	find bot tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: installed when pyproject.toml last changed, for use or for development.
$(VENV)/ready: pyproject.toml | $(BIN)/python
	@echo "Installing newsbot into $(VENV) ..."
	@$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/ready-dev: pyproject.toml | $(BIN)/python
	@echo "Installing newsbot and its development tools into $(VENV) ..."
	@$(PIP_INSTALL) -e '.[dev]'
	@touch $@ $(VENV)/ready

# A name on the PATH may be a shim that fails, or lack venv: each is tried before it is taken.
$(BIN)/python:
	@fit='import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	found=; for name in python3.13 python3.12 python3.11 python3; do \
		if "$$name" -c "$$fit" >/dev/null 2>&1; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "newsbot needs Python 3.11, 3.12 or 3.13 with venv and pip" \
			"(on Debian and Ubuntu: apt install python3-venv); none was found." >&2; exit 1; \
	fi; \
	"$$found" -m venv --clear $(VENV)
