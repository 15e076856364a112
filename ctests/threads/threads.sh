#!/usr/bin/env bash
# Many threads, forks and network namespaces at once, a million requests, and valgrind's tools; TAP.
#
#   ctests/threads/threads.sh [LIBRARY]   another build of the library, such as one of ctests/mutants/mutants.py --build
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev libc6-dbg valgrind util-linux
use_library "${1-}"
compile "$work/threads" -pthread "$top/ctests/threads/threads.c" "$library"

if in_namespaces --net true 2>/dev/null; then
    try "threads: 64 threads, each in its own network namespace, never get the answer of another thread" \
        in_namespaces --net timeout 300 "$work/threads" namespaces 64 200
    printf '# = 64 threads in 64 network namespaces, 57600 calls\n'
    try "threads: a call acts on the network namespace that the thread is in now" \
        in_namespaces --net timeout 60 "$work/threads" setns
else
    skip "threads: network namespaces" "no right to make them here"
fi
# As root of a user namespace, so that the answers are the same for every user.
as() { if [ "$(id -u)" = 0 ]; then timeout 500 "$@"; else in_namespaces --net timeout 500 "$@"; fi; }
try "threads: 300 forks while four threads make requests" as "$work/threads" forks 5 6000
many() { as "$work/threads" many 8 20834 >"$work/many"; }
try "threads: a million requests leak no descriptor and no memory" many
sed 's/^/# = /' "$work/many"

checked() { as valgrind -q --error-exitcode=9 "$@"; }
try "threads: memcheck finds no leak, and no uninitialised byte that goes to the kernel" \
    checked --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all "$work/threads" each
try "threads: memcheck finds no error with 8 threads" checked --leak-check=full "$work/threads" together 8 100
try "threads: helgrind finds no race" checked --tool=helgrind "$work/threads" together 4 100
try "threads: DRD finds no race" checked --tool=drd "$work/threads" together 4 100
done_testing
