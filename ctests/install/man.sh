#!/usr/bin/env bash
# The manual pages: made, without a warning of man's, one for each export, and their examples compiled and run; TAP.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc clang libc6-dev man-db groff-base python3

work=$target/man
rm -rf "$work"
mkdir -p "$work"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
exports=$(sed -n 's/^ *\(virNetDev[A-Za-z]*\);$/\1/p' src/link/libvirnetdevvf.map)
strict=(-std=gnu11 -Wall -Wextra -Wpedantic -Werror -Iinclude)
build_library

clean() { [ -z "$(LC_ALL=C.UTF-8 MANWIDTH=80 man --warnings --encoding=UTF-8 --local-file "$1" 2>&1 >/dev/null)" ]; }
named() { LC_ALL=C.UTF-8 lexgrog "$1"; }
# What the page shows is the file that was compiled.
shown() { diff <(sed '1d' "docs/man/examples/$1.c") <(sed -n '/^\.SH EXAMPLES$/,/^\.EE$/p' "$2" | sed '1,/^\.EX$/d; /^\.EE$/d; s/\\-/-/g; s/\\(aq/'\''/g; s/\\e/\\/g; s/^\\&//'); }
for page in $(printf '%s.3 ' $exports) virnetdevvf.7; do
    name=${page%.*} file=$work/$page
    try "man: $page is made" docs/man/make include/virnetdevvf.h "$version" "$file"
    try "man: $page: man --warnings has nothing to say" clean "$file"
    try "man: $page: whatis finds its name" named "$file"
    try "man: $page: its example is the one below" shown "$name" "$file"
    for compiler in gcc clang; do
        try "man: $page: its example, by $compiler" "$compiler" "${strict[@]}" -o "$work/$name" "docs/man/examples/$name.c" \
            "$target/release/libvirnetdevvf.so.0"
    done
done
run() { LD_LIBRARY_PATH=$target/release "$work/$1" "${@:2}" 2>&1; }
says() { grep -F "$1" <<<"$(run "${@:2}")"; }
for page in vfset.8 virnetdevvf-check.8; do
    file=$work/$page
    try "man: $page is made" docs/man/make include/virnetdevvf.h "$version" "$file"
    try "man: $page: man --warnings has nothing to say" clean "$file"
    try "man: $page: whatis finds its name" named "$file"
done
try "man: the examples run: a VLAN that is none" says "it must be 0 to 4095" virNetDevVfLastError
for name in virNetDevSetVfMac virNetDevSetVfVlan virNetDevSetVfConfig virnetdevvf; do
    # There is no such interface, whoever asks: without the right to, the kernel says so first.
    try "man: the examples run: $name" says "of VF 0 of nonesuch" "$name" nonesuch 7
done
try "man: the examples run: virNetDevGetVfConfig" says "cannot read the MAC and VLAN of VF 0 of lo: " virNetDevGetVfConfig lo
try "man: the examples run: virNetDevSendVfSetLinkRequest" says "nonesuch: " virNetDevSendVfSetLinkRequest nonesuch
# A page must be able to be found wanting.
sed 's/^\.TP$/.TP\n.NOSUCH/' "$work/virNetDevSetVfMac.3" >"$work/bad.3"
unclean() { ! clean "$1"; }
try "man: a page with a fault is seen" unclean "$work/bad.3"

readme() { diff <(sed -n '/^```c$/,/^```$/p' "$top/README.md" | sed '1d;$d') "$top/docs/man/examples/virnetdevvf.c"; }
try "man: the README's example is the one in docs/man/examples" readme
