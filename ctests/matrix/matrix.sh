#!/usr/bin/env bash
# The library by other linkers, compilers and C libraries, and in each of Meson's kinds of library. For each: the build
# and the programs that it tests, what the finished library must be, and the contract's rows; TAP. About 10 minutes. By
# the binutils and the libc of Debian 11: ctests/package/rpm.sh.
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

# compiler FILE COMMAND...: an executable that runs this with its own arguments.
compiler() {
    mkdir -p "$(dirname "$1")"
    printf '#!/bin/sh\nexec %s "$@"\n' "${*:2}" >"$1"
    chmod +x "$1"
}
builds() { meson setup -Dwerror=true "$1" "${@:2}" && meson test -C "$1"; }
# contract NAME DIRECTORY KIND...: the contract's rows; by $work/NAME.cc/gcc, if it is there.
contract() {
    PATH=$work/$1.cc:$PATH results "matrix: $1: contract: " ctests/contract/contract.sh --rows "${@:2}"
}
# build NAME 'KIND...' NEEDED OPTIONS...: by $CC; its .so needs NEEDED.
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
# What each linker writes about itself.
linked_by() {
    local so=$work/linker-$1/libvirnetdevvf.so.0
    case $1 in
    gold) readelf -SW "$so" | grep -F .note.gnu.gold-version ;;
    *) readelf -p .comment "$so" | grep -i "$1" ;;
    esac
}
# cmocka COMPILER OUTPUT: Debian's source of it, for a machine or a C library of which there is no package.
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
# with_cmocka NAME COMPILER OPTIONS...: the contract's programs by this compiler.
with_cmocka() {
    local dir=$work/$1.cmocka
    try "matrix: $1: cmocka" cmocka "$2" "$dir"
    # Its header is everybody's.
    compiler "$work/$1.cc/gcc" "$2" -L"$dir/static" -I"$(echo "$cache"/cmocka/cmocka-*/include)" "${@:3}"
}

has_rust() {
    rustup target add "$2" >/dev/null 2>&1 || [ -d "$(rustc --print target-libdir --target "$2")" ] ||
        { skip "matrix: $1" "no standard library of Rust for $2"; return 1; }
}

# --- all of them ----------------------------------------------------------------------------------

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
    # A program that is optimized as a whole when it is linked: libvirt's own build, with a distribution's flags.
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
    # The machine's own Rust has standard libraries for these where rustup can fetch them.
    m32)
        has_rust "$name" i686-unknown-linux-gnu || continue
        with_cmocka "$name" "$(command -v gcc) -m32"
        printf "[binaries]\nc = ['gcc', '-m32']\n" >"$work/m32.ini"
        build "$name" "so a" libc.so.6 --native-file "$work/m32.ini" -Dcargo_target=i686-unknown-linux-gnu
        ;;
    musl)
        has_rust "$name" "$(uname -m)-unknown-linux-musl" || continue
        # Debian has no Linux headers beside musl's.
        mkdir "$work/linux"
        ln -s /usr/include/{linux,asm-generic} "/usr/include/$(gcc -print-multiarch)/asm" "$work/linux"
        compiler "$work/musl-cc" musl-gcc -idirafter "$work/linux"
        # Its struct msghdr has an int where glibc has a size_t.
        python3 -c 'import os
for number in range(134):
    print(f"\"{os.strerror(number)}\",")' >"$work/musl_words.h"
        with_cmocka "$name" "$work/musl-cc" -Wno-sign-compare -I"$work" "$top/ctests/matrix/musl.c"
        CC=$work/musl-cc build "$name" "so a" libc.so "-Dcargo_target=$(uname -m)-unknown-linux-musl"
        ;;
    *) die "no build is called $name (--list names them)" ;;
    esac
done
done_testing
