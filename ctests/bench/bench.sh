#!/usr/bin/env bash
# What a request costs, beside the alternatives: time, instructions, system calls, memory, and how they grow. On `lo`
# here, and on a real SR-IOV driver in an emulated machine. About three minutes.
#
#   ctests/bench/bench.sh            one table
#   ctests/bench/bench.sh --json     the same, for a program
#   ctests/bench/bench.sh --check    the bars that are counts, as TAP, for ctests/check
#   ctests/bench/bench.sh --chart    docs/images/cost.svg: the counts of one request, on the real driver
#
# Times are ratios within one run, all contestants taking turns (measure.py; machines.py says where).
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

what=(table.py)
case ${1-} in
--json) what=(table.py --json) ;;
--check) what=(bars.py) ;;
--chart) what=(chart.py "$top/docs/images/cost.svg") ;;
'') ;;
*) die "usage: bench [--json | --check | --chart]" ;;
esac

{
    need gcc libc6-dev binutils iproute2 libnl-3-dev libnl-route-3-dev libvirt0 pkg-config python3 strace valgrind
    prefix=$(installed_library)
    work=$target/bench
    mkdir -p "$work"
    # As a distribution ships it.
    strip --strip-unneeded -o "$work/libvirnetdevvf.so.0" "$prefix/lib/libvirnetdevvf.so.0"
    strict=(-std=gnu11 -O2 -Wall -Wextra -Werror)
    for name in bare library ip; do
        gcc "${strict[@]}" -o "$work/bench_$name" "$top"/ctests/bench/bench{,_$name}.c -pthread
    done
    # shellcheck disable=SC2046  # options, one a word
    gcc "${strict[@]}" $(pkg-config --cflags libnl-route-3.0) -o "$work/bench_libnl" \
        "$top"/ctests/bench/bench{,_libnl}.c -pthread $(pkg-config --libs libnl-route-3.0)
    for name in heap many_vfs; do
        gcc "${strict[@]}" -shared -fPIC -o "$work/$name.so" "$top/ctests/bench/$name.c"
    done
    gcc "${strict[@]}" -o "$work/load" "$top/ctests/bench/load.c"
    [ "${what[0]}" != chart.py ] || need python3-matplotlib
} >&2
# Debian's own: its matplotlib is for that.
exec /usr/bin/python3 "$top/ctests/bench/${what[0]}" "$work" "${what[@]:1}"
