#!/usr/bin/env bash
# Every system call of a request fails, in every way it may, at every place where it is made; TAP.
#
#   ctests/faults/faults.sh [LIBRARY]      another build of it, such as one that ctests/mutants/mutants.py --build makes
#
# strace makes the call fail on a real C program. What must come of it is worked out in faults.py.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev strace python3
build_library
work=$(mktemp -d)
# An ordinary user runs some of it.
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
cp "${1:-$target/release/libvirnetdevvf.so}" "$work/libvirnetdevvf.so.0"
gcc -std=gnu11 -O1 -Wall -Wextra -Werror -I"$top/include" -o "$work/faulty" "$top/ctests/faults/faulty.c" "$work/libvirnetdevvf.so.0"
export LD_LIBRARY_PATH=$work
python3 "$top/ctests/faults/faults.py" "$work/faulty"
