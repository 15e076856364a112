"""Checks what happened to a guest on the booted host; TAP."""
import json
import pathlib
import re
import sys

sys.path += (str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("lib", "libvirt"))
import outcomes
from outcomes import GUEST, OWN  # noqa: F401  GUEST for those who import this
from tap import done_testing, test  # noqa: F401  done_testing for those who import this

AS_IT_WAS = {"mac": OWN, "admin": OWN, "vlan": 0}


class Tap:
    """Results of one suite, each under its name."""

    def __init__(self, prefix):
        self.prefix = prefix

    def test(self, title, holds, why=""):
        test(f"{self.prefix}: {title}", holds, why)


def for_table(case, preloaded):
    """The case in the form that outcomes.py needs."""
    hypervisor, interface, kind, vlan = case["case"].split()
    return {**case, "preloaded": preloaded, "hypervisor": hypervisor, "interface": interface, "kind": kind,
            "vlan": vlan}


def seen_of(case):
    """What a red result shows: everything except the log."""
    return json.dumps({key: value for key, value in case.items() if key != "log"})


# How a QEMU is confined to its own guest, and what must not be in the kernel's log. With SELinux, in_host.py searches
# the log only for the library and for netlink.
CONFINED = {"AppArmor": (r"libvirt-\S+ \(enforce\)", "AppArmor denies nothing"),
            "SELinux": (r"system_u:system_r:svirt_t:s0:c\d+,c\d+", "SELinux denies nothing that concerns the library")}


def judge_preloaded(tap, case, logged=True, inherited=True, security="AppArmor"):
    """A guest of the daemon that runs on the library. `logged`: the log shows the library's requests. `inherited`: the
    guest was started by a daemon that has the preload, from the file that is installed."""
    label, nothing_denied = CONFINED[security]
    title, seen = f"{case['case']}, preloaded:", seen_of(case)
    outcomes.judge(tap.test, for_table(case, True), title)
    if case["starts"] and case["case"].startswith("qemu "):
        tap.test(f"{title} {security} confines QEMU to its own guest", len(case["processes"]) == 1
                 and re.fullmatch(label, case["processes"][0]["profile"].rstrip("\0")) is not None, seen)
        if security == "AppArmor" and inherited:
            tap.test(f"{title} QEMU inherits the preload, and may map the library",
                     all(process["library"] for process in case["processes"]), seen)
    tap.test(f"{title} {nothing_denied}", not case["denied"], "\n".join(case["denied"]))
    if logged:
        tap.test(f"{title} the daemon's log shows the library's requests", bool(case["requests"]), case["log"])


def judge_stock(tap, case, when):
    """A guest of stock libvirt. If it behaves otherwise, the pages must change."""
    title = f"{case['case']}, {when}:"
    outcomes.judge(tap.test, for_table(case, False), title)
    tap.test(f"{title} the library has no part in it", not case["requests"], case["log"])
