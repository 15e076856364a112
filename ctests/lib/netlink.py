"""Valid and malformed netlink messages and attributes as bytes (netlink(7)); pyroute2 makes no malformed lengths."""
import struct

ERROR, DONE, NEWLINK, SETLINK = 2, 3, 16, 19
# Flags of a request. Flags of an answer: it does not repeat the request (CAPPED), attributes follow (TLVS).
REQUEST, ACK = 1, 4
CAPPED, TLVS = 0x100, 0x200
NESTED = 0x8000
# Attributes of a link, and of an extended ACK.
IFNAME, NUM_VF, VFINFO_LIST, VF_INFO, VF_MAC, VF_VLAN = 3, 21, 22, 1, 1, 2
ACK_TEXT = 1


def attribute(kind, payload):
    return struct.pack("=HH", len(payload) + 4, kind) + payload + bytes(-len(payload) % 4)


def attributes(data):
    """The kind and the payload of each attribute in `data`."""
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        yield kind, data[4:length]
        data = data[(length + 3) & ~3:]


def message(kind, payload, flags=0, length=None, sequence=0):
    """`length`, if given, replaces the real length in the header."""
    length = 16 + len(payload) if length is None else length
    return struct.pack("=IHHII", length, kind, flags, sequence, 0) + payload


def error(number, flags=0, rest=b"", echoed=100):
    """The answer to a request of `echoed` bytes; `rest` follows the header of that request."""
    return message(ERROR, struct.pack("=i", number) + message(SETLINK, b"", REQUEST | ACK, echoed) + rest, flags)
