"""What ctests/demo shows, in the emulated machine: libvirt's functions for a guest's start and stop, with and without
the library.

usage: demo.py LIBVIRT_GUEST VFSET LIBRARY
"""
import os
import pathlib
import subprocess
import sys
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "libvirt"))
import in_machine as guest  # noqa: E402
import outcomes  # noqa: E402

PROGRAM, VFSET, LIBRARY = sys.argv[1:]
SAVED, MISTAKEN = "/run/saved", "02:00:00:00:00:00"
PREFIX = {"stock": "libvirt as it is:  ", "ours": "with this library: "}
# The headings; the guests of each are outcomes.tsv's.
KINDS = {
    "ordinary": "An ordinary SR-IOV NIC",
    "refuses-both": "A PF that refuses any VLAN, and to clear it: mlx5 on a DPU's host before Linux 5.17",
    "grants-clear": "A PF that grants the clear and refuses any VLAN: mlx5 on a DPU's host since Linux 5.17",
    "switchdev": "A PF in switchdev mode: mlx5, on a DPU or not",
    "in-reset-ends": "A VF in reset: the next 3 requests are answered EAGAIN, as i40e answers",
}
# The rows of the summary.
SUMMARY = [
    ("an ordinary SR-IOV NIC", "ordinary", "hostdev"),
    ("refuses a VLAN and the clear, macvtap", "refuses-both", "direct"),
    ("refuses a VLAN and the clear, hostdev", "refuses-both", "hostdev"),
    ("refuses a VLAN, grants the clear", "grants-clear", "hostdev"),
    ("switchdev mode", "switchdev", "hostdev"),
    ("a VF in reset, which ends", "in-reset-ends", "hostdev"),
]
failed = False
results, cases = {}, []


def step(title, holds, why=""):
    global failed
    if not holds:
        failed = True
        print(f"    -> WRONG: {title} {why}")


def title(words):
    print(f"\n== {words}", flush=True)


def say(words, indent="      "):
    print(textwrap.fill(words, 110, initial_indent=indent, subsequent_indent=indent + "  "), flush=True)


def show(state):
    return f"{state['admin']}, {'VLAN ' + str(state['vlan']) if state['vlan'] else 'no VLAN'}"


def busy_again(device):
    if device == "in-reset-ends":
        pathlib.Path("/sys/module/dpu/parameters/busy").write_text("3")


def call(who, what, interface, vlan):
    """One call of libvirt's functions: its message, or None if it was a success."""
    device = [guest.PF, "0"] if interface == "hostdev" else [guest.netdev(), "-"]
    environment = dict(os.environ, LD_PRELOAD=LIBRARY) if who == "ours" else None
    result = subprocess.run([PROGRAM, what, interface, *device, SAVED, guest.GUEST_MAC, str(vlan)],
                            capture_output=True, text=True, env=environment)
    step("a call", result.returncode in (0, 1), result.stderr)
    return result.stderr.strip() if result.returncode else None


def run_guest(who, device, interface, vlan):
    guest.reset(interface)
    if guest.KINDS[device]:
        guest.must("insmod", f"{os.environ['VM_MODULES']}/dpu.ko", f"pf={guest.PF}", *guest.KINDS[device])
    before, had = guest.state(), len(guest.kernel_log())
    error = call(who, "start", interface, vlan)
    starts, running = error is None, guest.state()
    if starts:
        busy_again(device)
        error = call(who, "stop", interface, vlan)
    after = guest.state()
    if guest.KINDS[device]:
        guest.must("rmmod", "dpu")
    left = {MISTAKEN: f"afterwards the VF is left at {MISTAKEN}, which nobody asked for",
            guest.OWN_MAC: "afterwards the VF is as it was"}
    ends = left.get(after["admin"], f"libvirt itself gave the VF {show(after)}")
    begins = f"    {PREFIX[who]}{'starts with ' + show(running) if starts else 'DOES NOT START'}"
    if error:
        print(begins)
        say(error)
        say(ends)
    else:
        print(f"{begins}; {ends}", flush=True)
    results[who, device, interface, vlan] = ("yes" if starts else "no") + ("*" if after["admin"] == MISTAKEN else "")
    case = {"libvirt": "*", "hypervisor": "calls", "interface": interface, "kind": device, "vlan": str(vlan or "none"),
            "preloaded": who == "ours", "starts": starts, "stops": starts and not error, "error": error or "",
            "before": before, "running": running, "after": after, "macs": guest.kernel_log()[had:]}
    cases.append(case)
    outcomes.judge(step, case, "the guest:")


def c_program():
    title("A C program sets the MAC and the VLAN of a VF through this library (tools/vfset.c)")
    guest.reset("hostdev")
    for arguments, expected in [
            ([guest.PF, "0", "--mac", guest.GUEST_MAC, "--vlan", "42"], {"admin": guest.GUEST_MAC, "vlan": 42}),
            (["--show", guest.PF], {}),
            ([guest.PF, "0", "--mac", guest.OWN_MAC], {"admin": guest.OWN_MAC, "vlan": 0})]:
        print(f"  $ vfset {' '.join(arguments)}")
        result = subprocess.run([VFSET, *arguments], capture_output=True, text=True)
        for line in (result.stdout + result.stderr).splitlines():
            print(f"    {line}")
        step(f"it should have been {expected}", result.returncode == 0 and expected.items() <= guest.state().items())


def summary():
    title(f"Does the guest start? *: its VF is left at {MISTAKEN}")
    print(f"{'':<40}{'guest without a VLAN':<32}guest with VLAN 42")
    print(f"{'device':<40}" + (f"{'libvirt as it is':<18}{'this library':<14}" * 2).rstrip())
    for words, device, interface in SUMMARY:
        line = f"{words:<40}"
        for vlan in (0, 42):
            line += f"{results['stock', device, interface, vlan]:<18}{results['ours', device, interface, vlan]:<14}"
        print(line.rstrip())


def main():
    guest.make_vfs(1)
    os.makedirs(SAVED)
    # A path without a space: for the dynamic linker a space ends the name.
    global LIBRARY
    os.symlink(LIBRARY, "/tmp/libvirnetdevvf.so.0")
    LIBRARY = "/tmp/libvirnetdevvf.so.0"
    driver = (guest.DEVICE / "driver").resolve().name
    title(f"Linux {os.uname().release}, NIC driver {driver}: one VF, with MAC {guest.OWN_MAC} and no VLAN")
    print(f"  Each guest wants MAC {guest.GUEST_MAC}. libvirt.so.0 is called as the daemon calls it.")
    for device, words in KINDS.items():
        title(words)
        for row in outcomes.ROWS:
            if (row["kind"], row["hypervisor"]) != (device, "calls"):
                continue
            interface, vlan = row["interface"], 0 if row["VLAN"] == "none" else int(row["VLAN"])
            print(f"  <interface type='{interface}'>, {'VLAN ' + str(vlan) if vlan else 'no VLAN'}")
            for who in PREFIX:
                run_guest(who, device, interface, vlan)
    outcomes.complete(step, "demo", "*", cases)
    c_program()
    summary()
    print("A step did not do what it says: see WRONG above." if failed else "Every step did what it says.")
    sys.exit(failed)


main()
