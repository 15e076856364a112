# SPDX-License-Identifier: LGPL-2.1-or-later
"""Where a request is measured: on this machine's `lo`, and on a real SR-IOV driver in an emulated machine.

    machines.py DIRECTORY times | request | counts NAME...
                             a part of it, in the emulated machine (ctests/guest/run.sh); JSON
"""

import json
import os
import re
import subprocess
import sys
import tempfile

from measure import (
    DIRECTORY,
    FLOOR,
    IP,
    LIBNL,
    LIBRARY,
    LIBVIRT,
    ON_DPU,
    ON_PF,
    OURS,
    SIX,
    TOP,
    N,
    Worker,
    contestants,
    counts,
    instructions,
    of_ip,
    spread,
    times,
)

NIC = "eth0"

# --- in the emulated machine ------------------------------------------------------------------------------------------

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
    command = ["python3", os.path.abspath(__file__), DIRECTORY, *what]
    run = [os.path.join(TOP, "ctests/guest/run.sh"), "--kernel", "6.12", *command]
    return subprocess.Popen(run, stdout=subprocess.PIPE, text=True)


def result_of(guest):
    said, _ = guest.communicate()
    print("".join(f"{line}\n" for line in said.splitlines() if line.startswith("# = ")), end="")
    for line in reversed(said.splitlines()):
        if line.startswith("BENCH "):
            return json.loads(line[6:])
    sys.exit(f"bench: the emulated machine said:\n{said}")


# --- on this machine --------------------------------------------------------------------------------------------------


def counts_of_request(interface):
    """The counts of one request, of each contestant."""
    of_each = counts(contestants(interface), ["request"], without_callgrind=[IP])["request"]
    of_each[IP]["instructions"] = of_ip(interface)
    return {"request": of_each}


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
    if not os.path.exists(os.path.join(home, "virnetdevvf/libvirt/9.0.0/trees")):
        return "libvirt.so's growth: ctests/libvirt/suite.sh 9.0.0 --size builds it and says so"
    size = [os.path.join(TOP, "ctests/libvirt/suite.sh"), "9.0.0", "--size"]
    said = subprocess.run(size, capture_output=True, text=True, check=False).stdout
    found = re.search(r"^# = (libvirt\.so .*)", said, re.M)
    return found.group(1) if found else "libvirt.so: could not be built"


def six_instructions():
    """What the six calls take without a library, with this machine's C library."""
    return instructions(contestants("lo")[SIX], ["request"], lambda operation: None)["request"]


if __name__ == "__main__":
    if sys.argv[2] == "times":
        answer = guest_times()
    elif sys.argv[2] == "request":
        sh("vfs 1")
        answer = counts_of_request(NIC)
    else:
        answer = guest_counts(sys.argv[3:])
    print("BENCH " + json.dumps(answer))
