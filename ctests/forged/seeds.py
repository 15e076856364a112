"""Writes answers that a kernel might give, one a file, for ctests/forged/answers.c (which says what the first byte is).

usage: seeds.py DIRECTORY
"""
import errno
import pathlib
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import netlink as nl
from netlink import CAPPED, NESTED, TLVS, attribute, error, message


def number(value):
    return struct.pack("=I", value)


def mac(vf):
    return attribute(nl.VF_MAC, number(vf) + bytes([0x52, 0x54, 0, 0, 0, vf & 255]) + bytes(26))


def vlan(vf, vlanid=0, qos=0):
    return attribute(nl.VF_VLAN, struct.pack("=III", vf, vlanid, qos))


def tag(vf, protocol, kind=1):
    """The VLAN once more, with its protocol in the network's order."""
    return attribute(12 | 0x8000, attribute(kind, struct.pack("=III", vf, 0, 0) + struct.pack("!HH", protocol, 0)))


def of_parts(*parts):
    return attribute(nl.VF_INFO | NESTED, b"".join(parts))


def entry(vf, vlanid=0, qos=0, more=12):
    return of_parts(mac(vf), vlan(vf, vlanid, qos), attribute(6, bytes(more)))


def link(entries, said=None, off=0, after=attribute(39, b"\0"), before=b""):
    """As Linux has it: the length of a list that is too long is what its 16 bits have room for."""
    body = b"".join(entries)
    body = struct.pack("=HH", (len(body) + 4 + off) & 0xffff, nl.VFINFO_LIST | NESTED) + body
    count = attribute(nl.NUM_VF, number(len(entries) if said is None else said))
    return message(nl.NEWLINK, bytes(16) + attribute(nl.IFNAME, b"fake0\0") + count + before + body + after)


ext_ack = attribute(1, b"Attribute failed policy validation\0") + attribute(2, number(36))
VERDICTS = {
    "ack": error(0, CAPPED), "ack-whole": error(0, rest=bytes(84)), "done": message(nl.DONE, b""),
    "done-number": message(nl.DONE, struct.pack("=i", 0)),
    "done-error": message(nl.DONE, struct.pack("=i", -errno.EBUSY)),
    "eperm": error(-errno.EPERM, rest=bytes(84)), "einval-words": error(-errno.EINVAL, TLVS | CAPPED, ext_ack),
    "erange-words": error(-errno.ERANGE, TLVS, bytes(84) + ext_ack), "positive": error(1), "most": error(-4095),
    "beyond": error(-4096),
    "least": error(-2**31), "other": message(20, bytes(40)), "two": error(0, CAPPED) + error(-errno.EPERM, CAPPED),
    "words-broken": error(-errno.EINVAL, TLVS | CAPPED, b"\xff\xff\1\0words"), "empty-words": error(-errno.EINVAL,
    TLVS | CAPPED, attribute(1, b"")),
    "eagain": error(-errno.EAGAIN, CAPPED), "ebusy": error(-errno.EBUSY, CAPPED), "too-long": error(0,
    rest=bytes(1100)), "echo-too-long": error(-errno.EINVAL, TLVS, ext_ack, echoed=0xfffffff0),
}
LINKS = {
    "one": link([entry(1)], 2),
    "two": link([entry(0), entry(1)]),
    "seven": link([entry(vf) for vf in range(7)]),
    "vlan": link([entry(0), entry(1, 42)]),
    "priority": link([entry(0), entry(1, 0, 5)]),
    "twice": link([entry(1), entry(1)]),
    "gap": link([entry(0), entry(2)], 3),
    "beside-gap": link([entry(1), entry(3)], 4),
    "capped": link([entry(0)], 3),
    "capped-after": link([entry(0), entry(1)], 300),
    "more": link([entry(0), entry(1)], 1),
    "none": link([]),
    "none-of-two": link([], 2),
    "descending": link([entry(1), entry(0)]),
    "no-such": link([entry(0)], 1),
    "error": error(-errno.ENODEV),
    "ack": error(0),
    "no-mac": link([entry(0), of_parts(vlan(1))]),
    "no-vlan": link([entry(0), of_parts(mac(1))]),
    "empty": link([entry(0), of_parts()]),
    "others-mac": link([entry(0), of_parts(mac(0), vlan(1))]),
    "two-macs": link([of_parts(mac(0), mac(0), vlan(0)), entry(1)]),
    "two-vlans": link([of_parts(mac(0), vlan(0), vlan(0)), entry(1)]),
    "short-mac": link([of_parts(attribute(1, bytes(32)), vlan(0)), entry(1)]),
    "8021q": link([of_parts(mac(0), vlan(0)), of_parts(mac(1), vlan(1), tag(1, 0x8100))]),
    "8021ad": link([entry(0), of_parts(mac(1), vlan(1), tag(1, 0x88a8))]),
    "others-tag": link([entry(0), of_parts(mac(1), vlan(1), tag(0, 0x8100))]),
    "two-tags": link([entry(0), of_parts(mac(1), vlan(1), tag(1, 0x8100), tag(1, 0x8100))]),
    "no-tag": link([entry(0), of_parts(mac(1), vlan(1), attribute(12, b""))]),
    "other-tag": link([entry(0), of_parts(mac(1), vlan(1), tag(1, 0x8100, kind=2))]),
    "4095": link([entry(0), entry(1, 4095)]),
    "4096": link([entry(0), entry(1, 4096)]),
    "priority-8": link([entry(0), entry(1, 0, 8)]),
    "longer": link([entry(0), entry(1)], off=4),
    "shorter": link([entry(0), entry(1)], off=-4),
    "one-less": link([entry(0), entry(1)], off=-len(entry(1))),
    "nothing-after": link([entry(0), entry(1)], after=b""),
    "list-after": link([entry(0), entry(1)], after=attribute(22, b"")),
    "number-before": link([entry(0), entry(1)], before=attribute(21, bytes(4))),
    "address-after": link([entry(0), entry(1)], after=attribute(1, bytes(6))),
    "broken-after": link([entry(0), entry(1)], after=b"\xff\0\5\0"),
    "other-entry": link([entry(0), attribute(9, bytes(4)), entry(1)], 2),
    "no-list": message(nl.NEWLINK, bytes(16) + attribute(nl.IFNAME, b"fake0\0") + attribute(nl.NUM_VF, number(2))),
}
# A list of which the 16 bits say 0: its entries have 65,532 bytes.
ZERO = [entry(vf, more=4) for vf in range(900)]
ZERO.append(entry(900, more=65532 - len(b"".join(ZERO)) - 64))
LONG = {
    "300": link([entry(vf) for vf in range(300)]), "2000-wrapped": link([entry(vf) for vf in range(2000)]),
    "1000-wrapped": link([entry(vf) for vf in range(1000)]),
    "1000-gap": link([entry(vf) for vf in range(1000) if vf != 1]),
    "1000-one-less": link([entry(vf) for vf in range(1000)], off=-len(entry(0))), "zero": link(ZERO, 901),
    "2000-descending": link([entry(vf) for vf in range(1999)] + [entry(5)], 2000),
}


def main():
    directory = pathlib.Path(sys.argv[1])
    for kind, prefix, answers in ((0, "verdict", VERDICTS), (1, "link", LINKS | LONG), (2, "link-get", LINKS | LONG)):
        for name, answer in answers.items():
            (directory / f"{prefix}-{name}").write_bytes(bytes([kind]) + answer)
    (directory / "verdict-another").write_bytes(b"\x80" + VERDICTS["ack"])


main()
