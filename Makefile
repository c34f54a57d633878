# `make demo` and `make test` need nothing done before; see README.md.

CANDIDATES := python3 python3.14 python3.13 python3.12 python3.11
PYTHON ?= $(shell for name in $(CANDIDATES); do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT

CATALOGUES := translations/zh_Hans_CN/LC_MESSAGES/messages.mo translations/en/LC_MESSAGES/messages.mo

.NOTPARALLEL:
.PHONY: demo test soak bench check lint install install-dev packages packages-dev python

demo: install
	@exec .venv/bin/python -m tools.demo

test: install-dev
	@$(PYTHON) -m tools.testdeps
	.venv/bin/python -m pytest -n auto --dist worksteal

# The long form of the fault and security tests, up to half an hour each; docs/reliability.md says what they show.
soak: install-dev
	@$(PYTHON) -m tools.testdeps
	.venv/bin/python -m pytest -n 0 $(sort $(wildcard tests/soak/soak_*.py))

# Ours beside others, in an environment of their own; BENCH is quick, usual or full (benchmarks/README.md).
BENCH ?= usual
bench: install-dev
	.venv/bin/python -m benchmarks.http --profile $(BENCH) --write --note "$(NOTE)"

check: install-dev lint
	.venv/bin/python -m pytest tests/test_structure.py

lint: install-dev
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# What deploy/release.sh installs: also the code compiled, because the service may write nothing here.
.PHONY: release
release: install
	@.venv/bin/python -m compileall -q app migrations

# Packages and catalogues: without these a page has the language it was written in, whichever is asked for.
install: packages $(CATALOGUES)

install-dev: packages-dev $(CATALOGUES)

packages: python
	@$(PYTHON) -m tools.bootstrap requirements.txt

packages-dev: python
	@$(PYTHON) -m tools.bootstrap requirements-dev.txt

python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed. On Debian, as root: apt-get install python3" >&2; exit 1; }

# Catalogues: templates hold Chinese message ids, Python English ones (docs/decisions/0004-languages-of-messages.md).
LOCALES := zh_Hans_CN en
ERRORS := DomainError Invalid NotFound Forbidden Unauthenticated Conflict Gone Unavailable N_ lazy_gettext _l
.PHONY: messages
messages: install-dev
	.venv/bin/pybabel -q extract -F babel.cfg $(addprefix -k ,$(ERRORS)) --no-location --sort-output --omit-header -o translations/messages.pot .
	for locale in $(LOCALES); do test -f translations/$$locale/LC_MESSAGES/messages.po \
		|| .venv/bin/pybabel -q init -i translations/messages.pot -d translations -l $$locale; \
		.venv/bin/pybabel -q update -N --no-wrap --ignore-obsolete -i translations/messages.pot -d translations -l $$locale; done
	sed -i -E '/^"(POT-Creation|PO-Revision|Last-Translator|Language-Team|Report-Msgid|Generated-By)/d' translations/*/LC_MESSAGES/messages.po
	rm translations/messages.pot

translations/%/LC_MESSAGES/messages.mo: translations/%/LC_MESSAGES/messages.po
	@.venv/bin/pybabel -q compile -i $< -o $@
