#!/usr/bin/env bash
# Make .venv with exactly the locked packages, checked by hash, and this project in it.
# usage: install-venv.sh PYTHON LOCK
set -euo pipefail
python=$1 lock=$2

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Signoff needs Python 3.11 or newer; $("$python" --version) is too old: make PYTHON=/path/to/python3.11" >&2
    exit 2
}
[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "installing the locked packages of $lock into .venv"
.venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$lock"
.venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
# Compiled now, as pip does with every other package: the first command is as fast as the next, and nobody else need be
# able to write here.
.venv/bin/python -m compileall -q pipeline review signoff
