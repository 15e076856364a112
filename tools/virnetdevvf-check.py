#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reports which SR-IOV PFs and which libvirt daemons this host has, and whether libvirnetdevvf is in use.

It only reads, and does not change the host; only --probe sends requests to a driver. See virnetdevvf-check(8). It is
one file, so that Python writes no compiled files that no package owns.
"""

import argparse
import ctypes
import errno
import json
import os
import re
import shlex
import signal
import subprocess
import sys

DAEMONS = ("libvirtd", "virtqemud", "virtlxcd", "virtnetworkd", "virtxend")
LIBRARY = "libvirnetdevvf.so.0"
# The first libvirt that has the functions, and the first that was not tried with the library.
FIRST_LIBVIRT, UNTESTED_LIBVIRT = (8, 1), (13, 0)
# libvirt sets this MAC if a driver refuses an all-zero MAC.
PLACEHOLDER = "02:00:00:00:00:00"
UNIT_PROPERTIES = ("LoadState", "MainPID", "Environment", "EnvironmentFiles", "UnsetEnvironment", "DropInPaths")
UNIT_PROPERTIES += ("TriggeredBy", "NeedDaemonReload")
# The VLAN that --probe tries.
TRIAL_VLAN = 4094

OK, ACTION, UNKNOWN = "ok", "action", "unknown"
EXIT = {OK: 0, ACTION: 1, UNKNOWN: 2}
EXIT_USAGE = 64

# Each state, and its part in the exit status.
DAEMON_STATES = {
    "off": OK,
    "on": OK,
    "on-at-next-start": OK,
    "restart-to-load": ACTION,
    "restart-to-update": ACTION,
    "restart-to-unload": ACTION,
    "reload-systemd": ACTION,
    "not-loaded": ACTION,
    "no-library": ACTION,
    "libvirt-too-old": ACTION,
    "libvirt-untested": ACTION,
    "unknown": UNKNOWN,
}
PF_STATES = {"ok": OK, "no-vfs": OK, "placeholder-mac": ACTION, "vfs-not-listed": UNKNOWN, "unknown": UNKNOWN}
# The kinds of device that --probe can find.
KINDS = {
    "host-switch": "the PF sets VLANs: this host owns the embedded switch",
    "grants-clear": "the PF clears a VLAN and refuses to set one: a SmartNIC DPU owns the embedded switch",
    "refuses-both": "the PF refuses a VLAN, and even to clear one: a SmartNIC DPU owns the embedded switch",
    "refuses-vlan": "the PF refuses the VLAN that the VF has: a SmartNIC DPU owns the embedded switch",
    "switchdev": "the PF takes no VLAN for a VF: its eswitch is in switchdev mode, or its driver knows no VLANs",
    "in-reset": "the VF is in reset",
    "not-asked": "the driver was not asked",
    "unknown": "the answer belongs to no kind that is known",
}


class Host:
    """The files, the commands and the kernel of this host. Only methods of this class access them."""

    root = "/"

    def __init__(self):
        # Files that exist, but that this user may not read.
        self.unseen = []

    def path(self, path):
        return os.path.join(self.root, path.lstrip("/"))

    def read(self, path):
        """The file's text without white space at both ends, or None."""
        try:
            with open(self.path(path), encoding="utf-8", errors="replace") as file:
                return file.read().strip()
        except PermissionError:
            self.unseen.append(path)
        except OSError:
            pass
        return None

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

    def file(self, path):
        """(resolved path, device number, inode) of a file, or None."""
        try:
            info = os.stat(self.path(path))
        except OSError:
            return None
        return os.path.realpath(self.path(path)), info.st_dev, info.st_ino

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

    def set_vlan(self, pf, vf, vlan, qos):
        """Asks the kernel to set a VF's VLAN. Returns 0 or the errno of the kernel, or None without the library."""
        ifla_vf_vlan = 2
        try:
            send = ctypes.CDLL(LIBRARY).virNetDevSendVfSetLinkRequest
        except (OSError, AttributeError):
            return None
        send.argtypes = (ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
        payload = (ctypes.c_uint32 * 3)(vf, vlan, qos)
        return -send(pf.encode(), ifla_vf_vlan, ctypes.byref(payload), ctypes.sizeof(payload))


# --- what is there ---


def security_modules(host):
    apparmor = {"Y": "enabled", "N": "disabled", None: "absent"}
    selinux = {"1": "enforcing", "0": "permissive", None: "absent"}
    return {
        "apparmor": apparmor.get(host.read("/sys/module/apparmor/parameters/enabled"), "unknown"),
        "selinux": selinux.get(host.read("/sys/fs/selinux/enforce"), "unknown"),
    }


def library_files(host):
    """The library's files that the dynamic linker finds by name, or None if ldconfig fails."""
    cache = host.run("ldconfig", "-p")
    if cache is None:
        return None
    return re.findall(r"^\s*" + re.escape(LIBRARY) + r" \(.*\) => (\S+)$", cache, re.MULTILINE)


def vf_list(host, pf):
    """The PF's VFs as iproute2 lists them: [{vf, mac, vlan, qos, protocol}], or None."""
    links = host.run_json("ip", "-j", "-d", "link", "show", "dev", pf)
    if not links:
        return None
    vfs = []
    for entry in links[0].get("vfinfo_list") or []:
        vlan = (entry.get("vlan_list") or [entry])[0]
        vfs.append(
            {
                "vf": entry.get("vf"),
                "mac": entry.get("address", entry.get("mac")),
                "vlan": vlan.get("vlan", 0),
                "qos": vlan.get("qos", 0),
                "protocol": vlan.get("protocol", "802.1Q"),
            }
        )
    return vfs


def number(text):
    return int(text) if text and text.isdigit() else None


def gather_pf(host, name):
    """One SR-IOV PF, or None if the interface is not a PF."""
    net = "/sys/class/net/" + name
    max_vfs = number(host.read(net + "/device/sriov_totalvfs"))
    if not max_vfs:
        return None
    # In switchdev mode, the representors of the VFs have the PF's device too.
    if re.search(r"pf\d+[vs]f\d+$", host.read(net + "/phys_port_name") or ""):
        return None
    pci = host.link(net + "/device")
    vfs = number(host.read(net + "/device/sriov_numvfs"))
    entries = vf_list(host, name) if vfs else []
    eswitch = host.run_json("devlink", "-j", "dev", "eswitch", "show", f"pci/{pci}") or {}
    return {
        "name": name,
        "driver": host.link(net + "/device/driver"),
        "pci": pci,
        "max_vfs": max_vfs,
        "vfs": vfs,
        "eswitch": eswitch.get("dev", {}).get(f"pci/{pci}", {}).get("mode", "unknown"),
        "listed_vfs": None if entries is None else len(entries),
        "placeholder_vfs": [vf["vf"] for vf in entries or [] if vf["mac"] == PLACEHOLDER],
    }


def unit_properties(host, unit):
    """systemd's properties of a unit: {name: [value, ...]}; empty if systemd does not answer."""
    output = host.run("systemctl", "show", "--property=" + ",".join(UNIT_PROPERTIES), unit)
    properties = {}
    for line in (output or "").splitlines():
        key, _, value = line.partition("=")
        properties.setdefault(key, []).append(value)
    return properties


def unread_drop_in(host, unit, read):
    """Whether the unit has a drop-in that systemd has not read. NeedDaemonReload does not cover a new directory."""
    known = {host.file(path) for path in read}
    names = set()
    for directory in ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"):
        directory = f"{directory}/systemd/system/{unit}.d"
        for name in host.list(directory):
            # A file replaces one of the same name in a later directory; an empty file masks it.
            if not name.endswith(".conf") or name in names:
                continue
            names.add(name)
            if host.read(f"{directory}/{name}") and host.file(f"{directory}/{name}") not in known:
                return True
    return False


def words(text):
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def environment_file(text):
    """The LD_PRELOAD that systemd reads from an EnvironmentFile, or None. The last assignment counts."""
    value = None
    # A backslash at the end of a line continues it on the next line.
    for line in re.sub(r"\\\n", "", text).splitlines():
        found = re.match(r"\s*LD_PRELOAD\s*=(.*)", line)
        if found:
            value = " ".join(words(found.group(1)))
    return value


def configured_preload(host, properties):
    """The LD_PRELOAD that systemd gives to the unit at its next start: text, possibly empty, or None if unknown."""
    value = ""
    for assignment in words(" ".join(properties.get("Environment", []))):
        if assignment.startswith("LD_PRELOAD="):
            value = assignment.partition("=")[2]
    # systemd reads these files when the unit starts. Their variables override those of Environment=.
    for entry in properties.get("EnvironmentFiles", []):
        path = re.sub(r" \(ignore_errors=\w+\)$", "", entry)
        text = host.read(path)
        if text is None and path in host.unseen:
            return None
        found = environment_file(text or "")
        value = value if found is None else found
    if "LD_PRELOAD" in words(" ".join(properties.get("UnsetEnvironment", []))):
        return ""
    return value


def preloaded_name(ld_preload):
    """The library's name in a value of LD_PRELOAD, or None."""
    for name in re.split(r"[: ]+", ld_preload or ""):
        if os.path.basename(name).startswith("libvirnetdevvf.so"):
            return name
    return None


def find_process(host, daemon):
    """The daemon's process if systemd does not know one: a process of that name that root owns."""
    for pid in host.list("/proc"):
        if pid.isdigit() and host.owner(f"/proc/{pid}") == 0 and host.read(f"/proc/{pid}/comm") == daemon:
            return int(pid)
    return None


def mapped_library(host, pid, installed):
    """Whether the process has the library: (loaded, path, "installed", "deleted" or "other"); None: not known."""
    maps = host.read(f"/proc/{pid}/maps")
    if maps is None:
        return None, None, None
    for line in maps.splitlines():
        fields = line.split(None, 5)
        if len(fields) < 6 or not os.path.basename(fields[5]).startswith("libvirnetdevvf.so"):
            continue
        path = re.sub(r" \(deleted\)$", "", fields[5])
        if path != fields[5]:
            return True, path, "deleted"
        major, minor = (int(part, 16) for part in fields[3].split(":"))
        mapped = os.makedev(major, minor), int(fields[4])
        # Compares the file's numbers, or its path: on btrfs and overlayfs one file has two numbers.
        for file in filter(None, map(host.file, installed)):
            if file[1:] == mapped or file[0] == os.path.realpath(host.path(path)):
                return True, path, "installed"
        return True, path, "other"
    return False, None, None


def confinement(host, daemon, pid):
    if pid:
        label = host.read(f"/proc/{pid}/attr/apparmor/current") or host.read(f"/proc/{pid}/attr/current")
        return (label or "").strip("\0") or None
    profiles = host.read("/sys/kernel/security/apparmor/profiles") or ""
    found = re.search(rf"^(/usr/sbin/)?{daemon} \(\w+\)$", profiles, re.MULTILINE)
    return found.group(0) if found else None


def gather_daemon(host, name, found_by_linker):
    """One libvirt daemon, or None if it is not installed."""
    unit = name + ".service"
    properties = unit_properties(host, unit)
    first = {key: values[0] for key, values in properties.items()}
    installed = first.get("LoadState") == "loaded" or host.exists("/usr/sbin/" + name)
    pid = int(first.get("MainPID") or 0) or find_process(host, name)
    # A masked unit cannot be started: another daemon is used in its place.
    if not pid and (not installed or first.get("LoadState") == "masked"):
        return None
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", host.run(name, "--version") or "")
    sockets = words(first.get("TriggeredBy", ""))
    states = host.run("systemctl", "show", "--property=ActiveState", *sockets) if sockets else ""
    activity = "running" if pid else "socket-activated" if "ActiveState=active" in (states or "") else "stopped"

    drop_ins = words(first.get("DropInPaths", ""))
    reload = first.get("NeedDaemonReload") == "yes" or unread_drop_in(host, unit, drop_ins)
    ld_preload = configured_preload(host, properties) if properties else None
    preload = preloaded_name(ld_preload)
    files = found_by_linker
    if preload and preload.startswith("/"):
        files = [preload] if host.exists(preload) else []
    loaded, path, file = mapped_library(host, pid, files or []) if pid else (None, None, None)
    environ = host.read(f"/proc/{pid}/environ") if pid else None
    started_with = None
    if environ is not None:
        values = [word.partition("=")[2] for word in environ.split("\0") if word.startswith("LD_PRELOAD=")]
        started_with = preloaded_name(" ".join(values)) is not None
    return {
        "name": name,
        "unit": unit,
        "version": found.group(0) if found else None,
        "activity": activity,
        "pid": pid,
        "configured": None if ld_preload is None else preload is not None,
        "preload": preload,
        "library_found": None if files is None else bool(files),
        "environment_files": [
            re.sub(r" \(ignore_errors=\w+\)$", "", entry) for entry in properties.get("EnvironmentFiles", []) if entry
        ],
        "drop_ins": drop_ins,
        "need_daemon_reload": reload if properties else None,
        "started_with_preload": started_with,
        "loaded": loaded,
        "loaded_path": path,
        "loaded_file": file,
        "confinement": confinement(host, name, pid),
    }


# --- verdicts: (state, what was found, what to do or None) ---


def version_problem(version):
    """Why libvirt of this version should not be preloaded: (state, text), or None."""
    if version is None:
        return None
    numbers = tuple(int(part) for part in version.split("."))
    if numbers < FIRST_LIBVIRT:
        return "libvirt-too-old", "is older than 8.1 and does not have the functions, so the preload does nothing"
    if numbers >= UNTESTED_LIBVIRT:
        return "libvirt-untested", "is newer than the versions that this library was tested with"
    return None


def judge_daemon(daemon):
    name = daemon["name"]
    on, loaded, running = daemon["configured"], daemon["loaded"], daemon["activity"] == "running"
    restart = f"systemctl restart {name} (guests that run keep running)"
    if daemon["need_daemon_reload"]:
        return (
            "reload-systemd",
            f"systemd has not read the latest files of {daemon['unit']}, so what it says of the preload is old",
            f"systemctl daemon-reload, then run this again; then systemctl restart {name} if it says so",
        )
    if on is None and not running:
        return "unknown", f"systemd did not say whether the preload is configured for {name}", None
    if running and loaded is None:
        return "unknown", f"this user may not see whether {name} has loaded the library", "run this as root"
    if on is None:
        # Without systemd, only the process shows whether the preload is on.
        on = loaded
    problem = version_problem(daemon["version"])
    if not on and loaded:
        return "restart-to-unload", f"the preload is off, and {name} still runs with the library", restart
    if not on:
        more = f"; libvirt {daemon['version']} {problem[1]}" if problem else ""
        return "off", f"the preload is off: {name} uses libvirt's own functions{more}", None
    if daemon["version"] is None:
        return "unknown", f"the preload is on, and {name} did not say which version it is", None
    if problem:
        advice = "turn the preload off, or install a libvirt and a libvirnetdevvf that go together (virnetdevvf(7))"
        return problem[0], f"the preload is on, and libvirt {daemon['version']} {problem[1]}", advice
    if daemon["library_found"] is False and not loaded:
        advice = f"install the library in the system's library directory and run ldconfig, then {restart}"
        return "no-library", f"the preload is on, and the dynamic linker finds no {daemon['preload']}", advice
    if not running:
        return "on-at-next-start", f"the preload is on, and {name} will load the library when it starts", None
    if not loaded and daemon["started_with_preload"]:
        advice = (
            "see the daemon's journal: the file is missing, is of another architecture, or AppArmor or SELinux "
            "does not let the daemon map it"
        )
        return "not-loaded", f"{name} was started with LD_PRELOAD, and has not loaded the library", advice
    if not loaded:
        return "restart-to-load", f"the preload is on, and {name} was started before that", restart
    if daemon["loaded_file"] == "deleted":
        return "restart-to-update", f"{name} runs with a file of the library that was replaced or removed", restart
    if daemon["loaded_file"] == "other":
        other = daemon["loaded_path"]
        return "restart-to-update", f"{name} runs with {other}, which is not the installed file", restart
    return "on", f"{name} uses libvirnetdevvf", None


def vf_numbers(values):
    shown = ", ".join(map(str, values[:8])) + (", ..." if len(values) > 8 else "")
    return ("VF " if len(values) == 1 else "VFs ") + shown


def judge_pf(pf):
    name = pf["name"]
    if pf["vfs"] == 0:
        return "no-vfs", f"{name} has no VFs now", None
    if pf["vfs"] is None or pf["listed_vfs"] is None:
        return "unknown", f"iproute2 did not list the VFs of {name}", "install iproute2, or run this as root"
    if pf["placeholder_vfs"]:
        verdict = (
            f"{vf_numbers(pf['placeholder_vfs'])} of {name}: the MAC is {PLACEHOLDER}, "
            "which libvirt leaves where the driver refused a VLAN, or an all-zero MAC"
        )
        advice = (
            f"see which it is with virnetdevvf-check --probe {name} VF, on a VF that no guest uses; "
            f"give each of these VFs a MAC again: ip link set dev {name} vf VF mac MAC"
        )
        return "placeholder-mac", verdict, advice
    if pf["listed_vfs"] < pf["vfs"]:
        missing = pf["vfs"] - pf["listed_vfs"]
        return (
            "vfs-not-listed",
            f"the kernel does not list {missing} of the {pf['vfs']} VFs of {name}: they are in reset, or too many",
            "run this again in a few seconds",
        )
    more = ""
    if pf["eswitch"].startswith("switchdev"):
        more = "; its eswitch mode is switchdev, where VLANs are set on the representors and not by libvirt"
    return "ok", f"no VF of {name} has the MAC {PLACEHOLDER}{more}", None


# --- --probe ---


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
        if flags is None or int(flags, 16) & 1:
            return f"its interface {netdev} is up"
        addresses = host.run_json("ip", "-j", "addr", "show", "dev", netdev)
        if not addresses:
            return f"its interface {netdev} may have addresses, which ip did not say"
        if addresses[0].get("addr_info"):
            return f"its interface {netdev} has addresses"
    return None


def may_configure(host):
    """Whether only the driver could answer EPERM: this process has CAP_NET_ADMIN in the initial user namespace."""
    capabilities = re.search(r"^CapEff:\s*([0-9a-f]+)$", host.read("/proc/self/status") or "", re.MULTILINE)
    cap_net_admin = 12
    return (
        capabilities is not None
        and int(capabilities.group(1), 16) >> cap_net_admin & 1 == 1
        and (host.read("/proc/self/uid_map") or "").split() == ["0", "0", "4294967295"]
    )


def find_vf(host, pf, vf):
    return next((entry for entry in vf_list(host, pf) or [] if entry["vf"] == vf), None)


def why_not_asked(host, pf, vf, before):
    if not host.exists(f"/sys/class/net/{pf}/device/sriov_totalvfs"):
        return f"{pf} is not an SR-IOV PF"
    if before is None or not host.exists(f"/sys/class/net/{pf}/device/virtfn{vf}"):
        return f"{pf} has no VF {vf}, or its driver does not list it now"
    if not may_configure(host):
        return "this needs CAP_NET_ADMIN, outside of any user namespace: run it as root"
    if before["protocol"].lower() != "802.1q":
        return f"its VLAN is one of {before['protocol']}, which this does not set"
    in_use = why_in_use(host, pf, vf)
    return in_use and f"it may be in use: {in_use}"


def ask(host, pf, vf, before):
    """Sends the requests: (answer to a clear, answer to a VLAN, whether the VLAN was put back; None: not changed)."""
    if before["vlan"] or before["qos"]:
        return None, host.set_vlan(pf, vf, before["vlan"], before["qos"]), None
    clear = host.set_vlan(pf, vf, 0, 0)
    if clear != 0:
        return clear, None, None
    # A signal must not end the process between setting the VLAN and clearing it.
    signals = {signal.SIGHUP, signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        vlan = host.set_vlan(pf, vf, TRIAL_VLAN, 0)
        # Refused for certain. After any other error, one without an answer say, the VF may have the VLAN.
        if vlan in (errno.EPERM, errno.EOPNOTSUPP, errno.EAGAIN, errno.EBUSY):
            return clear, vlan, None
        host.set_vlan(pf, vf, 0, 0)
        return clear, vlan, find_vf(host, pf, vf) == before
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)


def kind_of(clear, vlan):
    """The kind of device by the kernel's answers: 0, an errno, or None if it was not asked."""
    if clear is None and vlan is None:
        return "not-asked"
    if {clear, vlan} & {errno.EAGAIN, errno.EBUSY}:
        return "in-reset"
    if errno.EOPNOTSUPP in (clear, vlan):
        return "switchdev"
    if clear == errno.EPERM:
        return "refuses-both"
    if vlan == errno.EPERM:
        return "grants-clear" if clear == 0 else "refuses-vlan"
    return "host-switch" if vlan == 0 else "unknown"


def errno_name(answer):
    return None if answer is None else "ok" if answer == 0 else errno.errorcode.get(answer, str(answer))


def probe(host, pf, vf, daemons):
    before = find_vf(host, pf, vf)
    reason = why_not_asked(host, pf, vf, before)
    clear, vlan, restored = (None, None, None) if reason else ask(host, pf, vf, before)
    kind = kind_of(clear, vlan)
    verdict = KINDS[kind]
    if kind == "not-asked":
        verdict += f": {reason or LIBRARY + ' cannot be loaded'}"
    status, advice = OK, None
    if kind in ("in-reset", "not-asked", "unknown"):
        status, advice = UNKNOWN, "ask again in a few seconds" if kind == "in-reset" else None
    elif kind != "host-switch":
        off = [daemon["name"] for daemon in daemons if daemon["state"] in ("off", "restart-to-unload")]
        advice = "set VLANs on the device's side, and take <vlan> out of the guests' interfaces"
        if off:
            status, advice = ACTION, f"turn the preload on for {', '.join(off)} (virnetdevvf(7)); {advice}"
    if restored is False:
        status = ACTION
        advice = f"VF {vf} was not put back as it was: ip link set dev {pf} vf {vf} vlan 0, then ip link show dev {pf}"
    return {
        "pf": pf,
        "vf": vf,
        "clear": errno_name(clear),
        "set": errno_name(vlan),
        "restored": restored,
        "kind": kind,
        "status": status,
        "verdict": verdict,
        "advice": advice,
    }


# --- the report ---


def judged(entry, judge, statuses):
    state, verdict, advice = judge(entry)
    return dict(entry, state=state, status=statuses[state], verdict=verdict, advice=advice)


def report(host, asked=None):
    """The whole report, as --json prints it. asked: (PF, VF) of --probe."""
    files = library_files(host)
    pfs = [gather_pf(host, name) for name in host.list("/sys/class/net")]
    daemons = [gather_daemon(host, name, files) for name in DAEMONS]
    made = {
        "format": 1,
        "kernel": host.read("/proc/sys/kernel/osrelease"),
        **security_modules(host),
        "library": files[0] if files else None,
        "pfs": [judged(pf, judge_pf, PF_STATES) for pf in pfs if pf],
        "daemons": [judged(daemon, judge_daemon, DAEMON_STATES) for daemon in daemons if daemon],
        "probe": None,
    }
    parts = made["pfs"] + made["daemons"]
    if asked:
        made["probe"] = probe(host, *asked, made["daemons"])
        parts = parts + [made["probe"]]
    statuses = {part["status"] for part in parts}
    made["status"] = ACTION if ACTION in statuses else UNKNOWN if UNKNOWN in statuses else OK
    made["not_seen"] = sorted(set(host.unseen))
    return made


def rendered(made):
    """The report as text for a reader."""

    def verdict(part):
        mark = {OK: "ok", ACTION: "TO DO", UNKNOWN: "not known"}[part["status"]]
        lines.append(f"  {mark}: {part['verdict']}.")
        if part["advice"]:
            lines.append(f"  What to do: {part['advice']}.")

    lines = [
        f"Linux {made['kernel'] or 'of unknown version'}; AppArmor {made['apparmor']}; SELinux {made['selinux']}",
        f"library: {made['library'] or 'the dynamic linker finds none'}",
    ]
    for pf in made["pfs"]:
        vfs = f"{'unknown' if pf['vfs'] is None else pf['vfs']} of at most {pf['max_vfs']} VFs"
        driver = f"driver {pf['driver'] or 'unknown'}, PCI {pf['pci']}"
        lines += ["", f"PF {pf['name']}: {driver}, {vfs}, eswitch mode {pf['eswitch']}"]
        verdict(pf)
    if not made["pfs"]:
        lines += ["", "No SR-IOV PF in this network namespace."]
    answer = {True: "yes", False: "no", None: "not known"}
    for daemon in made["daemons"]:
        loaded = answer[daemon["loaded"]] if daemon["pid"] else "not running"
        lines += ["", f"{daemon['name']}: libvirt {daemon['version'] or 'of unknown version'}, {daemon['activity']}"]
        lines.append(f"  preload configured: {answer[daemon['configured']]}; library loaded: {loaded}")
        lines.append(f"  AppArmor or SELinux label: {daemon['confinement'] or 'none'}")
        verdict(daemon)
    if not made["daemons"]:
        lines += ["", "No libvirt daemon that configures VFs is installed."]
    if made["probe"]:
        asked = made["probe"]
        answers = f"clear: {asked['clear'] or 'not asked'}, set: {asked['set'] or 'not asked'}"
        lines += ["", f"Probe of VF {asked['vf']} of {asked['pf']}: {answers}; kind of device: {asked['kind']}"]
        verdict(asked)
    if made["not_seen"]:
        lines += ["", "This user may not read (run as root): " + ", ".join(made["not_seen"])]
    return "\n".join(lines)


class Arguments(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(EXIT_USAGE, f"{self.prog}: {message}\n")


def vf_number(value):
    if not re.fullmatch(r"[0-9]{1,5}", value):
        raise ValueError
    return int(value)


def main(arguments, host):
    parser = Arguments(
        prog="virnetdevvf-check",
        description="Reports the SR-IOV PFs and libvirt daemons of this host, and whether they use libvirnetdevvf.",
        epilog="Exit status: 0 nothing to do, 1 something to do, 2 not known, 64 wrong usage. "
        "See virnetdevvf-check(8).",
        allow_abbrev=False,
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON, for programs")
    parser.add_argument(
        "--probe",
        nargs=2,
        metavar=("PF", "VF"),
        help="ask the PF's driver which VLANs it takes, by setting them on a VF that no guest uses",
    )
    given = parser.parse_args(arguments)
    asked = None
    if given.probe:
        try:
            asked = given.probe[0], vf_number(given.probe[1])
        except ValueError:
            parser.error(f"VF is a number from 0 to 99999: '{given.probe[1]}'")
        if not given.probe[0] or "/" in given.probe[0]:
            parser.error(f"this is not the name of an interface: '{given.probe[0]}'")
    made = report(host, asked)
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
