"""The steps of a walk: what may happen to VFs and their guests. One line of text each, so that a walk can be kept.

A step is a verb and all that it may need: `change guest=2 vf=1 how=qemu-hostdev vlan=42 end=kill ms=120 kind=ordinary`.
The same seed gives the same lines for stock libvirt and for the library. What a line does depends on the guests that
run then: walk.py says how.
"""
import random
import sys

VFS, GUESTS = 4, 4
# What each VF has before its first guest.
OWN = [{"mac": f"52:54:00:00:0a:0{vf}", "vlan": vlan, "qos": qos}
       for vf, (vlan, qos) in enumerate([(0, 0), (0, 0), (7, 0), (9, 3)])]
# Of a guest's first interface, and of its second.
MACS = [[f"52:54:00:00:0{second}:0{number}" for second in (1, 2)] for number in range(GUESTS)]
NAMED = {own["mac"] for own in OWN} | {mac for macs in MACS for mac in macs}
# How a guest has its VF: libvirt's driver, and the type of the interface. LXC is the fastest.
HOWS = {"lxc-direct": 6, "qemu-direct": 3, "qemu-hostdev": 2, "qemu-pool": 1}
VLANS = {"none": 5, "42": 3, "43": 2}
ENDS = {"destroy": 4, "kill": 1}
# The kinds of in_machine.py. A PF that is down has a verb of its own.
DEVICES = {"ordinary": 6, "refuses-both": 2, "grants-clear": 2, "switchdev": 2, "no-vlans": 2, "in-reset-ends": 2,
           "in-reset-stays": 1, "in-reset-gap": 1, "lists-4095": 1, "mac-applied": 1, "mac-listed": 1}
# Each is a method of walk.py, do_VERB.
VERBS = {
    "guest": 40,      # it starts, or, if it runs, ends
    "attach": 8,      # it gets a second VF, or, if it has one, loses it
    "change": 6,      # the VLAN of a running guest changes
    "pause": 3,       # a running guest is resumed and suspended
    "save": 3,        # a running guest is saved and restored
    "daemon": 3,      # libvirtd ends (restart: by SIGTERM; kill: by SIGKILL) and starts
    "crash": 4,       # libvirtd is killed `ms` after a guest's start or end began
    "device": 16,     # the PF answers as another kind of device
    "reset": 6,       # a reset of all VFs begins, and ends after `ms`; in it a guest starts or ends
    "two": 3,         # a guest starts or ends on a VF in reset; another one starts at the same time
    "pf": 4,          # the PF goes down; it comes up after two more steps
    "driver": 3,      # a VF without a guest is unbound from its driver, and bound again
    "rename": 1,      # the PF gets another name
}


def choose(rng, weights):
    return rng.choices(list(weights), list(weights.values()))[0]


def plan(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        yield {"do": choose(rng, VERBS), "guest": rng.randrange(GUESTS), "vf": rng.randrange(VFS),
               "how": choose(rng, HOWS), "vlan": choose(rng, VLANS), "end": choose(rng, ENDS),
               "ms": rng.choice([50, 200, 500, 1000, 3000]), "kind": choose(rng, DEVICES)}


def line(step):
    return " ".join([step["do"], *(f"{key}={value}" for key, value in step.items() if key != "do")])


def parse(text):
    """A line, which may leave out what its verb does not need; None: a comment."""
    verb, *words = text.split("#")[0].split() or [None]
    if not verb:
        return None
    if verb not in VERBS:
        raise ValueError(f"no step is called {verb}: {text}")
    step = {"do": verb, **next(plan(0, 1)), **dict(word.split("=") for word in words)}
    return {**step, "do": verb, **{key: int(step[key]) for key in ("guest", "vf", "ms")}}


if __name__ == "__main__":
    for taken in plan(*map(int, sys.argv[1:])):
        print(line(taken))
