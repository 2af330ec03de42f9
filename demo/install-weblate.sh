#!/usr/bin/env bash
# Make a virtual environment with Weblate's own code, for the judge that writes PO files with it; then leave a stamp.
# usage: install-weblate.sh PYTHON LOCK STAMP
#
# The lock has all that Weblate's reading and writing of files needs, without what must be compiled and only backs up,
# draws or reads pictures. Where it cannot be installed (another Python, no network) the judge says so and is skipped.
set -euo pipefail
python=$1 lock=$2 stamp=$3
folder=$(dirname "$stamp")/weblate-venv

echo "installing Weblate's code into $folder"
"$python" -m venv "$folder"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if timeout 300 "$folder/bin/python" -m pip install -q --disable-pip-version-check --retries 1 --timeout 20 --no-deps \
        --only-binary :all: --require-hashes -r "$lock" >"$log" 2>&1; then
    touch "$stamp"
else
    tail -n 5 "$log" >&2
    echo "Weblate could not be installed: its judge is skipped" >&2
    rm -rf "$folder"
fi
