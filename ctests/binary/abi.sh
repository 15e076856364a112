#!/usr/bin/env bash
# The ABI, compared with the one that was written down (ctests/binary/abi.xml), by libabigail, and tried by a program
# that was built against 0.1.0; TAP.
#
#   ctests/binary/abi.sh
#   ctests/binary/abi.sh --update     makes today's the baseline: for a new export; anything else is a new SONAME
#
# How the .so is linked, its names and what it needs: ctests/binary/elf.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev abigail-tools binutils util-linux git
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
baseline=$top/ctests/binary/abi.xml

# described INCLUDE FILE OUTPUT: the C view as a library with debug information.
described() { gcc -std=gnu11 -g -O0 -shared -fPIC -I"$1" -o "$3" "$2" -Wl,-soname,libvirnetdevvf.so.0; }
described "$top/include" "$top/ctests/binary/abi.c" "$work/now.so"
if [ "${1-}" = --update ]; then
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs --short-locs "$work/now.so" |
        sed "s#path='[^']*/ctests#path='ctests#" >"$baseline"
    exit
fi
try "abi: the same as the baseline" abidiff "$baseline" "$work/now.so"

build_library
so=$(installed_library)/lib/libvirnetdevvf.so.0
named() { sed -n "s/.*elf-symbol name='\([^']*\)'.*type='func-type'.*/\1/p" "$baseline" | LC_ALL=C sort; }
for library in "$so" "$target/release/libvirnetdevvf.so"; do
    try "abi: $(basename "$library") exports the baseline's names" \
        diff <(named) <(nm -D --defined-only "$library" | awk '{ print $3 }' | LC_ALL=C sort)
    try "abi: $(basename "$library") has the baseline's SONAME" \
        diff <(sed -n "s/.*soname='\([^']*\)'.*/\1/p" "$baseline") \
        <(readelf -dW "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
done

# --- since 0.1.0 ----------------------------------------------------------------------------------

# A program that was built with 0.1.0's header and linked to a library with 0.1.0's exports runs on today's. The header
# is kept here, for a tarball and a shallow clone have no history.
first=$top/ctests/binary/0.1.0
made_by=$(sed -n 's/.*of commit \([0-9a-f]\{40\}\),.*/\1/p' "$first/consumer.c")
if git -C "$top" cat-file -e "$made_by" 2>/dev/null; then
    try "abi: 0.1.0's header is as it was" \
        diff <(git -C "$top" show "$made_by:include/virnetdevvf.h") "$first/virnetdevvf.h"
else
    skip "abi: 0.1.0's header is as it was" "this clone does not have commit $made_by"
fi
sed '/^int virNetDevGetVfConfig/,/^}/d' "$top/ctests/binary/abi.c" >"$work/abi-0.1.0.c"
described "$first" "$work/abi-0.1.0.c" "$work/libvirnetdevvf.so.0"
try "abi: to 0.1.0's, exports were added and nothing else" \
    abidiff --no-added-syms "$work/libvirnetdevvf.so.0" "$work/now.so"
# consumer OUTPUT LINKED: linked as it was then, whatever the linker's defaults are now.
consumer() { gcc -std=gnu11 -Wall -Wextra -Werror -o "$1" "$first/consumer.c" "$2"; }
try "abi: a program builds with 0.1.0's header" consumer "$work/consumer" "$work/libvirnetdevvf.so.0"
# runs COMMAND...: with the rights and the network namespace that the program's answers are for.
runs() {
    local user=()
    [ "$(id -u)" = 0 ] || user=(--user --map-root-user)
    unshare ${user[@]+"${user[@]}"} --net "$@"
}
for library in "$so" "$target/release/libvirnetdevvf.so"; do
    mkdir -p "$work/lib"
    cp "$library" "$work/lib/libvirnetdevvf.so.0"
    try "abi: that program runs on $(basename "$library")" runs env LD_LIBRARY_PATH="$work/lib" "$work/consumer"
done
today() { consumer "$work/with-archive" "$(dirname "$so")/libvirnetdevvf.a" && runs "$work/with-archive"; }
try "abi: and, linked anew, on libvirnetdevvf.a" today
# The linker and the program each notice.
lacks_one() {
    gcc -shared -fPIC -o "$work/lib/libvirnetdevvf.so.0" -Wl,-soname,libvirnetdevvf.so.0 -I"$first" \
        -x c - < <(sed '/^int virNetDevSetVfMac/,/^}/d' "$work/abi-0.1.0.c")
    ! runs env LD_BIND_NOW=1 LD_LIBRARY_PATH="$work/lib" "$work/consumer" >"$work/said" 2>&1 &&
        grep virNetDevSetVfMac "$work/said"
}
try "abi: seen: that program does not start on a library that lacks an export of 0.1.0" lacks_one

# --- each change is seen --------------------------------------------------------------------------

# Each change of the ABI is seen: WHAT CHANGES | sed expression for the header and its C view.
while IFS='|' read -r what edit; do
    rm -rf "${work:?}/include"
    mkdir "$work/include"
    for file in include/virnetdevvf.h ctests/binary/abi.c; do
        sed "$edit" "$top/$file" >"$work/include/$(basename "$file")"
    done
    changed() {
        ! { cmp -s "$work/include/virnetdevvf.h" "$top/include/virnetdevvf.h" &&
            cmp -s "$work/include/abi.c" "$top/ctests/binary/abi.c"; } &&
            described "$work/include" "$work/include/abi.c" "$work/changed.so" &&
            ! abidiff "$baseline" "$work/changed.so"
    }
    try "abi: seen: ${what% }" changed
done <<'CHANGES'
a parameter's type | s/int vf,/long vf,/
a parameter more | s/const int \*vlanid)/const int *vlanid, int qos)/
what a pointer points to | s/const int \*vlanid)/const short *vlanid)/
a result's type | s/^int virNetDevSetVfVlan\|int virNetDevSetVfVlan/long virNetDevSetVfVlan/
a longer virMacAddr | s/addr\[VIR_MAC_BUFLEN\]/addr[8]/
an export less | s/virNetDevVfLastError/virNetDevVfLastWords/
CHANGES
done_testing
