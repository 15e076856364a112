# shellcheck shell=bash
# For scripts that run in the emulated machine (see run.sh): its NIC, its VFs, and the DPU.

pf=eth0

# vfs N: the NIC's driver with N VFs, whose netdevs are eth1 and so on.
vfs() {
    [ -e /sys/class/net/$pf ] || modprobe igb
    modprobe igbvf
    echo "$1" >/sys/class/net/$pf/device/sriov_numvfs
    local vf
    for ((vf = 0; vf < $1; vf++)); do
        # The netdev comes a moment after the VF.
        until [ -d "/sys/class/net/$pf/device/virtfn$vf/net" ]; do sleep 0.05; done
    done
    ip link set $pf up
}

# dpu_on [clear=ERRNO] [set=ERRNO]: the PF refuses VLANs (dpu/dpu.c), until dpu_off.
dpu_on() { insmod "$VM_MODULES/dpu.ko" pf=$pf "$@"; }
dpu_off() { rmmod dpu; }

# vf_table: what the PF's driver lists for its VFs, read by iproute2.
vf_table() {
    ip -j -d link show $pf | python3 -c '
import json, sys
print("    VF  MAC                VLAN")
for vf in json.load(sys.stdin)[0]["vfinfo_list"]:
    vlan = (vf.get("vlan_list") or [vf])[0].get("vlan", 0)
    print("    %-3s %-18s %s" % (vf["vf"], vf["address"], vlan or "none"))'
}
