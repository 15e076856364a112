"""virnetdevvf-check sends the same bytes to a driver as the library; TAP.

usage: same_bytes.py LIBRARY        with sent.so (sent.c) preloaded
"""
import ctypes
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import tap
from made_host import check

library, shim = ctypes.CDLL(sys.argv[1]), ctypes.CDLL(None)
SEQUENCE = slice(8, 12)


def sent():
    """The message that the library wanted to send, without its sequence number."""
    length = ctypes.c_size_t.in_dll(shim, "sent_length").value
    message = bytearray((ctypes.c_ubyte * length).in_dll(shim, "sent"))
    message[SEQUENCE] = bytes(4)
    return bytes(message)


def without_sequence(message):
    return message[:SEQUENCE.start] + bytes(4) + message[SEQUENCE.stop:]


mac = bytes.fromhex("52540012345f")
retry = ctypes.c_bool(False)
library.virNetDevSetVfMac(b"eth0", 7, (ctypes.c_ubyte * 6)(*mac), ctypes.byref(retry))
ours = check.set_vf_message("eth0", check.IFLA_VF_MAC, check.struct.pack("=I32s", 7, mac))
tap.test("check: the bytes of a MAC are the library's", without_sequence(ours) == sent(),
         f"{ours.hex()}\n{sent().hex()}")
vlan = check.struct.pack("=III", 65535, 4094, 3)
library.virNetDevSendVfSetLinkRequest(b"interface-of-15", 2, vlan, len(vlan))
ours = check.set_vf_message("interface-of-15", check.IFLA_VF_VLAN, vlan)
tap.test("check: the bytes of a VLAN are the library's", without_sequence(ours) == sent(),
         f"{ours.hex()}\n{sent().hex()}")
tap.done_testing()
