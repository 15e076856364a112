#!/usr/bin/env bash
# The cases of answers.tsv, through the library, on a real SR-IOV driver; TAP.
#
#   ctests/machine/answers/answers.sh --kernel 6.1 | 6.12 | 7.3
. "$(dirname "${BASH_SOURCE[0]}")/../../lib/lib.sh"

[ "${1-}" = --kernel ] && [ $# = 2 ] || die "usage: answers --kernel 6.1 | 6.12 | 7.3"
need gcc libc6-dev iproute2 python3 util-linux
mkdir -p "$target/machine"
# Where the machine sees it.
use_library '' "$target/machine"
c=$top/ctests/machine/answers
compile "$work/request" "$c/request.c" "$library"

results "kernel $2: " "$top/ctests/machine/run.sh" --kernel "$2" \
    /usr/bin/python3 "$c/answers.py" "$c/answers.tsv" "$work/request" "$work/lib"
done_testing
