#!/usr/bin/env bash
# The ABI, compared with the one that was released (ctests/binary/abi.xml), by libabigail; TAP.
#
#   ctests/binary/abi.sh
#   ctests/binary/abi.sh --update     makes today's the baseline: for a new export; anything else is a new SONAME
#
# How the .so is linked, its names and what it needs: ctests/binary/elf.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev abigail-tools binutils
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
baseline=$top/ctests/binary/abi.xml

# described INCLUDE FILE OUTPUT: the C view as a library with debug information.
described() { gcc -std=gnu11 -g -O0 -shared -fPIC -I"$1" -o "$3" "$2" -Wl,-soname,libvirnetdevvf.so.0; }
described "$top/include" "$top/ctests/binary/abi.c" "$work/now.so"
if [ "${1-}" = --update ]; then
    abidw --no-corpus-path --no-comp-dir-path --no-show-locs --short-locs "$work/now.so" | sed "s#path='[^']*/ctests#path='ctests#" >"$baseline"
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
        diff <(sed -n "s/.*soname='\([^']*\)'.*/\1/p" "$baseline") <(readelf -dW "$library" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
done

# Each change of the ABI is seen: WHAT CHANGES | sed expression for the header and its C view.
while IFS='|' read -r what edit; do
    rm -rf "${work:?}/include"
    mkdir "$work/include"
    for file in include/virnetdevvf.h ctests/binary/abi.c; do sed "$edit" "$top/$file" >"$work/include/$(basename "$file")"; done
    changed() {
        ! { cmp -s "$work/include/virnetdevvf.h" "$top/include/virnetdevvf.h" && cmp -s "$work/include/abi.c" "$top/ctests/binary/abi.c"; } &&
            described "$work/include" "$work/include/abi.c" "$work/changed.so" && ! abidiff "$baseline" "$work/changed.so"
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
