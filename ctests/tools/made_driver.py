"""The driver of a simulated PF, as rtnetlink shows it."""
import errno
import pathlib
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import netlink

MAC, NO_MAC = "52:54:00:00:00:10", "00:00:00:00:00:00"
GETLINK, VF_VLAN_LIST = 18, 12


class Driver:
    """A PF's driver as rtnetlink shows it. Answers are 0 or an errno."""

    def __init__(self, vfs=2):
        self.up, self.link_type, self.link_error = True, 1, 0
        self.vfs = [{"mac": MAC if vf == 0 else NO_MAC, "vlan": 0, "qos": 0, "protocol": 0x8100} for vf in range(vfs)]
        self.unlisted = set()
        self.clear = self.set = self.mac = self.zero = 0
        # Errnos for MACs, before `mac` and `zero`.
        self.refuses = {}
        # Requests that are refused but done; the VLAN that is listed for a VF without one.
        self.applies, self.no_vlan = False, 0
        self.requests = []

    def show(self):
        entries = b""
        for vf, has in enumerate(self.vfs):
            if vf in self.unlisted:
                continue
            vlan = struct.pack("=III", vf, has["vlan"], has["qos"])
            listed = netlink.attribute(1, vlan + struct.pack("!H2x", has["protocol"]))
            entries += netlink.attribute(
                netlink.VF_INFO,
                netlink.attribute(netlink.VF_MAC, struct.pack("=I32s", vf, bytes.fromhex(has["mac"].replace(":", ""))))
                + netlink.attribute(netlink.VF_VLAN, vlan)
                + netlink.attribute(VF_VLAN_LIST, listed))
        return struct.pack("=BxHiII", 0, self.link_type, 2, int(self.up), 0) + netlink.attribute(
            netlink.VFINFO_LIST, entries)

    def ask(self, kind, payload):
        """One request about a VF."""
        vf, vlan, qos = struct.unpack_from("=III", payload)
        if kind == netlink.VF_MAC:
            mac = payload[4:10].hex(":")
            self.requests.append((vf, mac))
            answer, new = self.refuses.get(mac, self.zero if mac == NO_MAC else self.mac), {"mac": mac}
            if mac[1] in "13579bdf":
                return errno.EINVAL
        else:
            self.requests.append((vf, vlan, qos))
            answer, new = self.set if vlan or qos else self.clear, {"vlan": vlan or self.no_vlan, "qos": qos}
        if vf >= len(self.vfs) or vlan > 4095 and kind == netlink.VF_VLAN:
            return errno.EINVAL
        if answer == 0 or self.applies:
            self.vfs[vf].update(new)
        return answer

    def exchange(self, message):
        _, kind = struct.unpack_from("=IH", message)
        if kind == GETLINK:
            return netlink.error(-self.link_error) if self.link_error else netlink.message(16, self.show())
        (_, nested), = [found for found in netlink.attributes(message[32:]) if found[0] & 0x7fff == netlink.VFINFO_LIST]
        (_, info), = netlink.attributes(nested)
        return netlink.error(-self.ask(*next(netlink.attributes(info))))
