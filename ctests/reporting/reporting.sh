#!/usr/bin/env bash
# Who gets the report of a failure? libvirt is loaded in each way, or is not there; TAP.
#
#   ctests/reporting/reporting.sh [LIBRARY]     another build of the library, such as one of mutants.py --build
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
need gcc libc6-dev libvirt0 python3-libvirt strace
use_library "${1-}"

c=$top/ctests/reporting
libvirt=$(ldconfig -p | sed -n 's/.*libvirt\.so\.0 .*=> //p' | head -n 1)
compile "$work/linked" -DLINKED "$c/reporter.c" "$library" "$libvirt"
compile "$work/dlopen" "$c/reporter.c" "$library"

# 38 is VIR_ERR_SYSTEM_ERROR (libvirt/virterror.h).
message='cannot set the VLAN of VF 5 of eth7 to 4096 (a VLAN is 0 to 4095; '
message+='correct the program or the configuration that asks for it): Numerical result out of range'
for state in init fresh; do
    try "reporting: libvirt linked, $state: its last error is the library's, and stays" \
        prints "38 $message"$'\n'"38 $message"$'\n'"$message" "$work/linked" $state
done
# The library does not search for libvirt: that takes the dynamic linker's lock, where a child of fork(2) may hang.
try "reporting: libvirt loaded later: it gets no report, and virNetDevVfLastError() has the message" \
    prints $'0 no error\n0 no error\n'"$message" "$work/dlopen" init

compile "$work/forked" -pthread "$c/forked.c" "$library"
try "reporting: a call returns in a child whose parent was in the dynamic linker" \
    prints "$message" "$work/forked" linker
try "reporting: a call returns in a child whose parent changed its locale" \
    prints "$message" "$work/forked" locale

python() {
    LD_PRELOAD=$library /usr/bin/python3 - <<'PY'
import ctypes
import libvirt
library = ctypes.CDLL(None)
library.virNetDevVfLastError.restype = ctypes.c_char_p
vlan = ctypes.c_int(4096)
assert library.virNetDevSetVfVlan(b"eth7", 5, ctypes.byref(vlan)) == -34
print(libvirt.virGetLastError(), library.virNetDevVfLastError().decode())
PY
}
try "reporting: preloaded, Python imports libvirt later: it gets no report" prints "None $message" python

# debug LEVEL LINE: how many lines of libvirt's log match LINE, if LEVEL is set for the category util.virnetdevvf.
debug() {
    LIBVIRT_LOG_FILTERS=$1:util.virnetdevvf LIBVIRT_LOG_OUTPUTS=1:file:$work/log "$work/linked" init >/dev/null 2>&1
    grep -cE "debug : virNetDevSendVfSetLinkRequest:[0-9]+ : $2\$" "$work/log" || true
    rm -f "$work/log"
}
# libvirt reads these variables when it opens a connection, or in virInitialize(), which the program calls.
request='ifname=lo vf=4096 attribute=99 result=-[0-9]+'
try "reporting: one debug line for each request, in the category util.virnetdevvf" test "$(debug 1 "$request")" = 1
try "reporting: no debug line when the category is off" test "$(debug 3 "$request")" = 0
try "reporting: a name cannot forge a debug line" \
    test "$(debug 1 'ifname=new[?]line[?]\[2J vf=5 attribute=99 result=-[0-9]+')" = 1
try "reporting: a debug line names the VF, also if no socket can be opened" \
    test "$(debug 1 'ifname=lo vf=5 attribute=2 result=-24')" = 1

compile "$work/consumer" "$top/ctests/consumer/consumer.c" "$library"
nothing_searched() {
    strace -f -e trace=openat,open,stat,newfstatat,access "$work/consumer" 2>"$work/calls" >/dev/null || return 1
    finds_nothing grep 'libvirt\.so' "$work/calls"
}
try "reporting: without libvirt, the library works and searches for no file of libvirt" nothing_searched
done_testing
