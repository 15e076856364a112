"""Simulated hosts for the tests of virnetdevvf-check: files, answers of commands, a PF with a driver."""
import contextlib
import importlib.util
import io
import json
import os
import pathlib
import re
import struct
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import tap
from made_driver import MAC, NO_MAC, Driver  # noqa: F401  the MACs for those who import this

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("check", TOP / "tools/virnetdevvf-check.py")
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)

WORK = tempfile.TemporaryDirectory()
LIBRARY = "/usr/lib/x86_64-linux-gnu/libvirnetdevvf.so.0.2.0"
LIBVIRT = "/usr/lib/x86_64-linux-gnu/libvirt.so.0."
SWITCH = "/etc/default/libvirnetdevvf-preload"
ON = "LD_PRELOAD=libvirnetdevvf.so.0\n"
OFF = "#" + ON


class Link(str):
    """The target of a symbolic link, where a file's text could be."""

    __slots__ = ()


class MadeHost(check.Host):
    """Files in a directory, given answers of commands, and a PF with a driver."""

    def __init__(self):
        super().__init__()
        self.root = tempfile.mkdtemp(dir=WORK.name)
        self.commands, self.drivers, self.asked = {}, {}, []
        self.forbidden, self.addressed, self.root_user = set(), set(), True

    def write(self, path, text):
        full = self.path(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if isinstance(text, Link):
            os.symlink(text, full)
        else:
            with open(full, "wb") as file:
                file.write(text if isinstance(text, bytes) else text.encode())

    def read_bytes(self, path):
        # The tests may run as root, who can read any file.
        if path in self.forbidden:
            self.unseen.append(path)
            return None
        return super().read_bytes(path)

    def owner(self, path):
        return 0 if self.exists(path) else None

    def run(self, *command):
        self.asked.append(command)
        if command[:2] == ("systemctl", "show"):
            command = ("systemctl", command[-1])
        return self.commands.get(command)

    def exchange(self, message):
        return self.drivers[message[36:52].split(b"\0")[0].decode()].exchange(message)

    def has_address(self, netdev):
        return netdev in self.addressed

    def is_root(self):
        return self.root_user

    def firmware(self, pf):
        return "1.2.3"

    @property
    def driver(self):
        return self.drivers["enp1s0"]


def add_pf(host, vfs=2, driver="igb", name="enp1s0", pci="01", pci_id="8086:10c9", eswitch=None):
    net, address = f"/sys/class/net/{name}", f"0000:{pci}:00.0"
    host.drivers[name] = Driver(vfs)
    host.write(net + "/device", Link(f"../../../pci0000:00/{address}"))
    device = f"/sys/pci0000:00/{address}"
    host.write(device + "/sriov_totalvfs", "7\n")
    host.write(device + "/sriov_numvfs", f"{vfs}\n")
    host.write(device + "/vendor", f"0x{pci_id[:4]}\n")
    host.write(device + "/device", f"0x{pci_id[5:]}\n")
    host.write(device + "/driver", Link(f"../../bus/pci/drivers/{driver}"))
    if eswitch:
        mode = {"dev": {f"pci/{address}": {"mode": eswitch}}}
        host.commands["devlink", "-j", "dev", "eswitch", "show", f"pci/{address}"] = json.dumps(mode)
    for vf in range(vfs):
        host.write(f"{device}/virtfn{vf}", Link(f"../0000:{pci}:10.{vf}"))
        made = f"/sys/pci0000:00/0000:{pci}:10.{vf}"
        host.write(made + "/driver", Link("../../bus/pci/drivers/igbvf"))
        host.write(f"{made}/net/{name}v{vf}/address", "")
        host.write(f"/sys/class/net/{name}v{vf}/flags", "0x1002\n")
        host.write(f"/sys/class/net/{name}v{vf}/device", Link(f"../../../pci0000:00/0000:{pci}:10.{vf}"))
    return host


def add_library(host, path=LIBRARY):
    host.write(path, "ELF")
    name = os.path.join(os.path.dirname(path), "libvirnetdevvf.so.0")
    host.write(name, Link(os.path.basename(path)))
    host.commands["ldconfig", "-p"] = f"2 libs found\n\tlibvirnetdevvf.so.0 (libc6,x86-64) => {name}\n"


def elf(*symbols, bits64=True, order="<"):
    """A shared library whose dynamic relocations refer to these symbols."""
    strings = b"\0" + b"".join(symbol.encode() + b"\0" for symbol in symbols)
    table = [bytes(24 if bits64 else 16)]
    relocations = []
    for number, symbol in enumerate(symbols, 1):
        name = strings.index(symbol.encode())
        table.append(struct.pack(order + ("I20x" if bits64 else "I12x"), name))
        info = number << (32 if bits64 else 8) | 7
        relocations.append(struct.pack(order + ("8xQ8x" if bits64 else "4xI"), info))
    kinds = [(0, b"", 0, 0), (11, b"".join(table), 2, len(table[0])), (3, strings, 0, 0),
             (4 if bits64 else 9, b"".join(relocations), 1, 24 if bits64 else 8)]
    header, entry = (64, order + "4xI16xQQI12xQ") if bits64 else (52, order + "4xI8xIII8xI")
    content, sections = b"", b""
    for kind, data, link, size in kinds:
        sections += struct.pack(entry, kind, header + len(content), len(data), link, size)
        content += data
    start = bytes([0x7F, 0x45, 0x4C, 0x46, 2 if bits64 else 1, 1 if order == "<" else 2])
    fields = struct.pack(order + ("34xQ10xHHH" if bits64 else "26xI10xHHH"), header + len(content),
                         struct.calcsize(entry), len(kinds), 2)
    return start + fields + content + sections


def add_daemon(host, name="libvirtd", version="9.0.0", running=True, switch=OFF, loaded=None, supervised=True,
               calls=("virNetDevSetVfConfig",), environ=None, **properties):
    """A daemon with the package's drop-in. loaded: the library's path in its maps. supervised: systemd knows it."""
    host.commands[name, "--version"] = f"{name} (libvirt) {version}\n"
    if switch is not None:
        host.write(SWITCH, switch)
    if supervised:
        host.write("/usr/sbin/" + name, "")
        said = {
            "LoadState": "loaded",
            "MainPID": "812" if running else "0",
            "Environment": "",
            "EnvironmentFiles": f"{SWITCH} (ignore_errors=yes)",
            "NeedDaemonReload": "no",
            **properties,
        }
    else:
        said = {"LoadState": "not-found", "MainPID": "0"}
    host.commands["systemctl", name + ".service"] = "".join(f"{key}={value}\n" for key, value in said.items())
    if running:
        major, minor, micro = map(int, version.split("."))
        libvirt = f"{LIBVIRT}{major * 1000 + minor}.{micro}"
        host.write("/proc/812/comm", name + "\n")
        host.write(f"/proc/812/root{libvirt}", elf("malloc", *calls))
        files = ["/usr/sbin/" + name, libvirt, *([loaded] if loaded else [])]
        host.write("/proc/812/maps", "".join(f"7f00-7f01 r-xp 00000000 08:01 99    {path}\n" for path in files))
        host.write("/proc/812/environ", "A=b\0" + (ON.strip() + "\0" if loaded else "") if environ is None else environ)
        host.write("/proc/812/attr/current", "libvirtd (enforce)\n")


GUEST = """<domain><name>{name}</name><devices>{devices}</devices></domain>"""
HOSTDEV = """<interface type='hostdev'><mac address='{mac}'/><source><address type='pci' domain='0x0000' bus='0x01'
    slot='0x10' function='0x{vf}'/></source>{vlan}</interface>"""
DIRECT = """<interface type='direct'><mac address='{mac}'/><source dev='enp1s0v{vf}' mode='passthrough'/>{vlan}
    </interface>"""
POOL = "<interface type='network'><source network='pool' portgroup='{vf}'/>{vlan}</interface>"
DEVICE = "<hostdev type='pci'><source><address domain='0' bus='1' slot='16' function='{vf}'/></source></hostdev>"


def add_guests(host, *guests, connection="qemu:///system"):
    """Guests of a daemon that answers virsh: (name, running, one of the devices above, VF, VLAN or None)."""
    virsh = ("virsh", "-r", "-q", "-c", connection)
    host.commands[(*virsh, "list", "--uuid")] = "\n".join(name for name, running, *_ in guests if running) + "\n"
    host.commands[(*virsh, "list", "--uuid", "--all")] = "\n".join(name for name, *_ in guests) + "\n"
    network = "<network><forward mode='hostdev'><pf dev='enp1s0'/></forward>{}</network>"
    groups = "<portgroup name='0'/><portgroup name='1'><vlan><tag id='7'/></vlan></portgroup>"
    host.commands[(*virsh, "net-dumpxml", "pool")] = network.format(groups)
    for name, _, device, vf, vlan in guests:
        if device is None:
            continue
        tag = f"<vlan><tag id='{vlan}'/></vlan>" if vlan else ""
        devices = device.format(vf=vf, vlan=tag, mac="52:54:00:00:00:99")
        host.commands[(*virsh, "dumpxml", name)] = GUEST.format(name=name, devices=devices)


def new_host(library=True, **pf):
    host = MadeHost()
    host.write("/lib", Link("usr/lib"))
    host.write("/proc/sys/kernel/osrelease", "6.1.0-30-amd64\n")
    host.write("/proc/self/status", "Name:\tpython3\nCapEff:\t000001ffffffffff\n")
    host.write("/proc/self/uid_map", "         0          0 4294967295\n")
    host.write("/sys/class/net/lo/flags", "0x9\n")
    host.commands["ldconfig", "-p"] = "1 libs found\n\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6\n"
    add_pf(host, **pf)
    if library:
        add_library(host)
    return host


def replace(host, path, text):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(host.path(path))
    host.write(path, text)


def on(**more):
    """What is special about a daemon that runs on the library."""
    return {"switch": ON, "loaded": LIBRARY, **more}


def daemon_host(special, **pf):
    special = dict(special)
    host = new_host(library=special.pop("library", True), **pf)
    host.forbidden = set(special.pop("forbidden", ()))
    for path, text in special.pop("files", {}).items():
        host.write(path, text)
    add_daemon(host, **special)
    return host


def command(host, *arguments):
    """The whole program: (exit status, standard output)."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        try:
            status = check.main(arguments, host)
        except SystemExit as end:
            status = end.code
    return status, out.getvalue()


def report(host, *arguments):
    """The same with --json: (exit status, the report)."""
    status, out = command(host, "--json", *arguments)
    return status, json.loads(out)


def keys(value, prefix=""):
    """The keys of a JSON value: daemons[].name and so on."""
    for key, inner in value.items():
        yield prefix + key
        entries, mark = (inner, "[]") if isinstance(inner, list) else ([inner], "")
        for entry in entries:
            if isinstance(entry, dict):
                yield from keys(entry, f"{prefix}{key}{mark}.")


def documented(section):
    """What a section of the manual page explains."""
    page = (TOP / "docs/man/virnetdevvf-check.8.rst").read_text(encoding="ascii")
    found = re.search(rf"^{section}\n[-=]+\n(.*?)(?=^[^\n]+\n[-=]+\n|\Z)", page, re.DOTALL | re.MULTILINE)
    return {a or b for a, b in re.findall(r"^(\S+)\n(?=  )|^    (\S+)  ", found.group(1), re.MULTILINE)}


def test(name, found, expected):
    tap.test(f"check: {name}", found == expected, f"  found    {found!r}\n  expected {expected!r}")
