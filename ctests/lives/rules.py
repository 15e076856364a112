"""What must hold for the VFs after each step."""

FALLBACK = "02:00:00:00:00:00"
# What the walk sets right: of these kinds the VF has something wrong.
REPAIRED = ("the fallback MAC", "a MAC that nobody named", "the own MAC is not restored",
            "the own VLAN is not restored", "the own priority is not restored",
            "a running guest has another MAC", "a running guest has another VLAN")
KINDS = (*REPAIRED, "a running guest has lost its VF", "two VFs have one MAC", "a VF has no driver",
         "a failure without a reason", "libvirtd hangs")


def wrong(vfs, own, guests, named):
    """The violations: kind, VF, and what the VF has and should have.

    vfs: MAC, VLAN and priority of each VF, as the PF's driver has them. own: the same, before the first guest. guests:
    for each VF that running guests have, MAC and VLAN in their XML (0: no VLAN). named: all MACs that
    somebody asked for.
    """
    found = []
    for number, has in enumerate(vfs):
        should = guests.get(number)
        if has["mac"] == FALLBACK:
            found.append(("the fallback MAC", number, has, should or own[number]))
        elif has["mac"] not in named:
            found.append(("a MAC that nobody named", number, has, should or own[number]))
        elif should:
            if has["mac"] != should["mac"]:
                found.append(("a running guest has another MAC", number, has, should))
        elif has["mac"] != own[number]["mac"]:
            found.append(("the own MAC is not restored", number, has, own[number]))
        if should:
            if has["vlan"] != should["vlan"]:
                found.append(("a running guest has another VLAN", number, has, should))
        elif has["vlan"] != own[number]["vlan"]:
            found.append(("the own VLAN is not restored", number, has, own[number]))
        elif has["qos"] != own[number]["qos"]:
            found.append(("the own priority is not restored", number, has, own[number]))
    macs = [has["mac"] for has in vfs]
    for mac in sorted({mac for mac in macs if macs.count(mac) > 1} - {FALLBACK}):
        found.append(("two VFs have one MAC", macs.index(mac), {"mac": mac}, {}))
    return found


def unanswered(fact):
    """The same, for a failure without a reason, and for a libvirtd that hangs."""
    found = [("a failure without a reason", call.get("vf"), {"error": call["error"]}, {}) for call in fact["calls"]
             if "error" in call and (not call["error"].strip() or "cause is unknown" in call["error"])]
    if fact.get("answers", 0) is None or "did not end" in fact.get("daemon", ""):
        found.append(("libvirtd hangs", None, {}, {}))
    return found
