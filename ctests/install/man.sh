#!/usr/bin/env bash
# Makes the manual pages, one for each export. Tests that they have no warning and the errnos of the header. Compiles
# and runs their examples; TAP. lintian tests the pages with groff and whatis: ctests/package/debian.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc clang libc6-dev man-db mandoc groff-base python3 python3-docutils

work=$target/man
rm -rf "$work"
mkdir -p "$work"
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
exports=$(sed -n 's/^ *\(virNetDev[A-Za-z]*\);$/\1/p' src/link/libvirnetdevvf.map)
strict=(-std=gnu11 -Wall -Wextra -Wpedantic -Werror -Iinclude)
build_library

# `need` installs docutils for this Python.
make_page() { /usr/bin/python3 docs/man/make.py "${2-include/virnetdevvf.h}" "$version" "$1"; }
# docutils causes these three warnings in each page.
lint() {
    mandoc -T lint -W warning "$1" 2>&1 |
        grep -vE ': (missing date, using "": TH|skipping paragraph macro: sp after S[HS]|unknown font, .*: ft C)$'
}
rendered() { LC_ALL=C MANWIDTH=200 man --no-justification --no-hyphenation --local-file "$1" | col -bx; }
section() { rendered "$2" | sed -n "/^$1\$/,/^[A-Z]/{/^[A-Z]/d; p}"; }
# The page shows the file that is compiled.
shown() {
    sed 1d "docs/man/examples/$1.c" >"$work/example"
    diff "$work/example" <(section EXAMPLES "$2" | sed 's/^          //' | head -n "$(wc -l <"$work/example")")
}
# The errnos in the header's comment are those in the page's list.
comment() { awk -v RS='/[*][*]\n' -v start="\n(int |const char [*])$1[(]" '$0 ~ start' include/virnetdevvf.h; }
errnos() { grep -oE '^[ *]+-E[A-Z]+(, -E[A-Z]+)*(:|$|  *[a-z*])' | grep -oE 'E[A-Z]+' | sort; }
has_errnos() {
    comment "$1" | errnos >"$work/errnos"
    { [ -s "$work/errnos" ] || [ "$1" = virNetDevVfLastError ]; } && diff "$work/errnos" <(section ERRORS "$2" | errnos)
}
has_sections() {
    local title
    for title in NAME SYNOPSIS DESCRIPTION EXAMPLES 'SEE ALSO'; do
        grep -x "$title" <<<"$(rendered "$1")" || { echo "no section $title"; return 1; }
    done
}

for page in $(printf '%s.3 ' $exports) virnetdevvf.7 vfset.8 virnetdevvf-check.8; do
    file=$work/$page
    try "man: $page is made" make_page "$file"
    try "man: $page: mandoc's lint finds no fault" finds_nothing lint "$file"
done
for page in $(printf '%s.3 ' $exports) virnetdevvf.7; do
    name=${page%.*} file=$work/$page
    try "man: $page: its example is docs/man/examples/$name.c" shown "$name" "$file"
    for compiler in gcc clang; do
        try "man: $page: its example compiles with $compiler" "$compiler" "${strict[@]}" -o "$work/$name" \
            "docs/man/examples/$name.c" "$target/release/libvirnetdevvf.so.0"
    done
done
for name in $exports; do
    try "man: $name.3 has its sections" has_sections "$work/$name.3"
    try "man: $name.3 has the header's errnos" has_errnos "$name" "$work/$name.3"
done

run() { LD_LIBRARY_PATH=$target/release "$work/$1" "${@:2}" 2>&1; }
says() { grep -F "$1" <<<"$(run "${@:2}")"; }
try "man: the examples run: a VLAN that is out of range" says "a VLAN is 0 to 4095" virNetDevVfLastError
for name in virNetDevSetVfMac virNetDevSetVfVlan virNetDevSetVfConfig virnetdevvf; do
    # There is no such interface. A caller without privileges gets EPERM, and the message names the interface then, too.
    try "man: the examples run: $name" says "of VF 0 of nonesuch" "$name" nonesuch 7
done
try "man: the examples run: virNetDevGetVfConfig" \
    says "cannot read the MAC and VLAN of VF 0 of lo (" virNetDevGetVfConfig lo
try "man: the examples run: virNetDevSendVfSetLinkRequest" says "nonesuch: " virNetDevSendVfSetLinkRequest nonesuch

# Each test can fail: a page with a fault.
fails() { ! "$@"; }
sed 's/^\.TP$/.TP\n.NOSUCH/' "$work/virNetDevSetVfMac.3" >"$work/bad.3"
try "man: a page with a fault is seen by mandoc" fails finds_nothing lint "$work/bad.3"
sed 's/EOPNOTSUPP/EINTR/' "$work/virNetDevSetVfMac.3" >"$work/bad.3"
try "man: an errno that is missing is seen" fails has_errnos virNetDevSetVfMac "$work/bad.3"
sed 's/bool retry/int retry/' "$work/virNetDevSetVfMac.3" >"$work/bad.3"
try "man: an example that differs is seen" fails shown virNetDevSetVfMac "$work/bad.3"
sed 's/^ \* Returns a string without/ * Returns a `string without/' include/virnetdevvf.h >"$work/bad.h"
try "man: a comment that docutils warns of makes no page" \
    fails make_page "$work/virNetDevVfLastError.3" "$work/bad.h"

# The commands of README's section `Install it`, without their comments.
commands() {
    local commands
    commands=$(sed -n '/^## Install it/,/^## See it/s/^    \([a-z].*\)/\1/p' "$top/README.md" | sed 's/ *# .*//')
    # There are none if the section has another name.
    [ -n "$commands" ] || { echo "no commands in README.md"; return 1; }
    while read -r command; do
        grep -qxF "$command" "$top/docs/operator.md" || { echo "$command"; return 1; }
    done <<<"$commands"
}
try "man: README's commands are docs/operator.md's, which ctests/host runs" commands
done_testing
