#!/usr/bin/env bash
# Every system call of a request fails, in every way it may, at every place where it is made; TAP.
#
#   ctests/faults/faults.sh [LIBRARY]      another build of it, such as one that ctests/mutants/mutants.py --build makes
#
# strace makes the call fail on a real C program. What must come of it is worked out in faults.py.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev strace python3
use_library "${1-}"
compile "$work/faulty" "$top/ctests/faults/faulty.c" "$library"
python3 "$top/ctests/faults/faults.py" "$work/faulty"
