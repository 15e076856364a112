#!/usr/bin/env bash
# Does ctests/check see a suite that must fail? Artificial suites run as the real ones do: Meson runs them through
# ctests/lib/record.sh, and ctests/lib/check.py shows them. Then `results` of lib/tap.sh is tested; TAP.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need meson ninja-build python3

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/ctests/lib"
cp "$top"/ctests/lib/{check.py,record.sh} "$work/ctests/lib"
sed '/^record = /,$!d; /^# `meson test --benchmark`/,$d' "$top/ctests/meson.build" >"$work/ctests/meson.build"
# NAME | what ctests/check must print about it | what it runs
while IFS='|' read -r name says program; do
    name=${name// /}
    printf '%s check 1 suite.sh %s\n' "$name" "$name" >>"$work/ctests/suites.txt"
    printf '%s)%s ;;\n' "$name" "$program" >>"$work/cases"
    printf '%s|%s\n' "$name" "$says" >>"$work/says"
done <<'SUITES'
good      | 2 ok, 0 not ok, 1 skipped  | tap 'ok - a' 'ok 2 - b' '# = 3 things' 'ok - c # SKIP no' 1..3
red       | 1 ok, 1 not ok             | tap 'ok - a' 'not ok - b' '# why' 1..2
no-plan   | 1 ok, 1 not ok             | tap 'ok - a'
fewer     | 1 ok, 1 not ok             | tap 'ok - a' 1..2
more      | 2 ok, 1 not ok             | tap 'ok - a' 'ok - b' 1..1
bail-out  | 1 ok, 1 not ok             | tap 'ok - a' 'Bail out! no disk' 1..1
skips     | 0 ok, 1 not ok, 1 skipped  | tap 'ok - a # SKIP no' 1..1
nothing   | 0 ok, 1 not ok             | tap 1..0
no-result | 1 ok, 1 not ok             | tap 'ok - a' 'ok, now compiling' 1..2
status    | 1 ok, 1 not ok             | tap 'ok - a' 1..1; exit 3
again     | 1 ok, 0 not ok             | tap 'ok - a' '# = machine started again: it died' 1..1
SUITES
{
    printf '#!/bin/sh\ntap() { printf "%%s\\n" "$@"; }\ncase $1 in\n'
    cat "$work/cases"
    printf "esac\n"
} >"$work/ctests/suite.sh"
chmod +x "$work/ctests/suite.sh"
printf "project('virnetdevvf', meson_version: '>= 0.63')\nfs = import('fs')\nsubdir('ctests')\n" >"$work/meson.build"
meson setup "$work/build" "$work" >"$work/log" 2>&1 || die "Meson cannot set up: $(cat "$work/log")"
# check PATTERN SUITE...: writes what check.py prints to $work/said.
check() { { python3 "$work/ctests/lib/check.py" "$work/build" "$@" || true; } >"$work/said" 2>&1 </dev/null; }
mapfile -t names < <(cut -d '|' -f 1 "$work/says")
check '' "${names[@]}"
while IFS='|' read -r name says; do
    try "runner: $name: $(xargs <<<"$says")" grep "^== $name: $(xargs <<<"$says") (" "$work/said"
done <"$work/says"
try "runner: what was measured, and why a result is red, is shown" \
    test "$(grep -cxE '    (= 3 things|# why)' "$work/said")" = 2
try "runner: machines that were started again are counted" \
    grep -x 'machines that had to be started again: 1' "$work/said"
try "runner: the sum" grep -x '11 passed, 9 failed, 2 skipped' "$work/said"
red() { ! python3 "$work/ctests/lib/check.py" "$work/build" "$@"; }
try "runner: a red suite makes the status 1" red '' red
try "runner: a pattern that no test has in its name is red" red nonesuch good
try "runner: a pattern: shows the tests whose names contain it" \
    diff <(printf '    %s\n' '= 3 things' 'ok 2 - b') <(check b good && grep '^    ' "$work/said")

# passes_on WORDS COMMAND...: the output of `results` has these words.
passes_on() { (tap_count=/dev/null results "" bash -c "$2") | grep -F -e "$1"; }
try "results: a program that ends early with status 0" passes_on 'not ok - the plan is 2' 'echo 1..2; echo ok 1 - a'
try "results: a program without a plan" passes_on 'not ok - the plan is none' 'echo ok 1 - a'
try "results: a program that ends with a status" \
    passes_on 'not ok - ends with status 3' 'echo 1..1; echo ok 1 - a; exit 3'
try "results: ... after a red result, it is not red again" \
    diff <(echo 'not ok - a') <(tap_count=/dev/null results "" bash -c 'echo 1..1; echo not ok 1 - a; exit 1')
done_testing
