"""The VFs, libvirtd and the guests of a walk: what walk.py needs to take a step."""
import contextlib
import functools
import os
import pathlib
import re
import signal
import time
import uuid
import xml.etree.ElementTree as etree

import in_machine as guest
import libvirt
import steps
from daemon import Daemon
from device import Device, until

# For the first interface, and for a second one.
# By PCIe's own hotplug, an interface whose slot no guest has turned on leaves at once: nothing runs in these guests.
HOTPLUG = """<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-global'/>
<qemu:arg value='ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off'/></qemu:commandline></domain>"""
PORTS = "<controller type='pci' index='0' model='pcie-root'/>" + "<controller type='pci' model='pcie-root-port'/>" * 3


class World:
    def __init__(self, library):
        guest.make_vfs(steps.VFS, ["macvlan", "macvtap", "fuse", "tun", "vfio-pci"])
        self.device = Device()
        # Without udev, a VF's driver that starts anew takes the first free name of ethN: its own, if no other is free.
        self.device.rename("pf0")
        guest.must("ip", "link", "set", "pf0", "up")
        until(self.device.has_carrier)
        guest.must("insmod", f"{os.environ['VM_MODULES']}/dpu.ko", "pf=pf0")
        self.device.become("ordinary")
        for vf in range(steps.VFS):
            self.device.repair(vf, steps.OWN[vf], True)
        self.daemon = Daemon(library)
        pool = self.daemon.connections["qemu:///system"].networkDefineXML(guest.POOL.replace(guest.PF, "pf0"))
        pool.create()
        # again.py leaves out what a second run prints once more: no step of one run may be a line of the other.
        self.boot = os.urandom(4).hex()
        # What happened in the step: errors, times, and what explains a violation.
        self.fact = {}
        # Who has, or had, each VF: it explains what is left. And the VFs in use after the last step.
        self.users, self.used_before = {}, {}
        # For each interface of a running guest: the index of the netdev that it got, 0 if it has lost it, and the VF.
        self.seen = {}
        # The interfaces of running guests whose VF another guest took in this step.
        self.lost = []
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
        xml = self.interface(kind, step["vf"], steps.MACS[number][0], step["vlan"])
        qemu = guest.QEMU.format(PORTS + xml).replace("</domain>", HOTPLUG)
        text = guest.LXC.format(xml) if hypervisor == "lxc" else qemu
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
        if more.get("how") == "qemu-pool":
            # libvirt chooses one of the pool's VFs.
            named = re.search(r"\b(?:VF|vf) (\d+)", error or "")
            entry["vf"] = int(named[1]) if named else None
        self.fact["calls"].append(entry)
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
            self.fact["calls"].append({"what": "kill", "guest": number})
        else:
            def destroy():
                try:
                    domain.destroy()
                except libvirt.libvirtError as error:
                    # See in_machine.py, destroy().
                    if "refused to die" not in str(error) and "/sys/fs/cgroup/" not in str(error):
                        raise
                    with contextlib.suppress(libvirt.libvirtError):
                        domain.destroy()
            self.attempt("end", destroy, guest=number)

    @staticmethod
    def kill(domain):
        if domain.OSType() == "exe":
            # The guest's init is the only child of libvirt's controller.
            controller = domain.ID()
            pid = int(pathlib.Path(f"/proc/{controller}/task/{controller}/children").read_text().split()[0])
        else:
            pid = int(pathlib.Path(f"/run/libvirt/qemu/{domain.name()}.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        # Sometimes the LXC driver takes a guest whose init has died for running: see in_machine.py, destroy().
        if not until(lambda: not active(domain), 10):
            with contextlib.suppress(libvirt.libvirtError):
                domain.destroy()
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

    def used(self):
        """For each VF that running guests have: who, how, and MAC and VLAN in the XML."""
        netdevs = {self.device.netdev(vf): vf for vf in range(steps.VFS)}
        places = {self.device.address(vf): vf for vf in range(steps.VFS)}
        found, seen = {}, {}
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
                had, vf = seen[name, mac] = self.seen.get((name, mac), (index, netdevs.get(dev)))
                if index and had == index:
                    found[vf] = user
                elif had:
                    # The VF has another netdev now, perhaps with the same name.
                    seen[name, mac] = 0, vf
                    self.lost.append((vf, user))
        self.seen = seen
        return found

    def settle(self, used):
        """VFs that come back from a guest get their driver again, and a netdev a moment later."""
        for vf in range(steps.VFS):
            if vf in used:
                continue
            self.device.trust(vf, False)
            ready = until(functools.partial(self.device.is_ready, vf), 15)
            if not ready:
                self.fact.setdefault("no driver", []).append(vf)
            if not ready or self.device.is_up() and not self.device.is_heard(vf):
                self.device.bind(vf)


def active(domain):
    try:
        return domain.isActive()
    except libvirt.libvirtError:
        return False


def interfaces(domain):
    return etree.fromstring(domain.XMLDesc()).findall("devices/interface")


def xml_text(element):
    return etree.tostring(element, encoding="unicode")
