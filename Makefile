# Two commands: make run, make test. `make help` lists the rest.
# Everything in the environment reaches the program, so PORT=8123 make run and SVASTHA_DATABASE_URL=... make run work.
MAKEFLAGS += --no-print-directory
UV := bin/uv
PYTHON := "$${UV_PROJECT_ENVIRONMENT:-.venv}"/bin/python
# Where it is set, each of many processes would compile the whole program and its libraries again: eight seconds.
export PYTHONDONTWRITEBYTECODE :=

# Runs one named step; only a step that fails has its name said last.
step = @echo "== $(1)" && { $(2) || { echo "make $@ failed at this step: $(1)" >&2; exit 1; }; }

.PHONY: help run test bench bench-short chaos fuzz drill check-supply diagrams screenshots format
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' Makefile

run: ## start everything in the foreground, on port 8000 or PORT; Ctrl-C stops it
	@test -d .venv || echo "Getting what is missing; the first time takes a minute ..."
	@$(UV) sync --locked --quiet --no-default-groups --inexact
	@exec $(PYTHON) -m svastha run --stop-with-parent

test: ## format, lint, types, import contracts, and all tests
	@test -d .venv || echo "Getting what is missing; the first time takes a minute ..."
	@$(UV) sync --locked --quiet
	$(call step,format,$(UV) run --no-sync ruff format --check)
	$(call step,lint,$(UV) run --no-sync ruff check)
	$(call step,types,$(UV) run --no-sync mypy)
	$(call step,import contracts,$(UV) run --no-sync lint-imports)
	$(call step,tests,$(UV) run --no-sync pytest -n auto --maxprocesses=4 --dist loadgroup)

bench: ## how fast, in proportion to what this machine can do: ten minutes, writes bench/RESULTS.md
	@$(UV) sync --locked --quiet
	@PYTHONPATH=. $(UV) run --no-sync python -m bench --write

bench-short: ## the same in five minutes; fails on a ratio that got worse
	@$(UV) sync --locked --quiet
	@PYTHONPATH=. $(UV) run --no-sync python -m bench --short

chaos: ## kill, fill and cut off what can be, under load, and look whether anything was lost: ten minutes
	@$(UV) sync --locked --quiet
	@PYTHONPATH=. $(UV) run --no-sync python -m chaos

fuzz: ## hostile input for five minutes
	@$(UV) sync --locked --quiet --group fuzz
	@PYTHONPATH=. $(UV) run --no-sync python -m fuzz

drill: ## back up, destroy, restore and verify a copy, and say how much and how long was lost
	@$(UV) sync --locked --quiet
	@PYTHONPATH=. $(UV) run --no-sync python -m drill

check-supply: ## known holes, licences, secrets, static checks, containers; writes the bill of materials
	@$(UV) sync --locked --quiet --all-groups
	@$(UV) run --no-sync python -m supply

diagrams: ## draw the pictures of docs/ anew
	@$(UV) sync --locked --quiet
	@$(UV) run --no-sync python bin/diagrams

screenshots: ## remake the pictures of the README from a running demo
	@$(UV) sync --locked --quiet
	@$(UV) run --no-sync python bin/screenshots

format: ## put the code into its one format
	@$(UV) sync --locked --quiet
	@$(UV) run --no-sync ruff check --fix
	@$(UV) run --no-sync ruff format
