#!/usr/bin/env bash
# The unit tests of the library, which are beside its code; one TAP line each.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# "unit " is put before a name here, and ctests/check counts those that have the pattern. "::" is cargo's own.
pattern=${VIRNETDEVVF_PATTERN-}
[[ $pattern != *" "* ]] || pattern=''
cargo test --locked -- ${pattern:+"$pattern"} >"$log" 2>&1 || true
awk '/^running [0-9]+ tests?$/ { print "1.." $2 } /^test .* \.\.\. ok$/ { print "ok - " $2 }
    /^test .* \.\.\. FAILED$/ { print "not ok - " $2 }' "$log" | results_of "unit "
grep -q '^test result: ok' "$log" || not_ok "the unit tests ran to their end" "$(cat "$log")"
done_testing
