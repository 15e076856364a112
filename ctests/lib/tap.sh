# shellcheck shell=bash
# Results are TAP (testanything.org): a suite prints `ok - name`, `not ok - name` or `ok - name # SKIP why`, one line a
# test. Everything else that it prints on its standard output is a comment (`# `); `# = ` is a measurement that
# ctests/check shows. Read by lib.sh.

ok() { printf 'ok - %s\n' "$1"; }
not_ok() {
    printf 'not ok - %s\n' "$1"
    [ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /'
}
skip() { printf 'ok - %s # SKIP %s\n' "$1" "$2"; }

# try NAME COMMAND...: one test that is a command; its output is shown only when it fails.
try() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1 </dev/null); then ok "$name"; else not_ok "$name" "$out"; fi
}

# guest_tap PREFIX LOG: the results of a guest, each name after PREFIX. A guest that did not come to its end was started
# again: its earlier results do not count, and are removed from LOG; `# = ` says so.
guest_tap() {
    awk '/^# the guest did not come to its end/ { kept = "" } { kept = kept $0 "\n" } END { printf "%s", kept }' \
        "$2" >"$2.last"
    ! grep -q '^# the guest did not come to its end' "$2" || printf '# = %s: the guest had to be started again\n' "$1"
    mv "$2.last" "$2"
    sed "s/^\(not \)\{0,1\}ok - /&$1: /" "$2"
}

# finds_nothing GREP...: that search worked, and nothing is there: 2 is a wrong pattern, or a file that is missing.
finds_nothing() {
    local status=0
    "$@" || status=$?
    [ $status = 1 ]
}

# prints TEXT COMMAND...: all of its standard output, and a status of 0.
prints() {
    local text=$1 out status=0
    shift
    out=$("$@" 2>/dev/null) || status=$?
    diff <(printf '%s\n' "$text") <(printf '%s\n' "$out") && [ $status = 0 ] || { echo "status $status"; return 1; }
}
