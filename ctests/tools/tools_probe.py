#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Unit tests of virnetdevvf-check --probe and --card, its options and its JSON, on simulated hosts; TAP."""
import errno
import os
import re
import signal

import made_host
from made_host import MAC, NO_MAC, Link, check, command, daemon_host, new_host, on, replace, report, test

NONE = [(0, 0, 0)]
TRIED = [*NONE, (0, 4094, 0)]
CLEARED = [*TRIED, (0, 0, 0)]
PROBES = [
    # What the driver answers to a clear and a set, the VLAN that the VF has, the kinds, the requests that were sent.
    ((0, 0), 0, ["ordinary"], CLEARED),
    ((0, errno.EPERM), 0, ["grants-clear"], TRIED),
    ((errno.EPERM, errno.EPERM), 0, ["refuses-both"], NONE),
    ((0, errno.EOPNOTSUPP), 0, ["switchdev"], TRIED),
    ((0, errno.EPROTONOSUPPORT), 0, ["switchdev"], CLEARED),
    ((errno.EOPNOTSUPP, errno.EOPNOTSUPP), 0, ["no-vlans"], NONE),
    ((errno.EPROTONOSUPPORT, errno.EPROTONOSUPPORT), 0, ["no-vlans"], NONE),
    ((524, 524), 0, ["no-vlans"], NONE),
    ((errno.EAGAIN, errno.EAGAIN), 0, ["in-reset"], NONE),
    ((0, errno.EAGAIN), 0, ["in-reset"], CLEARED),
    ((0, errno.EBUSY), 0, ["in-reset"], CLEARED),
    ((errno.EINVAL, errno.EINVAL), 0, [], NONE),
    # The kernel or the firmware lost the answer: the VLAN may have been set.
    *(((0, getattr(errno, lost)), 0, [], CLEARED)
      for lost in "EINVAL EIO ETIMEDOUT EBADMSG ENOBUFS ENOMEM ENXIO EACCES".split()),
    ((0, 0), 42, ["ordinary"], [(0, 42, 3)]),
    ((0, errno.EPERM), 42, ["grants-clear", "refuses-both"], [(0, 42, 3)]),
    ((0, errno.EOPNOTSUPP), 42, ["switchdev", "no-vlans"], [(0, 42, 3)]),
    ((0, errno.EBUSY), 42, ["in-reset"], [(0, 42, 3)]),
    # qlcnic lists 4095 for no VLAN, and accepts it.
    ((0, 0), 4095, ["ordinary"], [*CLEARED, (0, 4095, 0)]),
]


def probed(change, *arguments, special=None, **pf):
    """(exit status, the report, the driver)."""
    host = new_host(**pf) if special is None else daemon_host(special, **pf)
    change(host)
    return *report(host, *(arguments or ("--probe", "enp1s0", "0"))), host.driver


def probes():
    for (clear, vlan), has, kinds, requests in PROBES:
        for applies in (False, True):
            # Refused for certain: these have no effect.
            if applies and (has or {clear, vlan} & {errno.EPERM, errno.EOPNOTSUPP}):
                continue

            def change(host, has=has, answers=(clear, vlan, applies)):
                host.driver.vfs[0].update(vlan=has, qos=3 if has == 42 else 0)
                host.driver.clear, host.driver.set, host.driver.applies = answers
            _, made, driver = probed(change)
            found = made["probe"]
            name = f"probe: clear {check.errno_name(clear)}, set {check.errno_name(vlan)}, VLAN {has}"
            name += ", refused and applied" if applies else ""
            test(name + f": {' or '.join(kinds) or 'no kind'}", (found["kinds"], driver.requests), (kinds, requests))
            test(name + ": the VF is as before", driver.vfs[0]["vlan"], has)
            test(name + ": the PF's verdict is of this kind", made["pfs"][0]["kinds"],
                 kinds or check.expected_kinds(made["pfs"][0]))

    def lists_4095(host):
        host.driver.no_vlan = host.driver.vfs[0]["vlan"] = 4095
        host.driver.set = errno.EPERM
    _, made, driver = probed(lists_4095)
    found = made["probe"]
    test("probe: a clear leaves 4095 listed (mlx4)", (found["kinds"], found["restored"], driver.requests),
         (["grants-clear"], True, CLEARED))

    def down(host):
        host.driver.clear, host.driver.up = errno.EINVAL, False
    test("probe: the PF is down", probed(down)[1]["probe"]["kinds"], ["pf-down"])

    def leaves_the_list(host):
        real = host.driver.ask

        def reset(*request):
            host.driver.unlisted.add(0)
            return real(*request)
        host.driver.clear, host.driver.ask = errno.EINVAL, reset
    test("probe: EINVAL, and the VF leaves the list (ice)", probed(leaves_the_list)[1]["probe"]["kinds"], ["in-reset"])
    # With the preload off there is something to do on a DPU; with it on, there is not.
    for special, kind, status in [({}, "off", 1), (on(), "on", 0)]:
        found = probed(lambda host: vars(host.driver).update(clear=errno.EPERM), special=special, driver="mlx5_core")[0]
        test(f"probe: a DPU, the preload {kind}: exit status {status}", found, status)
    found = probed(lambda host: vars(host.driver).update(clear=errno.EPERM))[1]["probe"]["verdict"]
    test("probe: EPERM has possible causes", all(word in found for word in ("a DPU", "try a second VF")), True)

    def keeps_it(host):
        host.driver.set = errno.EIO
        host.driver.applies = True
        real = host.driver.ask

        def late(kind, payload):
            if host.driver.vfs[0]["vlan"]:
                host.driver.applies, host.driver.clear = False, errno.EAGAIN
            return real(kind, payload)
        host.driver.ask = late
    def drops_it(host):
        host.driver.vfs[0]["vlan"] = 42
        real, host.driver.refused = host.driver.ask, 0

        def ask(kind, payload):
            host.driver.refused += 1
            if host.driver.refused > 1:
                return real(kind, payload)
            host.driver.vfs[0]["vlan"] = 0
            return errno.ENOSPC
        host.driver.ask = ask
    _, made, driver = probed(drops_it)
    test("probe: a VLAN that is refused and dropped is set again", (made["probe"]["restored"], driver.vfs[0]["vlan"]),
         (True, 42))
    status, made, _ = probed(keeps_it)
    test("probe: not put back: says so", (made["probe"]["restored"], status), (False, 1))
    _, _, driver = probed(lambda host: host.driver.vfs[0].update(qos=3))
    test("probe: a priority without a VLAN stays", driver.requests, [(0, 0, 3)])


def refusals():
    vf, eth = "/sys/pci0000:00/0000:01:10.0", "/sys/class/net/enp1s0v0"

    def refused(name, words, change):
        for option in ("--probe", "--card"):
            status, made, driver = probed(change, option, "enp1s0", "0")
            found = made[option[2:]]
            test(f"{option}: refused: {name}", (words in found["verdict"], status, driver.requests), (True, 2, []))

    def elsewhere(host):
        os.unlink(host.path(vf + f"/net/{os.path.basename(eth)}/address"))
        os.rmdir(host.path(vf + f"/net/{os.path.basename(eth)}"))

    def passed_through(host):
        elsewhere(host)
        replace(host, vf + "/driver", Link("../../bus/pci/drivers/vfio-pci"))

    refused("the interface is up", "v0 is up", lambda host: replace(host, eth + "/flags", "0x1003\n"))
    refused("macvtap on it", "macvtap0 is on", lambda host: host.write(eth + "/upper_macvtap0", Link("../macvtap0")))
    refused("addresses", "has addresses", lambda host: host.addressed.add("enp1s0v0"))
    refused("its flags are not known", "is up", lambda host: os.unlink(host.path(eth + "/flags")))
    refused("vfio-pci", "its driver is vfio-pci", passed_through)
    refused("another network namespace", "another network namespace", elsewhere)
    refused("802.1ad", "one of 802.1ad", lambda host: host.driver.vfs[0].update(vlan=5, protocol=0x88A8))
    refused("no such VF", "has no VF 0", lambda host: host.driver.vfs.clear())
    refused("no CAP_NET_ADMIN", "CAP_NET_ADMIN",
            lambda host: replace(host, "/proc/self/status", "CapEff:\t000001ffffffefff\n"))
    for of in ("0 1000 1\n", "0 0 65536\n"):
        refused(f"a user namespace, {of.strip()}", "user namespace",
                lambda host, of=of: replace(host, "/proc/self/uid_map", of))
    status, made = report(new_host(), "--card", "lo", "0")
    test("--card: refused: no PF", (status, "is not an SR-IOV PF" in made["card"]["verdict"]), (2, True))
    status, made, driver = probed(lambda host: host.driver.vfs[0].update(vlan=42), "--card", "enp1s0", "0")
    test("--card: refused: it has a VLAN", (status, driver.requests), (2, []))

    def no_driver(host):
        elsewhere(host)
        os.unlink(host.path(vf + "/driver"))
    test("probe: a VF without a driver is free", probed(no_driver)[1]["probe"]["kinds"], ["ordinary"])


def cards():
    def carded(vf="0", **answers):
        status, made, driver = probed(lambda host: vars(host.driver).update(answers), "--card", "enp1s0", vf)
        return status, made["card"], driver

    status, card, driver = carded()
    row = card["row"]
    seen = status, row["kind"], card["differs"], card["restored"]
    test("card: igb: as in the source", seen, (0, "ordinary", [], True))
    test("card: igb: the VF is as before", (driver.vfs[0]["mac"], driver.vfs[0]["vlan"]), (MAC, 0))
    test("card: igb: its row", "\t".join(row.values()), "\t".join(
        "igb unknown 6.1.0-30-amd64 run ordinary 0 0 0 0 0 0 0 yes ? ? old ? ? ?".split()))
    test("card: what no column has", card["extra"], {
        "multicast": "EINVAL", "priority": "ok", "4095": "ok", "4096": "EINVAL", "no_such_vf": "EINVAL",
        "pci_id": "8086:10c9", "firmware": "1.2.3"})
    _, card, driver = carded(clear=errno.EPERM, set=errno.EPERM)
    test("card: refuses both: where it differs from the source", (card["row"]["kind"], card["differs"]), (
        "refuses-both", ["none: EPERM, in the source 0", "set: EPERM, in the source 0"]))
    _, card, driver = carded(refuses={check.TRIAL_MAC: errno.EACCES}, applies=True)
    test("card: a refused MAC that is listed", (card["row"]["mac"], card["row"]["lists"]), ("EACCES", "mac"))
    _, card, driver = carded(mac=errno.EACCES)
    test("card: a MAC that could not be set again is not taken away", (
        {mac for _, mac, *_ in driver.requests if isinstance(mac, str)}, driver.vfs[0]["mac"]), ({MAC}, MAC))
    _, card, driver = carded(set=errno.EIO, applies=True)
    test("card: a refused VLAN that is listed", (card["row"]["lists"], card["row"]["clear"]), ("vlan", "0"))
    _, card, driver = carded(vf="1", zero=errno.EINVAL)
    test("card: a VF without a MAC, and a zero MAC is refused: it gets none", (
        {mac for _, mac, *_ in driver.requests if isinstance(mac, str)}, card["row"]["mac"], card["row"]["same"]),
        ({NO_MAC}, "?", "?"))
    test("names: EOPNOTSUPP, which Python calls ENOTSUP, too", check.errno_name(errno.EOPNOTSUPP), "EOPNOTSUPP")
    _, card, driver = carded(vf="1")
    test("card: a VF without a MAC has none afterwards", driver.vfs[1]["mac"], NO_MAC)
    highest = max(vf for vf, *_ in driver.requests)
    test("card: a VF that is not there is asked for, and no other", highest, 2)


def signals():
    def mask():
        return signal.pthread_sigmask(signal.SIG_BLOCK, ())

    for option in ("--probe", "--card"):
        masks, before = [], mask()

        def remember(host, masks=masks):
            real = host.driver.ask
            host.driver.ask = lambda *request: masks.append(mask()) or real(*request)
        probed(remember, option, "enp1s0", "0")
        always = set.intersection(*map(set, masks))
        test(f"{option}: no signal ends it while a VF is changed", always - before,
             {signal.SIGHUP, signal.SIGINT, signal.SIGTERM})
        test(f"{option}: afterwards signals are not blocked", mask(), before)


def options():
    def keys_of(*arguments):
        host = daemon_host(on())
        host.driver.vfs[1]["mac"] = "02:00:00:00:00:00"
        made_host.add_guests(host, ("a", True, made_host.HOSTDEV, 0, 42))
        return set(made_host.keys(report(host, *arguments)[1]))

    found = keys_of("--probe", "enp1s0", "1") | keys_of("--card", "enp1s0", "1")
    test("JSON: its keys are those of the manual", sorted(key for key in found if not key.startswith("card.row.")),
         sorted(made_host.documented("JSON")))
    test("kinds: those of the manual", set(check.KINDS), made_host.documented("Kinds of device"))
    status, out = command(daemon_host({"forbidden": ["/proc/812/maps"]}))
    test("text: what this user may not read", (status, "(run as root): /proc/812/maps" in out), (2, True))
    out = command(daemon_host({"switch": made_host.ON}))[1]
    test("text: what to do", "What to do: systemctl restart libvirtd" in out, True)
    bare = {"library": False, "switch": None, "EnvironmentFiles": ""}
    host = daemon_host(bare, driver="octeon_ep", pci_id="177d:b900")
    made_host.add_guests(host, ("web", True, made_host.HOSTDEV, 0, None), ("db", False, made_host.HOSTDEV, 1, 42))
    host.driver.vfs[1]["mac"] = check.FALLBACK_MAC
    out = "".join(f"    {line}".rstrip() + "\n" for line in command(host)[1].splitlines())
    page = (made_host.TOP / "docs/man/virnetdevvf-check.8.rst").read_text(encoding="ascii")
    test("text: the example of the manual", out in page or out, True)
    host = daemon_host({"forbidden": ["/proc/812/maps"]})
    host.driver.vfs[0]["mac"] = check.FALLBACK_MAC
    status, out = command(host)
    test("exit status: something to do goes before not known", status, 1)
    test("text: the command that mends a VF", "      ip link set dev enp1s0 vf 0 mac MAC" in out.splitlines(), True)
    for wrong in ("--nonesuch", "more", "--js", "--probe eth0", "--probe eth0 x", "--probe eth0 -1", "--probe ../lo 0",
                  "--card eth0 x"):
        test(f"exit status 64: {wrong}", command(new_host(), *wrong.split())[0], 64)
    status, out = command(new_host(), "--help")
    test("--help: exit status 0", status, 0)
    test("--help: its options are the manual's", set(re.findall(r"^  (?:-h, )?(--[a-z-]+)", out, re.MULTILINE)),
         set(re.findall(r"^\*\*(?:-h\*\*, \*\*)?(--[a-z-]+)\*\*", page, re.MULTILINE)))
    test("--version", command(new_host(), "--version"), (0, f"virnetdevvf-check {check.VERSION}\n"))


probes()
refusals()
cards()
signals()
options()
made_host.tap.done_testing()
