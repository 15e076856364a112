#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""virnetdevvf-check on hosts whose libvirt, devlink or kernel says what is hard to read; TAP."""
import sys

import made_host
from made_host import DIRECT, HOSTDEV, Link, add_daemon, add_guests, check, daemon_host, new_host, on, report, test

from tools import OCTEON, SWITCHDEV

VIRSH = ("virsh", "-r", "-q", "-c", "qemu:///system")
NAMED = "<interface type='network'><source network='pool' dev='enp1s0v1' mode='passthrough'/></interface>"
POOLED = "<interface type='network'><source network='pool'/></interface>"
BRIDGED = DIRECT.replace("passthrough", "bridge")
POOLS = {
    "a PF": "<forward mode='hostdev'><pf dev='enp1s0'/></forward>",
    "addresses": "<forward mode='hostdev'><address type='pci' domain='0' bus='1' slot='16' function='0'/></forward>",
    "interfaces": "<forward mode='passthrough'><interface dev='enp1s0v0'/></forward>",
}


def pf_of(host):
    return report(host)[1]["pfs"][0]


def guest_host(*guests, special=None, pool=None, **pf):
    host = daemon_host(special or {}, **pf)
    add_guests(host, *guests)
    if pool:
        host.commands[(*VIRSH, "net-dumpxml", "pool")] = f"<network>{pool}</network>"
    return host


for name, pool in POOLS.items():
    seen = pf_of(guest_host(("a", False, POOLED, 0, None), pool=pool, **OCTEON))
    test(f"guests: a pool of {name}", seen["status"], "action")
group = "<portgroup name='a' default='yes'><vlan><tag id='0x2a'/></vlan></portgroup>"
seen = pf_of(guest_host(("a", False, POOLED, 0, None), pool=POOLS["a PF"] + group, **SWITCHDEV))
test("guests: the network's default group has a VLAN", "out of: a" in (seen["advice"] or ""), True)
seen = pf_of(guest_host(("a", True, BRIDGED, 0, None), **OCTEON))
test("guests: a bridge of macvtap needs nothing", seen["status"], "ok")
host = guest_host(("a", True, NAMED, 0, None), pool=POOLS["a PF"])
host.driver.vfs[1]["vlan"] = 42
test("VF: a VLAN under a running guest of a network", pf_of(host)["findings"], [])
host = guest_host(("a", True, None, 0, None))
host.driver.vfs[1]["vlan"] = 42
for said in (None, "<domain>", "no XML"):
    host.commands[(*VIRSH, "dumpxml", "a")] = said
    test(f"VF: a VLAN, and a guest that cannot be read: {said}", (report(host)[1]["guests"], pf_of(host)["findings"]),
         (None, []))
host = daemon_host({})
host.write("/sys/class/net/enp1s0p2/device", Link("../../../pci0000:00/0000:01:00.0"))
host.drivers["enp1s0p2"] = host.driver
test("VF: two ports of one device have the same VFs", pf_of(host)["findings"], [])
host = guest_host(driver="mlx5_core", pci_id="15b3:a2d6")
host.driver.vfs[0]["vlan"] = 42
test("PF: a VF with a VLAN is not the one to ask", "--probe enp1s0 1" in pf_of(host)["advice"], True)

host = guest_host(driver="mlx5_core", pci_id="15b3:a2d6")
made_host.replace(host, "/sys/class/net/enp1s0v0/flags", "0x1003\n")
test("PF: a VF whose interface is up is not the one to ask", "--probe enp1s0 1" in pf_of(host)["advice"], True)
host = guest_host(("a", True, HOSTDEV, 0, None), ("b", False, HOSTDEV, 1, None), driver="mlx5_core", pci_id="15b3:a2d6")
test("PF: no VF is free: the operator names one", "enp1s0 VF, where VF is one that" in pf_of(host)["advice"], True)
host = guest_host(("a", True, HOSTDEV, 0, None), **OCTEON)
host.write("/sys/class/net/enp1s0p2/device", Link("../../../pci0000:00/0000:01:00.0"))
host.drivers["enp1s0p2"] = host.driver
made_host.add_pf(host, name="enp2s0", pci="02", **OCTEON)
test("guests: on the VFs of a device with two ports", [pf["status"] for pf in report(host)[1]["pfs"]],
     ["action", "action", "ok"])
test("guests: not known, and the PF has no VFs", pf_of(daemon_host({}, vfs=0, **OCTEON))["status"], "ok")
test("guests: not known, and it has", pf_of(daemon_host({}, **OCTEON))["status"], "action")
host, messages = daemon_host({}), []
host.exchange = lambda message: messages.append(message) or host.driver.exchange(message)
report(host)
test("PF: the list of VFs is asked for, without statistics", {bytes(message[-4:]) for message in messages},
     {(check.RTEXT_FILTER_VF | check.RTEXT_FILTER_SKIP_STATS).to_bytes(4, sys.byteorder)})

host = new_host(driver="mlx5_core", pci_id="15b3:1017")
host.write("/sys/class/net/enp1s0r0/device", Link("../../../pci0000:00/0000:01:00.0"))
host.write("/sys/class/net/enp1s0r0/phys_port_name", "c1pf0vf0\n")
test("PF: switchdev by its representors, without devlink", pf_of(host)["kinds"], ["switchdev"])
for said in ("[]", "{", '{"dev": []}'):
    host = new_host(driver="mlx5_core", pci_id="15b3:1017")
    host.commands["devlink", "-j", "dev", "eswitch", "show", "pci/0000:01:00.0"] = said
    test(f"PF: devlink says {said}", pf_of(host)["eswitch"], "unknown")



def second_daemon(host, name, uses):
    """One more daemon that runs, on the library or not."""
    host.commands[name, "--version"] = "9.0.0"
    host.commands["systemctl", name + ".service"] = "LoadState=loaded\nMainPID=813\nEnvironmentFiles=/etc/second\n"
    mapped = made_host.LIBRARY if uses else "/lib/libc.so.6"
    for path, text in (("/etc/second", made_host.ON if uses else ""), ("/proc/813/comm", name),
                       ("/proc/813/maps", f"7-8 r-xp 0 08:01 9    {mapped}\n"),
                       ("/proc/813/environ", made_host.ON.strip() + "\0" if uses else "A=b\0")):
        host.write(path, text)


def two_daemons(special, name, uses):
    host = guest_host(("a", True, HOSTDEV, 0, None), special={"name": "virtqemud", **special}, **OCTEON)
    second_daemon(host, name, uses)
    return host


# In a file of its own: a daemon that does not read the package's file is another finding.
FIRST_ON = on(switch=None, EnvironmentFiles="/etc/first", files={"/etc/first": made_host.ON})
for special, name, uses, off in (({}, "virtnetworkd", True, "virtqemud"), ({}, "virtlxcd", True, "virtqemud"),
                                 (FIRST_ON, "virtlxcd", False, "virtlxcd")):
    seen = pf_of(two_daemons(special, name, uses))
    test(f"daemons: virtqemud and {name}, one uses the library: what to turn on",
         (seen["status"], f"preload on for {off}, and restart" in str(seen["advice"])), ("action", True))
test("daemons: virtnetworkd starts no guests", pf_of(two_daemons(FIRST_ON, "virtnetworkd", False))["status"], "ok")
test("daemons: all use the library", pf_of(two_daemons(on(), "virtlxcd", True))["status"], "ok")
for name, environ in (("the preload of its environment", made_host.ON), ("another way", "A=b\0")):
    host = daemon_host(on(supervised=False, switch=None, environ=environ))
    test(f"daemons: without a unit, it has the library by {name}", report(host)[1]["daemons"][0]["state"], "in-use")
host = guest_host(("a", True, HOSTDEV, 0, None), special=on(name="virtqemud"), **OCTEON)
add_daemon(host, name="libvirtd", running=False, switch=None)
test("daemons: one that does not run needs nothing", pf_of(host)["status"], "ok")
asked = {command[4] for command in host.asked if command[0] == "virsh"}
test("daemons: no connection that would start one", asked, {"qemu:///system"})
seen = pf_of(guest_host(("a", True, HOSTDEV, 0, None), special={"version": "7.0.0"}, **OCTEON))
test("daemons: an old libvirt is upgraded first", seen["advice"].startswith("upgrade libvirt to 8.1"), True)

for name, answer in (("empty", b""), ("cut", bytes(8)), ("an error that is cut", b"\x14\0\0\0\2\0" + bytes(10)),
                     ("no VLAN", check.struct.pack("=IHHII", 0x7fff, 16, 0, 1, 0) + bytes(16) + check.attribute(
                         22, check.attribute(1, check.attribute(1, bytes(36)))))):
    host = daemon_host({})
    host.driver.exchange = lambda message, answer=answer: answer
    test(f"PF: an answer of the kernel: {name}", pf_of(host)["error"], "EBADMSG")
for number, root, advice in ((90, True, "dmesg"), (90, False, "dmesg"), (1, False, "run this as root")):
    host = daemon_host({})
    host.driver.link_error, host.root_user = number, root
    test(f"PF: errno {number}, root {root}: what to do", advice in pf_of(host)["advice"], True)
for name, file in (("no sections", b"\x7fELF\2\1" + bytes(64)), ("sections far away", b"\x7fELF\2\1" + b"\xff" * 64)):
    host = daemon_host(on())
    made_host.replace(host, "/proc/812/root" + made_host.LIBVIRT + "9000.0", file)
    test(f"ELF: {name}: not known", report(host)[1]["daemons"][0]["called"], None)
host = daemon_host({})
made_host.replace(host, "/proc/812/maps", "")
test("daemon: its maps are empty, for it ends: not known", report(host)[1]["daemons"][0]["state"], None)
host = guest_host(("東", True, HOSTDEV, 0, None))
test("guests: a name of other characters", report(host)[1]["guests"][0]["name"], "東")
made_host.tap.done_testing()
