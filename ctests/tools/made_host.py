"""Hosts that are made up for the tests of virnetdevvf-check: files, answers of commands, a PF with a driver."""
import contextlib
import importlib.util
import io
import json
import os
import pathlib
import re
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import tap

TOP = str(pathlib.Path(__file__).resolve().parents[2])
sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("check", os.path.join(TOP, "tools", "virnetdevvf-check.py"))
check = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check)

WORK = tempfile.TemporaryDirectory()
LIBRARY = "/usr/lib/x86_64-linux-gnu/libvirnetdevvf.so.0.2.0"
SWITCH = "/etc/default/libvirnetdevvf-preload"
ON = "LD_PRELOAD=libvirnetdevvf.so.0\n"
OFF = "#" + ON


class Link(str):
    """The target of a symbolic link, where a file's text could be."""

    __slots__ = ()


class MadeHost(check.Host):
    """Files under a directory of its own, commands whose answers are given, and a PF with a driver."""

    def __init__(self):
        super().__init__()
        self.root = tempfile.mkdtemp(dir=WORK.name)
        self.commands = {}
        # What the driver answers to a clear and to another VLAN, and the VFs that it has.
        self.clear = self.set = 0
        self.vfs = [{"vf": 0, "address": "52:54:00:00:00:10"}, {"vf": 1, "address": "00:00:00:00:00:00"}]
        self.requests = []
        self.forbidden = set()

    def write(self, path, text):
        full = self.path(path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if isinstance(text, Link):
            os.symlink(text, full)
        else:
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)

    def read(self, path):
        # Whoever runs the tests may be root, who can read any file.
        if path in self.forbidden:
            self.unseen.append(path)
            return None
        return super().read(path)

    def owner(self, path):
        return 0 if self.exists(path) else None

    def run(self, *command):
        if command[:5] == ("ip", "-j", "-d", "link", "show") and command[-1] == "enp1s0":
            return json.dumps([{"ifname": "enp1s0", "vfinfo_list": self.vfs}])
        if command[:3] == ("systemctl", "show", "--property=ActiveState"):
            command = command[:3]
        elif command[:2] == ("systemctl", "show"):
            command = ("systemctl", "show", command[-1])
        return self.commands.get(command)

    def set_vlan(self, pf, vf, vlan, qos):
        self.requests.append((pf, vf, vlan, qos))
        answer = self.set if vlan or qos else self.clear
        if answer == 0:
            self.vfs[vf]["vlan_list"] = [{"vlan": vlan, "qos": qos}] if vlan else [{}]
        return answer


def add_pf(host, vfs=2):
    net = "/sys/class/net/enp1s0"
    host.write(net + "/device", Link("../../../pci0000:00/0000:01:00.0"))
    device = "/sys/pci0000:00/0000:01:00.0"
    host.write(device + "/sriov_totalvfs", "7\n")
    host.write(device + "/sriov_numvfs", f"{vfs}\n")
    host.write(device + "/driver", Link("../../bus/pci/drivers/igb"))
    for vf in range(vfs):
        host.write(f"{device}/virtfn{vf}", Link(f"../0000:01:10.{vf}"))
        made = f"/sys/pci0000:00/0000:01:10.{vf}"
        host.write(made + "/driver", Link("../../bus/pci/drivers/igbvf"))
        host.write(f"{made}/net/eth{vf}/address", "")
        host.write(f"/sys/class/net/eth{vf}/flags", "0x1002\n")
        host.commands["ip", "-j", "addr", "show", "dev", f"eth{vf}"] = json.dumps([{"addr_info": []}])


def add_library(host, path=LIBRARY):
    host.write(path, "ELF")
    name = os.path.join(os.path.dirname(path), "libvirnetdevvf.so.0")
    host.write(name, Link(os.path.basename(path)))
    host.commands["ldconfig", "-p"] = f"2 libs found\n\tlibvirnetdevvf.so.0 (libc6,x86-64) => {name}\n"


def maps_line(host, path):
    """As /proc/PID/maps has it for a file that is there."""
    info = os.stat(host.path(path))
    device = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}"
    return f"7f00-7f01 r-xp 00000000 {device} {info.st_ino}     {path}\n"


def add_daemon(host, name="libvirtd", version="9.0.0", running=True, switch=OFF, loaded=None, **properties):
    """A daemon under systemd with the package's drop-in. loaded: what its maps have of the library."""
    host.write("/usr/sbin/" + name, "")
    host.commands[name, "--version"] = f"{name} (libvirt) {version}\n"
    host.write(f"/usr/lib/systemd/system/{name}.service.d/virnetdevvf.conf", "[Service]\n")
    if switch is not None:
        host.write(SWITCH, switch)
    said = {
        "LoadState": "loaded",
        "MainPID": "812" if running else "0",
        "Environment": "",
        "EnvironmentFiles": f"{SWITCH} (ignore_errors=yes)",
        "DropInPaths": f"/usr/lib/systemd/system/{name}.service.d/virnetdevvf.conf",
        "TriggeredBy": f"{name}.socket {name}-ro.socket",
        "NeedDaemonReload": "no",
        **properties,
    }
    host.commands["systemctl", "show", name + ".service"] = "".join(f"{key}={value}\n" for key, value in said.items())
    host.commands["systemctl", "show", "--property=ActiveState"] = "ActiveState=active\n"
    if running:
        host.write("/proc/812/comm", name + "\n")
        host.write("/proc/812/maps", "7e00-7e01 r-xp 00000000 08:01 99    /usr/sbin/libvirtd\n" + (loaded or ""))
        host.write("/proc/812/environ", "A=b\0" + (ON.strip() + "\0" if loaded else ""))
        host.write("/proc/812/attr/current", "libvirtd (enforce)\n")


def new_host(pf=True, library=True):
    host = MadeHost()
    host.write("/lib", Link("usr/lib"))
    host.write("/proc/sys/kernel/osrelease", "6.1.0-30-amd64\n")
    host.write("/sys/module/apparmor/parameters/enabled", "Y\n")
    host.write("/proc/self/status", "Name:\tpython3\nCapEff:\t000001ffffffffff\n")
    host.write("/proc/self/uid_map", "         0          0 4294967295\n")
    host.write("/sys/class/net/lo/flags", "0x9\n")
    host.commands["ldconfig", "-p"] = "1 libs found\n\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6\n"
    if pf:
        add_pf(host)
    if library:
        add_library(host)
    return host


def replace(host, path, text):
    with contextlib.suppress(FileNotFoundError):
        os.unlink(host.path(path))
    host.write(path, text)


def on(**more):
    """What is special about a daemon that runs on the library."""
    return {"switch": ON, "loaded": "installed", **more}


def daemon_host(special):
    special = dict(special)
    host = new_host(library=special.pop("library", True))
    drop_in = special.pop("drop_in", None)
    if drop_in:
        host.write(drop_in, special.pop("text", "[Service]\nEnvironment=LD_PRELOAD=\n"))
    systemd, environ = special.pop("systemd", True), special.pop("environ", None)
    host.forbidden = set(special.pop("forbidden", ()))
    if special.get("loaded") == "installed":
        special["loaded"] = maps_line(host, LIBRARY)
    add_daemon(host, **special)
    if environ:
        host.write("/proc/812/environ", environ)
    if not systemd:
        host.commands = {key: said for key, said in host.commands.items() if key[0] != "systemctl"}
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


def daemon_of(host):
    return report(host)[1]["daemons"][0]


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
    with open(os.path.join(TOP, "docs/man/virnetdevvf-check.8.rst"), encoding="ascii") as page:
        found = re.search(rf"^{section}\n[-=]+\n(.*?)(?=^[^\n]+\n[-=]+\n|\Z)", page.read(), re.DOTALL | re.MULTILINE)
    return set(re.findall(r"^(\S+)\n(?=  )", found.group(1), re.MULTILINE))


def test(name, found, expected):
    tap.test(f"check: {name}", found == expected, f"  found    {found!r}\n  expected {expected!r}")
