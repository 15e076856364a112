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
LOST = "a running guest has lost its VF"

# Of stock libvirt, where no cause of find() fits: the functions that the library replaces.
FUNCTIONS = "the functions themselves"


def find(step, before, wrong):
    """The cause of what is wrong after `step`; before: the steps before it."""
    if wrong["kind"] in NEVER:
        return "unknown"
    vf, user = wrong["vf"], wrong["user"] or {}
    failed = [call for call in step["calls"] if call["what"] in ("start", "attach", "restore") and "error" in call]
    failed_here = [call for call in failed if call.get("vf") == vf]
    ended = any(call["what"] in ("end", "kill", "detach", "save") for call in step["calls"])
    # Others that wanted the VF while this guest had it.
    rivals = [call for one in before for call in one["calls"] if one["step"] > user.get("since", 0)
              and call["what"] in ("start", "attach") and call.get("vf") == vf and "error" in call]
    # The guest took the VF from a running one, so the state that was saved is the other's; or it takes it now.
    taken = [lost for one in [*before, step] for lost in one["wrong"] if lost["kind"] == LOST and (
        one["step"] == user.get("since") or lost["should"]["mac"] in (wrong["has"].get("mac"), user.get("mac")))]
    refused = step["device"] in REFUSE_MAC or wrong["should"].get("vlan") != user.get("vlan") and (
        step["device"] in (REFUSE_VLAN if wrong["should"].get("vlan") else REFUSE_CLEAR))
    in_reset = (step["device"] in IN_RESET or step["do"] == "reset" and step["ms"] >= ASKED_AGAIN_MS
                or step["do"] == "two" and vf == step["vf"] or not step["up"])
    if wrong["kind"] == LOST:
        return "two guests, one VF"
    for name, fits in (
            ("libvirtd was killed", step["do"] == "crash"),
            ("two guests, one VF", wrong["runs"] and failed_here),
            ("live change", wrong["runs"] and step["do"] == "change"),
            ("a direct start fails", any(call["how"].endswith("direct") for call in failed_here)),
            ("LXC restores nothing", ended and user.get("how") == "lxc-direct"),
            ("PF renamed", user and user["pf"] != wrong["pf"]),
            ("two guests, one VF", taken or ended and rivals),
            ("priority not saved", wrong["kind"] == "the own priority is not restored"),
            ("busy for long at the end", ended and in_reset),
            ("the device refuses", ended and refused)):
        if fits:
            return name
    return "unknown"
