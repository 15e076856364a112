#!/usr/bin/env bash
# What ctests/demo does in the guest. Argument: the program vfset.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../guest_lib.sh"
vfset=$1
failed=0

title() { printf '\n== %s\n' "$*"; }

# expect granted COMMAND..., expect refused STATUS SAYING COMMAND...: runs it, shows it with what it said, and
# checks that it was granted; or that it was refused, with this status (wrong usage has another) and these words.
expect() {
    local should=$1 out status=0 expected=0 saying=
    shift
    if [ "$should" = refused ]; then expected=$1 saying=$2 && shift 2; fi
    printf '  $ %s\n' "$(basename "$1") ${*:2}"
    out=$("$@" 2>&1) || status=$?
    [ -z "$out" ] || printf '%s\n' "$out" | sed "s#^$vfset#vfset#" | fold -s -w 100 | sed 's/^/    /'
    if [ $status = "$expected" ] && [[ $out == *"$saying"* ]]; then
        printf '    -> %s, as it should be\n' "$should"
    else
        printf '    -> WRONG: this should have been %s\n' "$should"
        failed=1
    fi
}

# state VF MAC VLAN: shows the table, and checks one line of it.
state() {
    local table
    table=$(vf_table)
    printf '%s\n' "$table"
    grep -qE "^ +$1 +$2 +$3\$" <<<"$table" || {
        printf '    -> WRONG: VF %s should have MAC %s, VLAN %s\n' "$1" "$2" "$3"
        failed=1
    }
}

title "Linux $(uname -r), NIC driver $(modprobe igb; basename "$(readlink /sys/class/net/$pf/device/driver)"): 2 VFs"
vfs 2
state 0 00:00:00:00:00:00 none

title "An ordinary SR-IOV NIC: MAC and VLAN of VF 0, through libvirnetdevvf.so.0"
expect granted "$vfset" $pf 0 --mac 52:54:00:00:00:10 --vlan 42
state 0 52:54:00:00:00:10 42
printf '  The guest is gone, the next one wants no VLAN:\n'
expect granted "$vfset" $pf 0 --mac 52:54:00:00:00:11
state 0 52:54:00:00:00:11 none

title "The same NIC made a SmartNIC DPU: the host may set a MAC, and no VLAN"
dpu_on
printf '  What the kernel answers there, asked by iproute2:\n'
expect granted ip link set $pf vf 0 mac 52:54:00:00:00:20
expect refused 2 "Operation not permitted" ip link set $pf vf 0 vlan 0
expect refused 2 "Operation not permitted" ip link set $pf vf 1 mac 52:54:00:00:00:21 vlan 0
printf '  VLAN 0 is refused although there is no VLAN. MAC and VLAN in one request are refused, with half of it done:\n'
state 1 52:54:00:00:00:21 none

title "The same through the library"
printf '  A guest without a VLAN: the MAC is set, the implicit clear is tolerated.\n'
expect granted "$vfset" $pf 0 --mac 52:54:00:00:00:30
state 0 52:54:00:00:00:30 none
printf '  An explicit clear: refused by the device, and recognised as what is the case already.\n'
expect granted "$vfset" $pf 0 --clear-vlan
printf '  VLAN 42: that cannot be had here. The VF keeps the MAC that it had.\n'
expect refused 1 "the kernel refused it but set the MAC, so a SmartNIC DPU owns the VLAN; its VLAN stays 0" \
    "$vfset" $pf 0 --mac 52:54:00:00:00:31 --vlan 42
state 0 52:54:00:00:00:30 none

printf '\n'
if [ $failed = 0 ]; then
    printf 'Every step did what it says.\n'
else
    printf 'A step did not do what it says: see WRONG above.\n'
fi
exit $failed
