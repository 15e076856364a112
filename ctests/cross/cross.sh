#!/usr/bin/env bash
# The library on other processors: Debian's cross compilers build it, QEMU's user emulation runs its unit tests and the
# rows of the contract; TAP.
#
#   ctests/cross/cross.sh [arm64] [s390x] [i386]      without arguments: all. s390x is big-endian, i386 has 32 bits
#
# mmdebstrap makes a root in the cache once, with the compilers, libraries and QEMU of Debian 12. The tests run in it,
# so nothing is installed on this machine. Its Rust is rustc-web 1.85, the oldest that this library supports.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need mount util-linux

root=$cache/cross/root
mkdir -p "$cache/cross"
exec 9>"$cache/cross/lock"
flock 9

packages=rustc-web,cargo-web,libc6-dev,qemu-user
for part in arm64=aarch64-linux-gnu s390x=s390x-linux-gnu i386=i686-linux-gnu; do
    packages=$packages,gcc-${part#*=},libstd-rust-web-dev:${part%=*},libcmocka-dev:${part%=*},libc6-dev:${part%=*}
done
make_root "$root" "" bookworm "$packages" bookworm --architectures=amd64,arm64,s390x,i386 || die "cannot make the root"

# The source and its crates: the root has no network.
rm -rf "$root/tree"
mkdir -p "$root/tree/.cargo" "$root/proc" "$root/dev"
cp -r "$top"/{Cargo.toml,Cargo.lock,build.rs,src,include} "$root/tree"
mkdir -p "$root/tree/ctests/lib"
cp -r "$top/ctests/contract" "$root/tree/ctests"
cp "$top/ctests/lib/netlink.h" "$root/tree/ctests/lib"
(cd "$top" && cargo vendor -q --locked "$root/tree/vendor") >/dev/null || die "cannot copy the crates"
printf '[source.%s]\n%s\n' crates-io 'replace-with = "gathered"' gathered 'directory = "/tree/vendor"' \
    >"$root/tree/.cargo/config.toml"

inside() { run_in_root "$root" "cd /tree; $1"; }

[ $# -gt 0 ] || set -- arm64 s390x i386
for machine; do
    case $machine in
    arm64) rust=aarch64-unknown-linux-gnu triplet=aarch64-linux-gnu qemu=qemu-aarch64 ;;
    s390x) rust=s390x-unknown-linux-gnu triplet=s390x-linux-gnu qemu=qemu-s390x ;;
    i386) rust=i686-unknown-linux-gnu triplet=i686-linux-gnu qemu=qemu-i386 ;;
    *) die "usage: cross [arm64] [s390x] [i386]" ;;
    esac
    name=$(tr '[:lower:]-' '[:upper:]_' <<<"$rust")
    cargo="export CARGO_TARGET_${name}_LINKER=$triplet-gcc CARGO_TARGET_${name}_RUNNER=$qemu; cargo"
    try "cross $machine: builds" inside "$cargo build -q --offline --release --target $rust"
    try "cross $machine: unit tests" inside "$cargo test -q --offline --target $rust"
    for kind in so a; do
        library=target/$rust/release/libvirnetdevvf.$kind
        for test in contract bytes; do
            results "cross $machine .$kind: " inside "set -e
                ln -sf libvirnetdevvf.so target/$rust/release/libvirnetdevvf.so.0
                $triplet-gcc -std=gnu11 -O1 -Wall -Wextra -Werror -Iinclude -o /tmp/$test \
                    ctests/contract/$test*.c ctests/contract/fake*.c $library -lcmocka
                CMOCKA_MESSAGE_OUTPUT=TAP LD_LIBRARY_PATH=target/$rust/release $qemu /tmp/$test"
        done
    done
    versions=$(inside "$cargo --version; $triplet-gcc -dumpversion; $qemu --version | head -n 1")
    printf '# = %s: %s\n' "$machine" "${versions//$'\n'/ }"
done
done_testing
