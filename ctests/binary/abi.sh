#!/usr/bin/env bash
# Compares the ABI with the baseline, ctests/binary/abi.h, by libabigail; TAP.
#
#   ctests/binary/abi.sh
#   ctests/binary/abi.sh --update     writes a new baseline, for a new export. Any other change needs a new SONAME
#
# ctests/binary/elf.sh tests how the .so is linked, what it exports and what it needs.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev abigail-tools binutils
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
baseline=$top/ctests/binary/abi.h
header=$top/include/virnetdevvf.h

# described HEADER OUTPUT: makes a library with debug information from the prototypes of the header, with empty bodies:
# libabigail sees the exports as a C caller does. Rust's own debug information has types (i32, Option) whose names
# change with the compiler. ctests/source/header.sh compares the header with the source.
described() {
    sed '/^ \*/!s/\([a-zA-Z]\));$/\1) {}/' "$1" >"$work/abi.c"
    gcc -std=gnu11 -g -O0 -shared -fPIC -o "$2" "$work/abi.c" -Wl,-soname,libvirnetdevvf.so.0
}
if [ "${1-}" = --update ]; then
    # The header as the compiler reads it, one declaration on each line.
    echo '/* SPDX-License-Identifier: LGPL-2.1-or-later */' >"$baseline"
    gcc -std=gnu11 -E -P "$header" | sed -z 's/\n */ /g; s/; \([a-z]\)/;\n\1/g; s/ $/\n/' |
        grep -v 'ptrdiff_t\|wchar_t\|max_align' >>"$baseline"
    exit
fi
described "$header" "$work/now.so"
described "$baseline" "$work/baseline.so"
# --harmless finds a removed const, too: the machine code is the same, but a caller may no longer compile.
compared() { abidiff --harmless "$work/baseline.so" "$1"; }
try "abi: the same as the baseline" compared "$work/now.so"

build_library
so=$(installed_library)/lib/libvirnetdevvf.so.0
named() { nm -D --defined-only "$1" | awk '$3 ~ /^virNetDev/ { print $3 }' | LC_ALL=C sort; }
same_names() { [ -n "$(named "$1")" ] && diff <(named "$work/baseline.so") <(named "$1"); }
for library in "$so" "$target/release/libvirnetdevvf.so"; do
    try "abi: $(basename "$library") exports the baseline's names" same_names "$library"
done

# abidiff must find each of these changes: WHAT CHANGES | sed expression for the header.
while IFS='|' read -r what edit; do
    sed "$edit" "$header" >"$work/changed.h"
    changed() {
        ! cmp -s "$header" "$work/changed.h" && described "$work/changed.h" "$work/changed.so" &&
            ! compared "$work/changed.so"
    }
    try "abi: seen: ${what% }" changed
done <<'CHANGES'
a parameter's type | s/int vf,/long vf,/
an added parameter | s/const int \*vlanid)/const int *vlanid, int qos)/
what a pointer points to | s/const int \*vlanid)/const short *vlanid)/
a removed const | s/const int \*vlanid)/int *vlanid)/
a result's type | s/^int virNetDevSetVfVlan/long virNetDevSetVfVlan/
a longer virMacAddr | s/addr\[VIR_MAC_BUFLEN\]/addr[8]/
a removed export | s/virNetDevVfLastError/virNetDevVfLastWords/
CHANGES
done_testing
