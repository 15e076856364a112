"""The PF and its VFs, as walk.py sees them in the guest."""
import contextlib
import errno
import json
import pathlib
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "libvirt"))
import in_machine as guest
import rules
import steps

PARAMETERS = pathlib.Path("/sys/module/dpu/parameters")
# Parameters of ctests/machine/dpu/dpu.c: the driver's own answers.
ORDINARY = {"clear": 0, "set": 0, "mac": 0, "zero": 0, "applies": 0, "lists": 0, "none": 0, "busy": 0,
            "busy_errno": errno.EAGAIN, "reset_gap": 0, "only": -1}
LIMIT_S = 60


def until(condition, limit=LIMIT_S):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Device:
    """The PF and its VFs."""

    def __init__(self):
        # The real directory: the PF may get another name.
        self.path = guest.DEVICE.resolve()
        self.kind, self.busy, self.trusted = "ordinary", 0, set()

    def pf(self):
        return next((self.path / "net").iterdir()).name

    @staticmethod
    def set(**values):
        for name, value in values.items():
            (PARAMETERS / name).write_text(str(value))

    def become(self, kind):
        if self.kind == "mac-listed":
            # The module lists the MACs that it has refused until it grants one.
            self.grant(dict(enumerate(self.vfs())))
        self.kind = kind
        self.answer()

    def answer(self):
        """The PF answers as its kind does."""
        values = dict(text.split("=") for text in guest.KINDS[self.kind] or [])
        # in-reset-ends: the first requests of each step find the VF in reset.
        self.busy = values.get("busy", 0)
        self.set(**{**ORDINARY, **values})

    def grant(self, vfs):
        """Sets MAC, VLAN and priority of VFs, which the PF grants meanwhile."""
        down = (PARAMETERS / "when_down").read_text().strip()
        self.set(**ORDINARY, when_down=0)
        for vf, has in vfs.items():
            guest.must("ip", "link", "set", self.pf(), "vf", str(vf), "mac", has["mac"], "vlan", str(has["vlan"]),
                       "qos", str(has.get("qos", 0)))
        self.set(when_down=down)
        self.answer()

    def arm(self):
        self.set(busy=self.busy)

    def address(self, vf):
        return (self.path / f"virtfn{vf}").resolve().name

    def netdev(self, vf):
        return next((path.name for path in (self.path / f"virtfn{vf}/net").glob("*")), None)

    @staticmethod
    def index(netdev):
        path = pathlib.Path(f"/sys/class/net/{netdev}/ifindex")
        return int(path.read_text()) if path.exists() else 0

    def driver(self, vf):
        path = self.path / f"virtfn{vf}/driver"
        return path.resolve().name if path.exists() else None

    def vfs(self):
        """What the PF's driver has, whatever the PF answers now."""
        self.set(off=1)
        listed = json.loads(guest.must("ip", "-j", "-d", "link", "show", self.pf()))[0]["vfinfo_list"]
        self.set(off=0)
        found = []
        for vf in listed:
            vlan = (vf.get("vlan_list") or [vf])[0]
            found.append({"mac": vf["address"], "vlan": vlan.get("vlan", 0), "qos": vlan.get("qos", 0)})
        return found

    def is_up(self):
        return int(pathlib.Path(f"/sys/class/net/{self.pf()}/flags").read_text(), 16) & 1

    def has_carrier(self):
        return pathlib.Path(f"/sys/class/net/{self.pf()}/carrier").read_text() == "1\n"

    def rename(self, new):
        guest.must("ip", "link", "set", self.pf(), "down")
        guest.must("ip", "link", "set", self.pf(), "name", new)

    def repair(self, vf, has, released):
        """Sets MAC and VLAN, also of the VF's netdev. `released`: no guest has the VF."""
        self.grant({vf: has})
        if released:
            self.bind(vf)
        elif self.netdev(vf):
            guest.run("ip", "link", "set", self.netdev(vf), "address", has["mac"])

    def bind(self, vf):
        """The VF's driver starts anew, with the MAC that the PF has for it, until its PF has answered."""
        address, path = self.address(vf), self.path / f"virtfn{vf}"
        for _ in range(20):
            if self.driver(vf):
                (path / "driver/unbind").write_text(address)
            (path / "driver_override").write_text("\n")
            with contextlib.suppress(OSError):
                pathlib.Path("/sys/bus/pci/drivers/igbvf/bind").write_text(address)
            if until(lambda: self.is_ready(vf), 5) and (self.is_heard(vf) or not self.is_up()):
                return

    def trust(self, vf, on):
        """Macvtap has the VF set its MAC, which igb refuses after a MAC that the PF has set, but for a trusted VF. No
        other VF is trusted: igbvf makes up a MAC if the PF does not answer in time, and tells the PF."""
        if on != (vf in self.trusted):
            guest.must("ip", "link", "set", self.pf(), "vf", str(vf), "trust", "on" if on else "off")
            self.trusted ^= {vf}

    def is_ready(self, vf):
        return self.driver(vf) == "igbvf" and self.netdev(vf)

    def is_heard(self, vf):
        """Whether the PF answered the VF's driver at its start; otherwise the driver has made up a MAC."""
        mac = pathlib.Path(f"/sys/class/net/{self.netdev(vf)}/address").read_text().strip()
        return mac in (*steps.NAMED, rules.FALLBACK)
