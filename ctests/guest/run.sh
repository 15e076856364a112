#!/usr/bin/env bash
# Runs a command in a guest with a real SR-IOV NIC, and returns its exit status.
#
#   ctests/guest/run.sh --kernel 6.1 | 6.12 | 7.3 [OPTION...] COMMAND...
#
# The guest is a kernel of Debian's under QEMU's own emulation (no KVM), with this machine's root as its
# root, read-only under an overlay that is gone with the guest: every program and library here is there
# too, under the same path, and nothing that the guest does is left here. Its NIC is an Intel 82576
# (igb, up to 7 VFs) whose other end is nowhere. The command runs as root, in the top of the tree, and its
# output comes out here as it is written. guest_lib.sh has what such a command needs.
#
#   --root DIRECTORY   another root than this machine's (busybox-static must be in it): of this machine, the guest
#                      then has this tree, what is built from it, and the cache, under the same paths, read-only
#   --memory MB        (default 1024)
#   --iommu            an Intel IOMMU, so that a VF can be given to a guest in the guest
#   --limit SECONDS    ends a guest that hangs (default 300)
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

kernel='' root=/ memory=1024 iommu=no limit=300
while [ $# -gt 0 ]; do
    case $1 in
    --kernel) kernel=$2 && shift 2 ;;
    --root)
        root=$(realpath -e "$2") || die "there is no $2"
        shift 2
        ;;
    --memory) memory=$2 && shift 2 ;;
    --iommu) iommu=yes && shift ;;
    --limit) limit=$2 && shift 2 ;;
    --*) die "unknown option $1" ;;
    *) break ;;
    esac
done
[ -n "$kernel" ] && [ $# -gt 0 ] || die "usage: run --kernel VERSION [OPTION...] COMMAND [ARGUMENT...]"

need busybox-static iproute2 util-linux python3
need_qemu
modules=$("$top/ctests/guest/kernel.sh" "$kernel" --modules)
dir=$(dirname "$modules")

# The guest finds what it is to do in this directory, by its path here.
job=$(mktemp -d "$cache/job.XXXXXX")
qemu=
cleanup() {
    [ -z "$qemu" ] || kill "$qemu" 2>/dev/null || true
    rm -rf "$job"
}
trap cleanup EXIT

{
    printf 'cd %q\nexport HOME=/root PATH=%q XDG_CACHE_HOME=%q VM_MODULES=%q\n' "$top" \
        "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "$(dirname "$cache")" "$modules"
    [ -z "${CARGO_TARGET_DIR-}" ] || printf 'export CARGO_TARGET_DIR=%q\n' "$CARGO_TARGET_DIR"
    printf '%q ' "$@"
    printf '\n'
} >"$job/command"
# What the guest mounts: its root, and what it is given beside it.
mkdir -p "$target"
{
    printf '%s\n' "$root"
    [ "$root" = / ] || printf '%s\n' "$top" "$target" "$cache"
} >"$job/mounts"

# --- the first root: enough to mount the second ---------------------------------------------------

initramfs=$dir/initramfs.gz g=$top/ctests/guest
if [ "$g/first_init.sh" -nt "$initramfs" ] || [ "$g/initramfs.sh" -nt "$initramfs" ] ||
    [ "$dir/stamp" -nt "$initramfs" ]; then
    step "making the guest's first root" >&2
    "$g/initramfs.sh" "$dir" "$g/first_init.sh" "$initramfs" virtio_pci 9pnet_virtio 9p overlay
fi

# --- the guest ------------------------------------------------------------------------------------

append="console=ttyS0 quiet loglevel=4 panic=-1 job=$job kernel_dir=$dir"
# shellcheck disable=SC2054  # commas inside an option
devices=(
    -device pcie-root-port,id=port0 -netdev hubport,id=nowhere,hubid=0
    -device igb,bus=port0,netdev=nowhere,mac=52:54:00:00:00:01
    -fsdev local,id=host,path=/,security_model=none,readonly=on,multidevs=remap
    -device virtio-9p-pci,fsdev=host,mount_tag=host
)
if [ $iommu = yes ]; then
    # shellcheck disable=SC2054
    devices=(-device intel-iommu,intremap=on,caching-mode=on "${devices[@]}")
    append="$append intel_iommu=on iommu=pt"
fi

# Its command's output is its second serial line; the last line is its status. The kernel's own words
# go to a file, to be shown if it does not come that far.
status=
boot() {
    mkfifo "$job/output"
    timeout --foreground "$limit" qemu-system-x86_64 -M q35,kernel-irqchip=split -accel tcg -m "$memory" -smp 1 \
        -nodefaults -no-user-config -display none -no-reboot \
        -kernel "$dir/vmlinuz" -initrd "$initramfs" -append "$append" "${devices[@]}" \
        -serial "file:$job/console" -serial stdio </dev/null >"$job/output" 2>"$job/qemu.log" &
    qemu=$!
    while IFS= read -r line || [ -n "$line" ]; do
        line=${line%$'\r'}
        case $line in
        *'# = = end '*)
            status=${line##*'# = = end '}
            # The command's last line need not have had an end.
            line=${line%'# = = end '*}
            [ -z "$line" ] || printf '%s\n' "$line"
            ;;
        *) printf '%s\n' "$line" ;;
        esac
    done <"$job/output"
    wait "$qemu" || true
    qemu=
    rm -f "$job/output"
}

for attempt in 1 2; do
    boot
    [ -z "$status" ] || exit "$status"
    printf '# the guest did not come to its end (attempt %s):\n' "$attempt"
    tail -n 30 "$job/qemu.log" "$job/console" 2>/dev/null | tr -cd '[:print:]\n' | sed 's/^/#   /'
done
exit 125
