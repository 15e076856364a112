#!/usr/bin/env bash
# What ctests/tools/tools.sh does in the guest. Arguments: the program vfset, the library's directory.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
set +e
. "$(dirname "${BASH_SOURCE[0]}")/../guest/guest_lib.sh"
vfset=$1
export LD_LIBRARY_PATH=$2
check=$top/tools/virnetdevvf-check.py

vfs 3
# The guest's own: a VF is used by nobody only if its interface is down.
for netdev in eth1 eth2 eth3; do ip link set $netdev down; done

# --- virnetdevvf-check ----------------------------------------------------------------------------

# Only the VFs: the PF's link comes up some time after it was set up.
vf_state() { ip -j -d link show $pf | python3 -c 'import json, sys; print(json.load(sys.stdin)[0]["vfinfo_list"])'; }
# probed KIND [STATUS]: of VF 0, which is afterwards what it was before.
probed() {
    local before status=0 out
    before=$(vf_state)
    out=$(python3 "$check" --json --probe $pf 0) || status=$?
    printf '%s\n' "$out"
    [ -n "$before" ] && [ "$(vf_state)" = "$before" ] && grep -qxF "    \"kind\": \"$1\"," <<<"$out" &&
        [ $status = "${2:-0}" ]
}
kinds() {
    try "probe: an ordinary PF$1" probed host-switch
    dpu_on clear=0 set=1
    try "probe: a DPU that grants the clear$1" probed "$2"
    dpu_off
    dpu_on clear=1 set=1
    try "probe: a DPU that refuses both$1" probed "$3"
    dpu_off
    dpu_on clear=0 set=95
    try "probe: switchdev$1" probed switchdev
    dpu_off
    dpu_on clear=11 set=11
    try "probe: a VF in reset$1" probed in-reset 2
    dpu_off
}
kinds "" grants-clear refuses-both
ip link set $pf vf 0 vlan 42 qos 3
kinds ", the VF has a VLAN" refuses-vlan refuses-vlan
ip link set $pf vf 0 vlan 0

ip link set eth1 up
try "probe: a VF whose interface is up is not asked" probed not-asked 2
ip link set eth1 down
ip addr add 192.0.2.1/24 dev eth1
try "probe: a VF with an address is not asked" probed not-asked 2
ip addr flush dev eth1
ip link add link eth1 name macvtap0 type macvlan mode passthru
try "probe: a VF with a macvlan on it is not asked" probed not-asked 2
ip link del macvtap0
ip netns add other
ip link set eth1 netns other
try "probe: a VF in another network namespace is not asked" probed not-asked 2
ip -n other link set eth1 netns 1
try "probe: a VF that nobody uses any more is asked" probed host-switch
unprivileged() { setpriv --bounding-set -net_admin --inh-caps -net_admin python3 "$check" --probe $pf 0; }
refused_unprivileged() { [[ $(unprivileged) == *"this needs CAP_NET_ADMIN"* ]]; }
try "probe: without CAP_NET_ADMIN the driver is not asked" refused_unprivileged

pf_is() {
    local out
    out=$(python3 "$check" --json)
    printf '%s\n' "$out"
    python3 -c 'import json, sys
pf = json.load(sys.stdin)["pfs"][0]
found = [str(pf[key]) for key in ("name", "driver", "vfs", "max_vfs", "listed_vfs", "placeholder_vfs", "state")]
sys.exit(found != sys.argv[1:])' "$@" <<<"$out"
}
try "check: the PF" pf_is eth0 igb 3 7 3 '[]' ok
ip link set $pf vf 2 mac 02:00:00:00:00:00
try "check: a VF that libvirt left with its own MAC" pf_is eth0 igb 3 7 3 '[2]' placeholder-mac
ip link set $pf vf 2 mac 52:54:00:00:00:22

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
try "check: a PF without VFs" pf_is eth0 igb 0 7 0 '[]' no-vfs
done_testing
