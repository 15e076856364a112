#!/usr/bin/env bash
# ctests/tools/tools.sh runs this in the guest. Arguments: the program vfset, the library's directory.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
set +e
. "$(dirname "${BASH_SOURCE[0]}")/../machine/nic.sh"
vfset=$1
export LD_LIBRARY_PATH=$2
check=$top/tools/virnetdevvf-check.py

vfs 3
# The tool takes a VF for unused only if its interface is down.
for netdev in eth1 eth2 eth3; do ip link set $netdev down; done

# --- virnetdevvf-check ----------------------------------------------------------------------------

# Only the VFs: the PF's link comes up some time after it was set up.
vf_state() { ip -j -d link show $pf | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["vfinfo_list"])'; }
# unchanged COMMAND...: runs the command, and fails if the VFs differ afterwards.
unchanged() {
    local before status=0
    before=$(vf_state)
    "$@" || status=$?
    [ -n "$before" ] && [ "$(vf_state)" = "$before" ] && return $status
    return 99
}
# probed KINDS [STATUS]: of VF 0.
probed() {
    local status=0 out
    out=$(unchanged python3 "$check" --json --probe $pf 0) || status=$?
    printf '%s\n' "$out"
    [ $status = "${2:-0}" ] &&
        [ "$(python3 -c 'import json, sys; print(*json.load(sys.stdin)["probe"]["kinds"])' <<<"$out")" = "$1" ]
}
# carded KIND NAME: the row of VF 0 for docs/hardware.md, which hardware.py compares.
carded() {
    local out
    out=$(unchanged python3 "$check" --json --card $pf 0) || printf '%s\n' "$out" >&2
    printf '# card %s\n' "$(python3 -c 'import json, sys
print(json.dumps({"nic": sys.argv[1], **json.load(sys.stdin)["card"]}))' "$2" <<<"$out")"
    [ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["card"]["row"]["kind"])' <<<"$out")" = "$1" ]
}
# kind KIND [PARAMETERS]: makes the PF answer like this kind; --probe and --card must find it.
kind() {
    local name="QEMU's igb"
    if [ $# -gt 1 ]; then
        # shellcheck disable=SC2086  # parameters are words
        dpu_on $2 && name="$name, made $1"
    fi
    local status=0
    [ "$1" != in-reset ] || status=2
    try "probe: $1" probed "$1" $status
    carded "$1" "$name" >"$cards"
    try "card: $1" [ $? = 0 ]
    cat "$cards"
    [ $# = 1 ] || dpu_off
}
cards=$(mktemp)
# If a zero MAC is refused, only a VF that has a MAC can be restored.
ip link set $pf vf 0 mac 52:54:00:00:00:20
kind ordinary
kind no-vlans "clear=95 set=95 zero=99"
kind grants-clear "clear=0 set=1"
kind refuses-both "clear=1 set=1"
kind switchdev "clear=0 set=95"
kind in-reset "clear=11 set=11"
ip link set $pf vf 0 vlan 42 qos 3
dpu_on clear=0 set=1
try "probe: the VF has a VLAN, and the PF refuses it" probed "grants-clear refuses-both"
dpu_off
try "probe: the VF has a VLAN, and the PF sets it" probed ordinary
ip link set $pf vf 0 vlan 0

ip link set eth1 up
try "probe: a VF whose interface is up is not asked" probed "" 2
ip link set eth1 down
ip addr add 192.0.2.1/24 dev eth1
try "probe: a VF with an address is not asked" probed "" 2
ip addr flush dev eth1
ip link add link eth1 name macvtap0 type macvlan mode passthru
try "probe: a VF with a macvlan on it is not asked" probed "" 2
ip link del macvtap0
ip netns add other
ip link set eth1 netns other
try "probe: a VF in another network namespace is not asked" probed "" 2
ip -n other link set eth1 netns 1
try "probe: a VF that nobody uses any more is asked" probed ordinary
unprivileged() { setpriv --bounding-set -net_admin --inh-caps -net_admin python3 "$check" --probe $pf 0; }
refused_unprivileged() { [[ $(unprivileged) == *"this needs CAP_NET_ADMIN"* ]]; }
try "probe: without CAP_NET_ADMIN the driver is not asked" refused_unprivileged

# pf_is VALUES: driver, vfs, max_vfs, how many are listed, kinds, and the findings with their VFs.
pf_is() {
    local out
    out=$(python3 "$check" --json)
    printf '%s\n' "$out"
    python3 -c 'import json, sys
pf = json.load(sys.stdin)["pfs"][0]
found = [pf["driver"], pf["vfs"], pf["max_vfs"], len(pf["listed"]), *pf["kinds"]]
found += [(one["finding"], *one["vfs"]) for one in pf["findings"]]
print(found)
sys.exit(list(map(str, found)) != sys.argv[1:])' "$@" <<<"$out"
}
try "check: the PF" pf_is igb 3 7 3 ordinary
ip link set $pf vf 2 mac 02:00:00:00:00:00
try "check: a VF with libvirt's fallback MAC" pf_is igb 3 7 3 ordinary "('fallback-mac', 2)"
ip link set $pf vf 2 mac 52:54:00:00:00:22
ip link set $pf vf 1 mac 52:54:00:00:00:22
try "check: two VFs with one MAC" pf_is igb 3 7 3 ordinary "('same-mac', 1, 2)"
# The list without statistics is the same as iproute2's.
by_check() { python3 "$check" --json | python3 -c 'import json, sys
print([(vf["vf"], vf["mac"], vf["vlan"]) for vf in json.load(sys.stdin)["pfs"][0]["listed"]])'; }

# --- vfset ----------------------------------------------------------------------------------------

ip link set $pf vf 1 mac 52:54:00:00:00:21 vlan 42
by_ip() {
    ip -j -d link show $pf | python3 -c 'import json, sys
print([(vf["vf"], vf["address"], (vf.get("vlan_list") or [vf])[0].get("vlan", 0))
       for vf in json.load(sys.stdin)[0]["vfinfo_list"]])'
}
by_vfset() { "$vfset" --show $pf --json | python3 -c 'import json, sys
print([(vf["vf"], vf["mac"], vf["vlan"]) for vf in json.load(sys.stdin)])'; }
same() {
    printf '%s\n%s\n' "$(by_ip)" "$(by_vfset)"
    [ -n "$(by_ip)" ] && [ "$(by_ip)" = "$(by_vfset)" ]
}
try "vfset: --show --json is what ip link show prints" same
try "check: lists what ip link show prints" [ "$(by_check)" = "$(by_ip)" ]
table() { [ "$("$vfset" --show $pf | sed -n 3p)" = "1     52:54:00:00:00:21  42" ]; }
try "vfset: --show is a table" table
try "vfset: sets a MAC and a VLAN" "$vfset" $pf 0 --mac 52:54:00:00:00:20 --vlan 7
table_after() { [ "$("$vfset" --show $pf | sed -n 2p)" = "0     52:54:00:00:00:20  7" ]; }
try "vfset: and shows them" table_after
echo 0 >/sys/class/net/$pf/device/sriov_numvfs
empty() {
    [ "$("$vfset" --show $pf --json)" = "[]" ] && [ "$("$vfset" --show $pf)" = "VF    MAC                VLAN" ]
}
try "vfset: --show of a PF without VFs" empty
try "check: a PF without VFs" pf_is igb 0 7 0 ordinary
done_testing
