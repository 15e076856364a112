"""Does on a booted Debian what docs/operator.md tells an operator, with guests on a VF at each step; TAP.

usage: host.py RELEASE ROOT JOB WORK PAGE some|all

RELEASE: 12 or 13. ROOT: the directory that root.sh printed. JOB: the directory that the host mounts at /job, with debs
and newer (Debian's packages, and the same with a higher version), dpu.ko, in_host.py, in_machine.py and
virnetdevvf-check.py. PAGE: docs/operator.md.
"""
import json
import pathlib
import sys

import judge
import outcomes
from machine import Host
from operator_page import commands

ALL = list(dict.fromkeys(f"{row['hypervisor']} {row['interface']} {row['kind']} {row['VLAN']}"
                         for row in outcomes.ROWS if "host" in row["suites"].split()))
# With `some`: each interface with and without a VLAN on both extremes, and each kind once.
SOME = [*(case for case in ALL if case.split()[2] in ("ordinary", "refuses-both")),
        "qemu hostdev grants-clear 42", "lxc direct switchdev 42"]
STOCK = ["lxc direct refuses-both none", "qemu direct refuses-both none", "qemu hostdev refuses-both 42"]
SETTING = "/etc/default/libvirnetdevvf-preload"
# Started before a step and stopped after it.
ACROSS = "qemu hostdev ordinary 42"


class Operator:
    """The host, and what its operator does on it."""

    def __init__(self, host, tap, page):
        self.host, self.tap, self.page = host, tap, page
        self.guests = []

    def follow(self, section, number, directory="/root"):
        """Runs a block of the page, which must succeed."""
        script = commands(self.page, section)[number]
        status, output = self.host.run(f"set -e\ncd {directory}\n{script}")
        self.tap.test(f"operator.md, '{section}', block {number + 1} works", status == 0, f"{script}\n{output}")
        return output

    def check(self, when, state, status, *findings, **daemon):
        """virnetdevvf-check's JSON. While the package is not installed, the program is that of this tree."""
        _, output = self.host.run("$(command -v virnetdevvf-check || echo python3 /job/virnetdevvf-check.py) --json")
        report = json.loads(output)
        libvirtd, pf = report["daemons"][0], report["pfs"][0]
        seen = {"status": report["status"], "pfs": len(report["pfs"]), "kinds": pf["kinds"],
                "findings": [finding["finding"] for finding in pf["findings"]], "daemons": len(report["daemons"]),
                "name": libvirtd["name"], "state": libvirtd["state"], **{key: libvirtd[key] for key in daemon}}
        expected = {"status": status, "pfs": 1, "kinds": ["ordinary"], "findings": list(findings), "daemons": 1,
                    "name": "libvirtd", "state": state, **daemon}
        self.tap.test(f"{when}: virnetdevvf-check says {state}, {status}", seen == expected, f"{output}\n{expected}")

    def guest(self, what, case=""):
        output = self.host.must(f"python3 /job/in_host.py {what} {case}")
        return json.loads(output) if output else None

    def daemon_has(self, wanted, when):
        """Starts the daemon if it is idle. Whether it has the library mapped, from the file that is installed."""
        self.host.must("virsh -q list >/dev/null")
        maps = self.host.must("cat /proc/$(pidof libvirtd)/maps")
        lines = [line for line in maps.splitlines() if "libvirnetdevvf" in line]
        holds = bool(lines) == wanted and not any("(deleted)" in line for line in lines)
        self.tap.test(f"{when}: libvirtd {'has' if wanted else 'does not have'} the library", holds, "\n".join(lines))
        profile = self.host.must("cat /proc/$(pidof libvirtd)/attr/current").strip()
        self.tap.test(f"{when}: libvirtd runs in its AppArmor profile", profile == "libvirtd (enforce)", profile)

    def daemon_has_deleted(self, when):
        maps = self.host.must("grep libvirnetdevvf /proc/$(pidof libvirtd)/maps || true")
        self.tap.test(f"{when}: until the restart libvirtd has the old file", "(deleted)" in maps, maps)

    def nothing_denied(self, when):
        """Also while packages are installed and the daemon restarts, not only while a guest starts and stops."""
        denied = self.host.must("dmesg | grep 'apparmor=\"DENIED\"' || true")
        self.tap.test(f"{when}: AppArmor has denied nothing since the boot", denied == "", denied)

    def seen(self, case, preloaded):
        self.guests.append(judge.for_table(case, preloaded))
        return case

    def stock(self, cases, when):
        for case in cases:
            judge.judge_stock(self.tap, self.seen(self.guest("case", case), False), when)

    def preloaded(self, cases):
        for case in cases:
            judge.judge_preloaded(self.tap, self.seen(self.guest("case", case), True))

    def qemu(self):
        return self.host.must("pidof qemu-system-x86_64").strip()


def way(operator, cases, stock_cases):
    """From stock libvirt to the library, and back to stock libvirt."""
    host, tap = operator.host, operator.tap
    libraries = "find /usr/lib /lib -name 'libvirnetdevvf*' | sort"
    tap.test("AppArmor is on", host.run("aa-enabled")[1].strip() == "Yes")
    before = host.must("dpkg-query -W | sort; find /etc /usr /var/lib/dpkg/info -xdev | sort")

    operator.guest("setup")
    operator.daemon_has(False, "stock")
    operator.check("stock", "not-in-use", "ok", configured=None, loaded=False)
    operator.stock(stock_cases, "stock")
    operator.check("stock, after those guests", "not-in-use", "action", "fallback-mac")

    operator.guest("start", ACROSS)
    process = operator.qemu()
    operator.follow("Debian: install it and turn it on", 0, "/job/debs")
    operator.daemon_has(False, "installed")
    operator.check("installed", "not-in-use", "ok", configured=None, loaded=False)
    operator.follow("Debian: install it and turn it on", 1)
    tap.test("turned on: a guest that runs is not touched", operator.qemu() == process)
    output = operator.follow("See that it is in use", 0)
    tap.test("turned on: operator.md's command says so", "libvirtd uses libvirnetdevvf" in output, output)
    operator.check("turned on", "in-use", "ok", configured=SETTING, loaded_is_current=True, called=True)
    operator.daemon_has(True, "turned on")
    operator.follow("See that it is in use", 1)
    judge.judge_preloaded(tap, operator.guest("stop"), inherited=False)
    operator.preloaded(cases)

    operator.guest("start", ACROSS)
    process = operator.qemu()
    operator.follow("Upgrade", 0, "/job/newer")
    operator.daemon_has_deleted("upgraded")
    operator.check("upgraded", "after-restart", "action", loaded_is_current=False)
    operator.follow("Upgrade", 1)
    operator.daemon_has(True, "upgraded")
    tap.test("upgraded: it is the new version", "+upgrade" in host.must("dpkg-query -W libvirnetdevvf0"))
    tap.test("upgraded: a guest that runs is not touched", operator.qemu() == process)
    judge.judge_preloaded(tap, operator.guest("stop"))

    operator.nothing_denied("before the reboot")
    host.reboot()
    operator.guest("setup")
    operator.daemon_has(True, "rebooted")
    operator.preloaded(["lxc direct refuses-both none"])

    operator.follow("Turn it off, remove it", 0)
    operator.daemon_has(False, "turned off")
    operator.check("turned off", "not-in-use", "ok", configured=None, loaded=False)
    operator.stock(["lxc direct refuses-both none"], "turned off")

    # On again, so that it is removed while it is in use.
    operator.follow("Debian: install it and turn it on", 1)
    operator.daemon_has(True, "turned on again")
    operator.follow("Turn it off, remove it", 1)
    operator.daemon_has_deleted("removed")
    # The last guest ran with stock libvirt, which left the VF at the fallback MAC.
    operator.check("removed", "until-restart", "action", "fallback-mac", loaded_is_current=False)
    judge.judge_preloaded(tap, operator.guest("case", ACROSS), inherited=False)
    lines = host.must("grep 'cannot be preloaded' /var/log/libvirt/qemu/guest.log || true")
    tap.test("removed: until the restart a guest's log has the dynamic linker's line", lines.count("\n") == 1, lines)
    operator.follow("Turn it off, remove it", 2)
    operator.daemon_has(False, "removed")
    operator.check("removed and restarted", "not-in-use", "ok", configured=None, loaded=False)
    tap.test("removed: the library is gone", host.must(libraries) == "", host.must(libraries))
    tap.test("removed: the setting stays, as it was", host.run(f"grep -q ^LD_PRELOAD= {SETTING}")[0] == 0)
    operator.follow("Turn it off, remove it", 3)
    after = host.must("dpkg-query -W | sort; find /etc /usr /var/lib/dpkg/info -xdev | sort")
    left = sorted(set(after.splitlines()) ^ set(before.splitlines()))
    tap.test("purged: nothing is left", not [line for line in left if "virnetdevvf" in line], "\n".join(left))
    operator.stock(["qemu hostdev refuses-both none"], "purged")

    operator.nothing_denied("after the reboot")


def play(operator):
    """The Ansible play: no guest needs the library (igb); "no" is a need; after a removal the setting stays."""
    host, tap = operator.host, operator.tap
    text = (operator.page.parents[1] / "packaging/ansible/virnetdevvf.yml").read_text()
    host.must("mkdir -p /root/play && cp -r /job/debs /job/virnetdevvf-check.py /root/play")
    host.must(f"cat >/root/play/play.yml <<'PLAY'\n{text}PLAY")
    host.must("printf '[hypervisors]\\nlocalhost ansible_connection=local\\n' >/root/play/hosts")
    run = "cd /root/play && LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 ansible-playbook -i hosts play.yml"
    status, output = host.run(run)
    left = status == 0 and "you do not need the library" in output and host.run("ls /root/virnetdevvf")[0] != 0
    tap.test("Ansible: it asks first, and leaves a host that does not need the library", left, output)
    run += """ -e '{"needs": ["no"]}'"""
    for when in ("", ", removed"):
        status, output = host.run(run)
        tap.test(f"Ansible{when}: the play works, and what it asserts",
                 status == 0 and "The daemon uses the library" in output, output)
        operator.daemon_has(True, f"Ansible{when}")
        status, output = host.run(run)
        tap.test(f"Ansible{when}: played again, it changes nothing", status == 0 and "changed=0" in output, output)
        host.must("apt-get -y remove libvirnetdevvf-preload libvirnetdevvf0 && systemctl restart libvirtd")


def main():
    release, root, job, work, page, how = sys.argv[1:]
    tap = judge.Tap(f"Debian {release}")
    with Host(pathlib.Path(root), pathlib.Path(work), pathlib.Path(job)) as host:
        print(f"# {host.must('echo $(uname -r; libvirtd --version)').strip()}")
        operator = Operator(host, tap, pathlib.Path(page))
        way(operator, ALL if how == "all" else SOME, ALL if how == "all" else STOCK)
        if release == "13":
            play(operator)
    if how == "all":
        outcomes.complete(tap.test, "host", operator.guests[0]["libvirt"], operator.guests)
    judge.done_testing()


if __name__ == "__main__":
    main()
