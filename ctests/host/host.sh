#!/usr/bin/env bash
# Boots a Debian with systemd and AppArmor. Installs Debian's packages, turns them on, upgrades, turns off and removes
# them by the commands of docs/operator.md, with guests on a VF at each step; TAP.
#
#   ctests/host/host.sh 12           Debian 12 (Linux 6.1, libvirt 9.0.0), the cases that differ
#   ctests/host/host.sh 12 --all     every interface, kind of device and VLAN, with stock libvirt too
#   ctests/host/host.sh 13 [--all]   Debian 13 (Linux 6.12, libvirt 11.3.0)
#   ctests/host/host.sh 12 --mutants can these tests fail? See mutants.py
#   ctests/host/host.sh 12 --by-hand the page's way without packages
#   ctests/host/host.sh modular      Debian 12 with virtqemud, virtlxcd and virtnetworkd in place of libvirtd
#   ctests/host/host.sh selinux      Debian 12 with SELinux in place of AppArmor
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

host=(12)
case "$*" in
12 | 13) host=("$1") how=some ;;
"12 --all" | "13 --all") host=("$1") how=all ;;
"12 --mutants") how=mutants ;;
"12 --by-hand") how=by-hand ;;
modular) how=modular ;;
selinux) host=(12 selinux) how=selinux ;;
*) die "usage: host.sh 12 | 13 [--all | --mutants | --by-hand] | modular | selinux" ;;
esac
need python3 qemu-utils
need_qemu
here=$top/ctests/host
# A user namespace cannot give a file a label.
if [ $how = selinux ] && ! can_install; then
    skip "SELinux" "needs root, or sudo without a password"
    done_testing
    exit
fi
again=(env PYTHONPATH="$top/ctests/machine" python3 "$top/ctests/machine/again.py" python3)
root=$("$here/root.sh" "${host[@]}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

job=$work/job
mkdir -p "$job/debs" "$job/newer" "$work/deb"
debs=$("$top/ctests/package/debs.sh")
cp "$debs"/libvirnetdevvf0_*.deb "$debs"/libvirnetdevvf-preload_*.deb "$job/debs"
# The same packages with a higher version, for the upgrade.
for deb in "$job"/debs/*.deb; do
    rm -rf "$work/deb"
    dpkg-deb -R "$deb" "$work/deb"
    # The version of the package, and those that the packages depend on.
    version=$(dpkg-deb -f "$deb" Version)
    sed -i "s/$version/&+upgrade/" "$work/deb/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/deb" "$job/newer" >/dev/null
done
modules=$("$top/ctests/machine/kernel.sh" "$(basename "$(realpath "$root/kernel")")" --modules)
cp "$modules/dpu.ko" "$here/in_host.py" "$top/ctests/libvirt/in_machine.py" "$top/tools/virnetdevvf-check.py" "$job"
page=$top/docs/operator.md
case $how in
mutants)
    "$top/ctests/mutants/mutants.py" --build "a socket that AppArmor denies" "$job/wrong" >&2
    "${again[@]}" "$here/mutants.py" "$1" "$root" "$job" "$work" "$page"
    ;;
by-hand)
    tree=$("$here/by_hand.sh")
    cp "$tree"/{tree.tar,files} "$job"
    "${again[@]}" "$here/by_hand.py" "$root" "$job" "$work" "$page"
    ;;
modular)
    tar=$("$here/modular.sh")
    cp "$tar" "$job"
    "${again[@]}" "$here/modular.py" "$root" "$job" "$work" "$page"
    ;;
selinux)
    cp "$here/libvirt.cil" "$job"
    "${again[@]}" "$here/selinux.py" "$root" "$job" "$work" "$page"
    ;;
*) "${again[@]}" "$here/host.py" "$1" "$root" "$job" "$work" "$page" "$how" ;;
esac
