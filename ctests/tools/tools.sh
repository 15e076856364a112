#!/usr/bin/env bash
# What an operator runs: virnetdevvf-check over hosts that are made up, vfset's usage; TAP.
#
#   ctests/tools/tools.sh                    on this machine
#   ctests/tools/tools.sh --guest [KERNEL]   in a guest with a real SR-IOV NIC, made each kind of device (default 6.12)
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev python3 iproute2
build_library
# Where the guest sees it.
work=$(mktemp -d "$target/tools.XXXXXX")
trap 'rm -rf "$work"' EXIT
strict=(-std=c99 -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude)
gcc "${strict[@]}" -o "$work/vfset" tools/vfset.c "$target/release/libvirnetdevvf.so.0" -Wl,-rpath,"$target/release" ||
    die "vfset does not compile"

if [ "${1-}" = --guest ]; then
    "$top/ctests/guest/run.sh" --kernel "${2:-6.12}" \
        bash "$top/ctests/tools/in_guest.sh" "$work/vfset" "$target/release" >"$work/log" || true
    guest_tap "kernel ${2:-6.12}" "$work/log"
    done_testing
    exit
fi
[ $# = 0 ] || die "usage: tools [--guest [KERNEL]]"

# --- virnetdevvf-check ----------------------------------------------------------------------------

results "" python3 ctests/tools/tools.py
check=tools/virnetdevvf-check.py
# This machine, whatever it has: a verdict is one of three, and the JSON is one.
verdict() { python3 "$check" "$@" || [ $? -le 2 ]; }
try "check: this machine" verdict
as_json() { python3 -c 'import json, sys; json.load(sys.stdin)["status"]' <<<"$(verdict --json)"; }
try "check: this machine, as JSON" as_json
no_pf() { grep -F '"kind": "not-asked"' <<<"$(verdict --json --probe lo 0)"; }
try "check: --probe lo: no driver is asked" no_pf
# A host on which every command and file is missing says so, and its status is not that of "something to do".
broken() {
    local status=0
    python3 - "$check" <<'PYTHON' >"$work/broken" 2>&1 || status=$?
import runpy, sys
import json
sys.argv = [sys.argv[1], "--json"]
json.dumps = None
runpy.run_path(sys.argv[0], run_name="__main__")
PYTHON
    cat "$work/broken"
    [ $status = 2 ]
}
try "check: a fault of its own has exit status 2" broken
# Whoever runs the tests may have it set, and then Python buffers nothing.
unset PYTHONUNBUFFERED
# Nobody reads what it prints: no traceback, and the status is again not that of "something to do".
unread() {
    local status=0 said
    said=$(python3 -c 'import os, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
sys.exit(subprocess.call(sys.argv[1:], stdout=writer))' python3 "$check" 2>&1) || status=$?
    printf '%s (status %s)\n' "$said" "$status"
    [ "$status: $said" = "2: " ]
}
try "check: a closed pipe" unread
unwritten() {
    local status=0
    python3 "$check" >/dev/full 2>"$work/unwritten" || status=$?
    cat "$work/unwritten"
    [ $status = 2 ] && [ "$(wc -l <"$work/unwritten")" = 1 ] && grep 'No space left' "$work/unwritten"
}
try "check: a full disk" unwritten

# --- vfset ----------------------------------------------------------------------------------------

# vfset_says STATUS WORDS ARGUMENT...
vfset_says() {
    local status=0 out
    out=$("$work/vfset" "${@:3}" 2>&1) || status=$?
    printf '%s (status %s)\n' "$out" "$status"
    [ $status = "$1" ] && [[ $out == *"$2"* ]]
}
try "vfset: --help" vfset_says 0 "usage: " --help
try "vfset: --help after others" vfset_says 0 "usage: " lo 0 --help
try "vfset: no argument" vfset_says 2 "usage: "
try "vfset: one argument" vfset_says 2 "usage: " lo
try "vfset: a VF that is not a number" vfset_says 2 "a VF is a number" lo one --clear-vlan
try "vfset: a VF that is too large" vfset_says 2 "a VF is a number" lo 65536 --clear-vlan
try "vfset: an option where the PF belongs" vfset_says 2 "not the name of an interface" --mac 0 --clear-vlan
try "vfset: nothing to do" vfset_says 2 "nothing to do" lo 0
try "vfset: a VLAN that is out of range" vfset_says 2 "a VLAN is a number" lo 0 --vlan 4096
try "vfset: a malformed MAC" vfset_says 2 "a MAC looks like" lo 0 --mac 52:54:00:12:34
try "vfset: a value is missing" vfset_says 2 "a value is missing" lo 0 --mac
try "vfset: two VLANs" vfset_says 2 "given twice" lo 0 --vlan 1 --clear-vlan
try "vfset: an unknown option" vfset_says 2 "not known" lo 0 --nonesuch
try "vfset: --show without a PF" vfset_says 2 "usage: " --show
try "vfset: --show with an option for a PF" vfset_says 2 "not the name of an interface" --show --json
try "vfset: --show with more" vfset_says 2 "not known" --show lo --jsn
try "vfset: lo is not a PF" vfset_says 1 "VF 0 of lo" lo 0 --clear-vlan
try "vfset: --show lo: it is not a PF" vfset_says 1 "it is no SR-IOV PF" --show lo
try "vfset: --show of no interface" vfset_says 1 "No such device" --show nonesuch
full() { ! "$work/vfset" --help >/dev/full; }
try "vfset: a full disk is a failure" full
done_testing
