"""libvirtd, for walk.py in the guest."""
import contextlib
import errno
import os
import pathlib
import re
import signal
import threading
import time

import in_machine as guest
import libvirt
from device import LIMIT_S, until


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
        # libvirtd takes its guests back, or ends them, in threads of their own.
        seen = []

        def are_the_same():
            seen.append(sorted(self.running()))
            time.sleep(0.25)
            return seen[-4:] == 4 * seen[-1:]
        until(are_the_same)

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

    def end_orphans(self):
        """Ends hypervisors whose guests libvirtd no longer knows."""
        running, found = self.running(), []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (process / "cmdline").read_text().replace("guest=", "").split("\0")
                name = next((word.split(",")[0] for word in words if re.fullmatch(r"g\d(,.*)?", word)), None)
                if name and name not in running and ("qemu-system" in words[0] or "libvirt_lxc" in words[0]):
                    os.kill(int(process.name), signal.SIGKILL)
                    found.append(name)
        return found


def longest_wait():
    """How long, in seconds, the library has asked one VF in reset again in one call, by libvirt's log."""
    longest, asked = 0, {}
    pattern = (r"\S+ (\d+):(\d+):(\S+?)\+0000: (\d+): debug : (virNetDev\S+?):\d+ : "
               r"ifname.* vf=(\d+) attribute=(\d+) result=(-?\d+)")
    for hour, minute, second, *key, result in re.findall(pattern, guest.LOG.read_text(errors="replace")):
        now = int(hour) * 3600 + int(minute) * 60 + float(second)
        first, last = asked.get(tuple(key), (now, now))
        # The library's pauses are shorter than a second: what comes later is another call.
        first = first if now - last < 1 else now
        longest = max(longest, now - first)
        asked[tuple(key)] = (first, now)
        if int(result) not in (-errno.EAGAIN, -errno.EBUSY, -errno.EINVAL, -errno.ENODATA):
            del asked[tuple(key)]
    return round(longest, 1)
