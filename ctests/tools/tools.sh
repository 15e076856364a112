#!/usr/bin/env bash
# The operator's programs: virnetdevvf-check on simulated hosts, vfset's usage; TAP.
#
#   ctests/tools/tools.sh                     on this machine
#   ctests/tools/tools.sh --machine [KERNEL]  in an emulated machine, whose NIC is made each kind of device (6.12)
#   ctests/tools/tools.sh --update            the same, and writes the rows of docs/hardware.md
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev python3 iproute2
build_library
# A place that the machine sees.
work=$(mktemp -d "$target/tools.XXXXXX")
trap 'rm -rf "$work"' EXIT
strict=(-std=c99 -O2 -Wall -Wextra -Wpedantic -Werror -Iinclude)
gcc "${strict[@]}" -o "$work/vfset" tools/vfset.c "$target/release/libvirnetdevvf.so.0" -Wl,-rpath,"$target/release" &&
    gcc "${strict[@]}" -o "$work/vfset-fake" tools/vfset.c ctests/tools/fake.c || die "vfset does not compile"

if [ "${1-}" = --machine ] || [ "${1-}" = --update ]; then
    in_machine() {
        "$top/ctests/machine/run.sh" --kernel "$1" bash ctests/tools/in_machine.sh "$work/vfset" "$target/release" |
            tee "$work/machine.tap"
    }
    results "kernel ${2:-6.12}: " in_machine "${2:-6.12}"
    results "" python3 ctests/tools/hardware.py "$work/machine.tap" "${1#--machine}"
    done_testing
    exit
fi
[ $# = 0 ] || die "usage: tools [--machine [KERNEL] | --update]"

# --- virnetdevvf-check ----------------------------------------------------------------------------

for program in tools tools_hard tools_probe; do results "" python3 "ctests/tools/$program.py"; done
gcc "${strict[@]}" -fPIC -shared -o "$work/sent.so" ctests/tools/sent.c || die "sent.c does not compile"
results "" env LD_PRELOAD="$work/sent.so" python3 ctests/tools/same_bytes.py "$target/release/libvirnetdevvf.so.0"
check=tools/virnetdevvf-check.py
# A libvirt that calls the preload, and one whose linker bound its calls to its own functions.
printf '%s\n' 'int virNetDevSetVfConfig(void) { return 0; }' 'int caller(void); int caller(void)' \
    '{ return virNetDevSetVfConfig(); }' >"$work/standin.c"
called() {
    gcc -fPIC -shared -O2 -fno-inline -fno-ipa-cp "${@:2}" -o "$work/standin.so" "$work/standin.c" || return
    python3 - "$1" <<PYTHON
import sys
sys.path.append("ctests/tools")
from made_host import check
names = check.dynamic_relocations(open("$work/standin.so", "rb").read())
print(names)
sys.exit((b"virNetDevSetVfConfig" in names) != (sys.argv[1] == "yes"))
PYTHON
}
try "ELF: libvirt's call can be preloaded" called yes -fsemantic-interposition
try "ELF: with -Bsymbolic-functions it cannot" called no -fsemantic-interposition -Wl,-Bsymbolic-functions
try "ELF: not to libvirt's exported name, which is bound" called no -fno-semantic-interposition
# On this machine: the status is one of three, and the JSON is valid.
verdict() { python3 "$check" "$@" || [ $? -le 2 ]; }
try "check: this machine" verdict
as_json() { python3 -c 'import json, sys; json.load(sys.stdin)["status"]' <<<"$(verdict --json)"; }
try "check: this machine, as JSON" as_json
no_pf() { grep -F 'the driver was not asked: lo is not an SR-IOV PF' <<<"$(verdict "$1" lo 0)"; }
try "check: --probe lo: no driver is asked" no_pf --probe
try "check: --card lo: no driver is asked" no_pf --card
# One file that was copied to a host, with a Python without packages that writes no files.
by_itself() {
    mkdir "$work/alone" && cp "$check" "$work/alone/check.py"
    (cd "$work/alone" && env -i PATH=/usr/bin:/bin python3 -I check.py || [ $? -le 2 ]) || return
    [ "$(ls "$work/alone")" = check.py ]
}
try "check: one file, copied by itself" by_itself
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
# The caller may have set it, and then Python buffers nothing.
unset PYTHONUNBUFFERED
# Nobody reads its output: no traceback, and the status is again not that of "something to do".
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

# says STATUS WORDS COMMAND...
says() {
    local status=0 out
    out=$("${@:3}" 2>&1) || status=$?
    printf '%s (status %s)\n' "$out" "$status"
    [ $status = "$1" ] && [[ $out == *"$2"* ]]
}
vfset_says() { says "${@:1:2}" "$work/vfset" "${@:3}"; }
try "vfset: --help" vfset_says 0 "usage: " --help
options() { sed -nE '/--help/d; s/^ *(--[a-z][a-z-]*( [A-Z]+)?).*/\1/p' | sort; }
try "vfset: its manual page has the options of --help" \
    diff <("$work/vfset" --help | options) <(options <docs/man/vfset.8.rst)
try "vfset: --help after others" vfset_says 0 "usage: " lo 0 --help
try "vfset: no argument" vfset_says 2 "usage: "
try "vfset: one argument" vfset_says 2 "usage: " lo
for vf in one 65536 12x -1 +1 ' 1' '' 0x1 99999999999999999999; do
    try "vfset: not the number of a VF: '$vf'" vfset_says 2 "a VF is a number" --clear-vlan -- lo "$vf"
done
for vlan in one 4096 12x -1 '' 99999999999999999999; do
    try "vfset: not a VLAN: '$vlan'" vfset_says 2 "a VLAN is a number" lo 0 --vlan "$vlan"
done
for mac in 52:54:00:12:34 52:54:00:12:34:5g 52-54-00-12-34-56 52:54:00:12:34:567 5:54:00:12:34:056; do
    try "vfset: not a MAC: $mac" vfset_says 2 "a MAC looks like" lo 0 --mac "$mac"
done
# vfset does not read beyond the end of an argument, where the next one is.
try "vfset: not a MAC: 52:54:00:12:34: and a digit" vfset_says 2 "a MAC looks like" --mac 52:54:00:12:34: a 0
try "vfset: an option where the PF belongs" vfset_says 2 "usage: " --mac 0 --clear-vlan
try "vfset: nothing to do" vfset_says 2 "nothing to do" lo 0
try "vfset: a value is missing" vfset_says 2 "requires an argument" lo 0 --mac
try "vfset: two VLANs" vfset_says 2 "given twice: '--clear-vlan'" lo 0 --vlan 1 --clear-vlan
try "vfset: two VLANs, the other way round" vfset_says 2 "given twice: '--vlan'" lo 0 --clear-vlan --vlan 1
try "vfset: two MACs" vfset_says 2 "given twice: '--mac'" lo 0 --mac 52:54:00:12:34:56 --mac 52:54:00:12:34:56
try "vfset: an unknown option" vfset_says 2 "unrecognized option" lo 0 --vlan 1 --nonesuch
try "vfset: --show without a PF" vfset_says 2 "usage: " --show
try "vfset: --show with more" vfset_says 2 "usage: " --show lo 0
try "vfset: --show with a VLAN" vfset_says 2 "usage: " --show lo --vlan 1
try "vfset: --json without --show" vfset_says 2 "usage: " lo 0 --vlan 1 --json
try "vfset: lo is not a PF" vfset_says 1 "VF 0 of lo" lo 0 --clear-vlan
try "vfset: --show lo: it is not a PF" vfset_says 1 "it is not an SR-IOV PF" --show lo
try "vfset: --show of no interface" vfset_says 1 "No such device" --show nonesuch
full() { ! "$work/vfset" --help >/dev/full; }
try "vfset: a full disk is a failure" full

# The calls of the library. A row: the arguments of the call, and vfset's arguments.
while IFS='|' read -r called arguments; do
    # shellcheck disable=SC2086  # arguments are words
    try "vfset: $arguments" says 0 "$called" "$work/vfset-fake" $arguments
done <<'CALLS'
pf 0 mac=52540012345f vlan= retry=0|pf 0 --mac 52:54:00:12:34:5f
pf 65535 mac=abcdef99aabb vlan= retry=0|pf 65535 --mac AB:CD:EF:99:aa:BB
pf 1 mac= vlan=0 retry=0|pf 1 --clear-vlan
pf 1 mac= vlan=0 retry=0|pf 1 --vlan 0
pf 1 mac= vlan=4095 retry=0|pf 1 --vlan 4095
pf 10 mac= vlan=17 retry=0|pf 010 --vlan 017
pf 1 mac=000000000000 vlan=42 retry=0|pf 1 --vlan 42 --mac 00:00:00:00:00:00
CALLS
try "vfset: the library's error, when it sets" says 1 "the fake library's error" "$work/vfset-fake" lost 0 --vlan 1
# shows FILE ARGUMENT...: exactly this, and status 0.
shows() { diff "$1" <("$work/vfset-fake" --show "${@:2}" && echo "status 0"); }
cat >"$work/table" <<'TABLE'
VF    MAC                VLAN
0     52:54:00:ab:00:00  none
1     not listed by the kernel (in reset, or one of too many)
2     52:54:00:ab:00:02  42
status 0
TABLE
try "vfset: --show: a VF that is not listed has its line" shows "$work/table" pf
cat >"$work/json" <<'JSON'
[
  {"vf": 0, "mac": "52:54:00:ab:00:00", "vlan": 0},
  {"vf": 1, "mac": null, "vlan": null},
  {"vf": 2, "mac": "52:54:00:ab:00:02", "vlan": 42}
]
status 0
JSON
try "vfset: --show --json: the same as JSON" shows "$work/json" pf --json
try "vfset: --show of a PF without VFs" shows <(sed -n '1p;$p' "$work/table") none
try "vfset: --show --json of a PF without VFs" shows <(printf '[]\nstatus 0\n') none --json
try "vfset: --show of a VF that cannot be read" says 1 "the fake library's error" "$work/vfset-fake" --show lost
done_testing
