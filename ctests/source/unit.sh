#!/usr/bin/env bash
# The unit tests of the library, which are beside its code; one TAP line each.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cargo test --locked -- ${VIRNETDEVVF_PATTERN:+"$VIRNETDEVVF_PATTERN"} >"$log" 2>&1 || true
awk '/^test .* \.\.\. ok$/ { print "ok - unit " $2 } /^test .* \.\.\. FAILED$/ { print "not ok - unit " $2 }' "$log"
grep -q '^test result: ok' "$log" || not_ok "the unit tests ran to their end" "$(cat "$log")"
