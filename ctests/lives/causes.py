"""Why a VF is wrong after a step: the first cause outside the functions that fits; docs/libvirt-maintainer.md says
which function of libvirt's callers it is. What no cause explains is "unknown": with stock libvirt it is the functions'
own fault, with the library a red test."""

# What the PF refuses, as these kinds of device.
REFUSE_MAC = {"mac-applied", "mac-listed"}
REFUSE_CLEAR = {"refuses-both", "no-vlans", "lists-4095"}
REFUSE_VLAN = {"grants-clear", "switchdev", *REFUSE_CLEAR}
IN_RESET = {"in-reset-stays", "in-reset-gap"}
# How long the library asks a VF in reset again (contract, S9).
ASKED_AGAIN_MS = 2000
# No cause excuses these.
NEVER = {"a failure without a reason", "libvirtd hangs", "a MAC that nobody named", "the fallback MAC"}
LOST, TWICE = "a running guest has lost its VF", "two VFs have one MAC"
# Of stock libvirt, where no cause of find() fits: the functions that the library replaces.
FUNCTIONS = "the functions themselves"
STARTS, ENDS = ("start", "attach", "restore"), ("end", "kill", "detach", "save")


def lost(step):
    return [wrong["should"]["mac"] for wrong in step["wrong"] if wrong["kind"] == LOST]


def ends_lxc(before, vf, since):
    """Whether an LXC guest ended on the VF in the step in which another one took it: what is saved then is wrong."""
    had = [call for step in before if step["step"] < since for call in step["calls"]
           if call["what"] in STARTS and call.get("vf") == vf and "error" not in call]
    return bool(had) and had[-1]["how"] == "lxc-direct" and any(
        call["what"] in ENDS and call.get("guest") == had[-1]["guest"]
        for step in before if step["step"] == since for call in step["calls"])


def refuses(step, has, should):
    """Whether the device refuses what the VF had before the guest, or to clear the guest's VLAN."""
    if step["device"] in REFUSE_MAC:
        return True
    return has != should and step["device"] in (REFUSE_VLAN if should else REFUSE_CLEAR)


def find(step, before, wrong):
    """The cause of what is wrong after `step`; before: the steps before it."""
    if wrong["kind"] in NEVER:
        return "unknown"
    if wrong["kind"] == TWICE:
        # The other VF that has the MAC is wrong, too.
        return next((find(step, before, other) for other in step["wrong"]
                     if other["kind"] != TWICE and other["has"].get("mac") == wrong["has"]["mac"]), "unknown")
    vf, user = wrong["vf"], wrong["user"] or {}
    how, since = user.get("how"), user.get("since", 0)
    failed = [call for call in step["calls"] if call["what"] in STARTS and "error" in call and call.get("vf") == vf]
    ended = any(call["what"] in ENDS for call in step["calls"])
    # Others that wanted the VF while this guest had it.
    rivals = any(call["what"] in STARTS and call.get("vf") == vf and "error" in call
                 for one in before if one["step"] > since for call in one["calls"])
    # The guest took the VF from a running one, so the state that was saved is the other's; or it takes it now.
    taken = any(lost(one) for one in before if one["step"] == since) or user.get("mac") in lost(step)
    in_reset = (step["device"] in IN_RESET or step["do"] == "reset" and step["ms"] >= ASKED_AGAIN_MS
                or step["do"] == "two" and vf == step["vf"] or not step["up"])
    for name, fits in (
            ("two guests, one VF", wrong["kind"] == LOST or wrong["runs"] and failed),
            ("libvirtd was killed", step["do"] == "crash"),
            ("live change", wrong["runs"] and step["do"] == "change"),
            ("a direct start fails", any(call["how"].endswith("direct") for call in failed)),
            ("LXC restores nothing", ended and (how == "lxc-direct" or ends_lxc(before, vf, since))),
            ("PF renamed", user and user["pf"] != wrong["pf"]),
            ("two guests, one VF", taken or ended and rivals),
            ("priority not saved", wrong["kind"] == "the own priority is not restored"),
            ("busy or PF down at the end", ended and in_reset),
            ("the device refuses", ended and refuses(step, user.get("vlan"), wrong["should"].get("vlan")))):
        if fits:
            return name
    return "unknown"
