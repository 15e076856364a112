#!/usr/bin/env bash
# The unit tests of the library, which are beside its code; one TAP line each.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev

# "unit " is put before a name here, and ctests/check counts those that have the pattern. "::" is cargo's own.
pattern=${VIRNETDEVVF_PATTERN-}
[[ $pattern != *" "* ]] || pattern=''
unit() {
    cargo test --locked -- ${pattern:+"$pattern"} 2>&1 | awk '/^running [0-9]+ tests?$/ { print "1.." $2; next }
        /^test .* \.\.\. (ok|FAILED)$/ { print ($NF == "ok" ? "ok - " : "not ok - ") $2; next } { print "# " $0 }'
}
results "unit " unit
done_testing
