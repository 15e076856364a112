#!/usr/bin/env bash
# A root for ctests/machine/run.sh with one of Debian's libvirts in it; prints the directory.
#
#   ctests/libvirt/root.sh 9.0.0 | 11.3.0 | sid
#
# 9.0.0: Debian 12 with its QEMU. 11.3.0: Debian 12's backports with their QEMU. sid: the newest of both. The names
# stand for the suites, each with its current version. Made once in the cache by mmdebstrap; nothing is installed on
# this machine.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

release=bookworm
case ${1-} in
9.0.0) suite=bookworm ;;
11.3.0) suite=bookworm-backports ;;
sid) release=sid suite=sid ;;
*) die "usage: root 9.0.0 | 11.3.0 | sid" ;;
esac
dir=$cache/libvirt/$1/machine
mkdir -p "$(dirname "$dir")"
exec 3>&1 1>&2
exec 9>"$dir.lock"
flock 9
# busybox-static is for ctests/machine/run.sh, python3-libvirt for ctests/lives, the rest for in_machine.py and libvirt.
packages=libvirt-daemon-driver-lxc,libvirt-daemon-driver-qemu,libvirt-daemon,libvirt-clients,qemu-system-x86
packages=$packages,python3,python3-libvirt,iproute2,kmod,busybox-static

config=$(apt_suite "$suite") || die "cannot read the archive's suite $suite"
version=$(APT_CONFIG=$config apt-cache show libvirt0 | sed -n 's/^Version: //p' | head -n 1)
# If this fails, the root in the cache is kept.
[ -n "$version" ] || die "the suite $suite has no libvirt0"
make_root "$dir" "$version" $release "$packages" "$suite" || die "cannot make the root"
printf '%s\n' "$dir" >&3
