#!/usr/bin/env bash
# What a request costs, beside the alternatives: time, instructions, system calls, memory, and how they grow. On `lo`
# here, and on a real SR-IOV driver in an emulated machine. About three minutes.
#
#   ctests/bench/bench.sh            one table
#   ctests/bench/bench.sh --json     the same, for a program
#   ctests/bench/bench.sh --check    the bars that are counts, as TAP, for ctests/check
#
# Times are ratios within one run, all contestants taking turns (ctests/bench/bench.py).
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

what=(run)
case ${1-} in
--json) what=(run --json) ;;
--check) what=(check) ;;
'') ;;
*) die "usage: bench [--json | --check]" ;;
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
    gcc "${strict[@]}" $(pkg-config --cflags libnl-route-3.0) -o "$work/bench_libnl" "$top"/ctests/bench/bench{,_libnl}.c \
        -pthread $(pkg-config --libs libnl-route-3.0)
    for name in heap many_vfs; do
        gcc "${strict[@]}" -shared -fPIC -o "$work/$name.so" "$top/ctests/bench/$name.c"
    done
    gcc "${strict[@]}" -o "$work/load" "$top/ctests/bench/load.c"
    if [ "${what[0]}" = run ]; then
        # These two are here if they can be built now: the crate with the crates' registry, the package with Debian's
        # Go. One from an earlier run would be another version's.
        rm -f "$work"/bench_{rtnetlink,go}
        cargo build -q --release --locked --manifest-path "$top/ctests/bench/rtnetlink/Cargo.toml" --target-dir "$work/rust" &&
            gcc "${strict[@]}" -o "$work/bench_rtnetlink" "$top/ctests/bench/bench.c" \
                "$work/rust/release/libbench_rtnetlink.a" -pthread -lm || step "without the crate rtnetlink"
        (need golang-go golang-github-vishvananda-netlink-dev) &&
            GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$work/go GOFLAGS='' \
            go build -buildmode=c-archive -o "$work/bench_go.a" "$top/ctests/bench/bench.go" &&
            gcc "${strict[@]}" -o "$work/bench_go" "$top/ctests/bench/bench.c" "$work/bench_go.a" -pthread ||
            step "without Go's netlink"
    fi
} >&2
exec python3 "$top/ctests/bench/bench.py" "$work" "${what[@]}"
