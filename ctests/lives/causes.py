"""Why a VF is wrong after a step: the first cause outside the functions that fits what happened, and the values that
the VF has. docs/libvirt-maintainer.md says which function of libvirt it is. What no cause explains is "unknown": with
stock libvirt it is counted for its functions, with the library it is a red test."""
import re

import steps

# What the PF refuses, as these kinds of device.
REFUSE_MAC = {"mac-applied", "mac-listed"}
REFUSE_CLEAR = {"refuses-both", "no-vlans", "lists-4095"}
REFUSE_VLAN = {"grants-clear", "switchdev", *REFUSE_CLEAR}
# How long the library asks a VF in reset again (contract, S9).
ASKED_AGAIN_MS = 2000
# No cause excuses these.
NEVER = {"a failure without a reason", "libvirtd hangs", "a MAC that nobody named", "the fallback MAC"}
LOST, TWICE = "a running guest has lost its VF", "two VFs have one MAC"
# The functions that the library replaces; and contract C5's limit, which is theirs, too.
FUNCTIONS, TAKEN_FOR_START = "the MAC and VLAN functions", "a restore that looks like a start"
CALLERS = ("LXC restores nothing", "two guests, one VF", "a direct start fails", "libvirtd was killed", "PF renamed",
           "priority not saved", "busy or PF down at the end", "the device refuses")
STARTS, ENDS = ("start", "attach", "restore"), ("end", "kill", "detach", "save")
# What libvirt does to a VF before it makes the macvtap, it has done.
NO_MACVTAP = "error creating macv|Unable to get index"
CUT = "End of file|Broken pipe|closed|Cannot recv|hangup"


def mac_and_vlan(call):
    """What a start, or an attached interface, asks for."""
    return (steps.MACS[call["guest"]][call["what"] == "attach"],
            0 if call.get("vlan") in (None, "none") else int(call["vlan"]))


def is_left(wrong, mac, vlan):
    """Whether the VF has just this MAC, or this VLAN."""
    if "MAC" in wrong["kind"]:
        return wrong["has"].get("mac") == mac
    return wrong["has"].get("vlan") == vlan or "priority" in wrong["kind"]


def is_guests(wrong, user):
    """Whether the VF has what its guest had, at some time."""
    return any(is_left(wrong, user["mac"], vlan) for vlan in user["vlans"])


def starts_on(step, vf, error):
    """The starts on this VF that failed, or that did not."""
    return [call for call in step["calls"] if call["what"] in STARTS and call.get("vf") == vf
            and ("error" in call) == error]


def has_set_the_vf(call):
    """Whether a failed direct start came so far that it set the VF."""
    return call["how"].endswith("direct") and re.search(f"{NO_MACVTAP}|cannot (set|clear)|Cannot set interface",
                                                        call["error"])


def of_failed_start(step, wrong):
    """A direct start leaves its MAC, and, if the macvtap could not be made, its VLAN."""
    for call in filter(has_set_the_vf, starts_on(step, wrong["vf"], error=True)):
        mac, vlan = mac_and_vlan(call)
        if ("VLAN" not in wrong["kind"] or re.search(NO_MACVTAP, call["error"])) and is_left(wrong, mac, vlan):
            return "two guests, one VF" if wrong["runs"] else "a direct start fails"
    return None


def of_crash(step, wrong):
    """Whether libvirtd was killed in a call that concerned the VF: then the VF has old or new values."""
    user = wrong["user"] or {"guest": None, "vlans": []}
    cut = [call for call in step["calls"] if re.search(CUT, call.get("error", ""))]
    of_vf = [call for call in cut if call.get("vf") == wrong["vf"] or call.get("how") == "qemu-pool"
             or f"g{call['guest']}" == user["guest"]]
    macs, vlans = zip(*map(mac_and_vlan, cut)) if cut else ((), ())
    has, should = wrong["has"], wrong["should"]
    fits = (not has or "VLAN" not in wrong["kind"] and has["mac"] in (should["mac"], user.get("mac"), *macs)
            or "VLAN" in wrong["kind"] and has["vlan"] in (0, should["vlan"], *user["vlans"], *vlans))
    return of_vf and fits


def of_saved_state(before, wrong, user):
    """The VF was another guest's when this one began, or another wanted it since: the saved state is not its own."""
    vf, since = wrong["vf"], user["since"]
    for step in before:
        if step["step"] == since:
            # Taken from a running guest, or from one that ended in the same step.
            if any(lost["kind"] == LOST and lost["vf"] == vf and is_left(
                    wrong, lost["should"]["mac"], lost["should"]["vlan"]) for lost in step["wrong"]):
                return "two guests, one VF"
            had = [call for one in before if one["step"] < since for call in starts_on(one, vf, error=False)]
            if had and had[-1]["how"] == "lxc-direct" and wrong["has"].get("mac") == mac_and_vlan(had[-1])[0]:
                return "LXC restores nothing"
        elif step["step"] > since and user["how"].endswith("direct") and is_guests(wrong, user) and any(
                call["how"] == user["how"] and (has_set_the_vf(call) or re.search(CUT, call["error"]))
                for call in starts_on(step, vf, error=True)):
            return "two guests, one VF"
    return None


def of_end(step, before, wrong, user):
    """This VF's guest ended in the step, and the VF was not restored."""
    has_guests = is_guests(wrong, user)
    if user["how"] == "lxc-direct" and has_guests:
        return "LXC restores nothing"
    # Without a saved state, the end of a hostdev guest clears the VLAN.
    if user["pf"] != wrong["pf"] and (has_guests or not user["how"].endswith("direct") and "VLAN" in wrong["kind"]
                                      and wrong["has"]["vlan"] == 0):
        return "PF renamed"
    own, device = wrong["should"], step["device"]
    # igbvf sets its own MAC without an error, and its PF, which is down, does not hear of it.
    down = not step["up"] and (user["how"].endswith("direct") or next(
        (one["kind"] for one in (step, *reversed(before)) if one["do"] == "pf"), "") != "ordinary")
    in_reset = (device == "in-reset-gap" or step["do"] == "reset" and step["ms"] >= ASKED_AGAIN_MS
                or step["do"] == "two" and wrong["vf"] == step["vf"] or down)
    if has_guests and (in_reset or device == "in-reset-stays" and "VLAN" in wrong["kind"]):
        return "busy or PF down at the end"
    vlan_refused = own.get("vlan") != user["vlan"] and device in (
        {*REFUSE_VLAN, "in-reset-stays"} if own.get("vlan") else REFUSE_CLEAR)
    # After a MAC that is refused, the VLAN is not tried.
    if has_guests and ("VLAN" in wrong["kind"] and vlan_refused or device in REFUSE_MAC):
        return "the device refuses"
    if has_guests and "MAC" in wrong["kind"] and vlan_refused and own.get("vlan"):
        return TAKEN_FOR_START
    return "priority not saved" if "priority" in wrong["kind"] else of_saved_state(before, wrong, user)


def find(step, before, wrong):
    """The cause of what is wrong after `step`; before: the steps before it."""
    if wrong["kind"] in NEVER:
        return "unknown"
    if wrong["kind"] == TWICE:
        # The other VF that has the MAC is wrong, too.
        return next((find(step, before, other) for other in step["wrong"]
                     if other["kind"] != TWICE and other["has"].get("mac") == wrong["has"]["mac"]), "unknown")
    if step["do"] == "crash" and of_crash(step, wrong):
        return "libvirtd was killed"
    if wrong["kind"] == LOST:
        return "two guests, one VF" if any(call["what"] in STARTS for call in step["calls"]) else "unknown"
    for lost in step["wrong"]:
        # It was taken from a running guest for one that did not start.
        had = lost["should"]
        if lost["kind"] == LOST and lost["vf"] == wrong["vf"] and is_left(wrong, had["mac"], had["vlan"]):
            return "two guests, one VF"
    cause = of_failed_start(step, wrong)
    user = wrong["user"]
    if not cause and user and not wrong["runs"] and any(
            call["what"] in ENDS and f"g{call['guest']}" == user["guest"] for call in step["calls"]):
        cause = of_end(step, before, wrong, user)
    return cause or "unknown"
