#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Unit tests of tools/virnetdevvf-check.py over hosts that are made up (made_host.py); TAP."""
import json
import os
import re
from errno import EAGAIN, EBADMSG, EBUSY, EINVAL, EIO, ENOBUFS, ENOMEM, ENXIO, EOPNOTSUPP, EPERM, ETIMEDOUT

import made_host
from made_host import LIBRARY, ON, Link, check, command, daemon_host, daemon_of, new_host, on, replace, report, test

# --- daemons -------------------------------------------------------------------------------------------------------

DELETED = f"7f00-7f01 r-xp 00000000 08:01 7    {LIBRARY} (deleted)\n"
COPY = "7f00-7f01 r-xp 00000000 00:00 7    /opt/libvirnetdevvf.so.0\n"
DROP_IN = "/etc/systemd/system/libvirtd.service.d/o.conf"
REPLACES = "/etc/systemd/system/libvirtd.service.d/virnetdevvf.conf"
PACKAGED = "/usr/lib/systemd/system/libvirtd.service.d/virnetdevvf.conf"

# What is special about the daemon, the state, and the program's exit status.
DAEMONS = [
    ("off", {}, "off", 0),
    ("off, and too old", {"version": "7.0.0"}, "off", 0),
    ("off, by an older libvirt's file", {"switch": 'LD_PRELOAD="libother.so"\n'}, "off", 0),
    ("on", on(), "on", 0),
    ("on, the first libvirt that has the functions", on(version="8.1.0"), "on", 0),
    ("on, the last that was looked at", on(version="12.8.0"), "on", 0),
    ("on, beside another library", on(switch="LD_PRELOAD='libother.so:libvirnetdevvf.so.0'\n"), "on", 0),
    ("on, the line goes on", on(switch="LD_PRELOAD=\\\nlibvirnetdevvf.so.0\n"), "on", 0),
    ("on, by its path", on(switch=f"LD_PRELOAD={LIBRARY}\n"), "on", 0),
    ("on, by Environment", on(switch=made_host.OFF, Environment="A=b LD_PRELOAD=libvirnetdevvf.so.0"), "on", 0),
    ("the last assignment in Environment counts", {"Environment": ON.strip() + " LD_PRELOAD=libother.so"}, "off", 0),
    ("the last assignment in a file counts", {"switch": ON + "LD_PRELOAD=libother.so\n"}, "off", 0),
    ("EnvironmentFile goes before Environment", {"switch": "LD_PRELOAD=\n", "Environment": ON.strip()}, "off", 0),
    ("UnsetEnvironment goes before both", {"switch": ON, "UnsetEnvironment": "LD_PRELOAD"}, "off", 0),
    ("systemd does not know export", {"switch": "export " + ON}, "off", 0),
    ("on, not running", {"switch": ON, "running": False}, "on-at-next-start", 0),
    ("turned on, not restarted", {"switch": ON}, "restart-to-load", 1),
    ("the library was upgraded", on(loaded=DELETED), "restart-to-update", 1),
    ("a library that is not the installed one", on(loaded=COPY), "restart-to-update", 1),
    ("turned off, not restarted", {"loaded": "installed"}, "restart-to-unload", 1),
    ("systemd has not read a drop-in", on(NeedDaemonReload="yes"), "reload-systemd", 1),
    ("systemd has not seen a drop-in", on(drop_in=DROP_IN), "reload-systemd", 1),
    ("a drop-in in place of the package's", on(drop_in=REPLACES), "reload-systemd", 1),
    ("a drop-in of its own", on(drop_in=DROP_IN, DropInPaths=f"{PACKAGED} {DROP_IN}"), "on", 0),
    ("a drop-in in /lib, which is /usr/lib", on(DropInPaths=PACKAGED.replace("/usr", "")), "on", 0),
    ("a drop-in that a file without text masks", on(drop_in=REPLACES, text="", DropInPaths=""), "on", 0),
    ("the dynamic linker could not load it", {"switch": ON, "environ": ON.strip() + "\0"}, "not-loaded", 1),
    ("no library", {"switch": ON, "running": False, "library": False}, "no-library", 1),
    ("no library of that path", {"switch": "LD_PRELOAD=/opt/libvirnetdevvf.so.0\n"}, "no-library", 1),
    ("on, too old", {"switch": ON, "version": "8.0.0"}, "libvirt-too-old", 1),
    ("on, untested", on(version="13.0.0"), "libvirt-untested", 1),
    ("on, without a version", on(version="?"), "unknown", 2),
    ("a user who may not read maps", {"forbidden": ["/proc/812/maps"]}, "unknown", 2),
    ("a user who may not read the setting", {"forbidden": [made_host.SWITCH], "running": False}, "unknown", 2),
    ("a modular daemon", on(name="virtqemud"), "on", 0),
    ("without systemd, on", on(systemd=False), "on", 0),
    ("without systemd, off", {"systemd": False}, "off", 0),
    ("without systemd, not running", {"systemd": False, "running": False}, "unknown", 2),
]


def daemons():
    seen = set()
    for name, special, state, status in DAEMONS:
        found_status, made = report(daemon_host(special))
        found = made["daemons"][0]
        seen.add(found["state"])
        test(f"daemon: {name}: {state}, exit status {status}", (found["state"], found_status), (state, status))
        advised = found["advice"] is not None
        test(f"daemon: {name}: says what to do only if there is something", advised or status != 1, True)
    test("daemon: each state was met", seen, set(check.DAEMON_STATES))

    found = daemon_of(daemon_host({}))
    test("daemon: its AppArmor profile", found["confinement"], "libvirtd (enforce)")
    test("daemon: running", (found["activity"], found["pid"], found["version"]), ("running", 812, "9.0.0"))
    masked = daemon_host({"running": False, "LoadState": "masked", "NeedDaemonReload": "yes"})
    test("daemon: masked, as beside modular daemons: none", report(masked)[1]["daemons"], [])
    host = daemon_host({"running": False})
    host.write("/sys/kernel/security/apparmor/profiles", "libvirtd (enforce)\nvirt-aa-helper (enforce)\n")
    found = daemon_of(host)
    test("daemon: socket-activated", (found["activity"], found["pid"]), ("socket-activated", None))
    test("daemon: its AppArmor profile when it starts", found["confinement"], "libvirtd (enforce)")
    host = daemon_host({"running": False})
    host.commands["systemctl", "show", "--property=ActiveState"] = "ActiveState=inactive\n\nActiveState=failed\n"
    test("daemon: stopped", daemon_of(host)["activity"], "stopped")
    host = daemon_host(on())
    # btrfs and overlayfs: the mapping has another device number than stat(2) gives.
    host.write("/proc/9/comm", "")
    host.write("/proc/9/maps", f"7f00-7f01 r-xp 00000000 00:fe 3    {LIBRARY}\n")
    file = [os.path.join(os.path.dirname(LIBRARY), "libvirnetdevvf.so.0")]
    test("daemon: the installed file by its path", check.mapped_library(host, 9, file), (True, LIBRARY, "installed"))
    other = "/usr/lib64/" + os.path.basename(LIBRARY)
    host.write("/proc/9/maps", made_host.maps_line(host, LIBRARY).replace(LIBRARY, other))
    test("daemon: the installed file by its number", check.mapped_library(host, 9, file), (True, other, "installed"))
    host = daemon_host({"EnvironmentFiles": "", "DropInPaths": ""})
    os.unlink(host.path(PACKAGED))
    found = daemon_of(host)
    shown = found["environment_files"], found["drop_ins"], found["state"]
    test("daemon: a unit without a setting", shown, ([], [], "off"))


# --- PFs -----------------------------------------------------------------------------------------------------------


def pfs():
    seen = set()

    def expect(name, host, state, status):
        found_status, made = report(host)
        pf = made["pfs"][0]
        seen.add(pf["state"])
        test(f"PF: {name}: {state}, exit status {status}", (pf["state"], found_status), (state, status))
        return pf

    pf = expect("as it should be", new_host(), "ok", 0)
    shown = [pf[key] for key in ("name", "driver", "pci", "vfs", "max_vfs", "eswitch", "listed_vfs", "placeholder_vfs")]
    test("PF: its report", shown, ["enp1s0", "igb", "0000:01:00.0", 2, 7, "unknown", 2, []])
    host = new_host(pf=False)
    made_host.add_pf(host, vfs=0)
    expect("without VFs", host, "no-vfs", 0)
    host = new_host()
    host.vfs[1]["address"] = "02:00:00:00:00:00"
    pf = expect("a VF that libvirt left with its own MAC", host, "placeholder-mac", 1)
    test("PF: which VF", pf["placeholder_vfs"], [1])
    host = new_host()
    host.vfs = [{"vf": 0, "mac": "02:00:00:00:00:00", "vlan": 7}, {"vf": 1, "mac": "00:00:00:00:00:00"}]
    expect("an older iproute2's words", host, "placeholder-mac", 1)
    host = new_host()
    del host.vfs[1]
    expect("a VF in reset", host, "vfs-not-listed", 2)
    host = new_host()
    host.run = lambda *words: None
    expect("without iproute2", host, "unknown", 2)
    test("PF: each state was met", seen, set(check.PF_STATES))

    host = new_host()
    mode = {"dev": {"pci/0000:01:00.0": {"mode": "switchdev", "inline-mode": "none"}}}
    host.commands["devlink", "-j", "dev", "eswitch", "show", "pci/0000:01:00.0"] = json.dumps(mode)
    host.write("/sys/class/net/enp1s0r0/device", Link("../enp1s0/device"))
    host.write("/sys/class/net/enp1s0r0/phys_port_name", "pf0vf0\n")
    status, made = report(host)
    test("PF: switchdev, by devlink", (made["pfs"][0]["eswitch"], status), ("switchdev", 0))
    test("PF: a representor is not a PF", [pf["name"] for pf in made["pfs"]], ["enp1s0"])


# --- --probe -------------------------------------------------------------------------------------------------------

# What the driver answers to a clear and a set, the VLAN that the VF has, the kind, and the requests that were sent.
TRIED = [0, 4094]
PROBES = [
    ((0, 0), 0, "host-switch", [*TRIED, 0]),
    ((0, EPERM), 0, "grants-clear", TRIED),
    ((EPERM, EPERM), 0, "refuses-both", [0]),
    ((0, EOPNOTSUPP), 0, "switchdev", TRIED),
    ((EOPNOTSUPP, EOPNOTSUPP), 0, "switchdev", [0]),
    ((EAGAIN, EAGAIN), 0, "in-reset", [0]),
    ((EINVAL, EINVAL), 0, "unknown", [0]),
    # An answer that was lost, by the kernel or by the firmware: the VLAN may have been set.
    *(((0, lost), 0, "unknown", [*TRIED, 0]) for lost in (ETIMEDOUT, EBADMSG, ENOBUFS, ENOMEM, EIO, ENXIO)),
    ((0, EAGAIN), 0, "in-reset", TRIED),
    ((None, None), 0, "not-asked", [0]),
    ((0, 0), 42, "host-switch", [42]),
    ((0, EPERM), 42, "refuses-vlan", [42]),
    ((EPERM, EPERM), 42, "refuses-vlan", [42]),
    ((0, EOPNOTSUPP), 42, "switchdev", [42]),
    ((0, EBUSY), 42, "in-reset", [42]),
]


def in_use(name, words, change):
    host = new_host()
    change(host)
    status, made = report(host, "--probe", "enp1s0", "0")
    test(f"probe: refused: {name}", (made["probe"]["kind"], status, host.requests), ("not-asked", 2, []))
    test(f"probe: refused: {name}: says why", words in made["probe"]["verdict"], True)


def probes():
    seen = set()
    for (clear, vlan), has, kind, requests in PROBES:
        host = new_host()
        host.clear, host.set = clear, vlan
        if has:
            host.vfs[0]["vlan_list"] = [{"vlan": has, "qos": 3}]
        _, made = report(host, "--probe", "enp1s0", "0")
        found = made["probe"]
        seen.add(found["kind"])
        name = f"probe: clear {check.errno_name(clear)}, set {check.errno_name(vlan)}, VLAN {has}: {kind}"
        test(name, (found["kind"], [request[2] for request in host.requests]), (kind, requests))
        test(name + ": the VLAN is as before", (host.vfs[0].get("vlan_list") or [{}])[0].get("vlan", 0), has)
        test(name + ": its priority too", {request[3] for request in host.requests}, {3 if has else 0})
    test("probe: each kind was met", seen, set(check.KINDS))

    # With the preload off there is something to do on a DPU; with it on, there is not.
    for special, kind, status in [({}, "off", 1), (on(), "on", 0)]:
        host = daemon_host(special)
        host.clear = host.set = EPERM
        found = command(host, "--probe", "enp1s0", "0")[0]
        test(f"probe: a DPU, the preload {kind}: exit status {status}", found, status)
    found = command(daemon_host({}), "--probe", "enp1s0", "0")[0]
    test("probe: no DPU, the preload off: exit status 0", found, 0)

    host = new_host()
    host.vfs[0]["vlan_list"] = [{"vlan": 0, "qos": 3}]
    report(host, "--probe", "enp1s0", "0")
    test("probe: a priority without a VLAN stays", {request[2:] for request in host.requests}, {(0, 3)})
    with open(os.path.join(made_host.TOP, "meson.build"), encoding="utf-8") as build:
        listed = re.search(r"foreach daemon : \[(.*)\]", build.read())[1].replace("'", "").split(", ")
    test("daemons: those that meson.build has drop-ins for", sorted(check.DAEMONS), sorted(listed))
    # A VLAN that cannot be cleared again.
    host = new_host()
    answers = iter([0, 0, EAGAIN])
    real = host.set_vlan

    def late(pf, vf, vlan, qos):
        host.clear = next(answers)
        return real(pf, vf, vlan, qos)

    host.set_vlan = late
    status, made = report(host, "--probe", "enp1s0", "0")
    test("probe: not put back: said so", (made["probe"]["restored"], status), (False, 1))

    vf, eth = "/sys/pci0000:00/0000:01:10.0", "/sys/class/net/eth0"
    in_use("the interface is up", "eth0 is up", lambda host: replace(host, eth + "/flags", "0x1003\n"))
    in_use("macvtap on it", "macvtap0 is on", lambda host: host.write(eth + "/upper_macvtap0", Link("../macvtap0")))
    in_use("a bridge has it", "br0 is on", lambda host: host.write(eth + "/upper_br0", Link("../br0")))
    addresses = json.dumps([{"addr_info": [{"family": "inet", "local": "192.0.2.1"}]}])
    shown = ("ip", "-j", "addr", "show", "dev", "eth0")
    in_use("addresses", "has addresses", lambda host: host.commands.update({shown: addresses}))
    in_use("addresses are not known", "may have addresses", lambda host: host.commands.pop(shown))

    def elsewhere(host):
        os.unlink(host.path(vf + "/net/eth0/address"))
        os.rmdir(host.path(vf + "/net/eth0"))

    def passed_through(host):
        elsewhere(host)
        replace(host, vf + "/driver", Link("../../bus/pci/drivers/vfio-pci"))

    in_use("vfio-pci", "its driver is vfio-pci", passed_through)
    in_use("another network namespace", "another network namespace", elsewhere)
    in_use("802.1ad", "one of 802.1ad", lambda host: host.vfs[0].update(vlan_list=[{"vlan": 5, "protocol": "802.1ad"}]))
    in_use("no such VF", "has no VF 0", lambda host: host.vfs.clear())
    few = "CapEff:\t000001ffffffefff\n"
    in_use("no CAP_NET_ADMIN", "CAP_NET_ADMIN", lambda host: replace(host, "/proc/self/status", few))
    in_use("a user namespace", "user namespace", lambda host: replace(host, "/proc/self/uid_map", "0 1000 1\n"))
    of_root = "0 0 65536\n"
    in_use("a user namespace of root's", "user namespace", lambda host: replace(host, "/proc/self/uid_map", of_root))
    in_use("its flags are not known", "is up", lambda host: os.unlink(host.path(eth + "/flags")))

    host = new_host()
    elsewhere(host)
    os.unlink(host.path(vf + "/driver"))
    _, made = report(host, "--probe", "enp1s0", "0")
    test("probe: a VF without a driver is free", made["probe"]["kind"], "host-switch")


# --- the report ----------------------------------------------------------------------------------------------------


def reports():
    status, made = report(daemon_host(on()), "--probe", "enp1s0", "0")
    test("JSON: its keys are those of the manual", sorted(set(made_host.keys(made))),
         sorted(made_host.documented("JSON")))
    for section, states in [("States of a daemon", check.DAEMON_STATES), ("States of a PF", check.PF_STATES),
                            ("Kinds of device", check.KINDS)]:
        test(f"JSON: {section}: those of the manual", sorted(states), sorted(made_host.documented(section)))
    whole = status, made["status"], made["format"], made["kernel"]
    test("JSON: the whole report", whole, (0, "ok", 1, "6.1.0-30-amd64"))
    test("JSON: security modules", (made["apparmor"], made["selinux"]), ("enabled", "absent"))
    status, out = command(daemon_host({"forbidden": ["/proc/812/maps"]}))
    test("text: what this user may not read", (status, "(run as root): /proc/812/maps" in out), (2, True))
    status, out = command(daemon_host({"switch": ON}))
    test("text: what to do", "What to do: systemctl restart libvirtd" in out, True)
    lines = out.splitlines()
    pf_lines = [line.split(",")[0] for line in lines if line.startswith("PF ")]
    test("text: a line for the PF", pf_lines, ["PF enp1s0: driver igb"])
    test("text: a line for the daemon", "libvirtd: libvirt 9.0.0, running" in lines, True)
    host = daemon_host({"forbidden": ["/proc/812/maps"]})
    host.vfs[0]["address"] = check.PLACEHOLDER
    test("exit status: something to do goes before not known", command(host)[0], 1)
    test("exit status: a host with nothing", command(new_host(pf=False, library=False))[0], 0)
    for wrong in ("--nonesuch", "more", "--js", "--probe eth0", "--probe eth0 x", "--probe eth0 -1", "--probe ../lo 0"):
        test(f"exit status 64: {wrong}", command(new_host(), *wrong.split())[0], 64)
    test("--help: exit status 0", command(new_host(), "--help")[0], 0)


daemons()
pfs()
probes()
reports()
made_host.tap.done_testing()
