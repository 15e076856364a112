"""The modular daemons on a booted Debian 12: virtqemud, virtlxcd and virtnetworkd, each started by its socket, with
guests on a VF; TAP.

usage: modular.py ROOT JOB WORK PAGE

ROOT: the directory that root.sh printed. JOB: the directory that the host mounts at /job, with modular.tar (made by
modular.sh), debs, dpu.ko, in_host.py and in_machine.py. PAGE: docs/operator.md; its commands run with the names of
these daemons.
"""
import json
import pathlib
import sys

import judge
from host import ALL, Operator
from machine import Host

TURN_ON, IN_USE, OFF = "Debian: install it and turn it on", "See that it is in use", "Turn it off, remove it"
CASES = [case for case in ALL if case.split()[2] in ("ordinary", "refuses-both")]
STOCK = ["lxc direct refuses-both none", "qemu hostdev refuses-both 42"]
POOL = "<network><name>pool</name><forward mode='{}' managed='yes'><pf dev='enp1s0'/></forward></network>"


class Daemon(Operator):
    """One of the daemons; Operator is libvirtd."""

    def __init__(self, host, tap, page, work, name, request, profile):
        # The page says libvirtd. virsh by itself asks virtqemud.
        text = page.read_text().replace("libvirtd", name).replace("virsh -q list", request)
        adapted = work / f"{name}.md"
        adapted.write_text(text)
        super().__init__(host, tap, adapted)
        self.name, self.request, self.profile = name, request, profile

    def guest(self, what, case=""):
        output = self.host.must(f"DAEMON_LOG=/var/log/libvirt/{self.name}.log python3 /job/in_host.py {what} {case}")
        return json.loads(output) if output else None

    def daemon_has(self, wanted, when):
        """systemd starts the daemon by its socket. Reads the process's maps."""
        active = f"systemctl is-active {self.name}.service {self.name}.socket || true"
        states = self.host.must(f"systemctl stop {self.name}.service 2>/dev/null; {active}").split()
        self.tap.test(f"{when}: {self.name} is stopped, and its socket listens",
                      states == ["inactive", "active"], states)
        self.host.must(f"{self.request} >/dev/null")
        lines = self.host.must(f"grep libvirnetdevvf /proc/$(pidof {self.name})/maps || true")
        self.tap.test(f"{when}: {self.name}, started by its socket, {'has' if wanted else 'does not have'} the library",
                      bool(lines) == wanted and "(deleted)" not in lines, lines or "none")
        profile = self.host.must(f"cat /proc/$(pidof {self.name})/attr/current").strip()
        self.tap.test(f"{when}: {self.name} is {self.profile}, as upstream has it", profile == self.profile, profile)


def pool(host, mode):
    """Gives the host a network that is a pool of the PF's VFs."""
    virsh = "virsh -q -c network:///system"
    host.must(f"{virsh} net-list --name | grep -qx pool && {virsh} net-destroy pool; set -e\n"
              f"cat >/tmp/pool.xml <<'END'\n{POOL.format(mode)}\nEND\n"
              f"{virsh} net-create /tmp/pool.xml")


def judge_hostdev_pool(tap, case, when):
    """Such a guest does not start under AppArmor, nor with stock libvirt; the VF must have its former state again."""
    seen = judge.seen_of(case)
    title = f"{case['case']} of a hostdev pool, {when}:"
    tap.test(f"{title} does not start, for AppArmor denies /dev/vfio",
             not case["starts"] and "/dev/vfio/" in case["error"] and bool(case["denied"])
             and all('name="/dev/vfio/' in line for line in case["denied"]), seen)
    tap.test(f"{title} afterwards the VF is as it was", case["after"] == judge.AS_IT_WAS, seen)


def judge_passthrough_pool(tap, case):
    seen = judge.seen_of(case)
    title = f"{case['case']} of a passthrough pool, preloaded:"
    tap.test(f"{title} starts and stops", case["starts"] and case["stops"], seen)
    running = {"mac": judge.GUEST, "admin": judge.GUEST, "vlan": 0}
    tap.test(f"{title} the guest has its MAC", case["running"] == running, seen)
    tap.test(f"{title} AppArmor denies nothing", not case["denied"], "\n".join(case["denied"]))
    tap.test(f"{title} the daemon's log shows the library's requests", bool(case["requests"]), case["log"])


def install(host):
    """Replaces libvirtd, as on a distribution that has the modular daemons."""
    host.must("""set -e
        systemctl mask --now libvirtd.service libvirtd{,-ro,-admin,-tcp,-tls}.socket
        systemctl stop virtlogd{,-admin}.socket virtlockd{,-admin}.socket virtlogd.service virtlockd.service
        tar -C / --no-overwrite-dir -xf /job/modular.tar
        ldconfig
        systemctl daemon-reload
        systemctl reload apparmor
        systemctl enable --now virt{qemud,lxcd,networkd}.socket""")


def main():
    root, job, work, page = (pathlib.Path(argument) for argument in sys.argv[1:])
    tap = judge.Tap("modular daemons")
    with Host(root, work, job) as host:
        qemu, lxc, network = daemons = [
            Daemon(host, tap, page, work, "virtqemud", "virsh -q -c qemu:///system list", "virtqemud (enforce)"),
            Daemon(host, tap, page, work, "virtlxcd", "virsh -q -c lxc:///system list", "unconfined"),
            Daemon(host, tap, page, work, "virtnetworkd", "virsh -q -c network:///system net-list", "unconfined")]
        of = {"qemu": qemu, "lxc": lxc}
        install(host)
        print(f"# {host.must('echo $(uname -r; virtqemud --version)').strip()}")
        qemu.guest("setup")

        for daemon in daemons:
            daemon.daemon_has(False, "stock")
        for case in STOCK:
            of[case.split()[0]].stock([case], "stock")
        pool(host, "hostdev")
        judge_hostdev_pool(tap, qemu.guest("case", "qemu network ordinary none"), "stock")

        qemu.follow(TURN_ON, 0, "/job/debs")
        for daemon in daemons:
            daemon.follow(TURN_ON, 1)
        for daemon in daemons:
            output = daemon.follow(IN_USE, 0)
            tap.test(f"turned on: operator.md's command says so of {daemon.name}",
                     f"{daemon.name} uses libvirnetdevvf" in output, output)
            daemon.follow(IN_USE, 1)
            daemon.daemon_has(True, "turned on")
        for case in CASES:
            of[case.split()[0]].preloaded([case])
        pool(host, "hostdev")
        for vlan in ["none", "42"]:
            judge_hostdev_pool(tap, qemu.guest("case", f"qemu network ordinary {vlan}"), "preloaded")
        pool(host, "passthrough")
        judge_passthrough_pool(tap, lxc.guest("case", "lxc network refuses-both none"))
        denied = host.must("dmesg | grep 'apparmor=\"DENIED\"' | grep -v /dev/vfio || true")
        tap.test("AppArmor has denied nothing but the hostdev pools' /dev/vfio", denied == "", denied)

        for daemon in daemons:
            daemon.follow(OFF, 0)
            daemon.daemon_has(False, "turned off")
    judge.done_testing()


if __name__ == "__main__":
    main()
