#!/usr/bin/env bash
# Debian's libvirtd starts and stops guests on a VF, in an emulated machine: without the library, and with the library
# preloaded. Prints both results side by side.
#
#   ctests/libvirt/guests.sh [9.0.0] [11.3.0] [sid]   the tables (9.0.0 and 11.3.0)
#   ctests/libvirt/guests.sh --tap VERSION          as tests, for ctests/check; docs/compatibility.md must have the
#                                                table, and README.md must say the same
#   ctests/libvirt/guests.sh --library FILE --cases CASE... -- VERSION
#                                                as tests, only preloaded, with this library (see mutants.sh)
#   --kernel 6.1 | 6.12 | 7.3                    before any of these: on another kernel than 6.12
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

how=table kernel=6.12 library='' cases=() versions=()
while [ $# -gt 0 ]; do
    case $1 in
    --tap) how=tap && shift ;;
    --library)
        how=preloaded library=$(realpath -e "$2") || die "there is no $2"
        shift 2
        ;;
    --kernel) kernel=$2 && shift 2 ;;
    --cases)
        shift
        while [ "$1" != -- ]; do cases+=("$1") && shift; done
        shift
        ;;
    9.0.0 | 11.3.0 | sid) versions+=("$1") && shift ;;
    *) die "usage: guests [--kernel VERSION] [--tap] [9.0.0] [11.3.0] [sid]" ;;
    esac
done
[ ${#versions[@]} -gt 0 ] || versions=(9.0.0 11.3.0)

need python3
[ -n "$library" ] || library=$(installed_library)/lib/libvirnetdevvf.so.0
# A directory of its own: two of these may run at once.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The MMIO of an emulated VF is out of reach with 3 GB and more.
guest() {
    "$top/ctests/machine/run.sh" --kernel "$kernel" --memory 2560 --iommu --limit 1800 --root "$root" \
        /usr/bin/python3 "$top/ctests/libvirt/in_machine.py" "$@" ${cases[@]+"${cases[@]}"}
}
for version in "${versions[@]}"; do
    root=$("$top/ctests/libvirt/root.sh" "$version")
    said=$work/guests-$version
    # Both at a time: each has one processor.
    [ $how = preloaded ] || guest none >"$said.stock" &
    guest "$library" >"$said.preloaded" || true
    wait
    files=("$said.preloaded")
    [ $how = preloaded ] || files=("$said.stock" "$said.preloaded")
    [ $how != table ] || step "libvirt $version, Linux $kernel"
    python3 "$top/ctests/libvirt/guests.py" $how "$version" "$top" "${files[@]}"
done
