# SPDX-License-Identifier: LGPL-2.1-or-later
"""How a request is measured: a contestant at work, its counts, and its time.

A contestant is a process (bench.c) that waits for commands. Counts are the difference between N operations and 2 N. For
the times, all contestants take turns, so that other load on the machine affects them all. A time is a ratio within one
round.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

# Has the programs that bench.sh has built.
DIRECTORY = pathlib.Path(sys.argv[1])
FLOOR, SIX, OURS, LIBVIRT, LIBNL = "four calls", "six calls", "this library", "libvirt0", "libnl-route-3"
# Each one's name for bench.c.
CONTESTANTS = {
    FLOOR: "four",
    SIX: "six",
    OURS: DIRECTORY / "libvirnetdevvf.so.0",
    LIBVIRT: "libvirt.so.0",
    LIBNL: "libnl",
}
N = 10
COUNTS = ("instructions", "system calls", "allocations", "bytes")


class Worker:
    def __init__(self, contestant, interface, before=(), **variables):
        self.process = subprocess.Popen(
            [*before, DIRECTORY / "bench", CONTESTANTS[contestant], interface],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "LC_ALL": "C", **variables},
        )

    def run(self, operation, count):
        self.process.stdin.write(f"{operation} {count}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().split()
        if len(answer) != 5:
            raise RuntimeError(f"{self.process.args} ended at '{operation}'")
        return dict(zip(("ns", "allocations", "bytes", "stack", "result"), map(int, answer)))

    def end(self):
        self.process.communicate()


def twice(worker, operations, before_each):
    """The answers to each operation N and 2 N times. The last word of an operation is its name in bench.c."""
    answers = []
    for operation in operations:
        before_each(operation)
        # Work that only the first one does is not counted.
        worker.run(operation.split()[-1], 2)
        answers.append([worker.run(operation.split()[-1], count) for count in (N, 2 * N)])
    worker.end()
    return answers


def counts(contestant, interface, operations, before_each=lambda operation: None, preload="", **variables):
    """The cost of each operation: system calls, allocations, bytes, stack and instructions in user space."""
    table = {}
    with tempfile.TemporaryDirectory() as work:
        log, dump = pathlib.Path(work, "strace"), pathlib.Path(work, "callgrind")
        heap = f"{DIRECTORY}/heap.so {preload}"
        worker = Worker(contestant, interface, ["strace", "-qq", "-o", log], LD_PRELOAD=heap, **variables)
        answers = twice(worker, operations, before_each)
        # The lines between each command that was read and its answer.
        parts = log.read_text().split("\nread(0, ")[1:]
        calls = [part.split("\nwrite(1, ")[0].count("\n") for part in parts]
        valgrind = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={dump}"]
        worker = Worker(contestant, interface, valgrind, LD_PRELOAD=preload, **variables)
        twice(worker, operations, before_each)
        # Valgrind numbers its dumps from 1 on.
        dumps = [pathlib.Path(f"{dump}.{number + 1}").read_text(errors="replace") for number in range(len(calls) - 1)]
        totals = [int(re.search(r"^totals: (\d+)", text, re.M)[1]) for text in dumps]
    for place, (operation, (small, large)) in enumerate(zip(operations, answers)):
        # Each operation ran three times: the first run is not counted.
        for what, all_of_them in (("system calls", calls), ("instructions", totals)):
            small[what], large[what] = all_of_them[3 * place + 1 : 3 * place + 3]
        table[operation] = {what: (large[what] - small[what]) / N for what in COUNTS}
        table[operation] |= {"stack": large["stack"], "result": large["result"]}
    return table


def times(rounds=150, count=200):
    """The time of one request on lo, which refuses it, over that of each contestant: median and quartiles."""
    workers = {name: Worker(name, "lo") for name in CONTESTANTS}
    took = {name: [] for name in workers}
    names = list(workers)
    for turn in range(rounds):
        # Each contestant is the first one in some rounds.
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            took[name].append(workers[name].run("request", count)["ns"])
    for worker in workers.values():
        worker.end()

    def over(name, other):
        low, median, high = statistics.quantiles((a / b for a, b in zip(took[name], took[other])), n=4)
        return {"median": median, "low": low, "high": high}

    return {name: {other: over(name, other) for other in names} for name in names}


LISTS = (10, 100, 334, 1000, 2000)


def lists():
    """An explicit clear with read-back (V4) of a list of so many VFs, synthesised by many_vfs.c."""
    preload = f"{DIRECTORY}/many_vfs.so"
    table = {}
    for vfs in LISTS:
        table[vfs] = counts(OURS, "lo", ["clear"], preload=preload, BENCH_VFS=str(vfs))["clear"]
        # Those are many_vfs.c's.
        del table[vfs]["system calls"]
    return table
