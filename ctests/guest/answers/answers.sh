#!/usr/bin/env bash
# The cases of answers.tsv, through the library, on a real SR-IOV driver; TAP.
#
#   ctests/guest/answers/answers.sh --kernel 6.1 | 6.12 | 7.3
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

[ "${1-}" = --kernel ] && [ $# = 2 ] || die "usage: test --kernel 6.1 | 6.12 | 7.3"
need gcc libc6-dev iproute2 python3 util-linux
build_library
mkdir -p "$target/guest"
# Of its own, and where the guest sees it.
work=$(mktemp -d "$target/guest/XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/lib"
cp "$target/release/libvirnetdevvf.so" "$work/lib/libvirnetdevvf.so.0"
gcc -std=gnu11 -O2 -Wall -Wextra -Werror -I"$top/include" -o "$work/request" "$top/ctests/guest/answers/request.c" "$work/lib/libvirnetdevvf.so.0"

table=$top/ctests/guest/answers/answers.tsv
log=$work/log
status=0
"$top/ctests/guest/run.sh" --kernel "$2" /usr/bin/python3 "$top/ctests/guest/answers/answers.py" "$table" "$work/request" "$work/lib" >"$log" || status=$?
# A guest that did not come to its end was started again: what it had said until then does not count.
awk '/^# the guest did not come to its end/ { kept = "" } { kept = kept $0 "\n" } END { printf "%s", kept }' "$log" >"$log.last"
mv "$log.last" "$log"
sed "s/^\(not \)\{0,1\}ok - /&kernel $2: /" "$log"

# A guest that says less than it was asked must not pass.
cases=$(grep -cvE '^(#|$)' "$table")
judged=$(grep -cE '^(not )?ok - ' "$log" || true)
if [ "$judged" = "$cases" ]; then
    ok "kernel $2: every one of the $cases cases was judged"
else
    not_ok "kernel $2: every one of the $cases cases was judged" "$judged were"
    status=1
fi
[ "$status" = 0 ] && ! grep -q '^not ok' "$log"
