# shellcheck shell=bash
# Tests machine.py and again.py with a script in place of QEMU: when a machine is started again, and what is red. Read
# by ctests/source/lint.sh.

fake=$(mktemp -d)
# What QEMU prints: a line of `tries` for each start.
cat >"$fake/qemu-system-x86_64" <<'FAKE'
#!/bin/bash
[[ $* =~ ,fd=([0-9]+) ]] || exit
echo $$ >>"${0%/*}/pids"
try=$(sed -n 1p "${0%/*}/tries")
sed -i 1d "${0%/*}/tries"
[[ $try == silent* ]] || echo "# = = begin" >&"${BASH_REMATCH[1]}"
eval "${try#silent}" >&"${BASH_REMATCH[1]}"
FAKE
chmod +x "$fake/qemu-system-x86_64"
cat >"$fake/emulated.py" <<'PYTHON'
import os
import pathlib
import sys

import machine

machine.LIMIT_S = int(os.environ.get("BOOT_S", 300))
with machine.Command(pathlib.Path(sys.argv[1]), pathlib.Path("/"), "none", 1, True) as emulated:
    sys.exit(emulated.run(int(sys.argv[2])))
PYTHON

# machine STATUS LIMIT OUTPUT TRY...: its status, and its output without the lines of QEMU and the kernel. No QEMU is
# left behind.
machine() {
    local status=0 out pid
    printf '%s\n' "${@:4}" "echo one start too many" >"$fake/tries"
    : >"$fake/pids"
    out=$(PATH=$fake:$PATH PYTHONPATH=$top/ctests/machine \
        python3 "$top/ctests/machine/again.py" python3 "$fake/emulated.py" "$fake" "$2") || status=$?
    printf '%s (status %s)\nleft: ' "$out" "$status"
    cat "$fake/tries"
    for pid in $(<"$fake/pids"); do ! kill -0 "$pid" 2>/dev/null || return 1; done
    [ "$status" = "$1" ] && [ "$(wc -l <"$fake/tries")" = 1 ] && [ "$(grep -v '^#  \|^# m' <<<"$out")" = "$3" ]
}
end='echo "# = = end 0"; exec sleep 300' dies='kill -KILL $$' again='# = machine started again: QEMU ended'
a="echo ok - a; echo '# of a'" b='printf "ok - b"'
try "machine: the command's status, and a last line without an end" machine 7 300 $'ok - a\n# of a\nok - b' \
    "$a; $b; ${end/0/7}"
try "machine: QEMU dies once: the results are those of one try" machine 0 300 \
    $'ok - a\n# of a\n'"$again by signal 9"$'\nok - b' "$a; echo -n ok; $dies" "$a; $b; $end"
try "machine: it does not boot once" machine 0 300 "$again with status 0"$'\nok - a\n# of a' "silent true" "$a; $end"
late='it has not booted in 1 seconds'
BOOT_S=1 try "machine: it hangs as it boots, twice" machine 75 300 \
    "# = machine started again: $late"$'\nnot ok - the emulated machine comes to its end: '"$late" \
    "silent exec sleep 300" "silent exec sleep 300"
try "machine: QEMU dies twice" machine 75 300 \
    "$again by signal 9"$'\nnot ok - the emulated machine comes to its end: QEMU ended by signal 9' "$dies" "$dies"
try "machine: what was red before QEMU died stays red" machine 1 300 \
    $'not ok - a\n'"$again by signal 9"$'\n# of a\nok - b' "echo not ok - a; $dies" "$a; $b; $end"
try "machine: what turns red in the second try is red" machine 1 300 \
    $'ok - a\n# of a\n'"$again by signal 9"$'\nnot ok - a' "$a; $dies" "echo not ok - a; ${end/0/1}"
try "machine: a command that hangs is red, and not tried again" machine 1 1 \
    "not ok - within 1 seconds, the command comes to its end" "exec sleep 300"
rm -rf "$fake"
