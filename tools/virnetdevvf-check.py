#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reports which SR-IOV NICs and which libvirt a host has, and whether its guests need libvirnetdevvf.

It only reads, and changes nothing; only --probe and --card send requests to a driver. See virnetdevvf-check(8). It is
one file that needs nothing but Python 3.9: copied to a host, it answers before anything is installed there.
"""

import argparse
import array
import contextlib
import errno
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import textwrap
from xml.etree import ElementTree

VERSION = "0.2.0"
DAEMONS = ("libvirtd", "virtqemud", "virtlxcd", "virtnetworkd", "virtxend")
# Each driver's connection, and the daemon of its own.
CONNECTIONS = {"qemu:///system": "virtqemud", "lxc:///system": "virtlxcd", "xen:///system": "virtxend"}
LIBRARY = "libvirnetdevvf.so"
# The first libvirt that has the functions, and the last that was tested with the library.
FIRST_LIBVIRT, TESTED_LIBVIRT = (8, 1), (12, 8)
# libvirt sets this MAC if a driver refuses an all-zero MAC.
FALLBACK_MAC = "02:00:00:00:00:00"
NO_MAC = "00:00:00:00:00:00"
# The VLAN that --probe and --card try: a highest usable one (IEEE 802.1Q: 0xFFF is reserved).
TRIAL_VLAN = 4094
# Some drivers list this number for a VF without a VLAN (mlx4, qlcnic).
GUEST_VLAN = 4095

OK, ACTION, UNKNOWN = "ok", "action", "unknown"
EXIT = {OK: 0, ACTION: 1, UNKNOWN: 2}
MARKS = {OK: "ok", ACTION: "TO DO", UNKNOWN: "not known"}
EXIT_USAGE = 64

# How a PF answers: do its guests need the library, and why.
ONLY_VLANS = (
    "The library changes something only for guests with <vlan>: they start neither with it nor without it, but with it "
    "the error says why, and the VF keeps its MAC"
)
KINDS = {
    "ordinary": ("no", "the PF sets the MAC and the VLAN of its VFs: you do not need the library"),
    "no-vlans": (
        "yes",
        "the driver sets no VLANs, and refuses even to remove one: you need the library for guests on it. Without the "
        "library no guest on this PF starts; with it, guests without <vlan> start",
    ),
    "grants-clear": ("only-with-vlan", "the PF removes a VLAN and refuses to set one. " + ONLY_VLANS),
    "refuses-both": (
        "yes",
        "the PF refuses to set a VLAN and to remove one: you need the library for guests on it. Without the library, "
        f"macvtap guests do not start and others leave their VF at {FALLBACK_MAC}; with it, those without <vlan> start",
    ),
    "switchdev": ("only-with-vlan", "VLANs are set on the VFs' representors, not on the PF. " + ONLY_VLANS),
    "in-reset": (
        "only-in-reset",
        "the PF sets the MAC and the VLAN of its VFs, but not while a VF is in reset: you need the library only if "
        "guests do not start for that reason (EAGAIN, EBUSY or EINVAL in libvirt's log). It tries again for 2 seconds. "
        "Where libvirt says \"couldn't find IFLA_VF_INFO\", a preload does not help, only a libvirt built with it",
    ),
    "pf-down": ("no-help", "while the PF is down no guest on it starts, with or without the library"),
    "no-list": (
        "no-help",
        "the driver lists no VFs: libvirt starts no guest on them, with or without the library",
    ),
}
# The strongest first.
NEEDS = {
    "yes": "yes",
    "unknown": "not known yet",
    "only-with-vlan": "no, but those with <vlan> get a better error",
    "only-in-reset": "only if they do not start while a VF is in reset",
    "no-help": "it does not help them",
    "no": "no",
}
# What each driver answers, by its name in sysfs. Made by ctests/drivers/drivers.py --update; drivers.tsv explains it.
DRIVERS = """\
igb - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
igb full 7.3.4 ordinary 0 0 0 0 0 EEXIST 0 yes 0 - old -
ixgbe - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
ixgbe full 7.3.4 ordinary 0 0 0 0 0 ENOSPC 0 yes 0 - old cleared
i40e - 7.3.4 in-reset 0 0 0 0 0 0 0 yes 0 EAGAIN old -
i40e no-vsi 7.3.4 in-reset 0 0 0 0 0 0 0 gap 0 EINVAL old -
i40e late-error 7.3.4 ordinary 0 0 0 0 0 EINVAL 0 yes 0 - old applied
i40e 6.1 6.1.176 in-reset 0 0 0 0 0 0 0 yes 0 EAGAIN old -
ice - 7.3.4 in-reset 0 0 0 0 0 0 0 gap 0 EINVAL old -
ice no-vsi 7.3.4 in-reset 0 0 0 0 0 0 0 gap 0 EBUSY old -
fm10k - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
mlx5_core legacy 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
mlx5_core legacy-acl 7.3.4 ordinary 0 0 0 0 0 EINVAL 0 yes 0 - vlan -
mlx5_core no-cvlan 7.3.4 no-vlans 0 0 0 EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 yes 0 - old -
mlx5_core no-eswitch 7.3.4 refuses-both EPERM EPERM EPERM EPERM EPERM EPERM 0 yes 0 - old -
mlx5_core switchdev 7.3.4 switchdev 0 0 0 0 0 EOPNOTSUPP 0 yes 0 - old -
mlx5_core host 7.3.4 grants-clear 0 0 0 0 0 EPERM 0 yes 0 - old -
mlx5_core host-guid 7.3.4 grants-clear EACCES EACCES EACCES 0 0 EPERM 0 yes 0 - old applied
mlx5_core host-old 5.10.223 refuses-both 0 0 0 EPERM EPERM EPERM 0 yes 0 - old -
mlx5_core arm 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
mlx4_core - 7.3.4 ordinary 0 0 0 0 0 0 4095 yes 0 - old -
mlx4_core spoofchk 7.3.4 ordinary 0 EPERM 0 0 0 0 4095 yes 0 - old -
mlx4_core rate 7.3.4 ordinary 0 0 0 0 EPERM EPERM 4095 yes 0 - old -
mlx4_core no-control 7.3.4 no-vlans 0 0 0 EPROTONOSUPPORT EPROTONOSUPPORT EPROTONOSUPPORT 4095 yes 0 - old -
bnxt_en - 7.3.4 in-reset 0 0 0 0 0 0 0 yes 0 EAGAIN mac -
bnxt_en old-firmware 7.3.4 no-vlans 0 0 0 524 524 524 0 yes 0 EAGAIN mac -
bnxt_en denied 7.3.4 ordinary EACCES 0 0 0 0 0 0 yes 0 EAGAIN mac -
bnx2x - 7.3.4 pf-down 0 EINVAL 0 0 0 0 0 empty EINVAL - both -
bnx2x refused 7.3.4 pf-down 0 EINVAL 0 0 0 EINVAL 0 empty EINVAL - both -
be2net - 7.3.4 ordinary 0 EINVAL 0 0 0 0 0 yes 0 - old -
be2net no-privilege 7.3.4 refuses-both 0 EINVAL 0 EPERM EPERM EPERM 0 yes 0 - old -
cxgb4 - 7.3.4 ordinary 0 EINVAL 0 0 0 0 0 yes 0 - old -
enic - 7.3.4 no-list 0 0 0 EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 none 0 - old -
fsl_enetc - 7.3.4 no-list 0 EADDRNOTAVAIL 0 0 0 0 0 none 0 - old -
fsl_enetc rev1 7.3.4 no-list 0 EADDRNOTAVAIL 0 EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 none 0 - old -
funeth - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
hns3 - 7.3.4 in-reset 0 0 0 0 0 0 0 yes 0 EBUSY old -
hns3 v1 7.3.4 no-vlans 0 0 0 EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 yes 0 - old -
hns3 no-auth 7.3.4 grants-clear 0 0 0 0 EPERM EPERM 0 yes 0 - old -
hinic - 7.3.4 ordinary 0 EINVAL 0 0 0 0 0 yes 0 - old -
hinic refused 7.3.4 ordinary 0 EINVAL 0 0 0 EFAULT 0 yes 0 - old cleared
ionic - 7.3.4 in-reset 0 0 0 0 0 0 0 gap 0 EBUSY old -
ionic policy 7.3.4 refuses-both 0 0 0 EPERM EPERM EPERM 0 gap 0 EBUSY old -
LiquidIO - 7.3.4 ordinary 0 EINVAL 0 0 0 0 0 yes 0 - mac -
LiquidIO queue-full 7.3.4 refuses-both 0 EINVAL 0 EPERM EPERM EPERM 0 yes 0 - mac -
nfp - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - both -
nfp refused 7.3.4 refuses-both 0 0 0 EPERM EPERM EPERM 0 yes 0 - both -
nfp no-capability 7.3.4 no-vlans 0 0 0 EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 yes 0 - old -
rvu_nicpf - 7.3.4 pf-down 0 EINVAL 0 0 0 0 0 empty EAGAIN - vlan -
rvu_nicpf full 7.3.4 pf-down 0 EINVAL 0 0 0 421 0 empty EAGAIN - vlan cleared
rvu_nicpf no-vlan 7.3.4 no-vlans 0 EINVAL 0 EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 empty EAGAIN - old -
octeon_ep - 7.3.4 no-vlans 0 EADDRNOTAVAIL 0 EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 yes 0 - mac -
octeon_ep refused 7.3.4 no-vlans EAGAIN EADDRNOTAVAIL EAGAIN EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 yes 0 - mac -
qede - 7.3.4 in-reset 0 EINVAL 0 0 0 0 0 gap 0 EINVAL old -
qlcnic - 7.3.4 ordinary 0 EINVAL EINVAL 0 0 0 4095 yes 0 - old -
qlcnic driver-loaded 7.3.4 no-vlans EOPNOTSUPP EINVAL EINVAL EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 4095 yes 0 - old -
sfc - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
sfc bound 7.3.4 grants-clear 0 0 0 0 EPERM EPERM 0 yes 0 - old -
sfc_siena - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
netdevsim - 7.3.4 ordinary 0 0 0 0 0 0 0 yes 0 - old -
ipoib - 7.3.4 no-vlans EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP EOPNOTSUPP 0 yes 0 - old -
"""
# PF drivers that have none of the functions for a VF's MAC and VLAN (Linux 7.3).
WITHOUT_VFS = ("ena", "enetc4-pf", "eea", "hinic3", "idpf", "mana", "ngbe", "pds_core", "txgbe")
# mlx5's PCI device IDs of the PFs that a BlueField shows to its host (drivers/net/ethernet/mellanox/mlx5/core/main.c).
BLUEFIELD = ("15b3:a2d2", "15b3:a2d6", "15b3:a2dc", "15b3:a2df")
INFINIBAND = 32  # ARPHRD_INFINIBAND, linux/if_arp.h


class Host:
    """The files, the commands and the kernel of this host. Only methods of this class access them."""

    root = "/"

    def __init__(self):
        # Files that exist, but that this user may not read.
        self.unseen = []

    def path(self, path):
        return os.path.join(self.root, path.lstrip("/"))

    def read_bytes(self, path):
        try:
            with open(self.path(path), "rb") as file:
                return file.read()
        except PermissionError:
            self.unseen.append(path)
        except OSError:
            pass
        return None

    def read(self, path):
        """The file's text without white space at both ends, or None."""
        content = self.read_bytes(path)
        return None if content is None else content.decode("utf-8", "replace").strip()

    def link(self, path):
        """The last component of a symbolic link's target, or None."""
        try:
            return os.path.basename(os.readlink(self.path(path)))
        except OSError:
            return None

    def list(self, path):
        try:
            return sorted(os.listdir(self.path(path)))
        except OSError:
            return []

    def exists(self, path):
        return os.path.exists(self.path(path))

    def is_root(self):
        return os.geteuid() == 0

    def owner(self, path):
        try:
            return os.stat(self.path(path)).st_uid
        except OSError:
            return None

    def run(self, *command):
        """A command's standard output, or None if the command does not exist or fails."""
        environment = dict(os.environ, LC_ALL="C", PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin")
        # A daemon that only prints its version must not load the library.
        environment.pop("LD_PRELOAD", None)
        try:
            done = subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.decode("utf-8", "replace")

    def run_json(self, *command):
        try:
            return json.loads(self.run(*command) or "")
        except ValueError:
            return None

    def exchange(self, message):
        """Sends a message to rtnetlink and returns its answer. The kernel answers within send(2)."""
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
            kernel.settimeout(10)
            kernel.connect((0, 0))
            kernel.send(message)
            return kernel.recv(1 << 20)

    def ioctl(self, request, netdev, value=b""):
        """An ioctl about an interface (netdevice(7)); raises OSError if the kernel refuses it."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
            return fcntl.ioctl(any_socket, request, struct.pack("16s24s", netdev.encode(), value))

    def firmware(self, pf):
        """The firmware's version as `ethtool -i` prints it (linux/ethtool.h: struct ethtool_drvinfo), or None."""
        siocethtool, ethtool_gdrvinfo = 0x8946, 3
        info = array.array("B", struct.pack("=I192x", ethtool_gdrvinfo))
        try:
            self.ioctl(siocethtool, pf, struct.pack("P", info.buffer_info()[0]))
        except OSError:
            return None
        return info.tobytes()[68:100].split(b"\0")[0].decode("ascii", "replace") or None

    def has_address(self, netdev):
        siocgifaddr = 0x8915
        if re.search(rf" {re.escape(netdev)}$", self.read("/proc/net/if_inet6") or "", re.MULTILINE):
            return True
        try:
            self.ioctl(siocgifaddr, netdev)
        except OSError:
            return False
        return True


# --- rtnetlink: numbers of linux/netlink.h, linux/rtnetlink.h and linux/if_link.h ---

NLMSG_ERROR, RTM_NEWLINK, RTM_GETLINK, RTM_SETLINK = 2, 16, 18, 19
NLM_F_REQUEST, NLM_F_ACK, NLA_F_NESTED = 1, 4, 0x8000
IFLA_IFNAME, IFLA_VFINFO_LIST, IFLA_EXT_MASK, IFLA_VF_INFO = 3, 22, 29, 1
IFLA_VF_MAC, IFLA_VF_VLAN, IFLA_VF_VLAN_LIST, IFLA_VF_VLAN_INFO = 1, 2, 12, 1
# The VFs, without their statistics: with them the answer for many VFs is too long (EMSGSIZE).
RTEXT_FILTER_VF, RTEXT_FILTER_SKIP_STATS = 1, 8
IFF_UP = 1
ETH_P_8021Q, ETH_P_8021AD = 0x8100, 0x88A8
# The kernel's own errno that old firmware of bnxt answers, which no header of a program has.
ENOTSUPP = 524
NO_VLANS = (errno.EOPNOTSUPP, errno.EPROTONOSUPPORT, ENOTSUPP)


def attribute(kind, payload):
    return struct.pack("=HH", len(payload) + 4, kind) + payload + bytes(-len(payload) % 4)


def attributes(data):
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            return
        yield kind & ~NLA_F_NESTED, data[4:length]
        data = data[(length + 3) & ~3 :]


def link_message(kind, flags, pf, wanted):
    """A request about an interface: struct nlmsghdr, struct ifinfomsg, its name, one more attribute."""
    content = bytes(16) + attribute(IFLA_IFNAME, pf.encode() + b"\0") + wanted
    return struct.pack("=IHHII", 16 + len(content), kind, NLM_F_REQUEST | flags, 1, 0) + content


def ask(host, message):
    """Sends a message: (0 or an errno, what comes after the header of the answer)."""
    try:
        answer = host.exchange(message)
    except socket.timeout:
        return errno.ETIMEDOUT, b""
    except OSError as problem:
        return problem.errno or errno.EIO, b""
    try:
        length, kind = struct.unpack_from("=IH", answer)
        if kind == NLMSG_ERROR:
            return -struct.unpack_from("=i", answer, 16)[0], b""
    except struct.error:
        return errno.EBADMSG, b""
    return (0 if kind == RTM_NEWLINK else errno.EBADMSG), answer[16:length]


def set_vf_message(pf, kind, payload):
    info = attribute(IFLA_VF_INFO | NLA_F_NESTED, attribute(kind, payload))
    return link_message(RTM_SETLINK, NLM_F_ACK, pf, attribute(IFLA_VFINFO_LIST | NLA_F_NESTED, info))


def set_vlan(host, pf, vf, vlan, qos=0):
    """Asks the PF's driver to set a VF's VLAN (struct ifla_vf_vlan): 0, or the errno of its answer."""
    return ask(host, set_vf_message(pf, IFLA_VF_VLAN, struct.pack("=III", vf, vlan, qos)))[0]


def set_mac(host, pf, vf, mac):
    """The same for its MAC (struct ifla_vf_mac)."""
    payload = struct.pack("=I32s", vf, bytes.fromhex(mac.replace(":", "")))
    return ask(host, set_vf_message(pf, IFLA_VF_MAC, payload))[0]


def vf_entry(info):
    """One VF of the kernel's list: {vf, mac, vlan, qos, protocol}."""
    found = dict(attributes(info))
    vf, mac = struct.unpack_from("=I6s", found[IFLA_VF_MAC])
    _, vlan, qos = struct.unpack_from("=III", found[IFLA_VF_VLAN])
    protocol = ETH_P_8021Q
    for kind, payload in attributes(found.get(IFLA_VF_VLAN_LIST, b"")):
        if kind == IFLA_VF_VLAN_INFO:
            protocol = struct.unpack_from("!H", payload, 12)[0]
    name = {ETH_P_8021Q: "802.1Q", ETH_P_8021AD: "802.1ad"}.get(protocol, hex(protocol))
    return {"vf": vf, "mac": mac.hex(":"), "vlan": vlan, "qos": qos, "protocol": name}


def read_link(host, pf):
    """(0 or an errno, whether the interface is up, its ARPHRD type, its VFs)."""
    wanted = attribute(IFLA_EXT_MASK, struct.pack("=I", RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS))
    problem, answer = ask(host, link_message(RTM_GETLINK, 0, pf, wanted))
    try:
        link_type, flags = struct.unpack_from("=xxH4xI", answer)
        found = dict(attributes(answer[16:]))
        vfs = [vf_entry(info) for kind, info in attributes(found.get(IFLA_VFINFO_LIST, b"")) if kind == IFLA_VF_INFO]
    except (KeyError, struct.error):
        return problem or errno.EBADMSG, None, None, []
    return 0, bool(flags & IFF_UP), link_type, vfs


def find_vf(host, pf, vf):
    return next((entry for entry in read_link(host, pf)[3] if entry["vf"] == vf), None)


def has_vlan(entry):
    return entry["vlan"] not in (0, GUEST_VLAN) or bool(entry["qos"])


# --- PFs ---


def number(text):
    return int(text) if text and text.isdigit() else None


def is_representor(host, name):
    """Whether it stands for a VF, an SF or a DPU's host in switchdev mode. These have the PF's device, too."""
    return re.match(r"(c\d+)?pf\d", host.read(f"/sys/class/net/{name}/phys_port_name") or "") is not None


def gather_pf(host, name):
    """One SR-IOV PF, or None if the interface is not a PF."""
    net = "/sys/class/net/" + name
    max_vfs = number(host.read(net + "/device/sriov_totalvfs"))
    if not max_vfs:
        return None
    if is_representor(host, name):
        return None
    pci = host.link(net + "/device")
    said = host.run_json("devlink", "-j", "dev", "eswitch", "show", f"pci/{pci}")
    try:
        eswitch = said["dev"][f"pci/{pci}"]["mode"]
    except (KeyError, TypeError):
        # devlink is not there, or this user may not ask it. Only a PF in switchdev mode has representors.
        others = [other for other in host.list("/sys/class/net") if is_representor(host, other)]
        here = any(host.link(f"/sys/class/net/{other}/device") == pci for other in others)
        eswitch = "switchdev" if here else "unknown"
    problem, up, link_type, listed = read_link(host, name)
    ids = [(host.read(f"{net}/device/{which}") or "").replace("0x", "") for which in ("vendor", "device")]
    return {
        "name": name,
        "driver": host.link(net + "/device/driver"),
        "pci": pci,
        "pci_id": ":".join(ids) if all(ids) else None,
        "up": up,
        "link_type": link_type,
        "eswitch": eswitch,
        "max_vfs": max_vfs,
        "vfs": number(host.read(net + "/device/sriov_numvfs")),
        "error": errno_name(problem) if problem else None,
        "listed": listed,
    }


# Linux has two names for one number; the kernel's sources say EOPNOTSUPP.
ERRNOS = {0: "ok", None: None, **errno.errorcode, errno.EOPNOTSUPP: "EOPNOTSUPP"}


def errno_name(answer):
    return ERRNOS.get(answer, str(answer))


def vf_addresses(host, pfs):
    """The VFs by their PCI address: {address: (PF, number)}."""
    found = {}
    for pf in pfs:
        device = f"/sys/class/net/{pf['name']}/device"
        for entry in host.list(device):
            if re.fullmatch(r"virtfn\d+", entry):
                found[host.link(f"{device}/{entry}")] = pf["name"], int(entry[6:])
    return found


# fmt: off
COLUMNS = ["driver", "mode", "kernel", "kind", "mac", "zero", "same", "none", "clear", "set", "no_vlan", "list", "down",
           "reset", "lists", "effect"]
# fmt: on
ROWS = [dict(zip(COLUMNS, line.split())) for line in DRIVERS.splitlines()]


def fitting_rows(pf):
    """What the PF may be, the likely row first."""
    if pf["link_type"] == INFINIBAND:
        return [row for row in ROWS if row["driver"] == "ipoib"]
    rows = [row for row in ROWS if row["driver"] == pf["driver"]]
    if pf["driver"] != "mlx5_core":
        return rows
    if pf["eswitch"].startswith("switchdev"):
        return [row for row in rows if row["mode"] == "switchdev"]
    dpu = [row["mode"].startswith("host") or row["mode"] == "arm" for row in rows]
    wanted = pf["pci_id"] in BLUEFIELD
    return [row for row, on_dpu in zip(rows, dpu) if on_dpu == wanted and row["mode"] != "switchdev"]


def expected_kinds(pf):
    """The kinds that the PF may be, the likely one first."""
    if pf["driver"] in WITHOUT_VFS:
        return ["no-list"]
    kinds = list(dict.fromkeys(row["kind"] for row in fitting_rows(pf)))
    if "pf-down" not in kinds:
        return kinds
    # Such a driver is an ordinary one while the PF is up.
    others = [kind for kind in kinds if kind not in ("pf-down", "ordinary")]
    return ["pf-down"] if pf["up"] is False else ["ordinary", *others]


def drivers_of(daemons):
    """The daemons that start guests: those that run, or all if none does."""
    starters = [daemon for daemon in daemons if daemon["name"] != "virtnetworkd"]
    return [daemon for daemon in starters if daemon["pid"]] or starters


def in_use(daemons):
    return all(daemon["state"] == "in-use" for daemon in drivers_of(daemons))


def turn_on(daemons):
    starters = drivers_of(daemons)
    old = [daemon["name"] for daemon in starters if version_tuple(daemon["version"]) < FIRST_LIBVIRT]
    off = [daemon["name"] for daemon in starters if daemon["state"] == "not-in-use"]
    if old:
        return f"upgrade libvirt to 8.1 or newer ({', '.join(old)}): the library needs that"
    if not off:
        return "have libvirt use the library: see the daemon"
    names = ", ".join(off)
    return f"install the library, turn its preload on for {names}, and restart that (docs/operator.md, virnetdevvf(7))"


def version_tuple(version):
    """(major, minor) of libvirt's version; an unknown one is new enough."""
    return tuple(map(int, version.split(".")))[:2] if version else FIRST_LIBVIRT


def how_to_ask(host, pf, guests):
    """(advice, commands) for a PF of which only a request shows the kind."""
    name, used = pf["name"], {guest["vf"] for guest in of_pf(pf, guests)}
    free = [e["vf"] for e in pf["listed"] if e["vf"] not in used and not has_vlan(e)]
    vf = next((vf for vf in free if not why_in_use(host, name, vf)), "VF")
    advice = f"virnetdevvf-check --probe {name} {vf}" + ("" if vf in free else ", where VF is one that no guest uses")
    with_vlan = sorted({guest["name"] for guest in of_pf(pf, guests) if guest["vlan"]})
    if with_vlan:
        advice += f" (guests with <vlan>: {', '.join(with_vlan)})"
    advice += (
        "; or by hand the commands below. EPERM only to the second: grants-clear; EPERM to all: refuses-both (guests "
        "need the library); EOPNOTSUPP to all: no-vlans (they do, too); no error: ordinary"
    )
    return advice, [f"ip link set dev {name} vf {vf} vlan {vlan}" for vlan in (0, TRIAL_VLAN, 0)]


def of_pf(pf, guests):
    """The guests on a PF: a device with two ports has two interfaces with the same VFs."""
    return [guest for guest in guests or [] if guest["pf"] == pf["name"] or guest["pci"] == pf["pci"]]


def need_of(kinds):
    return min((KINDS[kind][0] for kind in kinds), key=list(NEEDS).index)


def judge_need(pf, kinds, guests, daemons, text):
    """(status, text, advice) for guests on a PF that is of one of these kinds. guests: None if they are not known."""
    need, on = need_of(kinds), in_use(daemons)
    on_it = [guest for guest in of_pf(pf, guests) if guest["interface"]]
    with_vlan = sorted({guest["name"] for guest in on_it if guest["vlan"]})
    todo = []
    if daemons and not on and (with_vlan or (need == "yes" and pf["vfs"] and (on_it or guests is None))):
        todo.append(turn_on(daemons))
    if with_vlan:
        place = "the VF's representor" if kinds == ["switchdev"] else "the device or its DPU"
        todo.append(f"set the VLAN on {place}, and take <vlan> out of: {', '.join(with_vlan)}")
    if need in ("yes", "only-with-vlan") and todo:
        return ACTION, text, "; ".join(todo)
    return OK, text, None


def judge_pf(host, pf, probed, guests, daemons):
    """{kinds, need, status, verdict, advice, commands} of a PF. probed: the kinds that --probe found, or none."""
    name, driver = pf["name"], pf["driver"]
    kinds = probed or expected_kinds(pf)

    def verdict(need, status, text, advice=None, commands=()):
        said = {"kinds": kinds, "need": need, "status": status, "verdict": text, "advice": advice}
        return {**said, "commands": list(commands)}

    if pf["link_type"] == INFINIBAND:
        kinds = []
        return verdict("no-help", OK, f"{name} is an InfiniBand port: no MAC and no VLAN can be set for its VFs")
    if not kinds:
        text = f"{driver} is not one of the drivers whose source was read"
        return verdict("unknown", UNKNOWN, text, *how_to_ask(host, pf, guests))
    if pf["vfs"] is None or pf["error"]:
        problem = pf["error"] or "sriov_numvfs cannot be read"
        text = f"the kernel does not say what VFs {name} has: {problem}"
        if pf["error"] in ("EPERM", "EACCES", None) and not host.is_root():
            return verdict("unknown", UNKNOWN, text, "run this as root")
        return verdict("unknown", UNKNOWN, text, "look at the kernel's log (dmesg)")
    missing = 0 if kinds == ["no-list"] else pf["vfs"] - len(pf["listed"])
    if missing > 0 and pf["up"] is False and not pf["listed"]:
        kinds = ["pf-down"]
        text = f"{name} is down, and the kernel lists none of its VFs: {KINDS['pf-down'][1]}"
        return verdict("unknown", ACTION, text, f"ip link set dev {name} up, then run this again")
    if missing > 0:
        text = f"{missing} of the {pf['vfs']} VFs of {name} are not listed: they are in reset, or the list is cut off"
        return verdict(need_of(kinds[:1]), UNKNOWN, text, "run this again in a few seconds")
    if not probed and (driver == "ionic" or (pf["pci_id"] in BLUEFIELD and "switchdev" not in kinds)):
        text = (
            f"{driver}: this is a DPU, and its settings decide how it answers: as {' or '.join(kinds)}. The kernel's "
            "version does not tell: a distribution or a vendor may have another driver in it"
        )
        return verdict("unknown", UNKNOWN, text, *how_to_ask(host, pf, guests))
    if probed:
        text = "; or ".join(f"{driver} ({kind}): {KINDS[kind][1]}" for kind in kinds)
        return verdict(need_of(kinds), *judge_need(pf, kinds, guests, daemons, text))
    text = f"{driver} ({kinds[0]}): {KINDS[kinds[0]][1]}"
    others = [kind for kind in kinds[1:] if kind != "ordinary"]
    if others:
        text += f". Some devices and firmwares of this driver are {', '.join(others)}: --probe shows it"
    return verdict(need_of(kinds[:1]), *judge_need(pf, kinds[:1], guests, daemons, text))


def numbers(values):
    shown = ", ".join(map(str, values[:8])) + (", ..." if len(values) > 8 else "")
    return ("VF " if len(values) == 1 else "VFs ") + shown


def judge_vfs(pf, pfs, guests):
    """What is wrong with VFs: [{finding, vfs, status, verdict, commands}]."""
    name = pf["name"]
    macs = {guest["vf"]: guest["mac"] for guest in of_pf(pf, guests) if guest["running"]}
    # The interfaces of one device list the same VFs.
    vfs = {(other["pci"] or other["name"], entry["vf"]): entry["mac"] for other in pfs for entry in other["listed"]}
    every = list(vfs.values())
    found = []

    def finding(what, entries, verdict, command):
        if entries:
            commands = [f"ip link set dev {name} vf {entry['vf']} {command(entry)}" for entry in entries]
            vfs = [entry["vf"] for entry in entries]
            text = f"{numbers(vfs)} of {name}: {verdict}"
            found.append({"finding": what, "vfs": vfs, "status": ACTION, "verdict": text, "commands": commands})

    def mac_of(entry):
        return "mac " + (macs.get(entry["vf"]) or "MAC")

    finding(
        "fallback-mac",
        [entry for entry in pf["listed"] if entry["mac"] == FALLBACK_MAC],
        f"the MAC is {FALLBACK_MAC}: libvirt wrote it when the driver refused a VLAN or an all-zero MAC. Set the MAC "
        "that the VF had, or one that no other VF has",
        mac_of,
    )
    finding(
        "same-mac",
        [e for e in pf["listed"] if e["mac"] not in (NO_MAC, FALLBACK_MAC) and every.count(e["mac"]) > 1],
        "another VF has the same MAC",
        mac_of,
    )
    # A running guest whose VF is not known may be on any.
    if guests is not None and None not in macs:
        finding(
            "vlan-without-guest",
            [entry for entry in pf["listed"] if has_vlan(entry) and entry["vf"] not in macs],
            "a VLAN or a priority is set, and no guest of this libvirt uses the VF. If nothing else set it, clear it",
            lambda entry: "vlan 0",
        )
    return found


# --- guests ---


def vlans_of(*elements):
    """The VLAN IDs of the first of these elements that has <vlan>."""
    for element in elements:
        vlan = element.find("vlan") if element is not None else None
        if vlan is not None:
            return [tag.get("id") for tag in vlan.iterfind("tag")]
    return []


def pci_address(address):
    """An element <address type='pci' .../> as sysfs writes it, or None."""
    try:
        domain, bus, slot, function = (int(address.get(key), 0) for key in ("domain", "bus", "slot", "function"))
    except (AttributeError, TypeError, ValueError):
        return None
    return f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"


def network_of(host, virsh, name):
    return parsed(host.run(*virsh, "net-dumpxml", name or ""))


def parsed(text):
    try:
        return ElementTree.fromstring(text or "")
    except ElementTree.ParseError:
        return None


def guest_vfs(host, virsh, domain, addresses):
    """The VFs of a guest: (PF, VF or None, whether libvirt configures it, MAC, VLANs)."""

    def of_netdev(name):
        # A VF's own interface is named after its PCI device here.
        return addresses.get(host.link(f"/sys/class/net/{name}/device"))

    for device in domain.iterfind("devices/hostdev[@type='pci']"):
        vf = addresses.get(pci_address(device.find("source/address")))
        if vf:
            yield (*vf, False, None, [])
    for interface in domain.iterfind("devices/interface"):
        source, mac = interface.find("source"), interface.find("mac")
        mac = None if mac is None else mac.get("address")
        if source is None:
            continue
        vf = addresses.get(pci_address(source.find("address")))
        if source.get("mode") == "passthrough":
            vf = vf or of_netdev(source.get("dev"))
        network = network_of(host, virsh, source.get("network")) if source.get("network") else None
        group = None
        if network is not None:
            named = [g for g in network.iterfind("portgroup") if g.get("name") == source.get("portgroup")]
            default = [g for g in network.iterfind("portgroup") if g.get("default") == "yes"]
            group = next(iter(named if source.get("portgroup") else default), None)
        vlans = vlans_of(interface, group, network)
        if vf:
            yield (*vf, True, mac, vlans)
        elif network is not None:
            # A pool: a PF, or some of its VFs. Which one the guest has is seen only while it runs.
            pfs = {pf.get("dev") for pf in network.iterfind("forward/pf")}
            named = [addresses.get(pci_address(address)) for address in network.iterfind("forward/address")]
            if network.find("forward[@mode='passthrough']") is not None:
                named += [of_netdev(interface.get("dev")) for interface in network.iterfind("forward/interface")]
            for pf in sorted(pfs | {vf[0] for vf in named if vf}):
                yield pf, None, True, mac, vlans


def gather_guests(host, pfs, daemons):
    """The guests on VFs, running or only defined; None if no daemon runs (virsh would start it), or one is silent."""
    addresses, pci = vf_addresses(host, pfs), {pf["name"]: pf["pci"] for pf in pfs}
    running = {daemon["name"] for daemon in daemons if daemon["pid"]}
    guests, answered = [], False
    for connection, daemon in CONNECTIONS.items():
        if not running & {"libvirtd", daemon}:
            continue
        virsh = ("virsh", "-r", "-q", "-c", connection)
        active, every = (host.run(*virsh, "list", "--uuid", *more) for more in ((), ("--all",)))
        if active is None or every is None:
            # libvirtd may not have this driver; a daemon of its own has.
            if daemon in running:
                return None
            continue
        answered = True
        for uuid in every.split():
            domain = parsed(host.run(*virsh, "dumpxml", uuid))
            if domain is None:
                return None
            for pf, vf, interface, mac, vlan in guest_vfs(host, virsh, domain, addresses):
                guest = {"name": domain.findtext("name", ""), "running": uuid in active.split(), "pf": pf, "vf": vf}
                guests.append({**guest, "pci": pci.get(pf), "interface": interface, "mac": mac, "vlan": vlan})
    return guests if answered else None


# --- daemons ---


def dynamic_relocations(elf):
    """The names of the symbols that an ELF file's dynamic relocations refer to (elf(5)); raises if it is not one."""
    bits64, order = elf[4] == 2, "<" if elf[5] == 1 else ">"
    offset, size, count = struct.unpack_from(order + ("40xQ10xHH" if bits64 else "32xI10xHH"), elf)
    header = order + ("4xI16xQQI12xQ" if bits64 else "4xI8xIII8xI")
    sections = [struct.unpack_from(header, elf, offset + index * size) for index in range(count)]
    rela, rel, dynsym = 4, 9, 11
    if not any(section[0] == dynsym for section in sections):
        raise ValueError("no section of dynamic symbols")
    names = set()
    for kind, start, length, link, entry in sections:
        if kind not in (rela, rel) or sections[link][0] != dynsym:
            continue
        _, symbols, _, strings, symbol_size = sections[link]
        for place in range(start, start + length, entry):
            (info,) = struct.unpack_from(order + ("8xQ" if bits64 else "4xI"), elf, place)
            symbol = info >> (32 if bits64 else 8)
            (name,) = struct.unpack_from(order + "I", elf, symbols + symbol * symbol_size)
            begin = sections[strings][1] + name
            names.add(elf[begin : elf.index(b"\0", begin)])
    return names


def mapped_files(host, pid):
    """The shared libraries of a process: {file name: path}, or None: not known."""
    maps = host.read(f"/proc/{pid}/maps")
    found = re.findall(r"^(?:\S+\s+){5}(/\S*/([^/\s]*\.so\S*)(?: \(deleted\))?)$", maps or "", re.MULTILINE)
    return {name: path for path, name in found} or None


def find_mapped(files, start):
    return next((file for name, file in (files or {}).items() if name.startswith(start)), None)


def calls_library(host, pid, libvirt):
    """Whether libvirt's call of virNetDevSetVfConfig goes through the dynamic linker; None: not known."""
    content = libvirt and host.read_bytes(f"/proc/{pid}/root{libvirt}")
    if not content:
        return None
    try:
        return b"virNetDevSetVfConfig" in dynamic_relocations(content)
    except (struct.error, IndexError, ValueError, OverflowError, MemoryError):
        return None


def library_files(host):
    """The library's files that the dynamic linker finds by name."""
    cache = host.run("ldconfig", "-p") or ""
    return re.findall(rf"^\s*{re.escape(LIBRARY)}\.0 \(.*\) => (\S+)$", cache, re.MULTILINE)


def find_process(host, daemon):
    """A process of that name that root owns: in a snap or in a container systemd has no unit of that name."""
    for pid in host.list("/proc"):
        if pid.isdigit() and host.owner(f"/proc/{pid}") == 0 and host.read(f"/proc/{pid}/comm") == daemon:
            return int(pid)
    return None


def configured(host, unit, pid):
    """Where the preload is turned on for the daemon's next start, or None. unit: what systemd says of it."""
    turned_on = re.compile(rf"^\s*LD_PRELOAD\s*=.*{re.escape(LIBRARY)}", re.MULTILINE)
    # A daemon in a container has its own.
    place = "" if "LoadState=loaded" in unit or not pid else f"/proc/{pid}/root"
    if LIBRARY in (host.read(place + "/etc/ld.so.preload") or ""):
        return place + "/etc/ld.so.preload"
    files = re.findall(r"^EnvironmentFiles=(\S+)", unit, re.MULTILINE)
    # systemd reads these when the unit starts; they have precedence over Environment=.
    for path in files:
        if turned_on.search(host.read(path) or ""):
            return path
    return "Environment=" if re.search(rf"^Environment=.*LD_PRELOAD=\S*{LIBRARY}", unit, re.MULTILINE) else None


def unread_setting(host, unit):
    """A file of the package in which the preload is turned on, and that the unit does not read."""
    for path in ("/etc/default/libvirnetdevvf-preload", "/etc/sysconfig/virnetdevvf-preload"):
        if re.search(r"^\s*LD_PRELOAD=", host.read(path) or "", re.MULTILINE) and path not in unit:
            return path
    return None


def version_of(host, name, pid, libvirt):
    """libvirt's version as (major, minor, micro): of the process (libvirt.so.0.9000.0 is 9.0.0), else of its file."""
    found = libvirt and re.search(r"\.so\.0\.(\d+)\.(\d+)$", libvirt)
    if found:
        return int(found[1]) // 1000, int(found[1]) % 1000, int(found[2])
    found = None if pid else re.search(r"(\d+)\.(\d+)\.(\d+)", host.run(name, "--version") or "")
    return tuple(map(int, found.groups())) if found else None


def gather_daemon(host, name):
    """One libvirt daemon, or None if this host has none of that name."""
    wanted = "LoadState,MainPID,Environment,EnvironmentFiles,NeedDaemonReload"
    unit = host.run("systemctl", "show", "--property=" + wanted, name + ".service") or ""
    supervised = "LoadState=loaded" in unit
    main = re.search(r"^MainPID=([1-9]\d*)", unit, re.MULTILINE)
    pid = int(main[1]) if main else find_process(host, name)
    # A masked unit cannot be started: another daemon is used in its place.
    if not pid and not supervised and ("LoadState=masked" in unit or not host.exists("/usr/sbin/" + name)):
        return None
    files = mapped_files(host, pid) if pid else None
    library, libvirt = find_mapped(files, LIBRARY), find_mapped(files, "libvirt.so.0")
    environ = host.read(f"/proc/{pid}/environ") if pid else None
    variables = dict(word.partition("=")[::2] for word in (environ or "").split("\0"))
    preloaded = [os.path.basename(name) for name in re.split("[: ]", variables.get("LD_PRELOAD", ""))]
    label = pid and (host.read(f"/proc/{pid}/attr/apparmor/current") or host.read(f"/proc/{pid}/attr/current"))
    version = version_of(host, name, pid, libvirt)
    return {
        "name": name,
        "unit": name + ".service" if supervised else None,
        "version": ".".join(map(str, version)) if version else None,
        "pid": pid,
        "configured": configured(host, unit, pid),
        "not_read": unread_setting(host, unit) if supervised else None,
        "need_daemon_reload": "NeedDaemonReload=yes" in unit,
        "started_with_preload": None if environ is None else any(name.startswith(LIBRARY) for name in preloaded),
        "loaded": None if pid and files is None else library is not None,
        "loaded_path": library,
        # The kernel says so of a file that was replaced or removed.
        "loaded_is_current": library and not library.endswith(" (deleted)"),
        "called": calls_library(host, pid, libvirt) if library else None,
        "confinement": (label or "").strip("\0") or None,
    }


def judge_daemon(daemon, found_by_linker):
    """(state or None, status, what was found, what to do or None)."""
    name, unit, running, loaded = daemon["name"], daemon["unit"], daemon["pid"] is not None, daemon["loaded"]
    version = version_tuple(daemon["version"])
    restart = f"systemctl restart {name} (guests that run keep running)"
    if not unit:
        restart = f"restart {name} the way it is started here (by hand, as a snap, in a container), not with systemctl"
    newer = "; this libvirt is newer than tested (12.8)" if version > TESTED_LIBVIRT else ""
    if running and loaded is None:
        return None, UNKNOWN, f"it cannot be seen what {name} has loaded", "run this as root, again"
    # Without a unit, nothing but the process shows how it is started.
    on = daemon["configured"] or (not unit and (daemon["started_with_preload"] or loaded))
    if (on or loaded) and version < FIRST_LIBVIRT:
        advice = "turn the preload off, or upgrade libvirt"
        return "wrong", ACTION, "the preload is on, and libvirt before 8.1 does not have these functions", advice
    if loaded and daemon["called"] is False:
        verdict = (
            f"{name} has loaded the library, but libvirt does not call it: it was linked with -Bsymbolic-functions"
        )
        return (
            "wrong",
            ACTION,
            verdict,
            "build libvirt without that flag, or with the library (docs/libvirt-maintainer.md)",
        )
    if loaded and not on:
        return "until-restart", ACTION, f"the preload is off, and {name} has the library until it is restarted", restart
    if loaded and not daemon["loaded_is_current"]:
        verdict = f"{name} has {daemon['loaded_path']}: the file was replaced or removed"
        return "after-restart", ACTION, verdict, restart
    if loaded:
        return "in-use", OK, f"{name} uses libvirnetdevvf{newer}", None
    if daemon["not_read"] and not on and found_by_linker:
        verdict = f"the preload is on in {daemon['not_read']}, which {unit} does not read"
        return "wrong", ACTION, verdict, f"systemctl daemon-reload, then {restart}"
    if not on:
        note = "; the library needs libvirt 8.1 or newer" if version < FIRST_LIBVIRT else newer
        return "not-in-use", OK, f"{name} uses libvirt's own functions{note}", None
    if not found_by_linker and unit:
        advice = f"install the library in the system's library directory, run ldconfig, then {restart}"
        return "wrong", ACTION, f"the preload is on, and the dynamic linker finds no {LIBRARY}.0", advice
    if running and daemon["started_with_preload"]:
        advice = "see the daemon's journal: another architecture, or AppArmor or SELinux does not let the daemon map it"
        return "wrong", ACTION, f"{name} was started with the preload, and has not loaded the library", advice
    if running:
        return "after-restart", ACTION, f"the preload is on, and {name} was started before that", restart
    if daemon["need_daemon_reload"]:
        return "wrong", ACTION, f"systemd has not read the latest files of {unit}", "systemctl daemon-reload"
    return "after-restart", OK, f"the preload is on, and {name} will load the library when it starts{newer}", None


# --- --probe and --card ---


def may_configure(host):
    """Whether only the driver could answer EPERM: this process has CAP_NET_ADMIN in the initial user namespace."""
    capabilities = re.search(r"^CapEff:\s*([0-9a-f]+)$", host.read("/proc/self/status") or "", re.MULTILINE)
    cap_net_admin = 12
    return (
        capabilities is not None
        and int(capabilities.group(1), 16) >> cap_net_admin & 1 == 1
        and (host.read("/proc/self/uid_map") or "").split() == ["0", "0", "4294967295"]
    )


def why_in_use(host, pf, vf):
    """Why a guest may be using the VF, or None if no guest does."""
    device = f"/sys/class/net/{pf}/device/virtfn{vf}"
    driver, netdevs = host.link(device + "/driver"), host.list(device + "/net")
    if driver and not netdevs:
        return f"its driver is {driver} and it has no interface here: a guest or another network namespace has it"
    for netdev in netdevs:
        net = "/sys/class/net/" + netdev
        uppers = [entry[6:] for entry in host.list(net) if entry.startswith("upper_")]
        if uppers:
            return f"{uppers[0]} is on its interface {netdev}"
        flags = host.read(net + "/flags")
        if flags is None or int(flags, 16) & IFF_UP:
            return f"its interface {netdev} is up"
        if host.has_address(netdev):
            return f"its interface {netdev} has addresses"
    return None


def why_not_asked(host, pf, vf, before):
    if not host.exists(f"/sys/class/net/{pf}/device/sriov_totalvfs"):
        return f"{pf} is not an SR-IOV PF"
    if before is None or not host.exists(f"/sys/class/net/{pf}/device/virtfn{vf}"):
        return f"{pf} has no VF {vf}, or its driver does not list it now"
    if not may_configure(host):
        return "this needs CAP_NET_ADMIN, outside of any user namespace: run it as root"
    if before["protocol"] != "802.1Q":
        return f"its VLAN is one of {before['protocol']}, which this does not set"
    used = why_in_use(host, pf, vf)
    return used and f"it may be in use: {used}"


@contextlib.contextmanager
def signals_blocked():
    """A signal must not end the process while a VF is changed."""
    signals = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def put_back(host, pf, vf, before, mac=False):
    """Sets what the VF had. Returns whether it has that now."""
    if mac:
        set_mac(host, pf, vf, before["mac"])
    set_vlan(host, pf, vf, 0 if before["vlan"] == GUEST_VLAN else before["vlan"], before["qos"])
    after = find_vf(host, pf, vf)
    if after != before and before["vlan"] == GUEST_VLAN:
        # For qlcnic 4095 and 0 differ, for mlx4 they do not.
        set_vlan(host, pf, vf, GUEST_VLAN, 0)
        after = find_vf(host, pf, vf)
    return after == before


def ask_vlans(host, pf, vf, before):
    """(answer to a clear, answer to a VLAN, whether the VF is as before; None: nothing was changed)."""
    with signals_blocked():
        if has_vlan(before):
            # A driver may refuse it and drop it all the same (ixgbe, hinic, octeontx2).
            answer = set_vlan(host, pf, vf, before["vlan"], before["qos"])
            kept = find_vf(host, pf, vf) in (before, None)
            return None, answer, None if kept else put_back(host, pf, vf, before)
        clear = set_vlan(host, pf, vf, 0)
        if clear:
            return clear, None, find_vf(host, pf, vf) in (before, None)
        vlan = set_vlan(host, pf, vf, TRIAL_VLAN)
        # Refused for certain. After any other error the VF may have the VLAN all the same (i40e, bnxt).
        if vlan in (errno.EPERM, errno.EOPNOTSUPP) and before["vlan"] != GUEST_VLAN:
            return clear, vlan, None
        return clear, vlan, put_back(host, pf, vf, before)


def kinds_of(clear, vlan, pf_is_up, is_listed):
    """The kinds of device that answer so; none if no kind does. clear, vlan: 0, an errno, or None if not asked."""
    answers = {clear, vlan} - {None}
    if answers & {errno.EAGAIN, errno.EBUSY, errno.EINVAL, errno.ENETDOWN} and pf_is_up is False:
        return ["pf-down"]
    if answers & {errno.EAGAIN, errno.EBUSY} or (errno.EINVAL in answers and not is_listed):
        return ["in-reset"]
    refused, sets_none = errno.EPERM in answers, bool(answers & set(NO_VLANS))
    if clear is None:
        return {(True, False): ["grants-clear", "refuses-both"], (False, True): ["switchdev", "no-vlans"]}.get(
            (refused, sets_none), ["ordinary"] if vlan == 0 else []
        )
    if clear:
        return ["refuses-both"] if refused else ["no-vlans"] if sets_none else []
    return ["grants-clear"] if refused else ["switchdev"] if sets_none else ["ordinary"] if vlan == 0 else []


CAUSES = {
    errno.EPERM: "EPERM is a DPU, or a policy of this VF (a trunk, a rate limit): try a second VF",
    errno.EOPNOTSUPP: "EOPNOTSUPP is switchdev mode, or a driver that sets no VLANs",
}


def probe(host, pf, vf):
    before = find_vf(host, pf, vf)
    reason = why_not_asked(host, pf, vf, before)
    clear, vlan, restored = (None, None, None) if reason else ask_vlans(host, pf, vf, before)
    _, up, _, listed = read_link(host, pf)
    kinds = [] if reason else kinds_of(clear, vlan, up, any(entry["vf"] == vf for entry in listed))
    cause = next((CAUSES[answer] for answer in (clear, vlan) if answer in CAUSES), None)
    if reason:
        status, verdict, advice = UNKNOWN, f"the driver was not asked: {reason}", None
    elif restored is False:
        status, verdict = ACTION, f"VF {vf} is not as it was before"
        advice = f"ip link set dev {pf} vf {vf} vlan {before['vlan']} qos {before['qos']}, then ip link show dev {pf}"
    elif not kinds:
        status, verdict, advice = UNKNOWN, "these answers belong to no kind of device that is known", None
    elif kinds[0] in ("in-reset", "pf-down"):
        advice = "ask again in a few seconds" if kinds[0] == "in-reset" else f"ip link set dev {pf} up, then ask again"
        status, verdict = UNKNOWN, KINDS[kinds[0]][1]
    else:
        status, verdict, advice = OK, f"the PF is {' or '.join(kinds)}" + (f"; {cause}" if cause else ""), None
    answers = {"clear": errno_name(clear), "set": errno_name(vlan), "restored": restored}
    return {"pf": pf, "vf": vf, **answers, "kinds": kinds, "status": status, "verdict": verdict, "advice": advice}


TRIAL_MAC, MULTICAST_MAC = "52:54:00:56:46:fe", "01:00:5e:00:00:01"


def card(host, pf, vf):
    """Sends every request that is safe on an unused VF: {status, verdict, row, differs, ...}."""
    before = find_vf(host, pf["name"], vf)
    reason = why_not_asked(host, pf["name"], vf, before)
    if not reason and has_vlan(before):
        reason = "it has a VLAN or a priority: clear it first"
    if not reason and pf["vfs"] is None:
        reason = "sriov_numvfs cannot be read"
    made = {"pf": pf["name"], "vf": vf, "restored": None, "row": None, "differs": [], "extra": None}
    if reason:
        return {**made, "status": UNKNOWN, "verdict": f"the driver was not asked: {reason}", "advice": None}
    with signals_blocked():
        try:
            row, extra = ask_everything(host, pf["name"], vf, before, pf["vfs"])
        finally:
            made["restored"] = put_back(host, pf["name"], vf, before, mac=True)
    kinds = kinds_of(row["none"], row["set"], pf["up"], True)
    asked = {
        key: errno_name(value) if value else str(value) for key, value in row.items() if not isinstance(value, str)
    }
    row = {
        **row,
        **asked,
        "driver": pf["driver"],
        "mode": pf["eswitch"],
        "kernel": host.read("/proc/sys/kernel/osrelease"),
    }
    row = {column: row.get(column, "?") for column in COLUMNS}
    row["kind"] = kinds[0] if kinds else "?"
    # In the order of drivers.tsv; what the device did not do on command is not known.
    made["row"] = {"driver": row["driver"], "mode": row["mode"], "kernel": row["kernel"], "source": "run", **row}
    made["row"].update(unknown="?", wait_ms="?")
    made["extra"] = {key: errno_name(value) for key, value in extra.items()}
    made["extra"].update(pci_id=pf["pci_id"], firmware=host.firmware(pf["name"]))
    made["differs"] = nearest_differences(row, fitting_rows(pf))
    status, verdict, advice = OK, f"VF {vf} of {pf['name']} was asked, and is as it was before", None
    if not made["restored"]:
        status, verdict = ACTION, f"VF {vf} is not as it was before"
        advice = f"ip link set dev {pf['name']} vf {vf} mac {before['mac']} vlan {before['vlan']}"
    return {**made, "status": status, "verdict": verdict, "advice": advice}


def ask_everything(host, pf, vf, before, vfs):
    """The answers by the columns of drivers.tsv, and those that have no column there."""
    row, extra, listed_mac, listed_vlan = {"list": "yes"}, {"multicast": None}, False, False
    # A MAC is only changed if the one that the VF has can be set again.
    own = "zero" if before["mac"] == NO_MAC else "same"
    row[own] = set_mac(host, pf, vf, before["mac"])
    if row[own] == 0:
        row["mac"] = set_mac(host, pf, vf, TRIAL_MAC)
        listed_mac = row["mac"] and (find_vf(host, pf, vf) or before)["mac"] == TRIAL_MAC
        if set_mac(host, pf, vf, before["mac"]) == 0:
            extra["multicast"] = set_mac(host, pf, vf, MULTICAST_MAC)
            if own == "same":
                row["zero"] = set_mac(host, pf, vf, NO_MAC)
            set_mac(host, pf, vf, before["mac"])
    row["none"] = set_vlan(host, pf, vf, 0)
    row["no_vlan"] = str((find_vf(host, pf, vf) or before)["vlan"])
    row["set"] = set_vlan(host, pf, vf, TRIAL_VLAN)
    has = (find_vf(host, pf, vf) or before)["vlan"] == TRIAL_VLAN
    listed_vlan = row["set"] and has
    clear = set_vlan(host, pf, vf, 0)
    if has:
        row["clear"] = clear
    extra["priority"] = set_vlan(host, pf, vf, TRIAL_VLAN, 3)
    extra["4095"] = set_vlan(host, pf, vf, 4095)
    extra["4096"] = set_vlan(host, pf, vf, 4096)
    extra["no_such_vf"] = set_vlan(host, pf, vfs, 0)
    row["lists"] = {(True, True): "both", (True, False): "mac", (False, True): "vlan"}.get(
        (bool(listed_mac), bool(listed_vlan)), "old"
    )
    return row, extra


def nearest_differences(row, fitting):
    """Where the answers differ from the row of drivers.tsv that is nearest: ["set: EPERM, in the source 0"]."""
    asked = [column for column in COLUMNS[4:] if row[column] != "?"]
    differing = [
        [f"{column}: {row[column]}, in the source {read[column]}" for column in asked if row[column] != read[column]]
        for read in fitting
    ]
    return min(differing, key=len, default=["the driver is not one whose source was read"])


# --- the report ---


def report(host, probe_of=None, card_of=None):
    """The whole report, as --json prints it. probe_of, card_of: (PF, VF)."""
    files = library_files(host)
    daemons = []
    for daemon in filter(None, (gather_daemon(host, name) for name in DAEMONS)):
        state, status, verdict, advice = judge_daemon(daemon, files)
        daemons.append({**daemon, "state": state, "status": status, "verdict": verdict, "advice": advice})
    probed = probe(host, *probe_of) if probe_of else None
    pfs = list(filter(None, (gather_pf(host, name) for name in host.list("/sys/class/net"))))
    guests = gather_guests(host, pfs, daemons)
    for pf in pfs:
        answered = probed["kinds"] if probed and probed["pf"] == pf["name"] else None
        pf.update(judge_pf(host, pf, answered, guests, daemons))
        pf["findings"] = judge_vfs(pf, pfs, guests)
    asked = next((pf for pf in pfs if card_of and pf["name"] == card_of[0]), None)
    carded = card(host, asked, card_of[1]) if asked else None
    if card_of and not asked:
        verdict = f"the driver was not asked: {card_of[0]} is not an SR-IOV PF"
        carded = {"pf": card_of[0], "vf": card_of[1], "status": UNKNOWN, "verdict": verdict, "advice": None}
    parts = pfs + daemons + [finding for pf in pfs for finding in pf["findings"]]
    statuses = {part["status"] for part in parts + list(filter(None, [probed, carded]))}
    return {
        "format": 1,
        "version": VERSION,
        "status": ACTION if ACTION in statuses else UNKNOWN if UNKNOWN in statuses else OK,
        "need": min((pf["need"] for pf in pfs), key=list(NEEDS).index, default="no"),
        "kernel": host.read("/proc/sys/kernel/osrelease"),
        "library": files[0] if files else None,
        "pfs": pfs,
        "daemons": daemons,
        "guests": guests,
        "probe": probed,
        "card": carded,
        "not_seen": sorted(set(host.unseen)),
    }


def rendered(made):
    """The report as text for a reader."""

    def wrapped(text):
        lines.extend(textwrap.wrap(text, 100, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False))

    def verdict(part, mark=None):
        wrapped(f"{mark or MARKS[part['status']]}: {part['verdict']}.")
        if part.get("advice"):
            wrapped(f"What to do: {part['advice']}.")
        lines.extend("      " + command for command in part.get("commands", []))

    lines = [
        f"Do guests on this host need libvirnetdevvf? {NEEDS[made['need']]}",
        f"Linux {made['kernel'] or 'of unknown version'}; the library: {made['library'] or 'not installed'}",
    ]
    for pf in made["pfs"]:
        vfs = f"{'unknown' if pf['vfs'] is None else pf['vfs']} of at most {pf['max_vfs']} VFs"
        up = {True: "up", False: "down", None: "up or down not known"}[pf["up"]]
        ids = f"PCI {pf['pci']} [{pf['pci_id']}]"
        lines += ["", f"PF {pf['name']}: driver {pf['driver']}, {ids}, {up}, eswitch mode {pf['eswitch']}, {vfs}"]
        verdict(pf)
        for finding in pf["findings"]:
            verdict(finding)
    if not made["pfs"]:
        lines += ["", "No SR-IOV PF in this network namespace."]
    for daemon in made["daemons"]:
        running = f"process {daemon['pid']}" if daemon["pid"] else "not running"
        lines += ["", f"{daemon['name']}: libvirt {daemon['version'] or 'of unknown version'}, {running}"]
        lines.append(f"  AppArmor or SELinux label: {daemon['confinement'] or 'none'}")
        verdict(daemon, {"not-in-use": "not in use", "in-use": "in use"}.get(daemon["state"]))
    if not made["daemons"]:
        lines += ["", "No libvirt daemon that configures VFs is here."]
    elif made["guests"] is None:
        lines += ["", "The guests could not be read from libvirt: run virsh -q list, then run this again."]
    else:
        names = sorted({guest["name"] + (" (runs)" if guest["running"] else "") for guest in made["guests"]})
        lines += ["", f"Guests on VFs: {', '.join(names[:16]) or 'none'}{', ...' if len(names) > 16 else ''}"]
    if made["probe"]:
        asked = made["probe"]
        answers = f"clear: {asked['clear'] or 'not asked'}, set: {asked['set'] or 'not asked'}"
        lines += [
            "",
            f"Probe of VF {asked['vf']} of {asked['pf']}: {answers}; {' or '.join(asked['kinds']) or 'no kind'}",
        ]
        verdict(asked)
    if made["card"]:
        asked = made["card"]
        lines += ["", f"Card of VF {asked['vf']} of {asked['pf']}"]
        verdict(asked)
        if asked.get("row"):
            lines += ["  " + "\t".join(asked["row"]), "  " + "\t".join(asked["row"].values())]
            lines.append("  " + ", ".join(f"{key} {value}" for key, value in asked["extra"].items()))
            lines += [f"  differs: {difference}" for difference in asked["differs"]] or ["  as read in the source"]
    if made["not_seen"]:
        lines += ["", "This user may not read (run as root): " + ", ".join(made["not_seen"])]
    return "\n".join(lines)


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")


def one_vf(parser, given):
    """PF and number of --probe and --card."""
    if not given:
        return None
    name, vf = given
    if not re.fullmatch(r"[0-9]{1,5}", vf):
        parser.error(f"VF is a number from 0 to 99999: '{vf}'")
    if not name or "/" in name:
        parser.error(f"this is not the name of an interface: '{name}'")
    return name, int(vf)


def main(arguments, host):
    parser = Arguments(
        prog="virnetdevvf-check",
        description="Reports the SR-IOV PFs and libvirt daemons of this host, and whether guests need libvirnetdevvf.",
        epilog="Exit status: 0 nothing to do, 1 something to do, 2 not known, 64 wrong usage. "
        "See virnetdevvf-check(8).",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {VERSION}")
    parser.add_argument("--json", action="store_true", help="print the report as JSON, for programs")
    parser.add_argument(
        "--probe",
        nargs=2,
        metavar=("PF", "VF"),
        help="ask the PF's driver which VLANs it takes, by setting them on a VF that no guest uses",
    )
    parser.add_argument(
        "--card",
        nargs=2,
        metavar=("PF", "VF"),
        help="ask it everything that is safe on such a VF, and print a row for docs/hardware.md",
    )
    given = parser.parse_args(arguments)
    # A guest's name may have characters that the terminal does not.
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    made = report(host, one_vf(parser, given.probe), one_vf(parser, given.card))
    print(json.dumps(made, indent=2) if given.json else rendered(made), flush=True)
    return EXIT[made["status"]]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:], Host()))
    except Exception as problem:  # noqa: BLE001
        # Python's own exit status, 1, means "something to do" here.
        if not isinstance(problem, BrokenPipeError):
            print(f"virnetdevvf-check: {type(problem).__name__}: {problem}", file=sys.stderr)
        # Python flushes standard output once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(EXIT[UNKNOWN])
