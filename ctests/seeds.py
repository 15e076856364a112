"""Writes answers that a kernel might give, one a file, for ctests/c/answers.c (which says what the first byte is).

usage: seeds.py DIRECTORY
"""
import errno
import pathlib
import struct
import sys

ERROR, DONE, NEWLINK = 2, 3, 16
CAPPED, TLVS = 0x100, 0x200


def attribute(kind, payload):
    return struct.pack("=HH", len(payload) + 4, kind) + payload + bytes(-len(payload) % 4)


def message(kind, payload, flags=0, length=None):
    return struct.pack("=IHHII", 16 + len(payload) if length is None else length, kind, flags, 0, 0) + payload


def error(number, flags=0, rest=b"", echoed=100):
    return message(ERROR, struct.pack("=i", number) + struct.pack("=IHHII", echoed, 19, 5, 0, 0) + rest, flags)


def entry(vf, vlan=0, qos=0, mac=True):
    parts = attribute(1, struct.pack("=I", vf) + bytes([0x52, 0x54, 0, 0, 0, vf & 255]) + bytes(26)) if mac else b""
    return attribute(1 | 0x8000, parts + attribute(2, struct.pack("=III", vf, vlan, qos)) + attribute(6, bytes(12)))


def link(entries, said=None, wrap=False):
    body = b"".join(entries)
    if wrap:
        body = struct.pack("=HH", (len(body) + 4) & 0xffff, 22 | 0x8000) + body
    else:
        body = attribute(22 | 0x8000, body)
    number = attribute(21, struct.pack("=I", len(entries) if said is None else said))
    return message(NEWLINK, bytes(16) + attribute(3, b"fake0\0") + number + body + attribute(33, b"\0"))


ext_ack = attribute(1, b"Attribute failed policy validation\0") + attribute(2, struct.pack("=I", 36))
VERDICTS = {
    "ack": error(0, CAPPED), "ack-whole": error(0, rest=bytes(84)), "done": message(DONE, b""),
    "done-number": message(DONE, struct.pack("=i", 0)), "done-error": message(DONE, struct.pack("=i", -errno.EBUSY)),
    "eperm": error(-errno.EPERM, rest=bytes(84)), "einval-words": error(-errno.EINVAL, TLVS | CAPPED, ext_ack),
    "erange-words": error(-errno.ERANGE, TLVS, bytes(84) + ext_ack), "positive": error(1), "most": error(-4095), "beyond": error(-4096),
    "least": error(-2**31), "other": message(20, bytes(40)), "two": error(0, CAPPED) + error(-errno.EPERM, CAPPED),
    "words-broken": error(-errno.EINVAL, TLVS | CAPPED, b"\xff\xff\1\0words"), "empty-words": error(-errno.EINVAL, TLVS | CAPPED, attribute(1, b"")),
    "too-long": error(0, rest=bytes(1100)), "echo-too-long": error(-errno.EINVAL, TLVS, ext_ack, echoed=0xfffffff0),
}
LINKS = {
    "one": link([entry(1)]), "two": link([entry(0), entry(1)]), "seven": link([entry(vf) for vf in range(7)]),
    "vlan": link([entry(0), entry(1, 42)]), "priority": link([entry(0), entry(1, 0, 5)]), "no-mac": link([entry(1, mac=False)]),
    "fewer": link([entry(0), entry(1)], 3), "more": link([entry(0), entry(1)], 1), "none": link([]), "twice": link([entry(1), entry(1)]),
    "error": error(-errno.ENODEV), "ack": error(0), "entry-empty": link([attribute(1, b"")]),
}
LONG = {
    "300": link([entry(vf) for vf in range(300)]), "2000-wrapped": link([entry(vf) for vf in range(2000)], wrap=True),
    "800-wrapped": link([entry(vf) for vf in range(800)], wrap=True),
}


def main():
    directory = pathlib.Path(sys.argv[1])
    for kind, answers in ((0, VERDICTS), (1, LINKS), (1, LONG)):
        for name, answer in answers.items():
            (directory / f"{'verdict' if kind == 0 else 'link'}-{name}").write_bytes(bytes([kind]) + answer)
    (directory / "verdict-another").write_bytes(b"\x80" + VERDICTS["ack"])


main()
