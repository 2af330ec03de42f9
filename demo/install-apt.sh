#!/usr/bin/env bash
# Install the Debian or Ubuntu packages that are missing, with sudo when not root; then leave a stamp.
# usage: install-apt.sh STAMP PACKAGE...
set -euo pipefail
stamp=$1; shift
mkdir -p "$(dirname "$stamp")"

missing=()
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
# A Python that makes environments by itself (pyenv, python.org) needs no python3-venv.
if "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; then
    missing=("${missing[@]/python3-venv/}")
fi
read -ra missing <<<"${missing[*]:-}"

if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        echo "not Debian or Ubuntu: install these yourself, or see 'signoff doctor' for other engines: ${missing[*]}" >&2
        exit 0
    fi
    sudo=()
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    echo "installing from the distribution: ${missing[*]}"
    log=$(mktemp)
    install() {
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >"$log" 2>&1
    }
    "${sudo[@]}" apt-get update -q >"$log" 2>&1 || tail -n 5 "$log" >&2
    failed=()
    if ! install "${missing[@]}"; then
        # One that this system cannot have must not keep the others away.
        for package in "${missing[@]}"; do
            install "$package" || { tail -n 5 "$log" >&2; failed+=("$package"); }
        done
    fi
    if [ ${#failed[@]} -gt 0 ]; then
        echo "the distribution could not install: ${failed[*]} ('signoff doctor' says what to do without)" >&2
        rm -f "$log"
        exit 0
    fi
    rm -f "$log"
fi
printf '%s\n' "$@" >"$stamp"
