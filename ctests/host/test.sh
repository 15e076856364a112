#!/usr/bin/env bash
# Debian's packages on a Debian that really boots, with systemd and AppArmor: installed, turned on, upgraded, turned off
# and removed by the commands of docs/operator.md, with guests on a VF at each step; TAP.
#
#   ctests/host/test.sh 12           Debian 12 (Linux 6.1, libvirt 9.0.0), the cases that differ
#   ctests/host/test.sh 12 --all     every interface, kind of device and VLAN, with stock libvirt too
#   ctests/host/test.sh 13 [--all]   Debian 13 (Linux 6.12, libvirt 11.3.0)
#   ctests/host/test.sh 12 --faults  can these tests fail? See faults.py
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

case "$*" in
12 | 13) how=some ;;
"12 --all" | "13 --all") how=all ;;
"12 --faults") how=faults ;;
*) die "usage: test.sh 12 | 13 [--all | --faults]" ;;
esac
need python3 qemu-utils
need_qemu
here=$top/ctests/host
root=$("$here/root.sh" "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

job=$work/job
mkdir -p "$job/debs" "$job/newer" "$work/deb"
debs=$("$top/ctests/debs")
cp "$debs"/libvirnetdevvf0_*.deb "$debs"/libvirnetdevvf-preload_*.deb "$job/debs"
# The same again as a later version, to upgrade to.
for deb in "$job"/debs/*.deb; do
    rm -rf "$work/deb"
    dpkg-deb -R "$deb" "$work/deb"
    sed -i 's/^Version: .*/&+upgrade/' "$work/deb/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/deb" "$job/newer" >/dev/null
done
modules=$("$top/ctests/vm/kernel" "$(basename "$(realpath "$root/kernel")")" --modules)
cp "$modules/dpu.ko" "$here/in_host.py" "$top/ctests/libvirt/in-guest.py" "$job"
if [ $how = faults ]; then
    "$top/ctests/mutants" --build "a socket that AppArmor denies" "$job/wrong" >&2
    python3 "$here/faults.py" "$1" "$root" "$job" "$work" "$top/docs/operator.md"
else
    python3 "$here/test.py" "$1" "$root" "$job" "$work" "$top/docs/operator.md" $how
fi
