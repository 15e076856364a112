# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a request is measured: a contestant at work, its time, and its counts.

A contestant is a program (bench.h) that waits for commands; all of them run at once and take turns, so that what else
the machine does hits them all. A time is a ratio to the floor's in the same round, never by itself.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
# Has the programs that bench.sh has built.
DIRECTORY = sys.argv[1]
LIBRARY = os.path.join(DIRECTORY, "libvirnetdevvf.so.0")

FLOOR, SIX, OURS, LIBVIRT, LIBNL, IP = "four calls", "six calls", "this library", "libvirt0", "libnl-route-3", "ip"
# What is measured on a PF as it is, then on the same made a DPU; and what each is called.
ON_PF = ["request", "mac", "vlan", "both", "guest"]
ON_DPU = ["DPU guest", "DPU clear"]
WORDS = {
    "request": "one request",
    "mac": "MAC",
    "vlan": "VLAN 42",
    "both": "MAC, VLAN 42",
    "guest": "MAC, no VLAN",
    "DPU guest": "DPU: MAC, no VLAN",
    "DPU clear": "DPU: explicit clear",
}


def contestants(interface):
    """Each one's name and command, the floor first."""

    def own(name, *arguments):
        return [os.path.join(DIRECTORY, "bench_" + name), interface, *arguments]

    return {
        FLOOR: own("bare", "four"),
        SIX: own("bare", "six"),
        OURS: own("library", LIBRARY),
        LIBVIRT: own("library", "libvirt.so.0"),
        LIBNL: own("libnl"),
        IP: own("ip", "/sbin/ip"),
    }


# --- one contestant at work ----------------------------------------------------------------------------------------


class Worker:
    def __init__(self, command, before=(), **variables):
        self.process = subprocess.Popen(
            [*before, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "LC_ALL": "C", **variables},
        )

    def run(self, operation, count, threads=1):
        self.process.stdin.write(f"{operation} {count} {threads}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 8:
            raise RuntimeError(f"{self.process.args} ended at '{operation}'")
        names = ("count", "ns", "faults", "allocations", "bytes", "stack", "result")
        return dict(zip(names, map(int, answer[1:])))

    def end(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def spread(ratios):
    """Median and quartiles."""
    ratios = sorted(ratios)
    low, _, high = statistics.quantiles(ratios, n=4)
    return {"median": statistics.median(ratios), "low": low, "high": high}


def times(commands, operation, rounds, each, threads=1, workers=None):
    """Time over the floor's, page faults and result of each; all take turns."""
    own = workers or {name: Worker(command) for name, command in commands.items()}
    ratios = {name: [] for name in own}
    to_libvirt = {name: [] for name in own}
    faults, last, names = dict.fromkeys(own, 0), {}, list(own)
    for worker in own.values():
        worker.run(operation, 2, threads)
    for turn in range(rounds):
        took = {}
        # Nobody is always the first.
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            count = each.get(name, each[None])
            last[name] = own[name].run(operation, count, threads)
            took[name] = last[name]["ns"] / count
            faults[name] += last[name]["faults"] / count / rounds
        for name in own:
            ratios[name].append(took[name] / took[FLOOR])
        for name in own if LIBVIRT in own else ():
            to_libvirt[name].append(took[name] / took[LIBVIRT])
    if not workers:
        for worker in own.values():
            worker.end()
    table = {}
    for name in own:
        table[name] = {
            "time": spread(ratios[name]),
            "faults": round(faults[name], 2),
            "result": last[name]["result"],
        }
        if to_libvirt[name]:
            table[name]["over_libvirt"] = spread(to_libvirt[name])
    return table


# --- counts: N of them against 2 N ------------------------------------------------------------------------------------

N = 10


def heap_and_stack(command, operations, between):
    """Allocations, their bytes, and the stack, per operation."""
    table = {}
    with tempfile.NamedTemporaryFile() as counted:
        counted.truncate(4096)
        preload = os.path.join(DIRECTORY, "heap.so")
        with Worker(command, LD_PRELOAD=preload, BENCH_HEAP=counted.name) as worker:
            for operation in operations:
                between(operation)
                name = operation.split()[-1]
                worker.run(name, 2)
                once, twice = worker.run(name, N), worker.run(name, 2 * N)
                table[operation] = {what: (twice[what] - once[what]) / N for what in ("allocations", "bytes")}
                table[operation]["stack"] = twice["stack"]
                table[operation]["result"] = twice["result"]
    return table


def system_calls(command, operations, between):
    """How many, and which, per operation."""
    with tempfile.NamedTemporaryFile(mode="r") as log:
        with Worker(command, ["strace", "-f", "-qq", "-o", log.name]) as worker:
            for operation in operations:
                between(operation)
                name = operation.split()[-1]
                for count in (2, N, 2 * N):
                    worker.run(name, count)
        # What stands between a command that was read and its answer.
        parts, calls = [], None
        for line in log:
            text = line.split(None, 1)[1]
            if text.startswith("read(0, "):
                calls = []
            elif calls is not None and text.startswith("write(1, "):
                parts.append(calls)
                calls = None
            elif calls is not None and (found := re.match(r"(\w+)\(", text)):
                calls.append(found.group(1))
    table = {}
    for operation, once, twice in zip(operations, parts[1::3], parts[2::3]):
        each = {name: (twice.count(name) - once.count(name)) / N for name in dict.fromkeys(twice)}
        table[operation] = {"calls": (len(twice) - len(once)) / N, "which": {k: v for k, v in each.items() if v}}
    return table


def instructions(command, operations, between, **variables):
    """User-space instructions per operation, by callgrind."""
    with tempfile.TemporaryDirectory() as dumps:
        out = os.path.join(dumps, "out")
        valgrind = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out}"]
        with Worker(command, valgrind, **variables) as worker:
            for operation in operations:
                between(operation)
                name = operation.split()[-1]
                for count in (2, N, 2 * N):
                    worker.run(name, count)
        totals = []
        for number in range(1, 3 * len(operations) + 1):
            with open(f"{out}.{number}", encoding="utf-8", errors="replace") as dump:
                totals.append(int(re.search(r"^totals: (\d+)", dump.read(), re.M).group(1)))
    return {o: (twice - once) / N for o, once, twice in zip(operations, totals[1::3], totals[2::3])}


def counts(commands, operations, between=lambda operation: None, without_callgrind=()):
    table = {operation: {} for operation in operations}
    for name, command in commands.items():
        heap = heap_and_stack(command, operations, between)
        calls = system_calls(command, operations, between)
        user = {} if name in without_callgrind else instructions(command, operations, between)
        for operation in operations:
            table[operation][name] = {**heap[operation], **calls[operation], "instructions": user.get(operation)}
            if name == IP:
                # Of the program that waits for it.
                table[operation][name]["stack"] = None
    return table


def of_ip(interface):
    """The instructions of one process of ip's."""
    with tempfile.NamedTemporaryFile() as out:
        valgrind = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out.name}"]
        request = ["/sbin/ip", "link", "set", interface, "vf", "0", "mac", "52:54:00:12:34:56"]
        subprocess.run([*valgrind, *request], check=False, capture_output=True)
        with open(out.name, encoding="utf-8", errors="replace") as dump:
            return int(re.search(r"^summary: (\d+)", dump.read(), re.M).group(1))
