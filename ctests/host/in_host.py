"""ctests/host/host.py runs this on the booted host. It makes the VF ready, and starts and stops a guest on it.

usage: in_host.py setup                               one VF of the igb, as after each boot
       in_host.py case HYPERVISOR INTERFACE KIND VLAN prints what became of a guest, as a line of JSON
       in_host.py start HYPERVISOR INTERFACE KIND VLAN
       in_host.py stop                                the two halves of a case
       in_host.py state                               the VF as it is
DAEMON_LOG in the environment: the log of the daemon that starts the guest, if that is not libvirtd.
HYPERVISOR: lxc or qemu. INTERFACE: direct, hostdev, or network for one that is called pool. VLAN: a number or none.
KIND: what the PF refuses, see KINDS in in_machine.py.
"""
import json
import os
import pathlib
import re
import sys

import in_machine as guest

JOB = pathlib.Path(__file__).parent
must, run = guest.must, guest.run

URI = {"lxc": "lxc:///system", "qemu": "qemu:///system"}
LOG = pathlib.Path(os.environ.get("DAEMON_LOG", "/var/log/libvirt/libvirtd.log"))
# Written by `start`, read by `stop`.
STARTED = pathlib.Path("/run/in_host.json")


def find_pf():
    """The PF by its driver: udev gave it a name of its own."""
    device = next(pathlib.Path("/sys/bus/pci/drivers/igb").glob("0000:*"))
    guest.PF = next((device / "net").iterdir()).name
    guest.DEVICE = pathlib.Path(f"/sys/class/net/{guest.PF}/device")


def setup():
    for module in ["igb", "igbvf", "macvtap", "vfio-pci"]:
        must("modprobe", module)
    guest.settle()
    find_pf()
    # reset() starts the VF's driver last: if the PF does not answer it once, it never answers it again.
    for name, value in [("sriov_drivers_autoprobe", "0"), ("sriov_numvfs", "1"), ("sriov_drivers_autoprobe", "1")]:
        (guest.DEVICE / name).write_text(value)
    must("ip", "link", "set", guest.PF, "up")
    guest.wait_for("link", lambda: pathlib.Path(f"/sys/class/net/{guest.PF}/carrier").read_text() == "1\n")


def denied():
    """What AppArmor denied; what SELinux denied, if it concerns the library (its policy denies libvirt much else)."""
    return [line for line in must("dmesg").splitlines()
            if 'apparmor="DENIED"' in line or re.search("avc: .*(virnetdevvf|netlink)", line)]


def log_length():
    return LOG.stat().st_size if LOG.exists() else 0


def qemu_processes():
    """QEMU's processes: AppArmor's profile of each, and whether the library is mapped."""
    found = []
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if (process / "comm").read_text().startswith("qemu-system"):
                found.append({"pid": int(process.name), "profile": (process / "attr/current").read_text().strip(),
                              "library": "libvirnetdevvf" in (process / "maps").read_text()})
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def settled_state():
    # A VF that comes back from vfio-pci, or from a start that failed, gets its driver again, and then a netdev.
    guest.wait_for("netdev", guest.netdev)
    guest.settle()
    if not guest.heard():
        guest.rebind()
    return guest.state()


def start(hypervisor, interface, kind, vlan):
    guest.reset(interface)
    if guest.KINDS[kind]:
        must("insmod", str(JOB / "dpu.ko"), f"pf={guest.PF}", *guest.KINDS[kind])
    log, macs, lines = log_length(), len(guest.kernel_log()), len(denied())
    xml = guest.INTERFACE[interface].format(
        mac=guest.GUEST_MAC, netdev=guest.netdev(), vlan="" if vlan == "none" else guest.VLAN.format(vlan),
        pci="domain='0' bus='0x{}' slot='0x{}' function='0x{}'".format(
            *re.fullmatch(r"....:(..):(..)\.(.)", (guest.DEVICE / "virtfn0").resolve().name).groups()))
    pathlib.Path("/tmp/domain.xml").write_text((guest.LXC if hypervisor == "lxc" else guest.QEMU).format(xml))
    before = guest.state()
    options = [] if hypervisor == "lxc" else ["--paused"]
    created = run("virsh", "-q", "-c", URI[hypervisor], "create", "/tmp/domain.xml", *options)
    starts = created.returncode == 0
    version = must("libvirtd", "--version").split()[-1]
    case = {"case": f"{hypervisor} {interface} {kind} {vlan}", "libvirt": version, "starts": starts,
            "error": " ".join(line.removeprefix("error: ") for line in created.stderr.splitlines()
                              if line and "Failed to create domain" not in line),
            "before": before, "running": guest.state() if starts else settled_state(), "processes": qemu_processes(),
            "hypervisor": hypervisor, "kind": kind, "log": log, "macs": macs, "lines": lines}
    STARTED.write_text(json.dumps(case))


def stop():
    case = json.loads(STARTED.read_text())
    hypervisor, kind = case.pop("hypervisor"), case.pop("kind")
    case["stops"], errors = guest.destroy(URI[hypervisor]) if case["starts"] else (False, "")
    case["error"] += errors
    case["after"] = settled_state()
    if guest.KINDS[kind]:
        must("rmmod", "dpu")
    log = ""
    if LOG.exists():
        with open(LOG) as file:
            file.seek(case["log"])
            log = file.read()
    case.update(requests=re.findall(r"virNetDevSendVfSetLinkRequest:\d+ : (.*)", log), log=log,
                macs=guest.kernel_log()[case["macs"]:], denied=denied()[case.pop("lines"):])
    return case


def main():
    what, *arguments = sys.argv[1:]
    if what == "setup":
        setup()
        return
    find_pf()
    if what in ("case", "start"):
        start(*arguments)
    if what in ("case", "stop"):
        print(json.dumps(stop()))
    if what == "state":
        print(json.dumps(guest.state()))


main()
