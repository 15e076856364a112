#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Unit tests of tools/virnetdevvf-check.py on simulated hosts (made_host.py): PFs, VFs, guests, daemons; TAP.

tools_probe.py tests --probe and --card.
"""
import re

import made_host
from made_host import HOSTDEV, ON, add_guests, check, daemon_host, new_host, on, report, test

# --- a verdict for each PF, before anything is installed -----------------------------------------------------------

BLUEFIELD = {"driver": "mlx5_core", "pci_id": "15b3:a2d6"}
PFS = [
    # The PF, its kinds, the exit status, words of the verdict.
    ("igb", {}, ["ordinary"], 0, "you do not need the library"),
    ("octeon_ep", {"driver": "octeon_ep"}, ["no-vlans"], 1, "you need the library for guests on it"),
    ("i40e", {"driver": "i40e"}, ["in-reset", "ordinary"], 0, "only if guests do not start for that reason"),
    ("mlx5, an ordinary ConnectX", {"driver": "mlx5_core", "pci_id": "15b3:1017", "eswitch": "legacy"},
     ["ordinary", "no-vlans", "refuses-both"], 0, "you do not need the library"),
    ("mlx5 in switchdev mode", {"driver": "mlx5_core", "pci_id": "15b3:1017", "eswitch": "switchdev"}, ["switchdev"], 0,
     "only for guests with <vlan>"),
    ("BlueField in switchdev mode", {**BLUEFIELD, "eswitch": "switchdev"}, ["switchdev"], 0, "representors"),
    ("BlueField, whose code is not known", BLUEFIELD, ["grants-clear", "refuses-both", "ordinary"], 2,
     "version does not tell"),
    ("ionic, whose firmware decides", {"driver": "ionic"}, ["in-reset", "refuses-both"], 2, "this is a DPU"),
    ("enic", {"driver": "enic"}, ["no-list"], 0, "with or without the library"),
    ("a PF driver without these functions", {"driver": "hinic3"}, ["no-list"], 0, "with or without the library"),
    ("octeontx2, up", {"driver": "rvu_nicpf"}, ["ordinary", "no-vlans"], 0, "you do not need the library"),
    ("a driver that nobody read", {"driver": "newnic"}, [], 2, "is not one of the drivers whose source was read"),
]


def pfs():
    for name, pf, kinds, status, words in PFS:
        found, made = report(daemon_host({}, **pf))
        seen = made["pfs"][0]
        title = f"PF: {name}: {', '.join(kinds) or 'unknown'}, exit status {status}"
        test(title, (seen["kinds"], found), (kinds, status))
        test(f"PF: {name}: says why", words in seen["verdict"], True)
    asked = report(daemon_host({}, **BLUEFIELD))[1]["pfs"][0]["advice"]
    test("PF: where the row leaves it open: how to ask, a VF that nobody uses", all(words in asked for words in (
        "virnetdevvf-check --probe enp1s0 0", "EPERM only to the second: grants-clear")), True)
    host = daemon_host({}, **BLUEFIELD)
    add_guests(host, ("a", False, HOSTDEV, 0, None))
    test("PF: not a VF that a guest has", "--probe enp1s0 1" in report(host)[1]["pfs"][0]["advice"], True)
    needs = {name: report(daemon_host({}, **pf))[1]["need"] for name, pf, *_ in PFS}
    test("PF: do its guests need the library", [needs[name] for name in (
        "igb", "octeon_ep", "i40e", "mlx5 in switchdev mode", "BlueField, whose code is not known", "enic")],
         ["no", "yes", "only-in-reset", "only-with-vlan", "unknown", "no-help"])
    host = made_host.add_pf(daemon_host({}), name="enp2s0", pci="02", driver="octeon_ep")
    test("PF: of two, the stronger need is the host's", report(host)[1]["need"], "yes")

    def answers(name, change, kinds, status, words, **pf):
        host = daemon_host({}, **pf)
        change(host.driver)
        found, made = report(host)
        seen = made["pfs"][0]
        said = words in seen["verdict"] + str(seen["advice"]) + seen["need"]
        test(f"PF: {name}", (seen["kinds"], found, said), (kinds, status, True))

    answers("down, and lists no VF (bnx2x)", lambda driver: vars(driver).update(up=False, unlisted={0, 1}), ["pf-down"],
            1, "ip link set dev enp1s0 up", driver="bnx2x")
    answers("down, and lists no VF: not known yet", lambda driver: vars(driver).update(up=False, unlisted={0, 1}),
            ["pf-down"], 1, "unknown", driver="bnx2x")
    answers("down, and lists its VFs", lambda driver: vars(driver).update(up=False), ["ordinary"], 0, "do not need")
    answers("a VF is not listed", lambda driver: driver.unlisted.add(1), ["ordinary"], 2, "1 of the 2 VFs")
    answers("InfiniBand", lambda driver: vars(driver).update(link_type=32), [], 0, "InfiniBand",
            driver="mlx5_core", pci_id="15b3:1017")
    answers("the kernel refuses the list: its own words", lambda driver: vars(driver).update(link_error=90),
            ["ordinary"], 2, "EMSGSIZE")
    host = new_host(vfs=0)
    test("PF: without VFs", report(host)[0], 0)
    host = new_host(driver="mlx5_core", pci_id="15b3:1017", eswitch="switchdev")
    host.write("/sys/class/net/enp1s0r0/device", made_host.Link("../enp1s0/device"))
    host.write("/sys/class/net/enp1s0r0/phys_port_name", "pf0vf0\n")
    test("PF: a representor is not a PF", [pf["name"] for pf in report(host)[1]["pfs"]], ["enp1s0"])
    keys = ("driver", "pci", "pci_id", "up", "vfs", "max_vfs", "eswitch")
    shown = [report(new_host())[1]["pfs"][0][key] for key in keys]
    test("PF: its report", shown, ["igb", "0000:01:00.0", "8086:10c9", True, 2, 7, "unknown"])


# --- a verdict for each VF -----------------------------------------------------------------------------------------


def vfs():
    def findings(change, *guests, answers=True):
        host = daemon_host({})
        made_host.add_pf(host, name="enp2s0", pci="02")
        host.drivers["enp2s0"].vfs[0]["mac"] = "52:54:00:00:00:20"
        if answers:
            add_guests(host, *guests)
        change(host)
        status, made = report(host)
        return status, [(one["finding"], one["vfs"], one["commands"]) for one in made["pfs"][0]["findings"]]

    def sets(vf, **has):
        return lambda host: host.driver.vfs[vf].update(has)

    clear = ["ip link set dev enp1s0 vf 1 vlan 0"]
    leftover = 1, [("vlan-without-guest", [1], clear)]
    runs, stopped = ("a", True, HOSTDEV, 1, None), ("a", False, HOSTDEV, 1, None)
    test("VF: nothing is wrong", findings(sets(0)), (0, []))
    test("VF: 02:00:00:00:00:00", findings(sets(1, mac="02:00:00:00:00:00")),
         (1, [("fallback-mac", [1], ["ip link set dev enp1s0 vf 1 mac MAC"])]))
    test("VF: 02:00:00:00:00:00 under a running guest: its MAC", findings(sets(1, mac="02:00:00:00:00:00"), runs),
         (1, [("fallback-mac", [1], ["ip link set dev enp1s0 vf 1 mac 52:54:00:00:00:99"])]))
    test("VF: a MAC that two VFs have", findings(sets(1, mac=made_host.MAC))[1][0][:2], ("same-mac", [0, 1]))
    test("VF: a MAC that a VF of another PF has", findings(sets(1, mac="52:54:00:00:00:20"))[1][0][:2],
         ("same-mac", [1]))
    test("VF: no made_host.MAC is no made_host.MAC that two have", findings(sets(0, mac="00:00:00:00:00:00")), (0, []))
    test("VF: a VLAN without a guest", findings(sets(1, vlan=42)), leftover)
    test("VF: a priority without a guest", findings(sets(1, qos=3)), leftover)
    test("VF: 802.1ad without a guest", findings(sets(1, vlan=5, protocol=0x88A8)), leftover)
    test("VF: a VLAN, and its guest is stopped", findings(sets(1, vlan=42), stopped), leftover)
    test("VF: a VLAN under a running guest", findings(sets(1, vlan=42), runs), (0, []))
    for name, device in (("macvtap", made_host.DIRECT), ("a PCI device", made_host.DEVICE)):
        found = findings(sets(1, vlan=42), ("a", True, device, 1, None))
        test(f"VF: a VLAN under a running guest, {name}", found, (0, []))
    test("VF: a VLAN, and virsh does not answer", findings(sets(1, vlan=42), answers=False), (0, []))
    test("VF: 4095 is no VLAN (mlx4, qlcnic)", findings(sets(1, vlan=4095)), (0, []))


# --- the guests that this host has ---------------------------------------------------------------------------------

# The driver, its PF, the guests, the daemon, the status of the PF, words of the advice.
WITHOUT, NAMES = ("plain", True, HOSTDEV, 0, None), ("tagged", False, HOSTDEV, 0, 42)
SWITCHDEV = {"driver": "mlx5_core", "pci_id": "15b3:1017", "eswitch": "switchdev"}
OCTEON = {"driver": "octeon_ep"}
GUESTS = [
    ("no VLANs, a guest", OCTEON, [WITHOUT], {}, "action", "turn its preload on for libvirtd"),
    ("no VLANs, a guest, and libvirt does not call it", OCTEON, [WITHOUT], on(calls=()), "action", "see the daemon"),
    ("no VLANs, a guest, the preload is on", OCTEON, [WITHOUT], on(), "ok", None),
    ("no VLANs, no guest on its VFs", OCTEON, [("else", True, HOSTDEV.replace("0x01", "0x05"), 0, 42)], {}, "ok", None),
    ("no VLANs, a guest that names one", OCTEON, [NAMES], on(), "action", "take <vlan> out of: tagged"),
    ("switchdev, a guest without a VLAN", SWITCHDEV, [WITHOUT], {}, "ok", None),
    ("switchdev, a guest that names one, not started yet", SWITCHDEV, [NAMES], {}, "action", "out of: tagged"),
    ("switchdev, the VLAN is the network's", SWITCHDEV, [("p", False, made_host.POOL, 1, None)], {}, "action", "of: p"),
    ("switchdev, a group without a VLAN", SWITCHDEV, [("p", False, made_host.POOL, 0, None)], {}, "ok", None),
    ("ordinary, a guest that names one", {}, [NAMES], {}, "ok", None),
]


def guests():
    for name, pf, has, special, status, words in GUESTS:
        host = daemon_host(special, **pf)
        add_guests(host, *has)
        seen = report(host)[1]["pfs"][0]
        said = (words in seen["advice"]) if words and seen["advice"] else seen["advice"] is words
        test(f"guests: {name}", (seen["status"], said), (status, True))
    host = daemon_host({"running": False}, **OCTEON)
    add_guests(host, WITHOUT)
    test("guests: no daemon runs: virsh is not run, for it would start one", report(host)[1]["guests"], None)
    host = daemon_host({"name": "virtlxcd"}, **OCTEON)
    add_guests(host, WITHOUT, connection="lxc:///system")
    test("guests: of another driver", [guest["name"] for guest in report(host)[1]["guests"]], ["plain"])


# --- daemons -------------------------------------------------------------------------------------------------------

DELETED, COPY = made_host.LIBRARY + " (deleted)", "/opt/libvirnetdevvf.so.0"
PRELOADED = {"files": {"/etc/ld.so.preload": made_host.LIBRARY + "\n"}, "environ": "A=b\0"}
DAEMONS = [
    # What is special about the daemon, the state, the exit status, words of the verdict or the advice.
    ("off", {}, "not-in-use", 0, "libvirt's own functions"),
    ("off, too old", {"version": "7.0.0"}, "not-in-use", 0, "needs libvirt 8.1"),
    ("off, another library's setting", {"switch": 'LD_PRELOAD="libother.so"\n'}, "not-in-use", 0, ""),
    ("on", on(), "in-use", 0, "uses libvirnetdevvf"),
    ("on, the first libvirt with these functions", on(version="8.1.0"), "in-use", 0, ""),
    ("on, the last that was tested", on(version="12.8.0"), "in-use", 0, "uses libvirnetdevvf"),
    ("off, newer than tested", {"version": "12.9.0"}, "not-in-use", 0, "newer than tested (12.8)"),
    ("on, newer than tested", on(version="13.0.0"), "in-use", 0, "newer than tested (12.8)"),
    ("on, beside another library", on(switch="LD_PRELOAD='libother.so:libvirnetdevvf.so.0'\n"), "in-use", 0, ""),
    ("on, by Environment=", on(switch=None, Environment="A=b LD_PRELOAD=libvirnetdevvf.so.0"), "in-use", 0, ""),
    ("on, by /etc/ld.so.preload", {"loaded": made_host.LIBRARY, **PRELOADED}, "in-use", 0, ""),
    ("on, a modular daemon", on(name="virtqemud"), "in-use", 0, ""),
    ("on, in a snap or a container", on(supervised=False), "in-use", 0, ""),
    ("on, not running", {"switch": ON, "running": False}, "after-restart", 0, "when it starts"),
    ("turned on, not restarted", {"switch": ON}, "after-restart", 1, "systemctl restart libvirtd"),
    ("turned on by /etc/ld.so.preload, not restarted", PRELOADED, "after-restart", 1, "systemctl restart"),
    ("the library was upgraded", on(loaded=DELETED), "after-restart", 1, "the file was replaced or removed"),
    ("on, by its path", on(loaded=COPY, switch=f"LD_PRELOAD=libother.so:{COPY}\n"), "in-use", 0, ""),
    ("the dynamic linker could not load it, by its path", {
        "switch": f"LD_PRELOAD=libother.so:{COPY}\n", "environ": f"LD_PRELOAD=libother.so:{COPY}\0"}, "wrong", 1,
     "journal"),
    ("in a container with an ld.so.preload of its own", {
        "supervised": False, "loaded": COPY, "environ": "A=b\0", "library": False, "switch": None,
        "files": {"/proc/812/root/etc/ld.so.preload": COPY}}, "in-use", 0, ""),
    ("in a container, beside the host's ld.so.preload", {
        "supervised": False, "switch": None, "files": {"/etc/ld.so.preload": made_host.LIBRARY}}, "not-in-use", 0, ""),
    ("turned off, not restarted", {"loaded": made_host.LIBRARY}, "until-restart", 1, "systemctl restart libvirtd"),
    ("too old", {"switch": ON, "version": "8.0.0"}, "wrong", 1, "before 8.1"),
    ("loaded, and libvirt does not call it", on(calls=()), "wrong", 1, "-Bsymbolic-functions"),
    ("the dynamic linker could not load it", {"switch": ON, "environ": ON.strip() + "\0"}, "wrong", 1, "journal"),
    ("no library", {"switch": ON, "library": False}, "wrong", 1, "finds no libvirnetdevvf.so.0"),
    ("systemd does not read the setting", {"switch": ON, "EnvironmentFiles": ""}, "wrong", 1, "daemon-reload"),
    ("systemd has not read a file", {"switch": ON, "running": False, "NeedDaemonReload": "yes"}, "wrong", 1, "reload"),
    ("a user who may not read maps", {"forbidden": ["/proc/812/maps"]}, None, 2, "run this as root"),
]


def daemons():
    for name, special, state, status, words in DAEMONS:
        found_status, made = report(daemon_host(special))
        found = made["daemons"][0]
        test(f"daemon: {name}: {state}, exit status {status}", (found["state"], found_status), (state, status))
        said = words in f"{found['verdict']} {found['advice']}"
        test(f"daemon: {name}: says so, and what to do only if there is something",
             (said, found["advice"] is not None or status != 1), (True, True))
    states = {state for _, _, state, *_ in DAEMONS if state}
    test("daemon: each state was met, and is in the manual", states, made_host.documented("States of a daemon"))
    test("daemon: five states", len(states), 5)

    alone = report(daemon_host({"supervised": False, "switch": None}))[1]["daemons"][0]
    test("daemon: in a snap or a container: judged by its process", (alone["pid"], alone["unit"], alone["version"],
         alone["state"]), (812, None, "9.0.0", "not-in-use"))
    made = report(daemon_host(on(supervised=False, loaded=DELETED)))[1]["daemons"][0]
    test("daemon: in a snap or a container: no systemctl restart", "not with systemctl" in made["advice"], True)
    masked = daemon_host({"running": False, "LoadState": "masked"})
    test("daemon: masked, as beside modular daemons: none", report(masked)[1]["daemons"], [])
    absent = daemon_host({"running": False, "supervised": False})
    test("daemon: none", report(absent)[1]["daemons"], [])
    host = daemon_host({"version": "11.3.0"})
    host.commands["libvirtd", "--version"] = "libvirtd (libvirt) 12.0.0\n"
    test("daemon: the process's own version, not its file's", report(host)[1]["daemons"][0]["version"], "11.3.0")
    build = (made_host.TOP / "packaging/preload/meson.build").read_text()
    listed = re.search(r"foreach daemon : \[(.*?)\]", build, re.DOTALL)[1]
    test("daemons: those that Meson has drop-ins for", sorted(check.DAEMONS), sorted(re.findall(r"'(\w+)'", listed)))
    for bits64, order in ((True, "<"), (True, ">"), (False, "<"), (False, ">")):
        file = made_host.elf("malloc", "virNetDevSetVfConfig", bits64=bits64, order=order)
        test(f"ELF: {64 if bits64 else 32} bits, {order}", check.dynamic_relocations(file),
             {b"malloc", b"virNetDevSetVfConfig"})
    host = daemon_host(on())
    host.write("/proc/812/root" + made_host.LIBVIRT + "9000.0", "no ELF")
    made_host.replace(host, "/proc/812/root" + made_host.LIBVIRT + "9000.0", b"\x7fELF")
    test("ELF: a file that cannot be read leaves it open", report(host)[1]["daemons"][0]["called"], None)
    host.forbidden = {made_host.SWITCH}
    test("daemon: what this user may not read is said", report(host)[1]["not_seen"], [made_host.SWITCH])


def text():
    lines = made_host.command(daemon_host(on(), driver="octeon_ep"))[1].splitlines()
    test("text: a line for the PF", "PF enp1s0: driver octeon_ep, PCI 0000:01:00.0 [8086:10c9], up, "
         "eswitch mode unknown, 2 of at most 7 VFs" in lines, True)
    test("text: a line for the daemon", "libvirtd: libvirt 9.0.0, process 812" in lines, True)


if __name__ == "__main__":
    pfs()
    vfs()
    guests()
    daemons()
    text()
    made_host.tap.done_testing()
