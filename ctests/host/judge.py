"""What has to become of a guest on the booted host, as TAP."""
import json
import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from tap import done_testing, test  # noqa: F401  done_testing for those who import this

OWN, GUEST, MISTAKEN = "52:54:00:00:00:0f", "52:54:00:00:00:99", "02:00:00:00:00:00"
AS_IT_WAS = {"mac": OWN, "admin": OWN, "vlan": 0}


class Tap:
    """Results of one suite, each under its name."""

    def __init__(self, prefix):
        self.prefix = prefix

    def test(self, title, holds, why=""):
        test(f"{self.prefix}: {title}", holds, why)


def refused(kind, vlan):
    """Whether the PF refuses what the guest asks for: only a VLAN cannot be had."""
    return kind != "ordinary" and vlan != "none"


def after_guest(hypervisor, vlan):
    """The VF after a guest: libvirt's LXC driver puts nothing back, on any PF."""
    return {"mac": GUEST, "admin": GUEST, "vlan": int(vlan)} if hypervisor == "lxc" else AS_IT_WAS


def seen_of(case):
    """What a result that is red shows: all but the log."""
    return json.dumps({key: value for key, value in case.items() if key != "log"})


# How a QEMU is confined to its own guest, and what must not be in the kernel's log: with SELinux, in_host.py looks for
# the library and for netlink only.
CONFINED = {"AppArmor": (r"libvirt-\S+ \(enforce\)", "AppArmor denies nothing"),
            "SELinux": (r"system_u:system_r:svirt_t:s0:c\d+,c\d+", "SELinux denies nothing that concerns the library")}


def judge_preloaded(tap, case, logged=True, inherited=True, security="AppArmor"):
    """A guest of the daemon that runs on the library. `logged`: the log shows the library's requests. `inherited`: the
    guest was started by a daemon that has the preload, from the file that is installed."""
    label, nothing_denied = CONFINED[security]
    hypervisor, interface, kind, vlan = case["case"].split()
    title, number = f"{case['case']}, preloaded:", 0 if vlan == "none" else int(vlan)
    seen = seen_of(case)
    if refused(kind, vlan):
        tap.test(f"{title} refused, and virsh says why",
                 not case["starts"] and f"cannot set the VLAN of VF 0 of enp1s0 to {vlan}" in case["error"], seen)
        # For a direct interface libvirt gives the VF's netdev the guest's MAC by itself, before it asks for the VLAN.
        # Its LXC driver never takes it back, and 11.3.0's QEMU driver does not after a start that failed.
        forgets = interface == "direct" and not case["libvirt"].startswith("9.")
        left = after_guest("lxc" if forgets else hypervisor, 0)
        tap.test(f"{title} nothing is left on the VF, but for what libvirt did by itself", case["after"] == left, seen)
    else:
        tap.test(f"{title} starts and stops", case["starts"] and case["stops"], seen)
        running = {"mac": GUEST if interface == "direct" else None, "admin": GUEST, "vlan": number}
        tap.test(f"{title} the guest has its MAC and VLAN", case["running"] == running, seen)
        tap.test(f"{title} afterwards the VF is as it was, or as libvirt leaves it on any PF",
                 case["after"] == after_guest(hypervisor, number), seen)
        if hypervisor == "qemu":
            tap.test(f"{title} {security} confines QEMU to its own guest", len(case["processes"]) == 1
                     and re.fullmatch(label, case["processes"][0]["profile"].rstrip("\0")) is not None, seen)
            if security == "AppArmor" and inherited:
                tap.test(f"{title} QEMU inherits the preload, and may map the library",
                         all(process["library"] for process in case["processes"]), seen)
    values = [state[key] for state in (case["before"], case["running"], case["after"]) for key in ("mac", "admin")]
    tap.test(f"{title} the VF never has {MISTAKEN}", MISTAKEN not in values + case["macs"], seen)
    tap.test(f"{title} {nothing_denied}", not case["denied"], "\n".join(case["denied"]))
    if logged:
        tap.test(f"{title} the daemon's log shows the library's requests", bool(case["requests"]), case["log"])


def judge_stock(tap, case, when):
    """A guest of libvirt as it is, without the library. If a libvirt behaves otherwise, the pages have to change."""
    hypervisor, interface, kind, vlan = case["case"].split()
    title = f"{case['case']}, {when}:"
    seen = seen_of(case)
    fails = refused(kind, vlan) or (kind == "refuses-both" and interface == "direct")
    tap.test(f"{title} {'does not start' if fails else 'starts and stops'}",
             (not case["starts"]) if fails else case["starts"] and case["stops"], seen)
    if fails or kind == "refuses-both":
        # 9.0.0's QEMU driver gives a direct interface its former MAC back after that.
        restored = (hypervisor, interface) == ("qemu", "direct") and case["libvirt"].startswith("9.")
        left = case["after"]["admin"] == (OWN if restored else MISTAKEN)
        tap.test(f"{title} the VF is {'for a time' if restored else 'left'} at {MISTAKEN}",
                 left and MISTAKEN in case["macs"] + [case["after"]["admin"]], seen)
    else:
        tap.test(f"{title} afterwards the VF is as libvirt leaves it",
                 case["after"] == after_guest(hypervisor, 0 if vlan == "none" else vlan), seen)
    tap.test(f"{title} the library has no part in it", not case["requests"], case["log"])
