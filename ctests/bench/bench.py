# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures all, and compares it with the bars in docs/performance.md. See bench.sh.

    bench.py DIRECTORY [--check | --chart]
    bench.py DIRECTORY --machine NAME...     in the emulated machine: the counts of these contestants
"""

import json
import pathlib
import re
import subprocess
import sys

import chart
from measure import CONTESTANTS, DIRECTORY, FLOOR, LIBVIRT, OURS, SIX, counts, lists, times

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(TOP / "ctests/lib"))
import tap  # noqa: E402

# The operations on the ordinary PF, then on the same PF as a DPU: name, and row of docs/performance.md.
REQUEST, ONE = "a request (virNetDevSendVfSetLinkRequest)", "virNetDevSetVfMac, virNetDevSetVfVlan"
CONFIGURATION, LIST = "virNetDevSetVfConfig, a MAC and no VLAN", "reading a list of VFs"
OPERATIONS = {
    "request": ("one request", REQUEST),
    "mac": ("MAC", ONE),
    "vlan": ("VLAN 42", ONE),
    "guest": ("MAC, no VLAN", CONFIGURATION),
    "DPU guest": ("DPU: MAC, no VLAN", CONFIGURATION),
}
# The instructions of the six calls without a library, with Debian 12's C library (2.36), which the bars are for. A
# later one may need more: 2.41 checks at each call whether the thread was cancelled.
SIX_INSTRUCTIONS = 126
UNITS = {"stack": "bytes of stack"}


# --- the emulated machine ---------------------------------------------------------------------------------------------


def in_machine_shell(script):
    command = f". {TOP}/ctests/machine/nic.sh\n{script}"
    subprocess.run(["bash", "-euc", command], check=True, stdout=sys.stderr)


def before_each(operation):
    """Sets the NIC up for an operation. On a DPU a VLAN cannot be cleared."""
    is_dpu, wanted = pathlib.Path("/sys/module/dpu").is_dir(), operation.startswith("DPU")
    if is_dpu != wanted:
        in_machine_shell("ip link set $pf vf 0 vlan 0 && dpu_on" if wanted else "dpu_off")


def machine(names):
    in_machine_shell("vfs 1")
    print("BENCH " + json.dumps({name: counts(name, "eth0", list(OPERATIONS), before_each) for name in names}))


def on_driver(*names):
    """The counts of these contestants on a real SR-IOV driver: by name, then by operation."""
    command = ["python3", __file__, DIRECTORY, "--machine", *names]
    run = [TOP / "ctests/machine/run.sh", "--kernel", "6.12", *command]
    said = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=False).stdout
    # A machine that was started again.
    print("".join(f"{line}\n" for line in said.splitlines() if line.startswith("# = ")), end="")
    if not (found := re.search(r"^BENCH (.*)", said, re.M)):
        sys.exit(f"bench: the emulated machine said:\n{said}")
    return json.loads(found[1])


# --- the bars ---------------------------------------------------------------------------------------------------------


def page():
    """The bars as docs/performance.md has them: {row: {what: at most}}."""
    bars = {}
    for row, text in re.findall(r"^\| (.*) \| (.*) \|$", (TOP / "docs/performance.md").read_text(), re.M):
        found = re.findall(r"(no|[\d.]+) (system calls|allocation|instructions|KiB of stack|on a DPU|times)", text)
        bars[row] = {what: 0 if number == "no" else float(number) for number, what in found}
    return bars


def bars(own, of_lists):
    """Each bar: its text, whether it holds, and what was counted."""
    on_page = page()
    later_libc = max(0, round(counts(SIX, "lo", ["request"])["request"]["instructions"] - SIX_INSTRUCTIONS))
    for operation, (name, row) in OPERATIONS.items():
        bar, counted = on_page[row], own[operation]
        most = {"system calls": bar["system calls"], "allocations": bar["allocation"]}
        most["instructions"] = bar["on a DPU" if operation.startswith("DPU") else "instructions"]
        # Each exchange has a request's six calls.
        most["instructions"] += later_libc * (bar["system calls"] // on_page[REQUEST]["system calls"])
        if bar["allocation"] == 0:
            most["bytes"] = 0
        if row == REQUEST:
            most["stack"] = bar["KiB of stack"] * 1024
        # A bar without a count fails.
        good = counted["result"] == 0 and all(counted[what] > 0 for what in ("instructions", "system calls", "stack"))
        yield f"{name}: succeeds", good, f"returned {counted['result']}"
        for what, number in most.items():
            yield f"{name}: at most {number:g} {UNITS.get(what, what)}", counted[what] <= number, f"{counted[what]:g}"
    most, more = on_page[LIST]["allocation"], on_page[LIST]["times"]
    good = not any(seen["result"] for seen in of_lists.values())
    allocations = max(seen["allocations"] for seen in of_lists.values())
    yield f"reading a VF list: at most {most:g} allocation", good and allocations <= most, f"{allocations:g}"
    lengths, instructions = list(of_lists), [seen["instructions"] for seen in of_lists.values()]
    per_vf = [(b - a) / (m - n) for a, b, n, m in zip(instructions, instructions[1:], lengths, lengths[1:])]
    good = 0 < max(per_vf) <= more * per_vf[0]
    said = "reading a VF list: no more instructions for a VF in a longer list, from 10 to 2000"
    yield said, good, " ".join(f"{each:.0f}" for each in per_vf)


def check():
    for bar, good, seen in bars(on_driver(OURS)[OURS], lists()):
        tap.test(f"bench: {bar}", good, seen)
        if good:
            print(f"# = {bar}: {seen}")
    tap.done_testing()


EXPLANATION = """
Counts are of igb in an emulated machine, and of synthesised lists (V4). The time is over that of the four calls that
every request needs, on lo, which refuses the request: median (quartiles). A result is 0 or a negative errno.
"""


def versions():
    query = ["dpkg-query", "-W", "-f", "${Package} ${Version}\n", "libvirt0", "libnl-route-3-200", "libc6"]
    return ", ".join(subprocess.run(query, capture_output=True, text=True, check=False).stdout.splitlines())


def ratio(value):
    return f"{value['median']:.2f} ({value['low']:.2f}-{value['high']:.2f})"


def print_table(found):
    columns = ["instructions", "system calls", "allocations", "bytes", "stack", "result"]
    rows = [["call", "by", "time", *columns]]
    for operation, (words, _) in OPERATIONS.items():
        for name, counted in found["counts"].items():
            time = ratio(found["times"][name][FLOOR]) if operation == "request" else ""
            rows.append([words, name, time, *(f"{counted[operation][column]:g}" for column in columns)])
    for vfs, counted in found["lists"].items():
        cells = [f"{counted[column]:g}" if column in counted else "" for column in columns]
        rows.append([f"V4, a list of {vfs} VFs", OURS, "", *cells])
    print(found["versions"], EXPLANATION, sep="\n")
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        # Words to the left, figures to the right.
        cells = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())
    over = [f"{ratio(found['times'][OURS][other])} of that of {other}" for other in (FLOOR, SIX, LIBVIRT)]
    print(f"\nThe time of {OURS}: {', '.join(over)}.\n")
    for bar in found["bars"]:
        print(f"{'holds' if bar['holds'] else 'FAILS'}  {bar['bar']}: {bar['seen']}")


def measure():
    on_igb, of_lists = on_driver(*CONTESTANTS), lists()
    judged = [dict(zip(("bar", "holds", "seen"), bar)) for bar in bars(on_igb[OURS], of_lists)]
    # By now nothing else runs.
    found = {"versions": versions(), "counts": on_igb, "lists": of_lists, "times": times(), "bars": judged}
    print_table(found)
    return not all(bar["holds"] for bar in judged)


what = sys.argv[2:]
if what[:1] == ["--machine"]:
    machine(what[1:])
elif what == ["--check"]:
    check()
elif what == ["--chart"]:
    chart.draw(on_driver(*CONTESTANTS), TOP / "docs/images/cost.svg")
else:
    sys.exit(measure())
