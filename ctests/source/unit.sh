#!/usr/bin/env bash
# The Rust side: formatted, without a warning of clippy's, and its unit tests, one TAP line each.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev shellcheck

try "cargo fmt" cargo fmt --check
try "cargo clippy" cargo clippy -q --locked --all-targets -- -D warnings
try "cargo clippy, with the header's feature" cargo clippy -q --locked --all-targets --features header -- -D warnings
# SC1091: lib.sh is read at run time. SC2154: what it sets, `set -e` among it (SC2164).
mapfile -t scripts < <(grep -rlE '^#!/(usr/bin/env bash|bin/(ba)?sh)' ctests .ci)
try "shellcheck" shellcheck -x -S warning -e SC1091,SC2154,SC2164 "${scripts[@]}"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --locked >"$log" 2>&1 || true
awk '/^test .* \.\.\. ok$/ { print "ok - unit " $2 } /^test .* \.\.\. FAILED$/ { print "not ok - unit " $2 }' "$log"
grep -q '^test result: ok' "$log" || not_ok "the unit tests ran to their end" "$(cat "$log")"
