"""guests.sh runs this in the guest: libvirtd starts and stops domains on a VF; prints a JSON line for each case.

usage: in_machine.py LIBRARY | none [CASE...]        CASE: an interface, a kind and a VLAN, as in "hostdev switchdev 42"
"""
import errno
import json
import os
import pathlib
import re
import subprocess
import sys
import time

PF = "eth0"
DEVICE = pathlib.Path(f"/sys/class/net/{PF}/device")
LOG = pathlib.Path("/tmp/libvirtd.log")
# The VF's MAC before each case, and the guest's MAC.
OWN_MAC, GUEST_MAC, ZERO_MAC = "52:54:00:00:00:0f", "52:54:00:00:00:99", "00:00:00:00:00:00"

VLAN = "<vlan><tag id='{}'/></vlan>"
INTERFACE = {
    "direct": "<interface type='direct'><mac address='{mac}'/><source dev='{netdev}' mode='passthrough'/>{vlan}"
              "</interface>",
    "hostdev": "<interface type='hostdev' managed='yes'><mac address='{mac}'/><source><address type='pci' {pci}/>"
               "</source>{vlan}</interface>",
    # A change of the VLAN while the guest runs.
    "live": "<interface type='direct'><mac address='{mac}'/><source dev='{netdev}' mode='passthrough'/>{vlan}"
            "</interface>",
    "network": "<interface type='network'><mac address='{mac}'/><source network='pool'/>{vlan}</interface>",
}
LXC = """<domain type='lxc'><name>guest</name><memory unit='MiB'>64</memory>
<os><type>exe</type><init>/bin/sleep</init><initarg>1000</initarg></os>
<devices><filesystem type='mount'><source dir='/'/><target dir='/'/></filesystem><console type='pty'/>{}</devices>
</domain>"""
# Created paused, without a disk: that is enough for the VF. Without <acpi/>, libvirt 9.0.0 passes an option that newer
# QEMUs do not have.
QEMU = """<domain type='qemu'><name>guest</name><memory unit='MiB'>64</memory>
<os><type arch='x86_64' machine='q35'>hvm</type></os><features><acpi/></features>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator><controller type='usb' model='none'/>{}
<memballoon model='none'/></devices></domain>"""
POOL = f"<network><name>pool</name><forward mode='hostdev' managed='yes'><pf dev='{PF}'/></forward></network>"

# How the PF answers: the parameters of ctests/machine/dpu/dpu.c, or none for the ordinary driver.
KINDS = {
    "ordinary": None,
    "refuses-both": [f"clear={errno.EPERM}", f"set={errno.EPERM}"],
    "grants-clear": ["clear=0", f"set={errno.EPERM}"],
    "switchdev": ["clear=0", f"set={errno.EOPNOTSUPP}"],
    "in-reset-ends": ["clear=0", "set=0", "busy=3"],
    "in-reset-stays": [f"clear={errno.EAGAIN}", f"set={errno.EAGAIN}"],
    "no-vlans": [f"clear={errno.EOPNOTSUPP}", f"set={errno.EOPNOTSUPP}", f"zero={errno.EADDRNOTAVAIL}"],
    # As ice: libvirt's own reading of the VF fails first.
    "in-reset-gap": ["clear=0", "set=0", "busy=-1", f"busy_errno={errno.EINVAL}", "reset_gap=1"],
    # As mlx4 without VLAN control.
    "lists-4095": ["none=4095", f"clear={errno.EPROTONOSUPPORT}", f"set={errno.EPROTONOSUPPORT}"],
    "mac-applied": ["clear=0", "set=0", f"mac={errno.EACCES}", "applies=1"],
    "mac-listed": ["clear=0", "set=0", f"mac={errno.EPERM}", "lists=1"],
    "pf-down": ["clear=0", "set=0", f"when_down={errno.EAGAIN}"],
}
# libvirt treats a pool's VF as any other, and each case takes seconds, so a pool has few cases.
BOTH = list(KINDS)[:7]
CASES = [f"{interface} {kind} {vlan}" for interface in ("direct", "hostdev") for kind in BOTH
         for vlan in ("none", "42")]
CASES += [f"network {kind} {vlan}" for kind in ("ordinary", "refuses-both") for vlan in ("none", "42")]
CASES += ["direct in-reset-gap none", *(f"hostdev {kind} none" for kind in list(KINDS)[7:])]
# libvirt 12 and newer.
LIVE = [f"live {kind} 42" for kind in ("ordinary", "refuses-both", "grants-clear", "switchdev", "no-vlans")]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def must(*command, **options):
    result = run(*command, **options)
    if result.returncode != 0:
        sys.exit(f"in_machine: {' '.join(command)}: {result.stderr}{LOG.read_text() if LOG.exists() else ''}")
    return result.stdout


def wait_for(what, condition):
    """Waits for something that is slow under emulation. The guest's own limit ends a wait that does not succeed."""
    while not condition():
        time.sleep(0.05)
    return what


def netdev():
    """The VF's network interface on the host, when it has one."""
    return next((path.name for path in DEVICE.glob("virtfn0/net/*")), None)


def settle():
    """Udev, where it runs, gives a new netdev a name, and a MAC where it has none of its own."""
    if os.path.exists("/run/udev/control"):
        must("udevadm", "settle")


def state():
    vf = json.loads(must("ip", "-j", "-d", "link", "show", PF))[0]["vfinfo_list"][0]
    name = netdev()
    vlan = (vf.get("vlan_list") or [vf])[0].get("vlan", 0)
    mac = name and pathlib.Path(f"/sys/class/net/{name}/address").read_text().strip()
    return {"mac": mac, "admin": vf["address"], "vlan": vlan}


def rebind():
    """The VF's driver starts anew, until its PF has answered.

    igbvf waits only a millisecond for the answer, too short on a busy emulated machine, and then goes on without it.
    """
    address, driver = (DEVICE / "virtfn0").resolve().name, pathlib.Path("/sys/bus/pci/drivers/igbvf")
    while True:
        if (driver / address).exists():
            (driver / "unbind").write_text(address)
        (driver / "bind").write_text(address)
        wait_for("netdev", netdev)
        settle()
        if heard():
            return


def heard():
    """Whether the PF answered the VF's driver at its last start."""
    starts = must("dmesg").split("82576 Virtual Function")
    return len(starts) < 2 or "PF still in reset state" not in starts[-2]


def reset(interface):
    """Makes the VF ready for a case, with a MAC of its own, on a PF that grants every request.

    For macvtap the VF sets that MAC itself; for hostdev the PF's driver sets it, before the VF's driver starts.
    """
    must("ip", "link", "set", PF, "vf", "0", "mac", OWN_MAC if interface in ("hostdev", "network") else ZERO_MAC,
         "vlan", "0")
    rebind()
    if interface in ("direct", "live"):
        must("ip", "link", "set", netdev(), "address", OWN_MAC)
    if state() != {"mac": OWN_MAC, "admin": OWN_MAC, "vlan": 0}:
        sys.exit(f"in_machine: the VF cannot be made ready for the next case: {state()}")


def make_vfs(count, modules=()):
    for module in ["igb", "igbvf", *modules]:
        must("modprobe", module)
    # The PF's driver answers its VFs only after its interface was set up, and a VF's driver that got no answer once
    # never gets one: so reset() starts the VF's driver last.
    (DEVICE / "sriov_drivers_autoprobe").write_text("0")
    (DEVICE / "sriov_numvfs").write_text(str(count))
    (DEVICE / "sriov_drivers_autoprobe").write_text("1")
    must("ip", "link", "set", PF, "up")
    wait_for("link", lambda: pathlib.Path(f"/sys/class/net/{PF}/carrier").read_text() == "1\n")


def start_libvirt(library):
    make_vfs(1, ["macvlan", "macvtap", "fuse", "tun", "vfio-pci"])
    start_daemons(library)
    pathlib.Path("/tmp/pool.xml").write_text(POOL)
    for command in [("net-define", "/tmp/pool.xml"), ("net-start", "pool")]:
        must("virsh", "-q", "-c", "qemu:///system", *command)
    return must("libvirtd", "--version").split()[-1]


def start_daemons(library):
    environment = prepare_daemons(library)
    must("virtlogd", "-d")
    must("libvirtd", "-d", env=environment)


def prepare_daemons(library):
    """Writes their files; returns libvirtd's environment."""
    for path in ["/etc/libvirt", "/var/log/libvirt/lxc", "/var/log/libvirt/qemu"]:
        os.makedirs(path, exist_ok=True)
    pathlib.Path("/etc/libvirt/qemu.conf").write_text('user = "root"\ngroup = "root"\nsecurity_driver = "none"\n')
    # A package that needs systemd makes QEMU's default user; libvirt looks it up even if it does not use it.
    with open("/etc/passwd", "a") as passwd, open("/etc/group", "a") as group:
        passwd.write("libvirt-qemu:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin\n")
        group.write("libvirt-qemu:x:64055:\n")
    environment = dict(os.environ, LIBVIRT_LOG_FILTERS="1:util.virnetdevvf 3:*", LIBVIRT_LOG_OUTPUTS=f"1:file:{LOG}")
    if library != "none":
        # A path without a space: for the dynamic linker a space ends the name.
        os.symlink(library, "/tmp/libvirnetdevvf.so.0")
        environment["LD_PRELOAD"] = "/tmp/libvirnetdevvf.so.0"
    return environment


def kernel_log():
    """The MACs that the PF's driver was asked to set, from the kernel's log."""
    return re.findall(rf"{DEVICE.resolve().name}: (?:setting|Removing) MAC (\S+) on VF", must("dmesg"))


def change(interface, vlan):
    """Gives the running guest's interface this VLAN; returns the output of virsh."""
    if interface != "live":
        return None
    xml = INTERFACE[interface].format(mac=GUEST_MAC, netdev=netdev(), vlan=VLAN.format(vlan))
    pathlib.Path("/tmp/interface.xml").write_text(xml)
    return run("virsh", "-q", "-c", "qemu:///system", "update-device", "guest", "/tmp/interface.xml", "--live")


def domain(interface, vlan):
    bus, slot, function = re.fullmatch(r"....:(..):(..)\.(.)", (DEVICE / "virtfn0").resolve().name).groups()
    pci = f"domain='0' bus='0x{bus}' slot='0x{slot}' function='0x{function}'"
    tag = "" if vlan == "none" or interface == "live" else VLAN.format(vlan)
    xml = INTERFACE[interface].format(mac=GUEST_MAC, netdev=netdev(), pci=pci, vlan=tag)
    if interface == "direct":
        return "lxc:///", LXC.format(xml), []
    return "qemu:///system", QEMU.format(xml), ["--paused"]


def destroy(uri):
    """Whether the guest stops, and virsh's errors."""
    virsh = "virsh", "-q", "-c", uri
    result = run(*virsh, "destroy", "guest")
    if "refused to die" in result.stderr or "/sys/fs/cgroup/" in result.stderr:
        # On a busy emulated machine, the LXC driver gives up after 3 seconds, or reports as an error that a cgroup of
        # the container that it has just killed does not exist (cgroup.controllers, cgroup.threads).
        run(*virsh, "destroy", "guest")
        wait_for("end", lambda: run(*virsh, "domstate", "guest").returncode)
        return True, ""
    return result.returncode == 0, result.stderr


def case(interface, kind, vlan):
    reset(interface)
    before = state()
    if KINDS[kind]:
        must("insmod", f"{os.environ['VM_MODULES']}/dpu.ko", f"pf={PF}", *KINDS[kind])
    said, macs = len(LOG.read_text()), len(kernel_log())
    uri, xml, options = domain(interface, vlan)
    pathlib.Path("/tmp/domain.xml").write_text(xml)
    if kind == "pf-down":
        must("ip", "link", "set", PF, "down")
    created = run("virsh", "-q", "-c", uri, "create", "/tmp/domain.xml", *options)
    if created.returncode != 0:
        # libvirt gives the VF back to the host; its netdev comes a moment later.
        wait_for("netdev", netdev)
    if kind in ("pf-down", "in-reset-gap"):
        # Otherwise the list has no VF.
        must("rmmod", "dpu")
        must("ip", "link", "set", PF, "up")
    # In a case `live`, the result of the change counts, not that of the start.
    changed = change(interface, vlan) if created.returncode == 0 else None
    running = state()
    if kind == "in-reset-ends":
        # The reset at the guest's start has ended. Another one begins when the guest releases the VF.
        pathlib.Path("/sys/module/dpu/parameters/busy").write_text("3")
    stops, errors = destroy(uri) if created.returncode == 0 else (None, "")
    # A VF that comes back from vfio-pci gets its driver again, and a netdev a moment later.
    wait_for("netdev", netdev)
    after = running if changed else state()
    if pathlib.Path("/sys/module/dpu").exists():
        must("rmmod", "dpu")
    log = LOG.read_text()[said:]
    errors = created.stderr + (changed.stderr if changed else "") + errors
    return {
        "starts": (changed or created).returncode == 0,
        "stops": stops,
        "error": [line.removeprefix("error: ") for line in errors.splitlines() if line],
        "before": before, "running": running, "after": after,
        "requests": re.findall(r"virNetDevSendVfSetLinkRequest:\d+ : (.*)", log),
        "macs": kernel_log()[macs:],
        "log": log,
    }


def main():
    library, wanted = sys.argv[1], sys.argv[2:]
    version = start_libvirt(library)
    wanted = wanted or CASES + (LIVE if int(version.split(".")[0]) >= 12 else [])
    for name in wanted:
        about = {"libvirt": version, "case": name, "preloaded": library != "none"}
        print(json.dumps({**about, **case(*name.split())}), flush=True)


if __name__ == "__main__":
    main()
