#!/usr/bin/env bash
# Runs a command in a guest with a real SR-IOV NIC, and returns its exit status.
#
#   ctests/guest/run.sh --kernel 6.1 | 6.12 | 7.3 [OPTION...] COMMAND...
#
# The guest is a kernel of Debian's under QEMU's own emulation (no KVM), with this machine's root as its
# root, read-only under an overlay that is gone with the guest: every program and library here is there
# too, under the same path, and nothing that the guest does is left here. Its NIC is an Intel 82576
# (igb, up to 7 VFs) whose other end is nowhere. The command runs as root, in the top of the tree, and its
# output comes out here as it is written. guest_lib.sh has what such a command needs. A machine that fails is started
# once more (again.py); a command that hangs is not.
#
#   --root DIRECTORY   another root than this machine's (busybox-static must be in it): of this machine, the guest
#                      then has this tree, what is built from it, and the cache, under the same paths, read-only
#   --memory MB        (default 1024)
#   --iommu            an Intel IOMMU, so that a VF can be given to a guest in the guest
#   --limit SECONDS    after which a command hangs (default 900)
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

need busybox-static iproute2 util-linux python3
need_qemu
g=$top/ctests/guest
exec python3 "$g/again.py" python3 "$g/machine.py" "$top" "$target" "$cache" "$@"
