# Two commands matter: `make demo` and `make test`. Both install what is missing first and do nothing twice.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: demo test lint unit judges clean help install lock

PYTHON ?= python3
BIN := .venv/bin

# What the product itself needs from the distribution, and what only the tests need (libatomic1: Playwright's driver).
APT_DEMO := python3-venv apertium apertium-eng-spa apertium-eng-cat apertium-en-gl apertium-es-pt openssh-client
APT_TEST := gettext strace chromium apertium-fra-cat libatomic1
# Other people's programs that must be able to read what we write.
APT_JUDGES := omegat default-jre-headless libreoffice-calc libreoffice-writer python3-uno \
	poedit xvfb openbox xdotool xclip emacs-nox gettext-el vim-tiny $(if $(shell command -v npm),,npm)

help:
	@echo "make demo   install, translate source_content/ and build the sample sites"
	@echo "make test   install, then lint, types and tests"
	@echo "make lint   ruff and mypy only;  make unit   the tests only"
	@echo "make judges other tools read what we write (installs Poedit, OmegaT, LibreOffice, Emacs, Vim, Weblate's"
	@echo "            writer of PO files, the Nu HTML checker; they are driven without a screen)"
	@echo "make clean  remove what the demo made (.signoff/ locales/ ledger/ site/ site-preview/ site-source/)"

demo: .installed/apt-demo .installed/venv
	@$(BIN)/python demo/play.py

test: .installed/apt-demo .installed/apt-test .installed/venv-dev lint unit

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit:
	$(BIN)/pytest -n auto --ignore=tests/judges

judges: .installed/apt-demo .installed/apt-judges .installed/vnu .installed/venv-dev .installed/weblate
	$(BIN)/pytest -rs tests/judges

install: .installed/apt-demo .installed/venv

# The stamps: each holds what was installed, so that a changed list or lock installs again.
.installed/apt-demo: demo/install-apt.sh Makefile
	@bash demo/install-apt.sh $@ $(APT_DEMO)

.installed/apt-test: demo/install-apt.sh Makefile
	@bash demo/install-apt.sh $@ $(APT_TEST)

.installed/apt-judges: demo/install-apt.sh Makefile
	@bash demo/install-apt.sh $@ $(APT_JUDGES)

# The Nu HTML checker, from npm.
.installed/vnu: Makefile | .installed/apt-judges
	@if npm install --silent --no-save --no-audit --no-fund --prefix .installed vnu-jar; then touch $@; \
	else echo "the Nu HTML checker could not be installed: its judge is skipped" >&2; fi

.installed/weblate: tests/judges/weblate.lock demo/install-weblate.sh | .installed/venv-dev
	@bash demo/install-weblate.sh $(PYTHON) tests/judges/weblate.lock $@

.installed/venv: requirements.lock pyproject.toml | .installed/apt-demo
	@bash demo/install-venv.sh $(PYTHON) requirements.lock
	@touch $@

.installed/venv-dev: requirements-dev.lock pyproject.toml | .installed/apt-demo
	@bash demo/install-venv.sh $(PYTHON) requirements-dev.lock
	@touch $@ .installed/venv

# Only for whoever changes the dependencies.
lock:
	@bash demo/lock.sh $(PYTHON)

clean:
	rm -rf .signoff locales ledger site site-preview site-source
