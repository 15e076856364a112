#!/usr/bin/env bash
# Many threads, forks and network namespaces at once, a million requests, and valgrind's tools; TAP.
#
#   ctests/threads/threads.sh [LIBRARY]     another build of it, such as one that ctests/mutants/mutants.py --build makes
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev libc6-dbg valgrind util-linux
[ $# -gt 0 ] || build_library
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "${1:-$target/release/libvirnetdevvf.so}" "$work/libvirnetdevvf.so.0"
gcc -std=gnu11 -O1 -g -Wall -Wextra -Werror -pthread -I"$top/include" -o "$work/threads" "$top/ctests/threads/threads.c" \
    "$work/libvirnetdevvf.so.0"
export LD_LIBRARY_PATH=$work

# Namespaces are root's, or a user's who is root in one.
own=(unshare --net)
[ "$(id -u)" = 0 ] || own=(unshare --user --map-root-user --net)
if "${own[@]}" true 2>/dev/null; then
    try "threads: 64 threads, each in its own network namespace, never get another's answer" \
        timeout 300 "${own[@]}" "$work/threads" namespaces 64 200
    printf '# = 64 threads in 64 network namespaces, 57600 calls\n'
    try "threads: a call acts on the network namespace that the thread is in now" timeout 60 "${own[@]}" "$work/threads" setns
else
    skip "threads: 64 threads, each in its own network namespace" "no right to make network namespaces here"
    skip "threads: a call acts on the network namespace that the thread is in now" "no right to make network namespaces here"
fi
if [ "$(id -u)" = 0 ]; then as=(); else as=("${own[@]}"); fi
# As root in the kernel's eyes, so that the answers are the same for everybody.
as() { timeout 500 ${as[@]+"${as[@]}"} "$@"; }
try "threads: 300 forks while four threads are in the midst of requests" as "$work/threads" forks 300
many() { as "$work/threads" many 8 1000000 >"$work/many"; }
try "threads: a million requests leave no descriptor and no memory behind" many
sed 's/^/# = /' "$work/many"

checked() { as valgrind -q --error-exitcode=9 "$@"; }
try "threads: memcheck finds nothing: no leak, nothing uninitialised sent to the kernel" \
    checked --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all "$work/threads" each
try "threads: memcheck finds nothing with 8 threads" checked --leak-check=full "$work/threads" together 8 100
try "threads: helgrind finds no race" checked --tool=helgrind "$work/threads" together 4 100
try "threads: DRD finds no race" checked --tool=drd "$work/threads" together 4 100
