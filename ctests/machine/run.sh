#!/usr/bin/env bash
# Runs a command in an emulated machine with an SR-IOV NIC, and returns its exit status.
#
#   ctests/machine/run.sh --kernel 6.1 | 6.12 | 7.3 [OPTION...] COMMAND...
#
# It is a Debian kernel in QEMU without KVM. Its root is this machine's root, read-only under a temporary overlay: every
# program and library of this machine has the same path there, and it changes nothing here. Its NIC is an Intel 82576
# (igb, up to 7 VFs) that is not connected. The command runs as root in the top of the tree, and its output appears here
# at once. nic.sh has functions for such a command. An emulated machine that fails is started once more (again.py); a
# command that hangs is not.
#
#   --root DIRECTORY   another root, with busybox-static in it. Of this machine the emulated one then has only this
#                      tree, its target directory, and the cache, under the same paths, read-only
#   --memory MB        (default 1024)
#   --iommu            an Intel IOMMU, so that QEMU in the emulated machine can have a VF
#   --limit SECONDS    a command that takes longer has hung (default 900)
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

need busybox-static iproute2 util-linux python3
need_qemu
g=$top/ctests/machine
exec python3 "$g/again.py" python3 "$g/machine.py" "$top" "$target" "$cache" "$@"
