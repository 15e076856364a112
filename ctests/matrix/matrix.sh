#!/usr/bin/env bash
# Builds the library with other linkers, compilers and C libraries, and as each kind of library that Meson makes. Each
# build runs its own tests, the tests of a finished library (ctests/binary/checks.sh) and the rows of the contract; TAP.
# About 10 minutes. ctests/package/rpm.sh does the same with the binutils and the libc of Debian 11.
#
#   ctests/matrix/matrix.sh [BUILD...]        all, or these (--list names them)
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"

builds='linker-lld linker-mold linker-gold clang shared static lto-gcc lto-clang m32 musl'
[ "${1-}" != --list ] || { printf '%s\n' $builds; exit; }
# shellcheck disable=SC2086  # names, one a word
[ $# -gt 0 ] || set -- $builds
need gcc clang libc6-dev binutils meson ninja-build pkg-config python3 cmake dpkg-dev file lld mold llvm gcc-multilib \
    musl-tools python3-docutils
work=$target/matrix
rm -rf "$work"
mkdir -p "$work"
. ctests/binary/checks.sh

# --- one build ------------------------------------------------------------------------------------

# compiler FILE COMMAND...: makes FILE a program that runs COMMAND with its own arguments added.
compiler() {
    mkdir -p "$(dirname "$1")"
    printf '#!/bin/sh\nexec %s "$@"\n' "${*:2}" >"$1"
    chmod +x "$1"
}
builds() { meson setup -Dwerror=true "$1" "${@:2}" && meson test -C "$1"; }
# contract NAME DIRECTORY KIND...: runs the rows of the contract, compiled by $work/NAME.cc/gcc if that exists.
contract() {
    PATH=$work/$1.cc:$PATH results "matrix: $1: contract: " ctests/contract/contract.sh --rows "${@:2}"
}
# build NAME 'KIND...' NEEDED OPTIONS...: builds with $CC and tests the result; the .so must depend on NEEDED only.
build() {
    local name=$1 kinds=$2 needed=$3 dir=$work/$1 so=$work/$1/libvirnetdevvf.so.0 kind
    try "matrix: $name: builds, and programs run" builds "$dir" "${@:4}"
    for kind in $kinds; do
        [ -e "$dir/libvirnetdevvf.$kind" ] || { not_ok "matrix: $name: there is a .$kind"; return; }
    done
    if [[ $kinds == so* ]]; then
        made_right "matrix: $name" "$so" "$needed"
        try "matrix: $name: no panic in it" no_panic "$so"
    fi
    [[ $kinds != *a ]] || archive_right "matrix: $name" "$dir/libvirnetdevvf.a"
    # shellcheck disable=SC2086  # kinds, one a word
    contract "$name" "$dir" $kinds
}
# Each linker writes its name into the library.
linked_by() {
    local so=$work/linker-$1/libvirnetdevvf.so.0
    case $1 in
    gold) readelf -SW "$so" | grep -F .note.gnu.gold-version ;;
    *) readelf -p .comment "$so" | grep -i "$1" ;;
    esac
}
# cmocka COMPILER OUTPUT: builds cmocka from Debian's source, for a machine or a C library that has no package of it.
cmocka() {
    local config
    [ -d "$cache/cmocka" ] || {
        config=$(apt_suite bookworm) && rm -rf "$cache/cmocka.new" && mkdir "$cache/cmocka.new" &&
            (cd "$cache/cmocka.new" && APT_CONFIG=$config apt-get -q source cmocka) &&
            mv "$cache/cmocka.new" "$cache/cmocka" || return
    }
    CC=$1 cmake -S "$cache"/cmocka/cmocka-*/ -B "$2" -DWITH_STATIC_LIB=ON -DWITH_EXAMPLES=OFF &&
        cmake --build "$2" && mkdir "$2/static" && cp "$(find "$2" -name 'libcmocka*.a')" "$2/static/libcmocka.a"
}
# with_cmocka NAME COMPILER OPTIONS...: makes this compiler build the programs of the contract, with its own cmocka.
with_cmocka() {
    local dir=$work/$1.cmocka
    try "matrix: $1: cmocka" cmocka "$2" "$dir"
    # The header is the same for all compilers.
    compiler "$work/$1.cc/gcc" "$2" -L"$dir/static" -I"$(echo "$cache"/cmocka/cmocka-*/include)" "${@:3}"
}

has_rust() {
    rustup target add "$2" >/dev/null 2>&1 || [ -d "$(rustc --print target-libdir --target "$2")" ] ||
        { skip "matrix: $1" "no standard library of Rust for $2"; return 1; }
}

# --- each build -------------------------------------------------------------------------------------

for name; do
    case $name in
    linker-*)
        CC="gcc -fuse-ld=${name#*-}" build "$name" so libc.so.6
        try "matrix: $name: it linked the library" linked_by "${name#*-}"
        ;;
    clang) CC=clang build "$name" "so a" libc.so.6 ;;
    shared)
        build "$name" so libc.so.6 -Ddefault_library=shared
        try "matrix: $name: there is no .a" test ! -e "$work/$name/libvirnetdevvf.a"
        ;;
    static)
        build "$name" a '' -Ddefault_library=static
        try "matrix: $name: there is no .so" test ! -e "$work/$name/libvirnetdevvf.so"
        ;;
    # A program that is compiled with -flto and linked with the archive, as some distributions build libvirt.
    lto-gcc | lto-clang)
        [ -d "$work/static" ] || build static a '' -Ddefault_library=static
        case $name in
        lto-gcc) cc=(gcc -flto -O2) mark=.gnu.lto_ ;;
        lto-clang) cc=(clang -flto -O2 -fuse-ld=lld) mark=bitcode ;;
        esac
        compiler "$work/$name.cc/gcc" "$(command -v "${cc[0]}")" "${cc[@]:1}"
        lto() {
            "${cc[@]}" -Iinclude -c -o "$work/$name.o" ctests/consumer/consumer.c &&
                { readelf -SW "$work/$name.o" 2>/dev/null; file "$work/$name.o"; } | grep -F -e "$mark" &&
                "${cc[@]}" -o "$work/$name.run" "$work/$name.o" "$work/static/libvirnetdevvf.a" && "$work/$name.run"
        }
        try "matrix: $name: a program links with the archive, and runs" lto
        contract "$name" "$work/static" a
        ;;
    # These need another standard library of Rust: rustup fetches it, if it can.
    m32)
        has_rust "$name" i686-unknown-linux-gnu || continue
        with_cmocka "$name" "$(command -v gcc) -m32"
        printf "[binaries]\nc = ['gcc', '-m32']\n" >"$work/m32.ini"
        build "$name" "so a" libc.so.6 --native-file "$work/m32.ini" -Dcargo_target=i686-unknown-linux-gnu
        ;;
    musl)
        has_rust "$name" "$(uname -m)-unknown-linux-musl" || continue
        # Debian's musl comes without Linux headers: use those of this machine.
        mkdir "$work/linux"
        ln -s /usr/include/{linux,asm-generic} "/usr/include/$(gcc -print-multiarch)/asm" "$work/linux"
        compiler "$work/musl-cc" musl-gcc -idirafter "$work/linux"
        python3 -c 'import os
for number in range(134):
    print(f"\"{os.strerror(number)}\",")' >"$work/musl_words.h"
        # In musl's struct msghdr an int stands where glibc has a size_t.
        with_cmocka "$name" "$work/musl-cc" -Wno-sign-compare -I"$work" "$top/ctests/matrix/musl.c"
        CC=$work/musl-cc build "$name" "so a" libc.so "-Dcargo_target=$(uname -m)-unknown-linux-musl"
        ;;
    *) die "no build is called $name (--list names them)" ;;
    esac
done
done_testing
