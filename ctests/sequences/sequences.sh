#!/usr/bin/env bash
# Every sequence of answers that a kernel can give, to each function and to libvirt's starts and stops of a guest; TAP.
# libvirt's own functions go through the same ones, and a table says how many each breaks.
#
#   ctests/sequences/sequences.sh                  this tree's library
#   ctests/sequences/sequences.sh --library DIR    another build of it (DIR's .so.0); no table
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
given=''
case ${1-} in
--library) given=$2/libvirnetdevvf.so.0 ;;
'') ;;
*) die "usage: sequences [--library DIR]" ;;
esac
need gcc libc6-dev
[ -n "$given" ] || build_library
library=${given:-$target/release/libvirnetdevvf.so}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
c=$top/ctests/sequences
# The library's calls must find the fake kernel in the program.
compile "$work/sequences" -rdynamic -I"$top/ctests/contract" "$c"/sequences*.c "$top/ctests/contract"/fake*.c -ldl

results "" timeout 300 "$work/sequences" "$library" "$work/own"
[ -z "$given" ] || { done_testing && exit; }

# --- libvirt's own --------------------------------------------------------------------------------

# Where ctests/libvirt/guests.sh has unpacked it, or installed.
name="sequences: libvirt's own functions beside these"
libvirt=''
for file in "$cache"/libvirt/9.0.0/guest/usr/lib/*/libvirt.so.0 /usr/lib/*/libvirt.so.0; do
    # What it needs may be missing here.
    if [ -e "$file" ] && timeout 300 "$work/sequences" "$file" "$work/stock" >/dev/null 2>"$work/log"; then
        libvirt=$file
        break
    fi
done
if [ -z "$libvirt" ]; then
    skip "$name" "no libvirt here that runs: $(tail -n 1 "$work/log" | cut -c 1-200)"
    done_testing
    exit
fi
try "$name" test -s "$work/own"
# libvirt.so.0.9000.0 is 9.0.0.
version=$(readlink -f "$libvirt" | sed 's/.*\.so\.0\.//' | awk -F . '{ printf "%d.%d.%d", $1 / 1000, $1 % 1000, $2 }')
printf '# = sequences that break it: libvirt %s | this library\n' "$version"
paste "$work/stock" "$work/own" | awk -F '\t' '{ printf "# = %9d | %9d  %s\n", $1, $3, $2 }'
done_testing
