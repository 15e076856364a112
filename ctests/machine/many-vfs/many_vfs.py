#!/usr/bin/env python3
"""Which program can read the MAC and VLAN of many VFs: in the emulated machine, with the PF of the module many; TAP.

usage: many_vfs.py MODULE LIBDIR

The programs: the installed iproute2, the static function of libvirt that virNetDevSaveNetConfig() calls before a guest
starts, and this library's virNetDevGetVfConfig(). Then what the library does with what it reads, where a list of seven
VFs (ctests/machine/answers) does not show it. The table is in lines that start with `# = `.
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
series = tuple(int(part) for part in os.uname().release.split(".")[:2])
# What the kernel lists at most, asked without statistics, since Linux 7.2; before, its lists have no limit.
CAP = 256 if series >= (7, 2) else 4096
libvirt = ctypes.CDLL("libvirt.so.0")
libvirt.virInitialize()
library = ctypes.CDLL(f"{sys.argv[2]}/libvirnetdevvf.so.0")
library.virNetDevVfLastError.restype = ctypes.c_char_p


def made(vfs):
    """What each VF has at first: number -> (MAC, VLAN)."""
    return {vf: (f"52:54:00:01:{vf >> 8:02x}:{vf & 255:02x}", vf % 4095 if vf % 2 else 0) for vf in vfs}


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


# --- the programs: VF number -> (MAC, VLAN), for those that it reads ---------------------------------

def iproute2(*options):
    result = subprocess.run(["ip", "-j", *options, "-d", "link", "show", PF], capture_output=True, text=True)
    try:
        listed = json.loads(result.stdout)[0].get("vfinfo_list", [])
    except (ValueError, LookupError):
        return {}
    return {vf["vf"]: (vf["address"], (vf.get("vlan_list") or [vf])[0].get("vlan", 0))
            for vf in listed if "address" in vf}


def libvirt_reader(vfs):
    seen = {}
    for vf in range(vfs):
        file = SAVED / f"{PF}_vf{vf}"
        file.unlink(missing_ok=True)
        if libvirt.virNetDevSaveNetConfig(PF.encode(), vf, str(SAVED).encode(), True) == 0:
            saved = json.loads(file.read_text())
            seen[vf] = (saved["adminMac"], max(saved["vlanTag"], 0))
    return seen


def get(vf):
    """virNetDevGetVfConfig(): its result, and what it wrote, or None where it wrote nothing."""
    mac, vlan = (ctypes.c_ubyte * 6)(*b"\xff" * 6), ctypes.c_int(-7)
    result = library.virNetDevGetVfConfig(PF.encode(), vf, mac, ctypes.byref(vlan))
    return result, None if (bytes(mac), vlan.value) == (b"\xff" * 6, -7) else (bytes(mac).hex(":"), vlan.value)


def library_reader(vfs):
    answers = {vf: get(vf) for vf in range(vfs)}
    return {vf: values for vf, (result, values) in answers.items() if result == 0}


# --- the table ---------------------------------------------------------------------------------------

def ranges(seen, count):
    """Those that are read and right: 0-2,5."""
    vfs = [vf for vf, values in made(range(count)).items() if seen.get(vf) == values]
    if not vfs or len(vfs) == count:
        return "all" if vfs else "none"
    first = [vf for vf in vfs if vf - 1 not in vfs]
    last = [vf for vf in vfs if vf + 1 not in vfs]
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in zip(first, last))


def make_table():
    number = ctypes.c_ulong()
    libvirt.virGetVersion(ctypes.byref(number), None, None)
    version = f"{number.value // 1000000}.{number.value // 1000 % 1000}.{number.value % 1000}"
    ip_version = subprocess.run(["ip", "-V"], capture_output=True, text=True).stdout.split("-")[1].split(",")[0]
    rows = [["VFs", f"iproute2 {ip_version}", "the same, ip -s", f"libvirt {version}", "this library"]]
    fresh(0)
    for count in COUNTS:
        parameter("vfs", count)
        readers = iproute2(), iproute2("-s"), libvirt_reader(count), library_reader(count)
        rows.append([str(count), *(ranges(seen, count) for seen in readers)])
        test(f"{count} VFs: the library reads each one that the kernel lists, and no other",
             readers[-1] == made(range(min(count, CAP))), readers[-1])
        # If a libvirt can read them, this library's documents must change.
        test(f"{count} VFs: libvirt by itself {'reads' if count <= 128 else 'does not read'} the last VF",
             (readers[2].get(count - 1) == made([count - 1])[count - 1]) == (count <= 128), rows[-1])
    print("# = Linux {}.{}: which VFs each program can read".format(*series))
    for row in rows:
        print("# = " + f"{row[0]:<5} {row[1]:<15} {row[2]:<16} {row[3]:<15} {row[4]}".rstrip())


# --- what the library does with what it reads --------------------------------------------------------

def gaps(count, missing):
    fresh(count, gap=missing)
    test(f"{count} VFs, one of them in reset: the library reads all others that the kernel lists",
         library_reader(count) == made(vf for vf in range(min(count, CAP)) if vf != missing), library_reader(count))
    test(f"{count} VFs: one in reset is -ENODATA, and the outputs are untouched",
         get(missing) == (-errno.ENODATA, None), get(missing))


def vlan(title, vf, value, error):
    """virNetDevSetVfVlan() of a VF; None is an implicit clear."""
    value = None if value is None else ctypes.byref(ctypes.c_int(value))
    result = library.virNetDevSetVfVlan(PF.encode(), vf, value)
    test(title, result == -error, f"{result}: {library.virNetDevVfLastError().decode()}")


def refused(count, vf):
    """A DPU's answers for V4, V5 and C5, which read the VF: one without a VLAN, and the next, which has one."""
    title, tagged = f"VF {vf} of {count}", f"VF {vf + 1} of {count}, VLAN {vf + 1}"
    fresh(count, clear=errno.EPERM, set=errno.EPERM)
    vlan(f"{title}, no VLAN: an explicit clear that is refused is a success", vf, 0, 0)
    mac, retry = (ctypes.c_ubyte * 6)(*b"\x52\x54\0\xaa\xbb\x01"), ctypes.c_bool(True)
    result = library.virNetDevSetVfConfig(PF.encode(), vf, mac, ctypes.byref(ctypes.c_int(42)), ctypes.byref(retry))
    test(f"{title}: a configuration with VLAN 42 is -EPERM", result == -errno.EPERM, result)
    test(f"{title}: ... and its MAC is what it was", get(vf) == (0, made([vf])[vf]), get(vf))
    vlan(f"{tagged}: an explicit clear that is refused is -EPERM", vf + 1, 0, errno.EPERM)
    vlan(f"{tagged}: the same VLAN is a success", vf + 1, vf + 1, 0)
    # A VF in reset in the middle of the list: its neighbours are read.
    parameter("gap", vf)
    vlan(f"{tagged}, with VF {vf} in reset: the same VLAN is a success", vf + 1, vf + 1, 0)


def not_listed(count, vf):
    """What a VF has that the kernel does not list is not known: no refusal is a success."""
    fresh(count, clear=errno.EPERM, set=errno.EPERM)
    title = f"VF {vf} of {count}, not listed"
    test(f"{title}: -ENODATA", get(vf) == (-errno.ENODATA, None), get(vf))
    vlan(f"{title}: an explicit clear that is refused is -EPERM", vf, 0, errno.EPERM)
    vlan(f"{title}: an implicit clear is tolerated", vf, None, 0)


SAVED.mkdir()
make_table()
gaps(1000, 200)
if CAP == 256:
    refused(300, 200)
    not_listed(300, 280)
else:
    refused(1000, 900)
done_testing()
