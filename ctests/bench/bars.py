# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a request may cost: the bars that are counts.

    bars.py DIRECTORY     TAP
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import tap
from machines import LISTS, in_guest, result_of, six_instructions, vf_lists
from measure import ON_DPU, ON_PF, OURS, TOP, WORDS

# The bars: one request that succeeds.
CALLS, ALLOCATIONS, INSTRUCTIONS, OVER_FLOOR, OVER_LIBVIRT, STACK = 6, 0, 600, 1.10, 0.70, 4096
# Beside that: what a MAC, a VLAN, or one after the other may take in all, each of them in its own function.
# A configuration first reads the VF's state: one call more than a request's six, and its list's memory.
MORE_INSTRUCTIONS = {"mac": 860, "vlan": 860, "guest": 4800, "DPU guest": 5700}
# What the six calls take without a library, with Debian 12's C library (2.36), which the bars are for. A later one may
# make more of each: 2.41 asks each time whether the thread was cancelled.
SIX_INSTRUCTIONS = 127
# A VF list may take one allocation, and no more instructions for a VF than a short list does. From 335 on its length
# wraps.
LIST_ALLOCATIONS, LIST_SPREAD = 1, 1.25
# As docs/performance.md has them.
CALLS_OF_A_GUEST = 3 * CALLS + 1
PAGE = [
    f"| {CALLS} system calls, no allocation, {INSTRUCTIONS} instructions, {STACK >> 10} KiB of stack |",
    f"| {CALLS} system calls, no allocation, {MORE_INSTRUCTIONS['mac']} instructions |",
    f"| {CALLS_OF_A_GUEST} system calls, 1 allocation, {MORE_INSTRUCTIONS['guest']} instructions; "
    f"{MORE_INSTRUCTIONS['DPU guest']} on a DPU |",
    f"| {LIST_ALLOCATIONS} allocation; for each VF of a longer list at most {LIST_SPREAD} times the instructions of a "
    "short list |",
]


def bars(on_nic, lists, six):
    """Each bar that is a count: what it says, whether it holds, and what was seen."""
    later_libc = max(0, round(six - SIX_INSTRUCTIONS))
    at_most = INSTRUCTIONS + later_libc
    of_libc = f" ({INSTRUCTIONS}, and {later_libc} of a C library later than 2.36)" if later_libc else ""
    request = on_nic["request"][OURS]
    which = " ".join(request["which"])
    per_vf = [
        (lists[more]["instructions"] - lists[less]["instructions"]) / (more - less)
        for less, more in zip(LISTS, LISTS[1:])
    ]
    most = max(each["allocations"] for each in lists.values())
    seen = [
        (request["result"] == 0, "one request succeeds", f"returned {request['result']}"),
        (request["calls"] <= CALLS, f"at most {CALLS} system calls", f"{request['calls']:g}: {which}"),
        (
            request["allocations"] <= ALLOCATIONS and request["bytes"] == 0,
            "no heap allocation",
            f"{request['allocations']:g}",
        ),
        (
            request["instructions"] <= at_most,
            f"at most {at_most} instructions{of_libc}",
            f"{request['instructions']:.0f}",
        ),
        (0 < request["stack"] <= STACK, f"at most {STACK} bytes of stack", f"{request['stack']}"),
        (
            # One that is not read costs nothing.
            most <= LIST_ALLOCATIONS and all(each["result"] == 0 for each in lists.values()),
            f"reading a VF list: at most {LIST_ALLOCATIONS} allocation",
            f"{most:g}",
        ),
        (
            max(per_vf) <= LIST_SPREAD * per_vf[0],
            "reading a VF list: no more instructions for a VF in a longer list, from 10 to 2000",
            " ".join(f"{each:.0f}" for each in per_vf),
        ),
    ]
    for operation in ON_PF + ON_DPU:
        own = on_nic[operation][OURS]
        if operation not in ("request", "both", "DPU clear"):
            # A MAC, a VLAN, or one after the other.
            requests, reads = (2, 1) if "guest" in operation else (1, 0)
            calls = CALLS * requests + (CALLS + 1) * reads
            at_most = MORE_INSTRUCTIONS[operation] + later_libc * (requests + reads)
            seen.append(
                (
                    own["result"] == 0
                    and own["calls"] <= calls
                    and own["allocations"] <= reads
                    and own["instructions"] <= at_most,
                    f"{WORDS[operation]}: at most {calls} system calls, {reads} allocations, {at_most} instructions",
                    f"{own['calls']:g}, {own['allocations']:g}, {own['instructions']:.0f}",
                )
            )
    return seen


def check():
    guest = in_guest("counts", OURS)
    lists = vf_lists()
    page = (TOP / "docs/performance.md").read_text()
    absent = [bar for bar in PAGE if bar not in page]
    tap.test("bench: docs/performance.md has the bars", not absent, absent)
    for good, bar, seen in bars(result_of(guest), lists, six_instructions()):
        tap.test(f"bench: {bar}", good, seen)
        if good:
            print(f"# = {bar}: {seen}")
    tap.done_testing()


if __name__ == "__main__":
    check()
