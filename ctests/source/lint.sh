#!/usr/bin/env bash
# What needs no build: how the source is formatted, what linters say of it, and that the paths and links in it are right.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev shellcheck git

try "cargo fmt" cargo fmt --check
try "cargo clippy" cargo clippy -q --locked --all-targets -- -D warnings
try "cargo clippy, with the header's feature" cargo clippy -q --locked --all-targets --features header -- -D warnings

# Scripts by their first line, and what they read. See .shellcheckrc.
mapfile -t scripts < <(git grep -lE '^(#!/(usr/bin/env bash|bin/(ba)?sh)|# shellcheck shell=)' -- ':!*.md')
try "shellcheck" shellcheck -x -S warning "${scripts[@]}"

# The same linter for everybody: another version finds other things.
ruff_version=0.17.6
ruff=$cache/ruff-$ruff_version
if [ ! -x "$ruff/bin/ruff" ]; then
    python3 -m pip --version >/dev/null 2>&1 || need python3-pip
    rm -rf "$ruff.new"
    python3 -m pip install -q --disable-pip-version-check --no-deps --target "$ruff.new" "ruff==$ruff_version" \
        >"$cache/ruff.log" 2>&1 && rm -rf "$ruff" && mv "$ruff.new" "$ruff" || cat "$cache/ruff.log" >&2
fi
mapfile -t python < <(git grep -lE '^#!/usr/bin/(env )?python3' -- ':!*.md'; git ls-files '*.py')
if [ -x "$ruff/bin/ruff" ]; then
    try "ruff: Python" "$ruff/bin/ruff" check -q --no-cache --config ctests/source/ruff.toml "${python[@]}"
else
    skip "ruff: Python" "ruff $ruff_version cannot be had from PyPI here"
fi
python3 ctests/source/paths.py
