#!/usr/bin/env bash
# Guests of libvirt on each driver of drivers.tsv, whatever happens; TAP. libvirt's own functions go through the same,
# and docs/compatibility.md has how guests fared with them and with these.
#
#   ctests/sequences/sequences.sh                  this tree's library
#   ctests/sequences/sequences.sh --update         the same, and writes the table of docs/compatibility.md
#   ctests/sequences/sequences.sh --library DIR    another build of it (DIR's .so.0); no table
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
# The library's calls must find the fake kernel in the program.
compile "$work/sequences" -rdynamic -I"$top/ctests/contract" "$c"/*.c "$top/ctests/contract"/fake*.c -ldl

results "" "$top/ctests/drivers/drivers.py"
results "" timeout 300 "$work/sequences" "$library" "$rows" "$work/own"
[ -z "$given" ] || { done_testing && exit; }

# --- libvirt's own --------------------------------------------------------------------------------

# In the root of ctests/libvirt/guests.sh; where that cannot be made, as it is installed here.
"$top/ctests/libvirt/root.sh" 9.0.0 >/dev/null || true
libvirt=''
for file in "$cache"/libvirt/9.0.0/machine/usr/lib/*/libvirt.so.0 /usr/lib/*/libvirt.so.0; do
    # What it needs may be missing here.
    if [ -e "$file" ] && timeout 300 "$work/sequences" "$file" "$rows" "$work/stock" >/dev/null 2>"$work/log"; then
        libvirt=$file
        break
    fi
done
if [ -z "$libvirt" ]; then
    skip "sequences: libvirt's own functions" "none here that runs: $(tail -n 1 "$work/log" | cut -c 1-200)"
    done_testing
    exit
fi
# The faults of libvirt's that the library mends: each is seen here, or the test sees none.
try "sequences: libvirt's own functions break what they are known to break" \
    awk -F '\t' 'NR > 1 && $1 == 0 { print $2; missing = 1 } END { exit missing || NR != 10 }' "$work/stock.counts"
# shellcheck disable=SC2086  # nothing, or one word
results "" "$top/ctests/drivers/table.py" "$work/stock.table" "$work/own.table" $update
# libvirt.so.0.9000.0 is 9.0.0.
version=$(readlink -f "$libvirt" | sed 's/.*\.so\.0\.//' | awk -F . '{ printf "%d.%d.%d", $1 / 1000, $1 % 1000, $2 }')
printf '# = sequences that break it: libvirt %s | this library\n' "$version"
paste "$work/stock.counts" "$work/own.counts" | awk -F '\t' '{ printf "# = %9d | %9d  %s\n", $1, $3, $2 }'
done_testing
