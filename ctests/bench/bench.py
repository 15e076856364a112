# SPDX-License-Identifier: LGPL-2.1-or-later
"""What ctests/bench/bench.sh runs: measures a request, and prints a table, JSON, or TAP.

    bench.py DIRECTORY run [--json]     everything; DIRECTORY has the programs that ctests/bench/bench.sh built
    bench.py DIRECTORY check            the bars that are counts; TAP
    bench.py DIRECTORY guest WHAT       a part of it, in the emulated machine (ctests/guest/run.sh); JSON

A contestant is a program (ctests/bench/bench.h) that waits for commands; all of them run at once and take turns, so that
what else the machine does hits them all. A time is a ratio to the floor's in the same round, never by itself.
"""

import glob
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

TOP = str(pathlib.Path(__file__).resolve().parents[2])
DIRECTORY = sys.argv[1]
LIBRARY = os.path.join(DIRECTORY, "libvirnetdevvf.so.0")
NIC = "eth0"

# The bars: one request that succeeds.
CALLS, ALLOCATIONS, INSTRUCTIONS, OVER_FLOOR, OVER_LIBVIRT, STACK = 6, 0, 500, 1.10, 0.70, 4096
# Beside that: what a MAC, a VLAN, or one after the other may take in all, each of them in its own function.
# Without a VLAN the VF's state is read first (C5): one call more than a request's six, and its list's memory.
MORE_INSTRUCTIONS = {"mac": 650, "vlan": 650, "guest": 4200, "DPU guest": 4500}
# What the six calls take without a library, with Debian 12's C library (2.36), which the bars are for. A later one may make
# more of each: 2.41 asks each time whether the thread was cancelled.
SIX_INSTRUCTIONS = 127
# A VF list may take one allocation, and no more instructions for a VF than a short list does. From 335 on its length wraps.
LIST_ALLOCATIONS, LIST_SPREAD = 1, 1.25

FLOOR, SIX, OURS, LIBVIRT = "four calls", "six calls", "this library", "libvirt0"
LIBNL, IP, RTNETLINK, NETLINK = "libnl-route-3", "ip", "rtnetlink (Rust)", "netlink (Go)"


def contestants(interface):
    """Each one's name and command, the floor first. Optional ones are there if they could be built."""
    own = lambda name, *arguments: [os.path.join(DIRECTORY, "bench_" + name), interface, *arguments]
    all_of_them = {
        FLOOR: own("bare", "four"),
        SIX: own("bare", "six"),
        OURS: own("library", LIBRARY),
        LIBVIRT: own("library", "libvirt.so.0"),
        LIBNL: own("libnl"),
        IP: own("ip", "/sbin/ip"),
        RTNETLINK: own("rtnetlink"),
        NETLINK: own("go"),
    }
    return {name: command for name, command in all_of_them.items() if os.access(command[0], os.X_OK)}


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
    faults, last, names = {name: 0 for name in own}, {}, list(own)
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
            if name == NETLINK:
                # Go has a heap and stacks of its own, and threads that make system calls whatever is asked of it.
                table[operation][name].update(allocations=None, bytes=None, stack=None, calls=None)
    return table


def of_ip(interface):
    """The instructions of one process of ip's."""
    with tempfile.NamedTemporaryFile() as out:
        valgrind = ["valgrind", "-q", "--tool=callgrind", f"--callgrind-out-file={out.name}"]
        request = ["/sbin/ip", "link", "set", interface, "vf", "0", "mac", "52:54:00:12:34:56"]
        subprocess.run([*valgrind, *request], check=False, capture_output=True)
        with open(out.name, encoding="utf-8", errors="replace") as dump:
            return int(re.search(r"^summary: (\d+)", dump.read(), re.M).group(1))


# --- in the emulated machine ------------------------------------------------------------------------------------------

# On the PF as it is, then on the same made a DPU.
ON_PF = ["request", "mac", "vlan", "both", "guest"]
ON_DPU = ["DPU guest", "DPU clear"]


def sh(script):
    """Something in the guest, with guest_lib.sh."""
    library = os.path.join(TOP, "ctests/guest/guest_lib.sh")
    subprocess.run(["bash", "-euc", f". {library}\n{script}"], check=True, stdout=sys.stderr)


def dpu(on):
    loaded = os.path.isdir("/sys/module/dpu")
    if on and not loaded:
        sh("dpu_on")
    if loaded and not on:
        sh("dpu_off")


def between(operation):
    """The NIC as an operation wants it."""
    if operation.startswith("DPU") and not os.path.isdir("/sys/module/dpu"):
        subprocess.run(["ip", "link", "set", NIC, "vf", "0", "vlan", "0"], check=True)
    dpu(operation.startswith("DPU"))


def guest_counts(only):
    sh("vfs 1")
    commands = contestants(NIC)
    # Starting valgrind takes half a minute here: for the others lo must do.
    slow = set(commands) - {FLOOR, OURS, LIBVIRT}
    return counts({n: c for n, c in commands.items() if n in only}, ON_PF + ON_DPU, between, slow)


def guest_times():
    sh("vfs 7")
    commands = contestants(NIC)
    # Thirty processes of ip's a second are all that can be had here.
    each, rounds = {None: 15, IP: 1}, 24
    table = {}
    for operation in ON_PF + ON_DPU:
        between(operation)
        # The first is what the bars are about.
        more = (60, {None: 40, IP: 1}) if operation == ON_PF[0] else (rounds, each)
        table[operation] = times(commands, operation.split()[-1], *more)
        # What a process or a runtime costs, one call shows as well as all.
        commands.pop(RTNETLINK, None), commands.pop(NETLINK, None)
    commands = contestants(NIC)
    dpu(False)

    # More VFs: a longer list to read, where the list is read.
    few = {name: commands[name] for name in (FLOOR, OURS, LIBVIRT)}
    vfs = {}
    for number in (1, 2, 4, 7):
        dpu(False)
        sh(f"echo 0 >/sys/class/net/$pf/device/sriov_numvfs; vfs {number}")
        vfs[number] = {"request": times(few, "request", rounds, each)}
        between("DPU clear")
        vfs[number]["DPU clear"] = times(few, "clear", rounds, each)
    dpu(False)

    # More interfaces in the network namespace.
    before = times(commands, "request", rounds, each)
    present = len(os.listdir("/sys/class/net"))
    # With names of their own: looking for a free one takes the kernel longer than all the rest.
    sh("modprobe dummy numdummies=0; for i in {1..10000}; do echo link add name other$i type dummy; done | ip -batch -")
    after = times(commands, "request", rounds, each)
    interfaces = {present: before, len(os.listdir("/sys/class/net")): after}
    return {"calls": table, "vfs": vfs, "interfaces": interfaces}


def in_guest(*what):
    """This program with other arguments, in the emulated machine; what it says in JSON."""
    command = ["python3", os.path.abspath(__file__), DIRECTORY, "guest", *what]
    run = [os.path.join(TOP, "ctests/guest/run.sh"), "--kernel", "6.12", "--limit", "400", *command]
    return subprocess.Popen(run, stdout=subprocess.PIPE, text=True)


def result_of(guest):
    said, _ = guest.communicate()
    for line in reversed(said.splitlines()):
        if line.startswith("BENCH "):
            return json.loads(line[6:])
    sys.exit(f"bench: the emulated machine said:\n{said}")


# --- on this machine --------------------------------------------------------------------------------------------------


def host_times():
    commands = contestants("lo")
    each = {None: 200, IP: 2}
    table = {"request": times(commands, "request", 150, each)}
    few = {name: commands[name] for name in (FLOOR, OURS, LIBVIRT, LIBNL)}
    threads = {}
    workers = {name: Worker(command) for name, command in few.items()}
    for number in (1, 2, 4, 8):
        threads[number] = times(few, "request", 60, {None: 200}, number, workers)
    for worker in workers.values():
        worker.end()
    return {"calls": table, "threads": threads}


LISTS = (10, 100, 334, 1000, 2000)


def vf_lists():
    """V4's read-back of a synthesised list."""
    command = contestants("lo")[OURS]
    preload = os.path.join(DIRECTORY, "many_vfs.so")
    heap = os.path.join(DIRECTORY, "heap.so")
    table = {}
    for vfs in LISTS:
        user = instructions(command, ["clear"], lambda _: None, LD_PRELOAD=preload, BENCH_VFS=str(vfs))["clear"]
        with Worker(command, LD_PRELOAD=f"{heap} {preload}", BENCH_VFS=str(vfs)) as worker:
            worker.run("clear", 2)
            once, twice = worker.run("clear", N), worker.run("clear", 2 * N)
        table[vfs] = {
            "instructions": user,
            "allocations": (twice["allocations"] - once["allocations"]) / N,
            "result": twice["result"],
        }
    return table


def file_facts(path):
    """Size without symbols, and the relocations that are done when it is loaded."""
    with tempfile.NamedTemporaryFile() as stripped:
        subprocess.run(["strip", "--strip-unneeded", "-o", stripped.name, path], check=True)
        size = os.path.getsize(stripped.name)
    listed = subprocess.run(["readelf", "-rW", path], check=True, capture_output=True, text=True).stdout
    return {"size": size, "relocations": len(re.findall(r"^[0-9a-f]{8,}\s", listed, re.M))}


def loading():
    """What a process gets by loading a library that is not there yet: the time of dlopen(3) over that of this
    library, all that is resident, and how much of it is the process's own (written to)."""
    names = {OURS: LIBRARY, LIBNL: "libnl-route-3.so.200", LIBVIRT: "libvirt.so.0"}
    program = os.path.join(DIRECTORY, "load")
    took = {name: [] for name in names}
    memory = {}
    for _ in range(25):
        for name, library in names.items():
            said = subprocess.run([program, library], check=True, capture_output=True, text=True).stdout.split()
            took[name].append(int(said[0]))
            memory[name] = {"resident": int(said[1]), "own": int(said[2]), "mapped": said[3:]}
    table = {}
    for name in names:
        over = [a / b for a, b in zip(took[name], took[OURS])]
        files = [file_facts(path) for path in memory[name].pop("mapped")]
        table[name] = {
            "time": spread(over),
            **memory[name],
            "files": len(files),
            "size": sum(file["size"] for file in files),
            "relocations": sum(file["relocations"] for file in files),
        }
    return table


def libvirt_growth():
    """What the archive adds to libvirt.so. Building that takes minutes, so only where ctests/check has done it."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.environ.get("HOME", "/var/tmp"), ".cache")
    if not os.path.exists(os.path.join(home, "virnetdevvf/libvirt/9.0.0/build-static/b/build.ninja")):
        return "libvirt.so's growth: ctests/libvirt/suite.sh 9.0.0 --size builds it and says so"
    size = [os.path.join(TOP, "ctests/libvirt/suite.sh"), "9.0.0", "--size"]
    said = subprocess.run(size, capture_output=True, text=True, check=False).stdout
    found = re.search(r"^# = (libvirt\.so .*)", said, re.M)
    return found.group(1) if found else "libvirt.so: could not be built"


# --- the checks ---------------------------------------------------------------------------------------------------------


def six_instructions():
    """What the six calls take without a library, with this machine's C library."""
    return instructions(contestants("lo")[SIX], ["request"], lambda operation: None)["request"]


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
    failed = False
    for good, bar, seen in bars(result_of(guest), lists, six_instructions()):
        print(f"{'ok' if good else 'not ok'} - bench: {bar}")
        print(f"# = {bar}: {seen}" if good else f"# {seen}")
        failed |= not good
    return failed


# --- the table ----------------------------------------------------------------------------------------------------------

WORDS = {
    "request": "one request",
    "mac": "MAC",
    "vlan": "VLAN 42",
    "both": "MAC, VLAN 42",
    "guest": "MAC, no VLAN",
    "DPU guest": "DPU: MAC, no VLAN",
    "DPU clear": "DPU: explicit clear",
}
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
        columns = "call,by,time,instructions,system calls,allocations,bytes,faults,stack,result".split(",")
        text(columns, rows)
        print()

    def growth(title, unit, table):
        print(title)
        names = list(next(iter(table.values())))
        text([unit, "", *names], [[str(size), "", *(ratio(by[n]["time"]) for n in names)] for size, by in table.items()])
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
        rows.append(
            [str(vfs), "", number(seen["instructions"]), number(per), number(seen["allocations"]), ERRNO[seen["result"]]]
        )
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
    version = lambda package: line_of(["dpkg-query", "-W", "-f", "${Version}", package])
    return (
        f"{cpu.group(1) if cpu else os.uname().machine}, {os.cpu_count()} cores, Linux {os.uname().release}; "
        f"{line_of(['rustc', '--version'])}; libvirt0 {version('libvirt0')}, libnl {version('libnl-route-3-200')}, "
        f"iproute2 {version('iproute2')}"
    )


def run(as_json):
    guest = in_guest("counts", FLOOR, SIX, OURS, LIBVIRT, LIBNL)
    lo = counts(contestants("lo"), ["request"], without_callgrind=[NETLINK])
    lo["request"][IP]["instructions"] = of_ip("lo")
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
    if sys.argv[2] == "guest":
        answer = guest_times() if sys.argv[3] == "times" else guest_counts(sys.argv[4:])
        print("BENCH " + json.dumps(answer))
    elif sys.argv[2] == "check":
        sys.exit(check())
    else:
        sys.exit(run("--json" in sys.argv))
