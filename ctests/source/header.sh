#!/usr/bin/env bash
# The C header: the committed one is what the doc comments make, and it is valid in every C and C++.
#
#   ctests/source/header.sh            the tests (TAP)
#   ctests/source/header.sh --update   writes include/virnetdevvf.h
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"

if [ "${1-}" = --update ]; then
    touch build.rs
    out=$(cargo build -q --locked --features header --message-format=json | python3 -c '
import json, sys
said = [json.loads(line) for line in sys.stdin]
print(next(s["out_dir"] for s in said
           if s["reason"] == "build-script-executed" and "virnetdevvf" in s["package_id"]))')
    cp "$out/virnetdevvf.h" include/virnetdevvf.h
    exit
fi

need gcc g++ clang libc6-dev
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Checks that the test exists, too: cargo does not fail if no test has that name.
committed() {
    cargo test -q --locked --features header the_committed_header >"$work/log" 2>&1 &&
        grep -F ' 1 passed;' "$work/log" || { cat "$work/log"; return 1; }
}
try "header: the committed one is what the doc comments make" committed

strict=(-Wall -Wextra -Wpedantic -Werror -fsyntax-only -Iinclude)
cat >"$work/alone.c" <<'C'
#include <virnetdevvf.h>
#include <virnetdevvf.h>
_Static_assert(sizeof(virMacAddr) == 6, "six bytes");
C
# Before C11 there is no _Static_assert.
sed 's/^_Static_assert.*/typedef char six_bytes[sizeof(virMacAddr) == 6 ? 1 : -1];/' "$work/alone.c" >"$work/alone99.c"
sed 's/^_Static_assert/static_assert/' "$work/alone.c" >"$work/alone.cc"
cp "$work/alone99.c" "$work/alone98.cc"
# The declarations of libvirt's headers: the MAC is in virmacaddr.h, which every file of libvirt finds by that name.
mkdir "$work/util"
cat >"$work/util/virmacaddr.h" <<'C'
#pragma once
#define VIR_MAC_BUFLEN (6)
typedef struct _virMacAddr virMacAddr;
struct _virMacAddr {
    unsigned char addr[VIR_MAC_BUFLEN];
};
C
cat >"$work/libvirt.c" <<'C'
#include <stdbool.h>
#include <stddef.h>
#include "util/virmacaddr.h"
int virNetDevSendVfSetLinkRequest(const char *ifname, int vfInfoType, const void *payload, const size_t payloadLen);
int virNetDevSetVfVlan(const char *ifname, int vf, const int *vlanid) __attribute__((warn_unused_result));
int virNetDevSetVfMac(const char *ifname, int vf, const virMacAddr *macaddr, bool *allowRetry);
int virNetDevSetVfConfig(const char *ifname, int vf, const virMacAddr *macaddr, const int *vlanid, bool *allowRetry);
#include <virnetdevvf.h>
C
# This header comes before libvirt's, which the compiler finds because libvirt's build has -Isrc/util.
cat >"$work/before.c" <<'C'
#include <virnetdevvf.h>
#include "virmacaddr.h"
virMacAddr mac = { { 2, 0, 0, 0, 0, 1 } };
C
cp "$work/before.c" "$work/before.cc"
# libvirt's declaration in a file that this header cannot find.
cp -r "$work/util" "$work/hidden"
mv "$work/hidden/virmacaddr.h" "$work/hidden/other.h"
printf '#include <virnetdevvf.h>\n#include "hidden/other.h"\n' >"$work/twice.c"

# knows COMPILER STANDARD
knows() { "$1" -std="$2" -fsyntax-only -x c /dev/null 2>/dev/null; }
for compiler in gcc clang; do
    # C90 has no bool. gcc accepts its own stdbool.h everywhere, clang only where the system's headers use it.
    include=-Iinclude
    [ $compiler = gcc ] || include=-isysteminclude
    for standard in c90 gnu90; do
        try "header: by itself as $standard by $compiler" \
            "$compiler" -std=$standard -pedantic-errors "${strict[@]/-Iinclude/$include}" "$work/alone99.c"
    done
    # Older compilers know C23 only as C2x.
    for standard in c23 c2x; do
        ! knows "$compiler" $standard || break
    done
    if knows "$compiler" $standard; then
        try "header: by itself as C23 by $compiler" "$compiler" -std=$standard "${strict[@]}" "$work/alone.c"
    else
        skip "header: by itself as C23 by $compiler" "$compiler does not know it"
    fi
    try "header: by itself as C99 by $compiler" "$compiler" -std=c99 "${strict[@]}" "$work/alone99.c"
    for standard in c11 c17; do
        try "header: by itself as $standard by $compiler" "$compiler" -std=$standard "${strict[@]}" "$work/alone.c"
    done
    for standard in c99 c11 c17; do
        try "header: after libvirt's own declarations as $standard by $compiler" \
            "$compiler" -std=$standard "${strict[@]}" "$work/libvirt.c"
        try "header: before libvirt's virmacaddr.h as $standard by $compiler" \
            "$compiler" -std=$standard "${strict[@]}" -I"$work/util" "$work/before.c"
    done
    says() {
        grep -F "Include libvirt's virmacaddr.h before virnetdevvf.h." \
            <<<"$("$compiler" -std=c11 "${strict[@]}" "$work/twice.c" 2>&1)"
    }
    try "header: before a virMacAddr that it cannot find: $compiler says what to do" says
done
for compiler in g++ clang++; do
    for standard in c++98 c++17 c++20; do
        try "header: by itself as $standard by $compiler" "$compiler" -std=$standard -pedantic-errors "${strict[@]}" \
            "$work/alone$([ $standard = c++98 ] && echo 98).cc"
    done
    try "header: before libvirt's virmacaddr.h as C++17 by $compiler" \
        "$compiler" -std=c++17 "${strict[@]}" -I"$work/util" "$work/before.cc"
done
for text in '//' '# Safety'; do
    try "header: no '$text' in it" finds_nothing grep -nF -e "$text" include/virnetdevvf.h
done

# What a C programmer reads: each function has each part, each parameter is explained, and each example compiles.
has_parts() {
    local part functions
    functions=$(grep -c '^/\*\*$' include/virnetdevvf.h)
    for part in Returns Example; do
        [ "$(grep -c "^ \* $part" include/virnetdevvf.h)" = "$functions" ] || { echo "not each has: $part"; return 1; }
    done
}
try "header: each function says what it returns, and has an example" has_parts
prototypes() { awk '/^(int |const char \*)virNet/ { inside = 1 } inside; /;/ { inside = 0 }' "$1"; }
parameters() { prototypes "$1" | grep -oE '\w+[,)]' | tr -d ',)' | grep -vx void; }
explained() { diff <(grep -oE '^ \* @\w+:' "$1" | tr -d '*@: ') <(parameters "$1"); }
try "header: each parameter is explained, in its order" explained include/virnetdevvf.h
printf '/**\n * @vf: the VF\n */\nint virNetDevOneLine(int vf);\n' | cat - include/virnetdevvf.h >"$work/line.h"
try "header: ... also of a prototype that is one line" explained "$work/line.h"
examples() {
    printf '#include <%s>\n' errno.h stdio.h string.h linux/if_link.h virnetdevvf.h
    awk '/^ \* Example/ { inside = 1; printf "void example%d(void);\nvoid example%d(void)\n{\n", ++n, n }
        inside && /^ \*     / { print substr($0, 4) }
        inside && /^ \*\/$/ { print "}"; inside = 0 }' "$1"
}
examples include/virnetdevvf.h >"$work/examples.c"
try "header: its examples, as C90 by gcc" gcc -std=c90 -pedantic-errors "${strict[@]}" "$work/examples.c"
try "header: its examples, as C11 by clang" clang -std=c11 "${strict[@]}" "$work/examples.c"
try "header: its examples, as C++17 by g++" g++ -std=c++17 -x c++ "${strict[@]}" "$work/examples.c"

# These tests can fail: a prototype that differs from libvirt's does not compile.
sed 's/virNetDevSetVfVlan(const char \*ifname, int vf/virNetDevSetVfVlan(const char *ifname, long vf/' \
    "$work/libvirt.c" >"$work/differs.c"
fails() { ! "$@"; }
try "header: a prototype that differs is noticed" fails gcc -std=c11 "${strict[@]}" "$work/differs.c"
# An example that does not compile, and a parameter without an explanation, are found.
sed 's/^ \*     bool retry/ *     void retry/' include/virnetdevvf.h >"$work/bad.h"
examples "$work/bad.h" >"$work/bad.c"
try "header: an example that does not compile is noticed" fails gcc -std=c90 "${strict[@]}" "$work/bad.c"
sed '/@vlanid/d' include/virnetdevvf.h >"$work/bad.h"
try "header: a parameter without an explanation is noticed" fails explained "$work/bad.h"
done_testing
