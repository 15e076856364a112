#!/usr/bin/env python3
"""Runs the cases of answers.tsv on the real driver, in the emulated machine; TAP.

usage: answers.py TABLE REQUEST LIBDIR

iproute2, not the library, reads the driver's state afterwards.
"""
import errno
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import struct
import subprocess
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "lib"))
import netlink as nl
import tap

PF = "eth0"
HERE = os.path.dirname(os.path.abspath(__file__))
ZERO = "00:00:00:00:00:00"
WHO = {
    "root": [],
    "nobody": ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"],
    "nobody+net_admin": ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                         "--inh-caps=+net_admin", "--ambient-caps=+net_admin"],
    "userns": ["unshare", "-Ur"],
    "userns+netns": ["unshare", "-Urn"],
}
# The device kinds and states of dpu/dpu.c. 0: the ordinary driver answers.
GRANTS = ["clear=0", "set=0"]
DPU = {
    "dpu": [],
    "dpu-clears": ["clear=0"],
    "switchdev": ["clear=0", f"set={errno.EOPNOTSUPP}"],
    "reset": [*GRANTS, "busy=3"],
    "reset-busy": [*GRANTS, "busy=3", f"busy_errno={errno.EBUSY}"],
    "reset-stays": [*GRANTS, "busy=-1"],
    "mac-resets": [f"clear={errno.EAGAIN}", f"set={errno.EAGAIN}"],
    "dpu-gap": ["gap=1"],
    "no-vlans": [f"clear={errno.EOPNOTSUPP}", f"set={errno.EOPNOTSUPP}", f"zero={errno.EADDRNOTAVAIL}"],
    "ice-reset": [*GRANTS, f"busy_errno={errno.EINVAL}", "reset_gap=1", "reset_ms=1000"],
    "ice-reset-stays": [*GRANTS, f"busy_errno={errno.EINVAL}", "reset_gap=1", "busy=-1"],
    "pf-down-eagain": [*GRANTS, f"when_down={errno.EAGAIN}"],
    "pf-down-einval": [*GRANTS, f"when_down={errno.EINVAL}"],
    "none-4095": ["none=4095"],
    "mac-applied": [*GRANTS, f"mac={errno.EACCES}", "applies=1"],
    "mac-listed": [*GRANTS, f"mac={errno.EPERM}", "lists=1"],
    "slow": [*GRANTS, "busy=-1", "slow_ms=1100"],
}
DOWN = ("down", "pf-down-eagain", "pf-down-einval")
# States in which the list of VFs leaves some out, at least for a while.
GAPS = ("dpu-gap", "ice-reset", "ice-reset-stays", "pf-down-eagain", "pf-down-einval")


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def shell(command):
    """A function of nic.sh."""
    return run("bash", "-c", f"set -e; . {shlex.quote(HERE)}/../nic.sh; {command}")


def vf_state():
    """VF number -> what the PF's driver says about it."""
    link = json.loads(run("ip", "-j", "-d", "link", "show", PF))[0]
    state = {}
    for vf in link.get("vfinfo_list", []):
        vlan = (vf.get("vlan_list") or [vf])[0]
        state[vf["vf"]] = {"mac": vf["address"], "vlan": vlan.get("vlan", 0), "qos": vlan.get("qos", 0)}
    return state


def parse_state(text):
    """`0 mac=... vlan=7` -> (0, {...})."""
    vf, *values = text.split()
    pairs = (value.split("=") for value in values)
    return int(vf), {key: value if key == "mac" else int(value) for key, value in pairs}


def prepare(state, before):
    """Sets the PF up for a case. Returns a function that undoes it."""
    wanted = 0 if state == "novfs" else 4
    if len(vf_state()) != wanted:
        shell(f"echo 0 >/sys/class/net/{PF}/device/sriov_numvfs; vfs {wanted}")
    for vf, now in vf_state().items():
        if now != {"mac": ZERO, "vlan": 0, "qos": 0}:
            run("ip", "link", "set", PF, "vf", str(vf), "mac", ZERO, "vlan", "0")
    if before != "-":
        vf, values = parse_state(before)
        words = [word for key, value in values.items() for word in (key, str(value))]
        run("ip", "link", "set", PF, "vf", str(vf), *words)
    run("ip", "link", "set", PF, "down" if state in DOWN else "up")
    if state in DPU:
        shell("dpu_on " + " ".join(DPU[state]))
        return lambda: shell("dpu_off")
    return lambda: None


def raw(what, name, kind="0", payload=""):
    """Sends what the library cannot send. Returns the errno and the extended ACK, which the library does not return."""
    link = nl.attribute(nl.IFNAME, name.encode() + b"\0")
    if what == "info":
        entry = nl.attribute(int(kind), bytes.fromhex(payload.replace("empty", ""))) if kind != "0" else b""
        link += nl.attribute(nl.VFINFO_LIST | nl.NESTED, nl.attribute(nl.VF_INFO | nl.NESTED, entry))
    elif what != "ifname":
        sys.exit(f"no such raw request: {what}")
    message = nl.message(nl.SETLINK, bytes(16) + link, nl.REQUEST | nl.ACK, sequence=1)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.setsockopt(270, 11, 1)  # SOL_NETLINK, NETLINK_EXT_ACK
        netlink.setsockopt(270, 10, 1)  # NETLINK_CAP_ACK: the request is not repeated
        netlink.sendto(message, (0, 0))
        answer = netlink.recv(4096)
    text = dict(nl.attributes(answer[36:])).get(nl.ACK_TEXT, b"").rstrip(b"\0")
    return -struct.unpack_from("=i", answer, 16)[0], "-", text.decode("ascii", "replace")


def call(who, words, request, libdir):
    """Makes a case's call. Returns its errno, *allowRetry after it (- if it has none), and the reported text."""
    kind, *arguments = words.split()
    if kind == "raw":
        return raw(*arguments)
    if kind == "ip":
        result = subprocess.run(["ip", "link", "set", PF, *arguments], capture_output=True, text=True)
        said = re.search(r"RTNETLINK answers: (.*)", result.stderr)
        names = {os.strerror(number): number for number in errno.errorcode}
        return (names[said[1]] if said else 0 if result.returncode == 0 else -1), "-", result.stderr
    command = [*WHO[who], "env", f"LD_LIBRARY_PATH={libdir}", request, kind, *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        return f"ended with status {result.returncode}", "-", result.stderr
    number, retry, message = result.stdout.split("\n", 2)
    return int(number), retry if kind in ("mac", "config") else "-", message.rstrip("\n")


def judge(row, request, libdir):
    """What is wrong with one case, as a list of sentences."""
    _, state, who, before, words, expected, retry, after, says = row
    leave = prepare(state, before)
    try:
        was = vf_state()
        got, tried, said = call(who, words, request, libdir)
        now = vf_state()
    finally:
        leave()
    wrong = []
    vlan = 4095 if state == "none-4095" else 0
    wanted = {vf: {"mac": ZERO, "vlan": vlan, "qos": 0} for vf in range(0 if state == "novfs" else 4)}
    for when, change, seen in (("before", before, was), ("after", after, now)):
        if change != "-":
            vf, values = parse_state(change)
            wanted[vf].update(values)
        for vf in sorted(wanted.keys() | seen.keys()):
            if state in GAPS and vf not in seen:
                continue
            if wanted.get(vf) != seen.get(vf):
                wrong.append(f"{when} it the driver says of VF {vf} {seen.get(vf)}, not {wanted.get(vf)}")
    # By number: some errnos have two names.
    if got != (0 if expected == "0" else getattr(errno, expected)):
        wrong.append(f"it answered {errno.errorcode.get(got, got)}, not {expected} ({said.strip()})")
    if tried != retry:
        wrong.append(f"*allowRetry is {tried} after it, not {retry}")
    if says == "-" and said:
        wrong.append(f"it says {said.strip()!r}, and should say nothing")
    elif says == "*" and not said:
        wrong.append("it says nothing")
    elif says not in ("-", "*") and says not in said:
        wrong.append(f"it says {said.strip()!r}, without {says!r}")
    return wrong


def main():
    table, request, libdir = sys.argv[1:]
    with open(table) as file:
        lines = "".join(line for line in file if line.strip() and not line.startswith("#")).replace("\n\t", "\t")
    rows = [line.split("\t") for line in lines.splitlines()]
    # A place that an ordinary user can read: the tree may be in a closed home directory.
    shutil.copytree(libdir, "/run/lib", symlinks=True)
    shutil.copy(request, "/run/request")
    shell("vfs 4")
    # The module makes a dummy0 itself, except if systemd is installed.
    run("modprobe", "dummy", "numdummies=0")
    run("ip", "link", "add", "dummy0", "type", "dummy")
    for name in ("a-very-long-alternative-name", "shortalt"):
        run("ip", "link", "property", "add", "dev", PF, "altname", name)
    for row in rows:
        wrong = judge(row, "/run/request", "/run/lib")
        tap.test(row[0], not wrong, wrong)
    tap.done_testing()


main()
