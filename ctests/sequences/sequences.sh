#!/usr/bin/env bash
# Guests of libvirt on each driver of drivers.tsv, also with resets, errors and lost answers; TAP. Stock libvirt runs
# the same, and docs/compatibility.md shows what happens to guests with stock libvirt and with this library.
#
#   ctests/sequences/sequences.sh                  this tree's library
#   ctests/sequences/sequences.sh --update         the same, and writes the table of docs/compatibility.md
#   ctests/sequences/sequences.sh --library DIR    another build of the library (DIR's .so.0); no table
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
given='' update=''
case ${1-} in
--library) given=$2/libvirnetdevvf.so.0 ;;
--update) update=--update ;;
'') ;;
*) die "usage: sequences [--update | --library DIR]" ;;
esac
need gcc libc6-dev
[ -n "$given" ] || build_library
library=${given:-$target/release/libvirnetdevvf.so}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
c=$top/ctests/sequences rows=$top/ctests/drivers/drivers.tsv
# With -rdynamic, the library's calls find the fake kernel in the program.
compile "$work/sequences" -rdynamic -I"$top/ctests/contract" "$c"/*.c "$top/ctests/contract"/fake*.c -ldl

results "" "$top/ctests/drivers/drivers.py"
results "" timeout 300 "$work/sequences" "$library" "$rows" "$work/own"
[ -z "$given" ] || { done_testing && exit; }

# --- stock libvirt --------------------------------------------------------------------------------

# The libvirt in the root of ctests/libvirt/guests.sh or, if that cannot be made, the one that is installed.
"$top/ctests/libvirt/root.sh" 9.0.0 >/dev/null || true
libvirt=''
for file in "$cache"/libvirt/9.0.0/machine/usr/lib/*/libvirt.so.0 /usr/lib/*/libvirt.so.0; do
    # A library that it needs may be missing here.
    if [ -e "$file" ] && timeout 300 "$work/sequences" "$file" "$rows" "$work/stock" >/dev/null 2>"$work/log"; then
        libvirt=$file
        break
    fi
done
if [ -z "$libvirt" ]; then
    skip "sequences: stock libvirt" "no libvirt runs here: $(tail -n 1 "$work/log" | cut -c 1-200)"
    done_testing
    exit
fi
# Stock libvirt breaks each invariant. If a test does not see that, it cannot see a fault of this library either.
try "sequences: stock libvirt breaks each invariant" \
    awk -F '\t' 'NR > 1 && $1 == 0 { print $2; missing = 1 } END { exit missing || NR != 10 }' "$work/stock.counts"
# shellcheck disable=SC2086  # nothing, or one word
results "" "$top/ctests/drivers/table.py" "$work/stock.table" "$work/own.table" $update
# libvirt.so.0.9000.0 is 9.0.0.
version=$(readlink -f "$libvirt" | sed 's/.*\.so\.0\.//' | awk -F . '{ printf "%d.%d.%d", $1 / 1000, $1 % 1000, $2 }')
printf '# = sequences that break it: stock libvirt %s | this library\n' "$version"
paste "$work/stock.counts" "$work/own.counts" | awk -F '\t' '{ printf "# = %9d | %9d  %s\n", $1, $3, $2 }'
done_testing
