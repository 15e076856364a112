#!/usr/bin/env bash
# Checks that need no build: formatting, linters, and that the paths and links in the tree exist; TAP.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev shellcheck git

try "cargo fmt" cargo fmt --check
try "cargo clippy" cargo clippy -q --locked --all-targets -- -D warnings
try "cargo clippy, with the header's feature" cargo clippy -q --locked --all-targets --features header -- -D warnings

# Scripts, found by their first line, and the files that they source. See .shellcheckrc.
mapfile -t scripts < <(git grep -lE '^(#!/(usr/bin/env bash|bin/(ba)?sh)|# shellcheck shell=)' -- ':!*.md')
try "shellcheck" shellcheck -x -S warning "${scripts[@]}"

# Everybody uses the same version, because another one finds other faults.
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
    try "ruff: Python" "$ruff/bin/ruff" check -q --output-format concise --no-cache --config ctests/source/ruff.toml \
        "${python[@]}"
else
    skip "ruff: Python" "pip cannot install ruff $ruff_version here"
fi
try "Python: the imports of each file work" python3 ctests/source/imports.py "${python[@]}"
results "" python3 ctests/source/tree.py
try "mutants: each edit of the table is found in src" python3 ctests/mutants/mutants.py --fit
. ctests/machine/machine_test.sh

# Names of our own, for things that have a standard name, must not come back. PLACES | a regular expression.
old_names() {
    local places pattern found=no
    while IFS='|' read -r places pattern; do
        # shellcheck disable=SC2086  # places are words
        finds_nothing git grep -nIP -e "${pattern# }" -- $places || found=yes
    done <<'NAMES'
src include docs README.md tools packaging build.rs meson.build | \b([Dd]oors?|[Rr]ooms|Composing|PATIENCE)\b
src include docs README.md tools packaging build.rs meson.build | \b([Ff]oreign|Attached)\b
src include docs README.md tools packaging build.rs meson.build | \bbelie(ve|ves|ved|ving)\b
src include tools packaging | \bLate\b|\b(Parts|Word)\b|\b(note|said|tell|lack|listed)\(
src tools packaging | \b(fn|def|let|let mut|static|const|struct|enum|type) (note|failed|lack|after|listed|said|tell)\b
src | (?<!the kernel )\b(listed|said)\b
src tools packaging include | \b(lack|truth|forbid|in_range|other_state|of_another)\b(?! CAP_)
NAMES
    [ $found = no ]
}
try "words: standard names, not our own" old_names
done_testing
