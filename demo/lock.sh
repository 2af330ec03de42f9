#!/usr/bin/env bash
# Write requirements.lock and requirements-dev.lock anew from pyproject.toml, and the lock of Weblate for its judge: exact versions with their hashes, right for
# every Python from 3.11.0 on and every platform (Debian 12 has 3.11.2).
set -euo pipefail
python=${1:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install -q uv
echo 'setuptools>=77' >"$scratch/build.in"  # what installs this project itself, without a fetch of its own
for extra in "" dev; do
    "$scratch/venv/bin/uv" pip compile -q --universal --python-version 3.11.0 --generate-hashes --no-header \
        --no-annotate --upgrade --system-certs ${extra:+--extra "$extra"} \
        -o "requirements${extra:+-$extra}.lock" pyproject.toml "$scratch/build.in"
done
# Weblate without what must be compiled and only backs up, draws or reads pictures.
echo 'weblate==5.14.3' >"$scratch/weblate.in"
"$scratch/venv/bin/uv" pip compile -q --universal --python-version 3.11.0 --generate-hashes --no-header --no-annotate \
    --system-certs --no-emit-package borgbackup --no-emit-package pygobject --no-emit-package pycairo \
    --no-emit-package tesserocr --no-emit-package standardwebhooks -o tests/judges/weblate.lock "$scratch/weblate.in"
