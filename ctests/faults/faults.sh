#!/usr/bin/env bash
# Every system call of a request fails, with every errno that it may have; TAP.
#
#   ctests/faults/faults.sh [LIBRARY]     another build of the library, such as one of ctests/mutants/mutants.py --build
#
# strace makes the calls of a C program fail. faults.py has the expected results.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev strace python3
use_library "${1-}"
compile "$work/faulty" "$top/ctests/faults/faulty.c" "$library"
python3 "$top/ctests/faults/faults.py" "$work/faulty"
