"""docs/operator.md's way without packages, on a booted Debian 12: installed by hand, turned on, uninstalled; TAP.

usage: by_hand.py ROOT JOB WORK PAGE

JOB: as for host.py, and with tree.tar and files, which by_hand.sh makes.
"""
import pathlib
import sys

import judge
from host import Operator
from machine import Host
from operator_page import commands

TURN_ON, IN_USE, OFF = "Debian: install it and turn it on", "See that it is in use", "Turn it off, remove it"


def main():
    root, job, work, page = (pathlib.Path(argument) for argument in sys.argv[1:])
    tap = judge.Tap("Debian 12, by hand")
    after = "\n".join(line for line in commands(page, "By hand")[0].splitlines() if not line.startswith("meson "))
    ours = "find / -xdev -name '*virnetdevvf*' -o -xdev -name 'vfset*'"
    with Host(root, work, job) as host:
        operator = Operator(host, tap, page)
        operator.guest("setup")
        host.must("tar -C / --no-overwrite-dir -xf /job/tree.tar")
        status, output = host.run(f"set -e\n{after}")
        tap.test("operator.md's commands after the installation work", status == 0 and "ldconfig" in after, output)
        operator.daemon_has(False, "installed")
        operator.follow(TURN_ON, 1)
        operator.follow(IN_USE, 0)
        operator.daemon_has(True, "turned on")
        operator.follow(IN_USE, 1)
        operator.preloaded(["qemu hostdev ordinary 42", "lxc direct refuses-both none"])

        operator.follow(OFF, 0)
        operator.daemon_has(False, "turned off")
        host.must("set -e; xargs rm </job/files; ldconfig; systemctl daemon-reload; systemctl restart libvirtd")
        left = host.must(ours)
        tap.test("uninstalled: no file is left", left == "", left)
        operator.daemon_has(False, "uninstalled")
        operator.stock(["qemu hostdev refuses-both none"], "uninstalled")
    judge.done_testing()


main()
