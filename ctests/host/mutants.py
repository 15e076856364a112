"""Can the host's tests fail? Breaks one thing after another on a booted Debian; a named test must then be red; TAP.

usage: mutants.py RELEASE ROOT JOB WORK PAGE

JOB: as for host.py, and with wrong/libvirnetdevvf.so.0, a library whose socket is a SOCK_DGRAM.
"""
import pathlib
import sys

import judge
from host import Operator
from machine import Host

LIBRARY = "/usr/lib/x86_64-linux-gnu/libvirnetdevvf.so.0"
SETTING = "/etc/default/libvirnetdevvf-preload"
RESTART = "systemctl daemon-reload; systemctl restart libvirtd"


class Silent(judge.Tap):
    """Keeps what is red, and prints nothing."""

    def __init__(self):
        super().__init__("")
        self.red = []

    def test(self, title, holds, why=""):
        if not holds:
            self.red.append(title)


def main():
    release, root, job, work, page = sys.argv[1:]
    tap = judge.Tap(f"Debian {release}, planted")
    with Host(pathlib.Path(root), pathlib.Path(work), pathlib.Path(job)) as host:
        def planted(what, break_it, mend, look, expected):
            operator = Operator(host, Silent(), pathlib.Path(page))
            host.must(f"set -e; {break_it}; {RESTART}")
            look(operator)
            host.must(f"set -e; {mend}; {RESTART}")
            red = operator.tap.red
            for title in expected:
                tap.test(f"{what}: '{title}' is red", any(title in one for one in red), red)

        def guest(case):
            return lambda operator: operator.preloaded([case])

        operator = Operator(host, tap, pathlib.Path(page))
        operator.guest("setup")
        for number, directory in [(0, "/job/debs"), (1, "/root")]:
            operator.follow("Debian: install it and turn it on", number, directory)
        operator.follow("See that it is in use", 1)
        # Green before anything is broken, so that the fault makes it red.
        operator.daemon_has(True, "nothing broken")
        operator.preloaded(["lxc direct refuses-both none", "qemu direct ordinary none"])

        # The two types are the same for the kernel, but not for AppArmor.
        real = f"$(realpath {LIBRARY})"
        planted("a SOCK_DGRAM socket",
                f"cp {real} /root/kept; cp --remove-destination /job/wrong/libvirnetdevvf.so.0 {real}",
                f"cp --remove-destination /root/kept {real}", guest("lxc direct ordinary none"),
                ["starts and stops", "AppArmor denies nothing"])
        planted("a library in /opt, which AppArmor does not let QEMU read",
                f"mkdir -p /opt/lib; cp {real} /opt/lib/libvirnetdevvf.so.0;"
                f"sed -i s,=libvir,=/opt/lib/libvir, {SETTING}",
                f"sed -i s,=/opt/lib/libvir,=libvir, {SETTING}", guest("qemu hostdev ordinary none"),
                ["AppArmor denies nothing"])
        drop_in = "/usr/lib/systemd/system/libvirtd.service.d/virnetdevvf.conf"
        planted("the drop-in left out", f"mv {drop_in} /root", f"mv /root/virnetdevvf.conf {drop_in}",
                lambda operator: operator.daemon_has(True, "broken"), ["libvirtd has the library"])
        operator.daemon_has(True, "mended again")
    judge.done_testing()


main()
