# shellcheck shell=bash
# Results are TAP (testanything.org): a suite prints one line for each test, `ok - name`, `not ok - name` or
# `ok - name # SKIP why`, and ends with its plan (done_testing), so that a suite that dies early has no plan. Other
# lines on standard output are comments (`# `); `# = ` is a measurement that ctests/check shows. lib.sh sources this
# file; tap.py is the same for Python.

# A file with one byte for each result, also from subshells. Its name is removed: it disappears when the script ends.
tap_count=$(mktemp)
exec {tap_fd}<>"$tap_count"
rm -f "$tap_count"
tap_count=/proc/$$/fd/$tap_fd

result() {
    printf '%s\n' "$1"
    printf x >>"$tap_count"
}
ok() { result "ok - $1"; }
not_ok() {
    result "not ok - $1"
    [ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /'
}
skip() { result "ok - $1 # SKIP $2"; }
done_testing() { printf '1..%s\n' "$(wc -c <"$tap_count")"; }

# try NAME COMMAND...: a test that passes if the command succeeds. The command's output is shown only if it fails.
try() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1 </dev/null); then ok "$name"; else not_ok "$name" "$out"; fi
}

# results PREFIX COMMAND...: prints the results of a program as results of this suite, with PREFIX before each name. The
# program must print a plan that is right, and its status must be 0 if nothing is red.
results() { { "${@:2}" 2>&1 || printf 'exit status %s\n' $?; } | results_of "$1"; }
# results_of PREFIX: the same, for output on standard input.
results_of() {
    local line seen=0 planned='' status='' red='' said=''
    while IFS= read -r line; do
        # cmocka numbers its results, and ends a group with a comment that looks like a result.
        if [[ $line =~ ^(ok|not ok)(' '[0-9]+)?' - '(.*)$ ]]; then
            result "${BASH_REMATCH[1]} - $1${BASH_REMATCH[3]}"
            seen=$((seen + 1)) said=''
            [ "${BASH_REMATCH[1]}" = ok ] || red=yes
        elif [[ $line =~ ^1\.\.([0-9]+)$ ]]; then
            planned=$((planned + BASH_REMATCH[1]))
        elif [[ $line =~ ^exit' 'status' '([0-9]+)$ ]]; then
            status=${BASH_REMATCH[1]}
        elif ! [[ $line =~ ^'# '(ok|not ok)' - ' ]]; then
            [[ $line == '#'* ]] || line="# $line"
            printf '%s\n' "$line"
            said+=$line$'\n'
        fi
    done
    if [ "${planned:-none}" != $seen ]; then
        not_ok "$1the plan is ${planned:-none}, the results are $seen${status:+, the status is $status}" "$said"
    elif [ -n "$status" ] && [ -z "$red" ]; then
        not_ok "$1ends with status $status" "$said"
    fi
}

# finds_nothing GREP...: the search worked and found nothing. Its status 2 means a wrong pattern, or a missing file.
finds_nothing() {
    local status=0
    "$@" || status=$?
    [ $status = 1 ]
}

# prints TEXT COMMAND...: the command prints exactly TEXT on standard output, and its status is 0.
prints() {
    local text=$1 out status=0
    shift
    out=$("$@" 2>/dev/null) || status=$?
    diff <(printf '%s\n' "$text") <(printf '%s\n' "$out") && [ $status = 0 ] || { echo "status $status"; return 1; }
}
