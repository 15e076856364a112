# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measures everything, and prints a table or JSON.

    table.py DIRECTORY [--json]
"""

import json
import os
import re
import subprocess
import sys

from bars import OVER_FLOOR, OVER_LIBVIRT, bars
from machines import counts_of_request, host_times, in_guest, libvirt_growth, loading, result_of, vf_lists
from measure import FLOOR, LIBNL, LIBVIRT, OURS, SIX, WORDS

ERRNO = {0: "0", -1: "EPERM", -5: "failed", -95: "EOPNOTSUPP"}


def ratio(value):
    return f"{value['median']:.2f} ({value['low']:.2f}-{value['high']:.2f})"


def number(value):
    if value is None or value < 0:
        return "-"
    return f"{value:.1f}" if 0.05 <= value < 9.95 and abs(value - round(value)) >= 0.05 else f"{value:.0f}"


def text(columns, rows):
    widths = [max(len(row[i]) for row in [columns, *rows]) for i in range(len(columns))]
    for row in [columns, *rows]:
        # Words to the left, figures to the right.
        cells = [c.ljust(w) if i < 2 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def print_table(found):
    print(f"{found['machine']}\n")
    print("Time is over that of the four calls that every request needs, in the same round: median (quartiles).")
    print("-: not measured (valgrind takes long in the emulated machine), or there is no such thing.\n")
    for place, where in (("lo", "On lo, which refuses (this machine)"), ("igb", "On igb (the emulated machine)")):
        print(where)
        rows = []
        for operation, by_name in found[place]["times"].items():
            for name, timed in by_name.items():
                counted = found[place]["counts"].get(operation, {}).get(name, {})
                rows.append(
                    [
                        WORDS[operation],
                        name,
                        ratio(timed["time"]),
                        number(counted.get("instructions")),
                        number(counted.get("calls")),
                        number(counted.get("allocations")),
                        number(counted.get("bytes")),
                        number(timed["faults"]),
                        number(counted.get("stack")),
                        ERRNO.get(timed["result"], str(timed["result"])),
                    ]
                )
        columns = ["call", "by", "time", "instructions", "system calls", "allocations", "bytes", "faults", "stack"]
        columns.append("result")
        text(columns, rows)
        print()

    def growth(title, unit, table):
        print(title)
        names = list(next(iter(table.values())))
        rows = [[str(size), "", *(ratio(by[name]["time"]) for name in names)] for size, by in table.items()]
        text([unit, "", *names], rows)
        print()

    growth("One request in several threads at once (lo)", "threads", found["lo"]["threads"])
    growth("One request, by the number of VFs (igb)", "VFs", {k: v["request"] for k, v in found["igb"]["vfs"].items()})
    growth(
        "An explicit clear with read-back, by the number of VFs (igb, DPU; libvirt's fails without reading)",
        "VFs",
        {k: v["DPU clear"] for k, v in found["igb"]["vfs"].items()},
    )
    growth(
        "One request, by the number of interfaces in the network namespace (igb)",
        "interfaces",
        found["igb"]["interfaces"],
    )
    print("An explicit clear with read-back, by the length of the list (synthesised; its length wraps from 335 VFs on)")
    lists = found["lists"].items()
    columns = ["VFs", "", "instructions", "per VF", "allocations", "result"]
    base = found["lists"][next(iter(found["lists"]))]["instructions"]
    rows = []
    for vfs, seen in lists:
        per = (seen["instructions"] - base) / (int(vfs) - 10) if int(vfs) > 10 else None
        counted = [number(seen["instructions"]), number(per), number(seen["allocations"])]
        rows.append([str(vfs), "", *counted, ERRNO[seen["result"]]])
    text(columns, rows)

    print("\nWhat it costs to have: loaded into a process that has libc alone, dependencies included")
    rows = [
        [
            name,
            "",
            str(cost["files"]),
            str(cost["size"]),
            str(cost["relocations"]),
            ratio(cost["time"]),
            f"{cost['resident']} KiB",
            f"{cost['own']} KiB",
        ]
        for name, cost in found["loading"].items()
    ]
    text(["", "", "files", "bytes stripped", "relocations", "time of dlopen", "resident", "of it own"], rows)
    print(found["libvirt"])

    print("\nBars, for one request that succeeds (igb)")
    on_lo, on_igb = found["lo"]["times"]["request"], found["igb"]["times"]["request"]
    for good, bar, seen in found["bars"]:
        print(f"  {'holds' if good else 'FAILS'}  {bar}: {seen}")
    for what, bar, which in (("the four calls'", OVER_FLOOR, "time"), ("libvirt's", OVER_LIBVIRT, "over_libvirt")):
        value = on_igb[OURS][which]
        verdict = "holds" if value["median"] <= bar else "FAILS"
        print(f"  {verdict}  at most {bar:.2f} of {what} time: {ratio(value)}", end="")
        print(f"; its six calls without it: {ratio(on_igb[SIX][which])}")
        # Without an emulator in between, but a refusal.
        print(f"         on lo: {ratio(on_lo[OURS][which])}; its six calls without it: {ratio(on_lo[SIX][which])}")


def line_of(command):
    said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return said.splitlines()[0] if said else "?"


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        cpu = re.search(r"model name\s*: (.*)", info.read())

    def version(package):
        return line_of(["dpkg-query", "-W", "-f", "${Version}", package])

    return (
        f"{cpu.group(1) if cpu else os.uname().machine}, {os.cpu_count()} cores, Linux {os.uname().release}; "
        f"{line_of(['rustc', '--version'])}; libvirt0 {version('libvirt0')}, libnl {version('libnl-route-3-200')}, "
        f"iproute2 {version('iproute2')}"
    )


def run(as_json):
    guest = in_guest("counts", FLOOR, SIX, OURS, LIBVIRT, LIBNL)
    lo = counts_of_request("lo")
    growth = libvirt_growth()
    found = {"machine": machine(), "lists": vf_lists()}
    igb = result_of(guest)
    # From here on nothing else runs.
    found["loading"] = loading()
    host = host_times()
    timed = result_of(in_guest("times"))
    found["lo"] = {"times": host["calls"], "counts": lo, "threads": host["threads"]}
    found["igb"] = {"times": timed["calls"], "counts": igb, "vfs": timed["vfs"], "interfaces": timed["interfaces"]}
    found["bars"] = bars(igb, found["lists"], lo["request"][SIX]["instructions"])
    found["libvirt"] = growth
    if as_json:
        json.dump(found, sys.stdout, indent=1)
        print()
    else:
        print_table(found)
    return not all(good for good, _, _ in found["bars"])


if __name__ == "__main__":
    sys.exit(run("--json" in sys.argv))
