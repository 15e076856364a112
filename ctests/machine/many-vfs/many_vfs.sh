#!/usr/bin/env bash
# PFs with 0 to 2,000 VFs, on a real kernel: which VFs can iproute2, libvirt and this library read, and what does the
# library do with that (rows L1 to L4, G1, G2, V4, V5 and C5 of the contract)? TAP, with a table.
#
#   ctests/machine/many-vfs/many_vfs.sh [6.1] [6.12] [7.3]         (all)
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/lib.sh"

kernels=("$@")
[ $# -gt 0 ] || kernels=(6.1 6.12 7.3)
need iproute2 python3 libvirt0
mkdir -p "$target/machine"
# A place that the machine sees.
use_library '' "$target/machine"
log=$work/log
for kernel in "${kernels[@]}"; do
    # shellcheck disable=SC2016  # the shell in the emulated machine knows where the modules are
    results "kernel $kernel: " "$top/ctests/machine/run.sh" --kernel "$kernel" bash -c \
        'exec python3 ctests/machine/many-vfs/many_vfs.py "$VM_MODULES/many.ko" "$1"' many-vfs "$work/lib" | tee "$log"
    # With other versions of iproute2 or libvirt than on the page, the columns differ.
    table=$(sed -n '/^# = machine/d; s/^# = /    /p' "$log")
    title="kernel $kernel: docs/compatibility.md has the table as it is printed"
    if ! grep -qxF "$(sed -n 2p <<<"$table")" "$top/docs/compatibility.md"; then
        skip "$title" "the page is of other versions of iproute2 or libvirt"
    elif [[ $(<"$top/docs/compatibility.md") == *"$table"* ]]; then
        ok "$title"
    else
        not_ok "$title" "$table"
    fi
done
done_testing
