"""ctests/libvirt/many.sh runs this in the guest: libvirtd starts guests on VFs of a PF with many; a JSON line each.

usage: many_in_machine.py LIBVIRT.SO | none LIBRARY MODULE COUNT VF...        VF: a number, or one and `r`: in reset

LIBVIRT.SO replaces the installed one, and is linked to LIBRARY. The module (many-vfs/many.c) makes the PF and its VFs:
a VF has a netdev, and the links to its PF that libvirt follows.
"""
import json
import os
import pathlib
import shutil
import sys
import threading

import in_machine as guest

PF = "many0"


def listed(vf):
    """A VF as the library's virNetDevGetVfConfig() reads it: iproute2 does not see all VFs."""
    return json.loads(guest.must("python3", "-c", f"""
import ctypes, json
library = ctypes.CDLL({sys.argv[2]!r})
mac, vlan = (ctypes.c_ubyte * 6)(), ctypes.c_int()
result = library.virNetDevGetVfConfig({PF!r}.encode(), {vf}, mac, ctypes.byref(vlan))
print(json.dumps([result, bytes(mac).hex(":"), vlan.value]))"""))


def gap(vf):
    """The VF that is in reset: the PF's driver leaves it out of the list. -1: none."""
    pathlib.Path("/sys/module/many/parameters/gap").write_text(str(vf))


def end_reset(said):
    """Ends the reset when the library has read the list once without this VF (-ENODATA)."""
    guest.wait_for("a read", lambda: "attribute=22 result=-61" in guest.LOG.read_text()[said:])
    gap(-1)


def case(name):
    vf = int(name.rstrip("r"))
    netdev = f"manyvf{vf}"
    xml = guest.INTERFACE["direct"].format(mac=guest.GUEST_MAC, netdev=netdev, vlan=guest.VLAN.format(42))
    pathlib.Path("/tmp/domain.xml").write_text(guest.LXC.format(xml))
    before = listed(vf)
    if name.endswith("r"):
        gap(vf)
        threading.Thread(target=end_reset, args=[len(guest.LOG.read_text())], daemon=True).start()
    created = guest.run("virsh", "-q", "-c", "lxc:///", "create", "/tmp/domain.xml")
    gap(-1)
    running = listed(vf)
    address = pathlib.Path(f"/sys/class/net/{netdev}/address").read_text().strip()
    stops, errors = guest.destroy("lxc:///") if created.returncode == 0 else (False, "")
    return {"vf": name, "starts": created.returncode == 0, "stops": stops,
            "error": (created.stderr + errors).strip(), "before": before, "running": running, "address": address,
            "after": listed(vf)}


def main():
    libvirt, library, module, count, *vfs = sys.argv[1:]
    if libvirt != "none":
        installed = pathlib.Path("/usr/lib/x86_64-linux-gnu")
        shutil.copy(libvirt, installed / pathlib.Path(libvirt).name)
        shutil.copy(library, installed / "libvirnetdevvf.so.0")
    for name in ["macvlan", "macvtap", "fuse", "tun"]:
        guest.must("modprobe", name)
    guest.must("insmod", module, f"vfs={count}", "netdevs=1")
    guest.must("ip", "link", "set", PF, "up")
    guest.start_daemons("none")
    for vf in vfs:
        print(json.dumps({"kernel": os.uname().release, **case(vf)}), flush=True)


main()
