# `make demo` and `make test` need nothing done before; see README.md.

CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(shell for name in $(CANDIDATES); do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

.PHONY: demo test check lint install install-dev python

demo: install
	@exec .venv/bin/python -m tools.demo

test: install-dev
	@$(PYTHON) -m tools.testdeps
	.venv/bin/python -m pytest -n auto --dist worksteal

check: install-dev lint
	.venv/bin/python -m pytest tests/test_structure.py

lint: install-dev
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

install: python
	@$(PYTHON) -m tools.bootstrap requirements.txt

install-dev: python
	@$(PYTHON) -m tools.bootstrap requirements-dev.txt

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. On Debian, as root: apt-get install python3" >&2; exit 1; }
