#!/usr/bin/env bash
# The ABI, compared with the one that was written down (ctests/binary/abi.h), by libabigail; TAP.
#
#   ctests/binary/abi.sh
#   ctests/binary/abi.sh --update     makes today's the baseline: for a new export; anything else is a new SONAME
#
# How the .so is linked, its names and what it needs: ctests/binary/elf.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev abigail-tools binutils
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
baseline=$top/ctests/binary/abi.h
header=$top/include/virnetdevvf.h

# described HEADER OUTPUT: the exports as a C caller sees them, as a library with debug information: each prototype of
# the header with an empty body. Rust's own debug information has types (i32, Option) whose names change with the
# compiler. That the header is what the library has is ctests/source/header.sh's to show.
described() {
    sed '/^ \*/!s/\([a-zA-Z]\));$/\1) {}/' "$1" >"$work/abi.c"
    gcc -std=gnu11 -g -O0 -shared -fPIC -o "$2" "$work/abi.c" -Wl,-soname,libvirnetdevvf.so.0
}
if [ "${1-}" = --update ]; then
    # What a compiler reads of it, a declaration a line.
    echo '/* SPDX-License-Identifier: LGPL-2.1-or-later */' >"$baseline"
    gcc -std=gnu11 -E -P "$header" | sed -z 's/\n */ /g; s/; \([a-z]\)/;\n\1/g; s/ $/\n/' |
        grep -v 'ptrdiff_t\|wchar_t\|max_align' >>"$baseline"
    exit
fi
described "$header" "$work/now.so"
described "$baseline" "$work/baseline.so"
# A const less, too, which changes no machine code: callers may not compile any more.
compared() { abidiff --harmless "$work/baseline.so" "$1"; }
try "abi: the same as the baseline" compared "$work/now.so"

build_library
so=$(installed_library)/lib/libvirnetdevvf.so.0
named() { nm -D --defined-only "$1" | awk '$3 ~ /^virNetDev/ { print $3 }' | LC_ALL=C sort; }
same_names() { [ -n "$(named "$1")" ] && diff <(named "$work/baseline.so") <(named "$1"); }
for library in "$so" "$target/release/libvirnetdevvf.so"; do
    try "abi: $(basename "$library") exports the baseline's names" same_names "$library"
done

# Each change of the ABI is seen: WHAT CHANGES | sed expression for the header.
while IFS='|' read -r what edit; do
    sed "$edit" "$header" >"$work/changed.h"
    changed() {
        ! cmp -s "$header" "$work/changed.h" && described "$work/changed.h" "$work/changed.so" &&
            ! compared "$work/changed.so"
    }
    try "abi: seen: ${what% }" changed
done <<'CHANGES'
a parameter's type | s/int vf,/long vf,/
a parameter more | s/const int \*vlanid)/const int *vlanid, int qos)/
what a pointer points to | s/const int \*vlanid)/const short *vlanid)/
a const less | s/const int \*vlanid)/int *vlanid)/
a result's type | s/^int virNetDevSetVfVlan/long virNetDevSetVfVlan/
a longer virMacAddr | s/addr\[VIR_MAC_BUFLEN\]/addr[8]/
an export less | s/virNetDevVfLastError/virNetDevVfLastWords/
CHANGES
done_testing
