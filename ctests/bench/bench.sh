#!/usr/bin/env bash
# What a request costs, compared with libvirt's C, libnl and the bare system calls: instructions, system calls, memory
# and time. Counts are on an SR-IOV driver in an emulated machine, times on `lo`. Takes about two minutes.
#
#   ctests/bench/bench.sh            one table, and the bars
#   ctests/bench/bench.sh --check    the bars of docs/performance.md, as TAP, for ctests/check
#   ctests/bench/bench.sh --chart    docs/images/cost.svg
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

case ${1-} in
--check | --chart | '') ;;
*) die "usage: bench [--check | --chart]" ;;
esac

{
    need gcc libc6-dev binutils libnl-3-dev libnl-route-3-dev libvirt0 pkg-config python3 strace valgrind
    prefix=$(installed_library)
    work=$target/bench
    here=$top/ctests/bench
    mkdir -p "$work"
    # Stripped, as in a distribution.
    strip --strip-unneeded -o "$work/libvirnetdevvf.so.0" "$prefix/lib/libvirnetdevvf.so.0"
    strict=(-std=gnu11 -O2 -Wall -Wextra -Werror)
    read -ra libnl < <(pkg-config --cflags --libs libnl-route-3.0)
    gcc "${strict[@]}" -o "$work/bench" "$here"/{bench,contestants}.c "${libnl[@]}"
    for name in heap many_vfs; do
        gcc "${strict[@]}" -shared -fPIC -o "$work/$name.so" "$here/$name.c"
    done
} >&2
exec python3 "$here/bench.py" "$work" "$@"
