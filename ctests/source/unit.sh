#!/usr/bin/env bash
# The unit tests in the library's source files; one TAP line for each.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev

# cargo's names have no "unit ". A pattern with a blank may have it: then all tests run, and ctests/check selects.
pattern=${VIRNETDEVVF_PATTERN-}
[[ $pattern != *" "* ]] || pattern=''
unit() {
    cargo test --locked -- ${pattern:+"$pattern"} 2>&1 | awk '/^running [0-9]+ tests?$/ { print "1.." $2; next }
        /^test .* \.\.\. (ok|FAILED)$/ { print ($NF == "ok" ? "ok - " : "not ok - ") $2; next } { print "# " $0 }'
}
results "unit " unit
done_testing
