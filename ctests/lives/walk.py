"""lives.sh runs this in the guest: takes the steps of a walk, and prints a JSON line for each.

usage: walk.py LIBRARY | none FILE          FILE: the steps (see steps.py)

After each step, the VFs are read from the PF's driver and judged. What is wrong is printed and then set right, as an
operator would do it, so that each fault counts once.
"""
import contextlib
import errno
import functools
import json
import os
import pathlib
import re
import signal
import sys
import threading
import time
import uuid
import xml.etree.ElementTree as etree

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "libvirt"))
import in_guest as guest
import libvirt
import rules
import steps

PARAMETERS = pathlib.Path("/sys/module/dpu/parameters")
ORDINARY = {"clear": 0, "set": 0, "mac": 0, "zero": 0, "applies": 0, "lists": 0, "none": 0, "busy": 0,
            "busy_errno": 11, "reset_gap": 0, "only": -1}
OWN = [{"mac": f"52:54:00:00:0a:0{vf}", "vlan": vlan, "qos": qos}
       for vf, (vlan, qos) in enumerate([(0, 0), (0, 0), (7, 0), (9, 3)])]
# Of a guest's first interface, and of its second.
MACS = [[f"52:54:00:00:0{second}:0{number}" for second in (1, 2)] for number in range(steps.GUESTS)]
NAMED = {own["mac"] for own in OWN} | {mac for macs in MACS for mac in macs}
# For the first interface, and for a second one.
PORTS = "<controller type='pci' index='0' model='pcie-root'/>" + "<controller type='pci' model='pcie-root-port'/>" * 3
LIMIT_S = 60


def until(condition, limit=LIMIT_S):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Device:
    """The PF and its VFs."""

    def __init__(self):
        # The real directory: the PF may get another name.
        self.path = guest.DEVICE.resolve()
        self.kind, self.busy, self.trusted = "ordinary", 0, set()

    def pf(self):
        return next((self.path / "net").iterdir()).name

    @staticmethod
    def set(**values):
        for name, value in values.items():
            (PARAMETERS / name).write_text(str(value))

    def become(self, kind):
        values = dict(text.split("=") for text in guest.KINDS[kind] or [])
        # in-reset-ends: each start and each end of a guest finds the VF in reset.
        self.kind, self.busy = kind, values.get("busy", 0)
        self.set(**{**ORDINARY, **values})

    def arm(self):
        self.set(busy=self.busy)

    def address(self, vf):
        return (self.path / f"virtfn{vf}").resolve().name

    def netdev(self, vf):
        return next((path.name for path in (self.path / f"virtfn{vf}/net").glob("*")), None)

    @staticmethod
    def index(netdev):
        path = pathlib.Path(f"/sys/class/net/{netdev}/ifindex")
        return int(path.read_text()) if path.exists() else 0

    def driver(self, vf):
        path = self.path / f"virtfn{vf}/driver"
        return path.resolve().name if path.exists() else None

    def vfs(self):
        """What the PF's driver has, whatever the PF answers now."""
        self.set(off=1)
        listed = json.loads(guest.must("ip", "-j", "-d", "link", "show", self.pf()))[0]["vfinfo_list"]
        self.set(off=0)
        found = []
        for vf in listed:
            vlan = (vf.get("vlan_list") or [vf])[0]
            found.append({"mac": vf["address"], "vlan": vlan.get("vlan", 0), "qos": vlan.get("qos", 0)})
        return found

    def is_up(self):
        return int(pathlib.Path(f"/sys/class/net/{self.pf()}/flags").read_text(), 16) & 1

    def has_carrier(self):
        return pathlib.Path(f"/sys/class/net/{self.pf()}/carrier").read_text() == "1\n"

    def rename(self, new):
        guest.must("ip", "link", "set", self.pf(), "down")
        guest.must("ip", "link", "set", self.pf(), "name", new)

    def repair(self, vf, has, released):
        """Sets MAC and VLAN. `released`: no guest has the VF, so its netdev gets the MAC, too."""
        self.set(off=1)
        guest.must("ip", "link", "set", self.pf(), "vf", str(vf), "mac", has["mac"], "vlan", str(has["vlan"]),
                   "qos", str(has.get("qos", 0)))
        self.set(off=0)
        if released:
            self.bind(vf)

    def bind(self, vf):
        """The VF's driver starts anew, with the MAC that the PF has for it, until its PF has answered."""
        address, path = self.address(vf), self.path / f"virtfn{vf}"
        for _ in range(20):
            if self.driver(vf):
                (path / "driver/unbind").write_text(address)
            (path / "driver_override").write_text("\n")
            with contextlib.suppress(OSError):
                pathlib.Path("/sys/bus/pci/drivers/igbvf/bind").write_text(address)
            if until(lambda: self.is_ready(vf), 5) and (self.is_heard(vf) or not self.is_up()):
                return

    def trust(self, vf, on):
        """Macvtap has the VF set its MAC, which igb refuses after a MAC that the PF has set, but for a trusted VF. No
        other VF is trusted: igbvf makes up a MAC if the PF does not answer in time, and tells the PF."""
        if on != (vf in self.trusted):
            guest.must("ip", "link", "set", self.pf(), "vf", str(vf), "trust", "on" if on else "off")
            self.trusted ^= {vf}

    def is_ready(self, vf):
        return self.driver(vf) == "igbvf" and self.netdev(vf)

    def is_heard(self, vf):
        """Whether the PF answered the VF's driver at its start; otherwise the driver has made up a MAC."""
        return pathlib.Path(f"/sys/class/net/{self.netdev(vf)}/address").read_text().strip() in (*NAMED, rules.FALLBACK)


class Daemon:
    """libvirtd, and connections to it."""

    def __init__(self, library):
        libvirt.registerErrorHandler(lambda *_: None, None)
        self.environment = guest.prepare_daemons(library)
        guest.must("virtlogd", "-d")
        self.start()

    def start(self):
        guest.must("libvirtd", "-d", env=self.environment)
        self.connections = {uri: self.connect(uri) for uri in ("qemu:///system", "lxc:///")}
        self.watched = [self.connect(uri) for uri in self.connections]

    @staticmethod
    def connect(uri):
        end = time.monotonic() + LIMIT_S
        while True:
            try:
                return libvirt.open(uri)
            except libvirt.libvirtError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def end(self, how):
        pid = int(pathlib.Path("/run/libvirtd.pid").read_text())
        os.kill(pid, how)
        if not until(lambda: not pathlib.Path(f"/proc/{pid}").exists()):
            os.kill(pid, signal.SIGKILL)
            until(lambda: not pathlib.Path(f"/proc/{pid}").exists())
            return "libvirtd did not end"
        return ""

    def running(self):
        return {domain.name(): domain for connection in self.connections.values()
                for domain in connection.listAllDomains(libvirt.VIR_CONNECT_LIST_DOMAINS_ACTIVE)}

    @contextlib.contextmanager
    def watch(self, fact):
        """How long libvirtd takes, meanwhile, to say which guests there are."""
        done, longest = threading.Event(), [0.0]

        def ask():
            while not done.wait(0.5):
                begin = time.monotonic()
                with contextlib.suppress(libvirt.libvirtError):
                    for connection in self.watched:
                        connection.listAllDomains()
                longest[0] = max(longest[0], time.monotonic() - begin)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join(LIMIT_S)
            fact["answers"] = round(longest[0], 2) if not thread.is_alive() else None


class World:
    def __init__(self, library):
        guest.make_vfs(steps.VFS, ["macvlan", "macvtap", "fuse", "tun", "vfio-pci"])
        self.device = Device()
        # Without udev, a VF's driver that starts anew takes the first free name of ethN: none but its own may be free.
        self.device.rename("pf0")
        guest.must("ip", "link", "set", "pf0", "up")
        until(self.device.has_carrier)
        guest.must("insmod", f"{os.environ['VM_MODULES']}/dpu.ko", "pf=pf0")
        self.device.become("ordinary")
        for vf in range(steps.VFS):
            self.device.repair(vf, OWN[vf], True)
        self.daemon = Daemon(library)
        pool = self.daemon.connections["qemu:///system"].networkDefineXML(guest.POOL.replace(guest.PF, "pf0"))
        pool.create()
        # What happened in the step: errors, times, and what explains a violation.
        self.fact = {}
        # Who has, or had, each VF: it explains what is left. And the VFs in use after the last step.
        self.users, self.used_before = {}, {}
        # The index of the netdev that a guest's interface got; 0: it has lost it.
        self.seen = {}
        # For how many steps more the PF is down.
        self.down = 0

    def interface(self, kind, vf, mac, vlan):
        if kind == "direct":
            self.device.trust(vf, True)
        bus, slot, function = re.fullmatch(r"....:(..):(..)\.(.)", self.device.address(vf)).groups()
        pci = f"domain='0' bus='0x{bus}' slot='0x{slot}' function='0x{function}'"
        return guest.INTERFACE["network" if kind == "pool" else kind].format(
            mac=mac, netdev=self.device.netdev(vf), pci=pci, vlan="" if vlan == "none" else guest.VLAN.format(vlan))

    def domain_xml(self, step, number):
        hypervisor, kind = step["how"].split("-")
        xml = self.interface(kind, step["vf"], MACS[number][0], step["vlan"])
        text = guest.LXC.format(xml) if hypervisor == "lxc" else guest.QEMU.format(PORTS + xml)
        # With an UUID, so that a guest that is defined gets another interface.
        return text.replace("<name>guest</name>", f"<name>g{number}</name><uuid>{uuid.UUID(int=number + 1)}</uuid>")

    def attempt(self, what, call, **more):
        """A call of libvirt. A failure must have a reason."""
        begin, error = time.monotonic(), None
        try:
            call()
        except libvirt.libvirtError as caught:
            error = caught.get_error_message() or ""
        entry = {"what": what, "s": round(time.monotonic() - begin, 2), **more}
        if error is not None:
            entry["error"] = error
        self.fact.setdefault("calls", []).append(entry)
        return error is None

    def start(self, step, number):
        uri = "lxc:///" if step["how"].startswith("lxc") else "qemu:///system"
        flags = 0 if uri == "lxc:///" else libvirt.VIR_DOMAIN_START_PAUSED
        connection, xml = self.daemon.connections[uri], self.domain_xml(step, number)

        def create():
            connection.defineXML(xml).createWithFlags(flags)
        self.attempt("start", create, guest=number, how=step["how"], vf=step["vf"], vlan=step["vlan"])

    def finish(self, domain, how):
        """Ends a guest, or its hypervisor does."""
        number = int(domain.name()[1:])
        if how == "kill":
            self.kill(domain)
            self.fact.setdefault("calls", []).append({"what": "kill", "guest": number})
        else:
            def destroy():
                try:
                    domain.destroy()
                except libvirt.libvirtError as error:
                    # See in_guest.py, destroy().
                    if "refused to die" not in str(error) and "/sys/fs/cgroup/" not in str(error):
                        raise
                    with contextlib.suppress(libvirt.libvirtError):
                        domain.destroy()
            self.attempt("end", destroy, guest=number)

    @staticmethod
    def kill(domain):
        if domain.OSType() == "exe":
            pid = domain.ID()
        else:
            pid = int(pathlib.Path(f"/run/libvirt/qemu/{domain.name()}.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        until(lambda: not active(domain))

    def toggle(self, step, number):
        """Starts a guest, or ends it."""
        domain = self.daemon.running().get(f"g{number}")
        if domain:
            self.finish(domain, step["end"])
        else:
            self.start(step, number)

    def some(self, step, fits=lambda domain: True):
        """A running guest; without one, the step starts one."""
        running = self.daemon.running()
        for number in range(steps.GUESTS):
            domain = running.get(f"g{(step['guest'] + number) % steps.GUESTS}")
            if domain and fits(domain):
                return domain
        self.toggle(step, step["guest"])
        return None

    # The verbs.

    def do_guest(self, step):
        self.toggle(step, step["guest"])

    def do_attach(self, step):
        domain = self.some(step)
        if not domain:
            return
        number, exe = int(domain.name()[1:]), domain.OSType() == "exe"
        second = [element for element in interfaces(domain) if element.find("mac").get("address") == MACS[number][1]]
        if second and exe:
            xml = xml_text(second[0])
            self.attempt("detach", lambda: domain.detachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE), guest=number)
        elif not second:
            kind = "direct" if exe else step["how"].split("-")[1].replace("pool", "hostdev")
            xml = self.interface(kind, step["vf"], MACS[number][1], step["vlan"])
            self.attempt("attach", lambda: domain.attachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE), guest=number,
                         how=f"{'lxc' if exe else 'qemu'}-{kind}", vf=step["vf"], vlan=step["vlan"])
        else:
            self.toggle(step, step["guest"])

    def do_change(self, step):
        domain = self.some(step, lambda domain: domain.OSType() != "exe")
        if not domain:
            return
        element = interfaces(domain)[0]
        for old in element.findall("vlan"):
            element.remove(old)
        if step["vlan"] != "none":
            element.append(etree.fromstring(guest.VLAN.format(step["vlan"])))
        text = xml_text(element)
        self.attempt("change", lambda: domain.updateDeviceFlags(text, libvirt.VIR_DOMAIN_AFFECT_LIVE),
                     guest=int(domain.name()[1:]), vlan=step["vlan"])

    def do_pause(self, step):
        domain = self.some(step, lambda domain: domain.OSType() != "exe")
        if domain:
            self.attempt("resume", domain.resume)
            self.attempt("suspend", domain.suspend)

    def do_save(self, step):
        domain = self.some(step, lambda domain: domain.OSType() != "exe")
        if domain:
            number = int(domain.name()[1:])
            saved = self.attempt("save", lambda: domain.managedSave(libvirt.VIR_DOMAIN_SAVE_PAUSED), guest=number)
            if saved and not self.attempt("restore", domain.create, guest=number):
                with contextlib.suppress(libvirt.libvirtError):
                    domain.managedSaveRemove()

    def do_daemon(self, step):
        how = signal.SIGKILL if step["end"] == "kill" else signal.SIGTERM
        self.fact["daemon"] = self.daemon.end(how) or how.name
        self.daemon.start()

    def do_crash(self, step):
        thread = threading.Thread(target=self.do_guest, args=[step])
        thread.start()
        time.sleep(step["ms"] / 1000)
        self.daemon.end(signal.SIGKILL)
        thread.join()
        self.fact["daemon"] = "crash"
        self.daemon.start()
        self.fact["orphans"] = self.end_orphans()

    def end_orphans(self):
        """Ends hypervisors whose guests libvirtd no longer knows."""
        running, found = self.daemon.running(), []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_text().replace("guest=", "").split("\0")
                name = next((word.split(",")[0] for word in words if re.fullmatch(r"g\d(,.*)?", word)), None)
                if name and name not in running and ("qemu-system" in words[0] or "libvirt_lxc" in words[0]):
                    os.kill(int(process.name), signal.SIGKILL)
                    found.append(name)
        return found

    def do_device(self, step):
        self.device.become(step["kind"])

    def do_reset(self, step):
        self.device.set(reset_ms=step["ms"])
        self.fact["reset_ms"] = step["ms"]
        self.toggle(step, step["guest"])
        self.device.set(reset_ms=0)

    def do_two(self, step):
        """Two hostdev guests: the VF of the first one is in reset and stays so."""
        first = {**step, "how": "qemu-hostdev"}
        second = {**first, "vf": (step["vf"] + 1) % steps.VFS, "guest": (step["guest"] + 1) % steps.GUESTS}
        self.device.set(**{**ORDINARY, "busy": -1, "only": step["vf"]})
        self.fact["two"] = True
        other = threading.Thread(target=self.toggle, args=[second, second["guest"]])
        thread = threading.Thread(target=self.toggle, args=[first, first["guest"]])
        for one in (thread, other):
            one.start()
            time.sleep(0.3)
        for one in (thread, other):
            one.join()
        self.device.become(self.device.kind)

    def do_pf(self, step):
        self.device.set(when_down=0 if step["kind"] == "ordinary" else 11)
        guest.must("ip", "link", "set", self.device.pf(), "down")
        self.down = 2

    def pf_up(self):
        guest.must("ip", "link", "set", self.device.pf(), "up")
        until(self.device.has_carrier)
        self.device.set(when_down=0)
        # igbvf does not notice that the PF was reset if the VF's interface is down, and PF and VF no longer talk.
        for vf in set(range(steps.VFS)) - set(self.used()[0]):
            self.device.bind(vf)

    def do_driver(self, step):
        if step["vf"] in self.used()[0]:
            self.toggle(step, step["guest"])
        else:
            self.device.bind(step["vf"])

    def do_rename(self, step):
        up = self.device.is_up()
        self.device.rename("pf1" if self.device.pf() == "pf0" else "pf0")
        if up:
            self.pf_up()

    def used(self):
        """For each VF that running guests have: who, how, and MAC and VLAN in the XML. And the interfaces of running
        guests whose VF another guest took: it has another netdev now, perhaps with the same name."""
        netdevs = {self.device.netdev(vf): vf for vf in range(steps.VFS)}
        places = {self.device.address(vf): vf for vf in range(steps.VFS)}
        found, seen, lost = {}, {}, []
        for name, domain in self.daemon.running().items():
            for element in interfaces(domain):
                source, tag, mac = element.find("source"), element.find("vlan/tag"), element.find("mac").get("address")
                hypervisor = "lxc" if domain.OSType() == "exe" else "qemu"
                user = {"guest": name, "how": f"{hypervisor}-{element.get('type')}", "mac": mac,
                        "vlan": int(tag.get("id")) if tag is not None else 0}
                pci = source.find("address")
                if pci is not None:
                    found[places["{:04x}:{:02x}:{:02x}.{:x}".format(
                        *(int(pci.get(part), 0) for part in ("domain", "bus", "slot", "function")))]] = user
                    continue
                dev = source.get("dev")
                index = self.device.index(dev)
                seen[name, mac] = self.seen.get((name, mac), index)
                if index and seen[name, mac] == index:
                    found[netdevs[dev]] = user
                elif seen[name, mac]:
                    seen[name, mac] = 0
                    lost.append(user)
        self.seen = seen
        return found, lost

    def settle(self, used):
        """VFs that come back from a guest get their driver again, and a netdev a moment later."""
        for vf in range(steps.VFS):
            if vf in used:
                continue
            self.device.trust(vf, False)
            ready = until(functools.partial(self.device.is_ready, vf), 5)
            if not ready or self.device.is_up() and not self.device.is_heard(vf):
                self.fact.setdefault("bound", []).append(vf)
                self.device.bind(vf)

    def take(self, number, step):
        if self.down:
            self.down -= 1
        elif not self.device.is_up():
            self.pf_up()
        self.fact = {"step": number, **step, "device": self.device.kind, "up": bool(self.device.is_up()), "calls": []}
        begin = time.monotonic()
        self.device.arm()
        with self.daemon.watch(self.fact) if step["do"] not in ("daemon", "crash") else contextlib.nullcontext():
            getattr(self, f"do_{step['do']}")(step)
        self.fact["s"] = round(time.monotonic() - begin, 2)
        used, lost = self.used()
        self.settle(used)
        found = rules.wrong(self.device.vfs(), OWN, used, NAMED) + rules.unanswered(self.fact)
        found += [("a running guest has lost its VF", None, {}, user) for user in lost]
        self.fact["wrong"] = [{"kind": kind, "vf": vf, "has": has, "should": should, "pf": self.device.pf(),
                               "user": self.users.get(vf), "runs": vf in used} for kind, vf, has, should in found]
        for vf in {vf for _, vf, _, _ in found} - {None}:
            self.device.repair(vf, used.get(vf) or OWN[vf], vf not in used)
        for vf, user in used.items():
            # Who gets it now, and from which PF.
            if vf not in self.used_before or self.used_before[vf]["guest"] != user["guest"]:
                self.users[vf] = {**user, "pf": self.device.pf(), "since": number}
        self.used_before = used
        self.fact["all"] = round(time.monotonic() - begin, 2)
        print(json.dumps(self.fact), flush=True)


def active(domain):
    try:
        return domain.isActive()
    except libvirt.libvirtError:
        return False


def interfaces(domain):
    return etree.fromstring(domain.XMLDesc()).findall("devices/interface")


def xml_text(element):
    return etree.tostring(element, encoding="unicode")


def longest_wait():
    """How long, in seconds, the library has asked one VF in reset again, by libvirt's log."""
    longest, first = 0, {}
    pattern = r"\S+ (\d+):(\d+):(\S+?)\+0000: (\d+): debug : (virNetDev\S+?):\d+ : ifname.* vf=(\d+) .*result=(-?\d+)"
    for hour, minute, second, *key, result in re.findall(pattern, guest.LOG.read_text(errors="replace")):
        now = int(hour) * 3600 + int(minute) * 60 + float(second)
        first.setdefault(tuple(key), now)
        longest = max(longest, now - first[tuple(key)])
        if int(result) not in (-errno.EAGAIN, -errno.EBUSY, -errno.EINVAL, -errno.ENODATA):
            del first[tuple(key)]
    return round(longest, 1)


def main():
    library, file = sys.argv[1:]
    world = World(library)
    for number, text in enumerate(pathlib.Path(file).read_text().splitlines(), 1):
        if text and not text.startswith("#"):
            world.take(number, steps.parse(text))
    print(json.dumps({"longest wait": longest_wait()}), flush=True)


main()
