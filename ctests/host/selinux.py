"""The preload under SELinux in enforcing mode, with Debian 12's policy, on a booted host; TAP.

usage: selinux.py ROOT JOB WORK PAGE

ROOT: the directory that `root.sh 12 selinux` printed. JOB: the directory that the host mounts at /job, with
libvirt.cil, debs, dpu.ko, in_host.py, in_machine.py. PAGE: docs/operator.md.

Debian's policy has a domain for libvirtd, virtd_t, but does not let it start a guest, with or without the library. So
the same guests are started twice: under Debian's policy, to check the daemon's requests to the PF, and with
libvirt.cil, which allows the rest.
"""
import json
import pathlib
import shlex
import sys

import judge
from host import Operator
from machine import Host

TURN_ON, IN_USE, OFF = "Debian: install it and turn it on", "See that it is in use", "Turn it off, remove it"
# No line of the kernel's log must be lost.
KERNEL = "selinux=1 security=selinux enforcing=0 audit_backlog_limit=65536"
SHELL = "unconfined_u:unconfined_r:unconfined_t:s0"
# The policy allows only files with the label of a module to be inserted.
FILES = "/usr/lib/modules/job"
FAIL = ["lxc direct ordinary none", "qemu hostdev ordinary 42"]
START = ["lxc direct refuses-both none", "qemu direct ordinary none", "qemu hostdev ordinary 42"]
REFUSED = "qemu direct refuses-both 42"


class Login:
    """The host, from the login shell of an administrator: the control service has another domain."""

    def __init__(self, host):
        self.host = host

    def run(self, script):
        return self.host.run(f"exec runcon {SHELL} bash -c {shlex.quote(script)}")

    def must(self, script):
        status, output = self.run(script)
        return output if status == 0 else self.host.die(f"{script}\n{output}ended with status {status}")


class Administrator(Operator):
    """Operator, under SELinux."""

    def guest(self, what, case=""):
        output = self.host.must(f"python3 {FILES}/in_host.py {what} {case}")
        return json.loads(output) if output else None

    def daemon_has(self, wanted, when):
        self.host.must("virsh -q list >/dev/null")
        lines = self.host.must("grep libvirnetdevvf /proc/$(pidof libvirtd)/maps || true")
        has = "has" if wanted else "does not have"
        self.tap.test(f"{when}: libvirtd {has} the library", bool(lines) == wanted, lines)
        label = self.host.must("tr -d '\\0' </proc/$(pidof libvirtd)/attr/current").strip()
        self.tap.test(f"{when}: libvirtd runs as virtd_t", label == "system_u:system_r:virtd_t:s0", label)

    def preloaded(self, cases):
        for case in cases:
            judge.judge_preloaded(self.tap, self.guest("case", case), security="SELinux")


def judge_policy(tap, case, preloaded):
    """A guest that libvirt cannot start under Debian's policy. The library's requests are granted nevertheless."""
    title, seen = f"{case['case']}, {'preloaded' if preloaded else 'stock'}:", judge.seen_of(case)
    tap.test(f"{title} does not start under Debian's policy", not case["starts"], seen)
    if preloaded:
        # The first requests are those that start the guest.
        granted = [request.endswith("result=0") for request in case["requests"]]
        tap.test(f"{title} the PF has granted all that the library asked for", bool(granted) and all(granted),
                 f"{seen}\n{case['log']}")
        tap.test(f"{title} SELinux denies nothing that concerns the library", not case["denied"],
                 "\n".join(case["denied"]))


def prepare(host):
    """Removes the rules that hide denials from the policy, and labels the files of the test."""
    host.must(f"""set -e
        semodule -DB
        cp -r /job {FILES}
        restorecon -r {FILES}
        mkdir /var/tmp/debs
        cp /job/debs/* /var/tmp/debs
        python3 {FILES}/in_host.py setup
        setenforce 1
        systemctl restart libvirtd""")


def planted(machine, operator):
    real = "$(realpath /usr/lib/x86_64-linux-gnu/libvirnetdevvf.so.0)"
    machine.must(f"chcon -t shadow_t {real} && systemctl restart libvirtd")
    operator.daemon_has(False, "planted, a library that virtd_t may not read")
    case = operator.guest("case", START[0])
    operator.tap.test("planted, a library that virtd_t may not read: a denial names it, and stock libvirt is what runs",
                      not case["requests"] and not case["starts"]
                      and "libvirnetdevvf" in machine.must("dmesg | grep 'avc: '"), judge.seen_of(case))
    machine.must(f"restorecon {real} && systemctl restart libvirtd")


def main():
    root, job, work, page = (pathlib.Path(argument) for argument in sys.argv[1:])
    tap = judge.Tap("Debian 12, SELinux")
    with Host(root, work, job, KERNEL) as machine:
        prepare(machine)
        host = Login(machine)
        operator = Administrator(host, tap, page)
        mode = host.must("getenforce").strip()
        tap.test("SELinux is enforcing", mode == "Enforcing", mode)

        operator.daemon_has(False, "stock")
        for case in FAIL:
            judge_policy(tap, operator.guest("case", case), preloaded=False)

        operator.follow(TURN_ON, 0, "/var/tmp/debs")
        operator.follow(TURN_ON, 1)
        operator.follow(IN_USE, 0)
        operator.daemon_has(True, "turned on")
        operator.follow(IN_USE, 1)
        for case in FAIL:
            judge_policy(tap, operator.guest("case", case), preloaded=True)
        operator.preloaded([REFUSED])

        # Booleans of the policy, for a QEMU without KVM and for a hostdev.
        machine.must("set -e; setenforce 0; semodule -i /job/libvirt.cil; setsebool virt_use_execmem=1 virt_use_sysfs=1"
                     " virt_use_vfio=1; setenforce 1; systemctl restart libvirtd")
        mode = host.must("getenforce").strip()
        tap.test("with what guests lack in the policy: SELinux is enforcing", mode == "Enforcing", mode)
        operator.daemon_has(True, "with what guests lack in the policy")
        operator.preloaded(START + [REFUSED])

        # No harm: no program but the daemon calls these functions.
        lines = machine.must("grep -c 'libvirnetdevvf.* cannot be preloaded' /var/log/libvirt/qemu/guest.log;"
                             "dmesg | grep -m 1 'noatsecure.*virtd_t.*svirt_t' || true")
        tap.test("QEMU ignores the preload, and says so in the guest's log: SELinux denies virtd_t noatsecure for it",
                 not lines.startswith("0") and "noatsecure" in lines, lines)
        log = host.must("dmesg")
        lost = [line for line in log.splitlines() if "audit_lost" in line or "audit: backlog limit" in line]
        tap.test("no denial is lost", not lost and log.count("avc: ") > 0, "\n".join(lost))
        named = [line for line in log.splitlines() if "avc: " in line and ("virnetdevvf" in line or "netlink" in line)]
        tap.test("SELinux has denied nothing that concerns the library", not named, "\n".join(named))

        # These tests must fail with a library whose label the daemon may not read.
        planted(machine, operator)
        operator.follow(OFF, 0)
        operator.daemon_has(False, "turned off")
    judge.done_testing()


if __name__ == "__main__":
    main()
