"""lives.sh runs this in the guest: takes the steps of a walk, and prints a JSON line for each.

usage: walk.py LIBRARY | none FILE          FILE: the steps (see steps.py)

After each step, the VFs are read from the PF's driver and judged. What is wrong is printed and then set right, as an
operator would do it, so that each fault counts once.
"""
import contextlib
import errno
import json
import pathlib
import signal
import sys
import threading
import time
import xml.etree.ElementTree as etree

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "libvirt"))
import in_machine as guest
import libvirt
import rules
import steps
from daemon import longest_wait
from device import ORDINARY, until
from world import World, interfaces, xml_text


def is_direct_qemu(domain):
    """libvirt changes the VLAN of no hostdev interface, and does not save a guest that has one."""
    return domain.OSType() != "exe" and all(element.get("type") == "direct" for element in interfaces(domain))


class Walk(World):
    def do_guest(self, step):
        self.toggle(step, step["guest"])

    def do_attach(self, step):
        domain = self.some(step)
        if not domain:
            return
        number, exe = int(domain.name()[1:]), domain.OSType() == "exe"
        mac = steps.MACS[number][1]

        def second():
            return [element for element in interfaces(domain) if element.find("mac").get("address") == mac]
        if second():
            # The LXC driver refuses this for a macvtap.
            xml = xml_text(second()[0])
            if self.attempt("detach", lambda: domain.detachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE),
                            guest=number):
                until(lambda: not second())
        else:
            kind = "direct" if exe else step["how"].split("-")[1].replace("pool", "hostdev")
            # Without a model, it would need an older kind of slot than the guest has.
            xml = self.interface(kind, step["vf"], mac, step["vlan"]).replace(
                "<source dev", "<source dev" if exe else "<model type='virtio'/><source dev")
            self.attempt("attach", lambda: domain.attachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE), guest=number,
                         how=f"{'lxc' if exe else 'qemu'}-{kind}", vf=step["vf"], vlan=step["vlan"])

    def do_change(self, step):
        domain = self.some(step, is_direct_qemu)
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
        domain = self.some(step, is_direct_qemu)
        if domain:
            number = int(domain.name()[1:])
            vf = next((vf for vf, user in self.used_before.items() if user["mac"] == steps.MACS[number][0]), None)
            tag = interfaces(domain)[0].find("vlan/tag")
            saved = self.attempt("save", lambda: domain.managedSave(libvirt.VIR_DOMAIN_SAVE_PAUSED), guest=number)
            if saved and not self.attempt("restore", domain.create, guest=number, how="qemu-direct", vf=vf,
                                          vlan="none" if tag is None else tag.get("id")):
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
        self.fact["orphans"] = self.daemon.end_orphans()

    def do_device(self, step):
        self.device.become(step["kind"])

    def do_reset(self, step):
        self.device.set(reset_ms=step["ms"])
        self.toggle(step, step["guest"])
        self.device.set(reset_ms=0)

    def do_two(self, step):
        """Two hostdev guests: the VF of the first one is in reset and stays so."""
        first = {**step, "how": "qemu-hostdev"}
        second = {**first, "vf": (step["vf"] + 1) % steps.VFS, "guest": (step["guest"] + 1) % steps.GUESTS}
        self.device.set(**{**ORDINARY, "busy": -1, "only": step["vf"]})
        self.fact["device"] = "ordinary"
        other = threading.Thread(target=self.toggle, args=[second, second["guest"]])
        thread = threading.Thread(target=self.toggle, args=[first, first["guest"]])
        for one in (thread, other):
            one.start()
            time.sleep(0.3)
        for one in (thread, other):
            one.join()
        self.device.answer()

    def do_pf(self, step):
        self.device.set(when_down=0 if step["kind"] == "ordinary" else errno.EAGAIN)
        guest.must("ip", "link", "set", self.device.pf(), "down")
        self.down = 2

    def pf_up(self):
        guest.must("ip", "link", "set", self.device.pf(), "up")
        until(self.device.has_carrier)
        self.device.set(when_down=0)
        # igbvf does not notice that the PF was reset if the VF's interface is down, and PF and VF no longer talk.
        for vf in set(range(steps.VFS)) - set(self.used()):
            self.device.bind(vf)

    def do_driver(self, step):
        if step["vf"] in self.used():
            self.toggle(step, step["guest"])
        else:
            self.device.bind(step["vf"])

    def do_rename(self, step):
        up = self.device.is_up()
        self.device.rename("pf1" if self.device.pf() == "pf0" else "pf0")
        if up:
            self.pf_up()

    def take(self, number, step):
        if self.down:
            self.down -= 1
        elif not self.device.is_up():
            self.pf_up()
        self.fact = {"step": number, "boot": self.boot, **step, "device": self.device.kind, "calls": [],
                     "up": bool(self.device.is_up())}
        begin = time.monotonic()
        self.device.arm()
        with self.daemon.watch(self.fact) if step["do"] not in ("daemon", "crash") else contextlib.nullcontext():
            getattr(self, f"do_{step['do']}")(step)
        self.fact["s"] = round(time.monotonic() - begin, 2)
        used = self.used()
        self.settle(used)
        found = rules.wrong(self.device.vfs(), steps.OWN, used, steps.NAMED) + rules.unanswered(self.fact)
        found += [("a running guest has lost its VF", vf, {}, user) for vf, user in self.lost]
        found += [("a VF has no driver", vf, {}, {}) for vf in self.fact.get("no driver", [])]
        self.lost = []
        self.fact["wrong"] = [{"kind": kind, "vf": vf, "has": has, "should": should, "pf": self.device.pf(),
                               "user": self.users.get(vf), "runs": vf in used} for kind, vf, has, should in found]
        for vf in {vf for kind, vf, _, _ in found if kind in rules.REPAIRED}:
            self.device.repair(vf, used.get(vf) or steps.OWN[vf], vf not in used)
        for vf, user in used.items():
            # Who gets it now, and from which PF.
            if self.used_before.get(vf, {}).get("mac") != user["mac"] or self.used_before[vf]["how"] != user["how"]:
                self.users[vf] = {"pf": self.device.pf(), "since": number}
            # Its VLAN may have changed.
            self.users[vf].update(user, vlans=sorted({user["vlan"], *self.users[vf].get("vlans", [])}))
        self.used_before = used
        self.fact["all"] = round(time.monotonic() - begin, 2)
        print(json.dumps(self.fact), flush=True)


def main():
    library, file = sys.argv[1:]
    walk = Walk(library)
    for number, text in enumerate(pathlib.Path(file).read_text().splitlines(), 1):
        step = steps.parse(text)
        if step:
            walk.take(number, step)
    print(json.dumps({"longest wait": longest_wait()}), flush=True)


main()
