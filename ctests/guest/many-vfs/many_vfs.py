#!/usr/bin/env python3
"""Which program can read the MAC and VLAN of many VFs: in the guest, with the PF of the module many; prints TAP.

usage: many_vfs.py MODULE LIBDIR

iproute2 as it is installed, libvirt's own reader (static in its library, reached by what it saves before a guest
starts, virNetDevSaveNetConfig()), and this library's virNetDevGetVfConfig(). Then what the library does with what
it reads. The table comes in lines that start with `# = `.
"""
import ctypes
import errno
import json
import os
import pathlib
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "lib"))
from tap import done_testing, test

PF = "many0"
PARAMETERS = pathlib.Path("/sys/module/many/parameters")
COUNTS = (64, 128, 222, 256, 335, 1000, 2000)
SAVED = pathlib.Path("/run/saved")
# What the kernel lists at most, asked without statistics, since Linux 7.2; before, its lists have no limit.
CAP = 256
release = os.uname().release
capped = tuple(int(part) for part in release.split(".")[:2]) >= (7, 2)


def mac_of(vf):
    return f"52:54:00:01:{vf >> 8:02x}:{vf & 255:02x}"


def vlan_of(vf):
    """As the module makes them."""
    return vf % 4095 if vf % 2 else 0


def parameter(name, value):
    (PARAMETERS / name).write_text(str(value))


def fresh(vfs, **parameters):
    """The module loaded anew: every VF as it was."""
    if PARAMETERS.exists():
        subprocess.run(["rmmod", "many"], check=True)
    words = [f"{name}={value}" for name, value in parameters.items()]
    subprocess.run(["insmod", sys.argv[1], f"vfs={vfs}", *words], check=True)
    # libvirt wants it online.
    subprocess.run(["ip", "link", "set", PF, "up"], check=True)


# --- the readers: VF number -> (MAC, VLAN), for those that it reads ----------------------------------

def iproute2(*options):
    result = subprocess.run(["ip", "-j", *options, "-d", "link", "show", PF], capture_output=True, text=True)
    try:
        listed = json.loads(result.stdout)[0].get("vfinfo_list", [])
    except (ValueError, LookupError):
        return {}
    return {vf["vf"]: (vf["address"], (vf.get("vlan_list") or [vf])[0].get("vlan", 0))
            for vf in listed if "address" in vf}


libvirt = ctypes.CDLL("libvirt.so.0")
libvirt.virInitialize()
libvirt.virNetDevSaveNetConfig.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_bool]


def libvirt_version():
    number = ctypes.c_ulong()
    libvirt.virGetVersion(ctypes.byref(number), None, None)
    return f"{number.value // 1000000}.{number.value // 1000 % 1000}.{number.value % 1000}"


def libvirt_reader(vfs):
    seen = {}
    for vf in range(vfs):
        file = SAVED / f"{PF}_vf{vf}"
        file.unlink(missing_ok=True)
        if libvirt.virNetDevSaveNetConfig(PF.encode(), vf, str(SAVED).encode(), True) == 0:
            saved = json.loads(file.read_text())
            seen[vf] = (saved["adminMac"], max(saved["vlanTag"], 0))
    return seen


class Mac(ctypes.Structure):
    _fields_ = [("addr", ctypes.c_ubyte * 6)]

    def __str__(self):
        return ":".join(f"{byte:02x}" for byte in self.addr)


library = ctypes.CDLL(f"{sys.argv[2]}/libvirnetdevvf.so.0")
library.virNetDevVfLastError.restype = ctypes.c_char_p


def get(vf, pf=PF):
    """virNetDevGetVfConfig(): its result, and what it wrote, or None where it wrote nothing."""
    mac, vlan = Mac((ctypes.c_ubyte * 6)(*b"\xff" * 6)), ctypes.c_int(-7)
    result = library.virNetDevGetVfConfig(pf.encode(), vf, ctypes.byref(mac), ctypes.byref(vlan))
    untouched = str(mac) == "ff:ff:ff:ff:ff:ff" and vlan.value == -7
    return result, None if untouched else (str(mac), vlan.value)


def library_reader(vfs):
    answers = {vf: get(vf) for vf in range(vfs)}
    return {vf: values for vf, (result, values) in answers.items() if result == 0}


def set_vlan(vf, vlan):
    return library.virNetDevSetVfVlan(PF.encode(), vf, None if vlan is None else ctypes.byref(ctypes.c_int(vlan)))


def set_config(vf, mac, vlan):
    retry = ctypes.c_bool(True)
    address = Mac((ctypes.c_ubyte * 6)(*bytes.fromhex(mac.replace(":", ""))))
    tag = None if vlan is None else ctypes.byref(ctypes.c_int(vlan))
    return library.virNetDevSetVfConfig(PF.encode(), vf, ctypes.byref(address), tag, ctypes.byref(retry))


def message():
    return library.virNetDevVfLastError().decode()


# --- the table ---------------------------------------------------------------------------------------

def right(seen):
    return {vf for vf, values in seen.items() if values == (mac_of(vf), vlan_of(vf))}


def ranges(vfs, count):
    """{0, 1, 2, 5} -> 0-2,5."""
    if not vfs or len(vfs) == count:
        return "all" if vfs else "none"
    first = [vf for vf in sorted(vfs) if vf - 1 not in vfs]
    last = [vf for vf in sorted(vfs) if vf + 1 not in vfs]
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(first, last))


def make_table():
    fresh(0)
    version = libvirt_version()
    ip_version = subprocess.run(["ip", "-V"], capture_output=True, text=True).stdout.split("-")[1].split(",")[0]
    rows, series = [], ".".join(release.split(".")[:2])
    for count in COUNTS:
        parameter("vfs", count)
        readers = {"ip": iproute2(), "ip -s": iproute2("-s"),
                   "libvirt": libvirt_reader(count), "library": library_reader(count)}
        good = {name: right(seen) for name, seen in readers.items()}
        wrong = {name: sorted(seen.keys() - good[name]) for name, seen in readers.items()}
        rows.append([str(count), *(ranges(good[name], count) for name in readers)])
        wanted = set(range(min(count, CAP) if capped else count))
        test(f"{count} VFs: the library reads each one that the kernel lists, and no other", good["library"] == wanted,
             ranges(good["library"], count))
        test(f"{count} VFs: what the library reads is right", not wrong["library"], wrong["library"])
        # Should a libvirt read them by itself, this library's documents have to change.
        last = count - 1 in good["libvirt"]
        test(f"{count} VFs: libvirt by itself {'reads' if count <= 128 else 'does not read'} the last VF",
             last == (count <= 128), ranges(good["libvirt"], count))
    head = ["VFs", f"iproute2 {ip_version}", "the same, ip -s", f"libvirt {version}", "this library"]
    print(f"# = Linux {series}: which VFs each program can read")
    for row in [head, *rows]:
        print("# = " + f"{row[0]:<5} {row[1]:<15} {row[2]:<16} {row[3]:<15} {row[4]}".rstrip())


# --- what the library does with what it reads --------------------------------------------------------

def gaps():
    for count, missing in ((140, (0, 70, 139)), (1000, (1, 2, 200, 999))):
        fresh(count, gap=",".join(map(str, missing)))
        listed = [vf for vf in range(count) if vf not in missing]
        wanted = set(listed if not capped else [vf for vf in listed if vf < CAP])
        seen = library_reader(count)
        test(f"{count} VFs, {len(missing)} of them in reset: the library reads all others that the kernel lists",
             right(seen) == wanted and seen.keys() == wanted,
             f"{ranges(seen.keys(), count)}, not {ranges(wanted, count)}")
        answers = {vf: get(vf) for vf in missing}
        test(f"{count} VFs: one in reset is -ENODATA, and the outputs are untouched",
             all(answer == (-errno.ENODATA, None) for answer in answers.values()), answers)
        test(f"{count} VFs: the message says so", bool(message()), message())
        outside = {vf: get(vf) for vf in (count, count + 1, 0x7fffffff, -1)}
        test(f"{count} VFs: one that is not there is -ENOENT",
             all(answer == (-errno.ENOENT, None) for answer in outside.values()), outside)


def no_list():
    fresh(0)
    test("0 VFs: VF 0 is -ENOENT", get(0) == (-errno.ENOENT, None), get(0))
    test("lo has no VFs: -EOPNOTSUPP", get(0, "lo") == (-errno.EOPNOTSUPP, None), get(0, "lo"))
    test("no such interface: -ENODEV", get(0, "nope0") == (-errno.ENODEV, None), get(0, "nope0"))


def refused(count, vf):
    """A DPU's answers: V4, V5 and C5, which read the VF back."""
    fresh(count)
    title = f"VF {vf} of {count}"
    set_vlan(vf, 0)
    parameter("clear", errno.EPERM)
    parameter("set", errno.EPERM)
    test(f"{title}, no VLAN: an explicit clear that is refused is a success", set_vlan(vf, 0) == 0, message())
    test(f"{title}, no VLAN: VLAN 7 is -EPERM", set_vlan(vf, 7) == -errno.EPERM, message())
    test(f"{title}: a configuration with VLAN 42 is -EPERM",
         set_config(vf, "52:54:00:aa:bb:01", 42) == -errno.EPERM, message())
    test(f"{title}: ... and its MAC is what it was", get(vf) == (0, (mac_of(vf), 0)), get(vf))
    test(f"{title}: ... and its neighbour is as it was",
         get(vf + 1) == (0, (mac_of(vf + 1), vlan_of(vf + 1))), get(vf + 1))
    parameter("set", 0)
    set_vlan(vf, 7)
    parameter("set", errno.EPERM)
    test(f"{title}, VLAN 7: an explicit clear that is refused is -EPERM", set_vlan(vf, 0) == -errno.EPERM, message())
    test(f"{title}, VLAN 7: VLAN 7 is a success", set_vlan(vf, 7) == 0, message())
    test(f"{title}, VLAN 7: VLAN 8 is -EPERM", set_vlan(vf, 8) == -errno.EPERM, message())
    test(f"{title}, VLAN 7: an implicit clear is -EPERM", set_vlan(vf, None) == -errno.EPERM, message())
    # A VF in reset in the middle of the list: its neighbours are read, of itself nothing is known.
    parameter("gap", vf - 1)
    test(f"{title}, with VF {vf - 1} in reset: VLAN 7 is a success", set_vlan(vf, 7) == 0, message())
    parameter("gap", vf)
    test(f"{title}, in reset: VLAN 7 is -EPERM", set_vlan(vf, 7) == -errno.EPERM, message())


def not_listed(count, vf):
    """What the kernel does not list cannot be known: nothing is taken for granted."""
    fresh(count, clear=errno.EPERM, set=errno.EPERM)
    title = f"VF {vf} of {count}, not listed"
    test(f"{title}: -ENODATA", get(vf) == (-errno.ENODATA, None), get(vf))
    test(f"{title}: an explicit clear that is refused is -EPERM", set_vlan(vf, 0) == -errno.EPERM, message())
    test(f"{title}: an implicit clear is tolerated", set_vlan(vf, None) == 0, message())


SAVED.mkdir()
make_table()
gaps()
no_list()
refused(64, 30)
if capped:
    refused(300, 200)
    not_listed(300, 280)
else:
    refused(1000, 900)
    refused(300, 280)
done_testing()
