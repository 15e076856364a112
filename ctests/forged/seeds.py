"""Writes answers that a kernel may send, one per file. ctests/forged/answers.c explains the first byte, and changes one
number or the length of each.

usage: seeds.py DIRECTORY
"""
import errno
import pathlib
import struct
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import netlink as nl
from netlink import CAPPED, NESTED, TLVS, attribute, error, message


def number(*values):
    return struct.pack(f"={len(values)}I", *values)


def mac(vf, more=26):
    return attribute(nl.VF_MAC, number(vf) + bytes([0x52, 0x54, 0, 0, 0, vf & 255]) + bytes(more))


def vlan(vf, vlanid=0, qos=0):
    return attribute(nl.VF_VLAN, number(vf, vlanid, qos))


def tag(vf, kind=1):
    """The VLAN with its protocol: 802.1Q, in network byte order."""
    return attribute(12 | NESTED, attribute(kind, number(vf, 0, 0) + b"\x81\0\0\0"))


def of_parts(*parts):
    return attribute(nl.VF_INFO | NESTED, b"".join(parts))


def entry(vf, vlanid=0, qos=0, more=12):
    return of_parts(mac(vf), vlan(vf, vlanid, qos), attribute(6, bytes(more)))


def entries(*vfs):
    return [entry(vf) for vf in vfs]


def link(listed, said=None, off=0, after=attribute(39, b"\0"), before=b""):
    """An interface and its list. As in Linux, the list's length has only its lower 16 bits."""
    body = b"".join(listed)
    body = struct.pack("=HH", (len(body) + 4 + off) & 0xffff, nl.VFINFO_LIST | NESTED) + body
    count = attribute(nl.NUM_VF, number(len(listed) if said is None else said))
    return message(nl.NEWLINK, bytes(16) + attribute(nl.IFNAME, b"fake0\0") + count + before + body + after)


EXT_ACK = attribute(1, b"Attribute failed policy validation\0") + attribute(2, number(36))
VERDICTS = [
    error(0, CAPPED), error(0, rest=bytes(84)), error(0, CAPPED) + error(-errno.EPERM, CAPPED),
    error(0, rest=bytes(1100)), *(message(nl.DONE, payload) for payload in (b"", bytes(4), b"\xf0\xff\xff\xff")),
    error(-4095), error(-errno.EAGAIN, CAPPED), error(-errno.EBUSY, CAPPED), error(-errno.EPERM, rest=bytes(84)),
    error(-errno.EINVAL, TLVS | CAPPED, EXT_ACK), error(-errno.ERANGE, TLVS, bytes(84) + EXT_ACK),
    error(-errno.EINVAL, TLVS | CAPPED, b"\xff\xff\1\0words"),
    error(-errno.EINVAL, TLVS | CAPPED, attribute(1, b"")), message(20, bytes(40)),
]
# The calls read VF 1. A list with a 16-bit length of 0: it has 65,532 bytes of entries, and 4 before them.
ZERO = [entry(vf, more=4) for vf in range(900)]
ZERO.append(entry(900, more=65532 - len(b"".join(ZERO)) - 64))
LINKS = [
    error(-errno.ENODEV), error(0), message(nl.NEWLINK, bytes(16) + attribute(nl.NUM_VF, number(2))),
    link([]), link(entries(0)), link(entries(1), 2), link(entries(0, 1)), link(entries(*range(7))),
    # A gap; a VF twice; the wrong order; an attribute that is not an entry.
    link(entries(0, 2), 3), link(entries(1, 1)), link(entries(1, 0)),
    link([entry(0), attribute(9, bytes(4)), entry(1)]),
    # The values of a VF; attributes that are missing or there twice.
    link([entry(0), entry(1, 4095)]), link([entry(0), entry(1, 0, 7)]),
    *(link([entry(0), of_parts(*parts)]) for parts in (
        [], [mac(1)], [vlan(1)], [mac(1, more=22), vlan(1)], [mac(1), mac(1), vlan(1)], [mac(1), vlan(1), vlan(1)],
        [mac(1), vlan(1), tag(1)], [mac(1), vlan(1), tag(1), tag(1)], [mac(1), vlan(1), tag(1, kind=2)],
        [mac(1), vlan(1), attribute(12, b"")])),
    # Other attributes before and after the list; two lists; two numbers of VFs.
    link(entries(0, 1), after=b""), link(entries(0, 1), after=attribute(nl.VFINFO_LIST, b"")),
    link(entries(0, 1), before=attribute(nl.NUM_VF, number(2))), link(entries(0, 1), after=attribute(1, bytes(6))),
    # Short and long lists (the length wraps), with the right length, and with that of one entry less.
    *(link(entries(*range(vfs)), off=off) for vfs in (2, 300, 1000) for off in (0, -len(entry(0)))), link(ZERO),
    link(entries(0, *range(2, 1000)), 1000), link(entries(*range(1999), 5)),
]
for kind, answers in enumerate((VERDICTS, LINKS, LINKS)):
    for i, answer in enumerate(answers):
        (pathlib.Path(sys.argv[1]) / f"{kind}-{i}").write_bytes(bytes([kind]) + answer)
# With another sequence number.
(pathlib.Path(sys.argv[1]) / "0-other").write_bytes(b"\x80" + VERDICTS[0])
