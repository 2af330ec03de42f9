#!/usr/bin/env bash
# Write requirements.lock and requirements-dev.lock anew from pyproject.toml: exact versions with their hashes.
set -euo pipefail
python=${1:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$python" -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install -q pip-tools
for extra in "" dev; do
    "$scratch/venv/bin/pip-compile" -q --generate-hashes --allow-unsafe --strip-extras --no-header --upgrade \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-annotate \
        ${extra:+--extra "$extra"} --all-build-deps -o "requirements${extra:+-$extra}.lock" pyproject.toml
done
