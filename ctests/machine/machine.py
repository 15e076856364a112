"""An emulated machine with an SR-IOV NIC (QEMU's igb): `Command` boots an initramfs and uses a root of this machine,
`Host` boots a disk.

usage: machine.py TOP TARGET CACHE OPTION... COMMAND [ARGUMENT...]      for ctests/machine/run.sh, which has the options

If the emulator fails, the program ends with status FAILED, and again.py starts it once more. If a command hangs while
QEMU is alive, that is a red result, and there is no second try.
"""
import argparse
import base64
import contextlib
import hashlib
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from again import FAILED

# A boot, one script or one command takes up to two minutes under emulation, and several times as long on a busy
# machine. After this time it has hung.
LIMIT_S = 900


class Machine:
    """One QEMU. Its second serial line is `line`; leaving the `with` block switches it off."""

    def __init__(self, work, boot, arguments, memory, share, iommu=True):
        self.console, self.log, self.received = work / "console", work / "qemu.log", b""
        self.line, its_line = socket.socketpair()
        path, tag = share
        if iommu:
            # no_timer_check: on a busy machine the emulated timer is late; the kernel would take it for broken.
            boot, arguments = [*boot, "-device", "intel-iommu,intremap=on,caching-mode=on"], \
                f"{arguments} intel_iommu=on iommu=pt no_timer_check"
        # One thread: with one for each processor, QEMU 10 sometimes dies by an assertion (iotlb_to_section), because
        # one processor sees a change of the emulated IOMMU's mappings before the other.
        command = [
            "qemu-system-x86_64", "-M", "q35,kernel-irqchip=split", "-accel", "tcg,thread=single", "-smp", "1",
            "-m", str(memory), "-nodefaults", "-no-user-config", "-display", "none",
            *boot, "-append", f"console=ttyS0 panic=-1 {arguments}",
            "-device", "pcie-root-port,id=port0", "-netdev", "hubport,id=nowhere,hubid=0",
            "-device", "igb,bus=port0,netdev=nowhere,mac=52:54:00:00:00:01",
            "-fsdev", f"local,id={tag},path={path},security_model=none,readonly=on,multidevs=remap",
            "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}",
            "-serial", f"file:{self.console}",
            "-chardev", f"socket,id=line,fd={its_line.fileno()}", "-serial", "chardev:line"]
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            pass_fds=[its_line.fileno()])
        its_line.close()

    def __enter__(self):
        # A signal that ends this program ends its machine.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            self.boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # Nothing is kept, so there is no need to shut down.
        self.process.terminate()
        self.process.wait()

    def show(self):
        """What QEMU and the kernel said last."""
        for file in (self.log, self.console):
            for line in file.read_text(errors="replace").splitlines()[-30:] if file.exists() else []:
                print("#   " + "".join(char for char in line if char.isprintable()))

    def failed(self, why):
        """The emulator's fault."""
        self.show()
        print(f"# machine: {why}", flush=True)
        sys.exit(FAILED)

    def hangs(self, what):
        """The fault of what runs in the machine."""
        print(f"not ok - {what} comes to its end")
        self.show()
        sys.exit(1)

    def read_line(self, end):
        """The next line, before the time `end`."""
        while b"\n" not in self.received:
            self.line.settimeout(max(end - time.monotonic(), 0.001))
            try:
                received = self.line.recv(1 << 16)
            except ConnectionError:
                received = b""
            if not received:
                status = self.process.wait()
                self.failed(f"QEMU ended by signal {-status}" if status < 0 else f"QEMU ended with status {status}")
            self.received += received.replace(b"\r", b"")
        line, _, self.received = self.received.partition(b"\n")
        return line

    def wait_for(self, words):
        """The end of the boot."""
        end = time.monotonic() + LIMIT_S
        try:
            while self.read_line(end) != words:
                pass
        except TimeoutError:
            self.failed(f"it has not booted in {LIMIT_S} seconds")


class Command(Machine):
    """A machine that runs one command; see first_init.sh."""

    def __init__(self, job, kernel, initramfs, memory, iommu):
        # -no-reboot: a kernel that panics ends QEMU.
        super().__init__(job, ["-no-reboot", "-kernel", kernel / "vmlinuz", "-initrd", initramfs],
                         f"quiet loglevel=4 job={job} kernel_dir={kernel}", memory, ("/", "host"), iommu)

    def boot(self):
        self.wait_for(b"# = = begin")

    def run(self, limit):
        """Prints what the command prints; its status."""
        end = time.monotonic() + limit
        try:
            while True:
                # The command's last line may have no newline.
                line, last, status = self.read_line(end).partition(b"# = = end ")
                if line or not last:
                    sys.stdout.buffer.write(line + b"\n")
                    sys.stdout.flush()
                if last:
                    return int(status)
        except TimeoutError:
            self.hangs(f"within {limit} seconds, the command")


class Host(Machine):
    """A Debian that boots, with a root shell. Its disk (ctests/host/root.sh) is under a temporary overlay. It has the
    test's directory at /job, read-only."""

    def __init__(self, root, work, job, security="apparmor=1 security=apparmor"):
        disk = work / "disk.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", root / "image", "-F", "raw", disk], check=True)
        # rw, as a boot loader passes it. With 3 GB and more, the MMIO of an emulated VF cannot be reached.
        super().__init__(work, [
            "-kernel", root / "kernel/vmlinuz", "-initrd", root / "initramfs.gz",
            "-drive", f"file={disk},if=virtio,cache=unsafe", "-device", "virtio-rng-pci",
        ], f"root=/dev/vda rw log_buf_len=8M {security}", 2560, (job, "job"))
        self.number = 0

    def boot(self):
        self.wait_for(b"ready")
        # No line of the kernel, such as AppArmor's, may be lost: tests read the log. Nobody can answer apt's questions.
        self.must("sysctl -q kernel.printk_ratelimit=0; mkdir -p /job; modprobe 9pnet_virtio;"
                  "echo 'APT::Get::Assume-Yes \"true\";' >/etc/apt/apt.conf.d/90assume-yes;"
                  "mount -t 9p -o trans=virtio,version=9p2000.L,ro job /job")

    def run(self, script):
        """Exit status and output of a script."""
        self.number += 1
        end, words = time.monotonic() + LIMIT_S, [b""]
        try:
            self.line.settimeout(LIMIT_S)
            # If QEMU has ended, read_line() says so.
            with contextlib.suppress(ConnectionError):
                self.line.sendall(f"{self.number} {base64.b64encode(script.encode()).decode()}\n".encode())
            while words[0] != str(self.number).encode():
                words = self.read_line(end).split(b" ")
                if words == [b"ready"]:
                    self.failed("the host has booted again by itself")
        except TimeoutError:
            self.hangs(f"within {LIMIT_S} seconds, '{script.splitlines()[0]}'")
        return int(words[1]), base64.b64decode(words[2]).decode(errors="replace")

    def must(self, script):
        """Output of a script that must succeed."""
        status, output = self.run(script)
        if status != 0:
            self.die(f"{script}\n{output}ended with status {status}")
        return output

    def die(self, why):
        self.show()
        sys.exit(f"host: {why}")

    def reboot(self):
        """Reboots as an operator does: systemd stops everything and starts it again."""
        self.must("systemctl --no-block reboot")
        self.boot()


def prepared(top, target, cache, modules, options, job):
    """Writes the emulated machine's command and its mounts: its root and other directories."""
    environment = {"HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                   "XDG_CACHE_HOME": str(cache.parent), "VM_MODULES": modules}
    if "CARGO_TARGET_DIR" in os.environ:
        environment["CARGO_TARGET_DIR"] = os.environ["CARGO_TARGET_DIR"]
    words = ["env", *(f"{name}={value}" for name, value in environment.items()), *options.command]
    (job / "command").write_text(f"cd {shlex.quote(str(top))}\n{shlex.join(words)}\n")
    target.mkdir(parents=True, exist_ok=True)
    mounts = [options.root] if options.root == pathlib.Path("/") else [options.root, top, target, cache]
    (job / "mounts").write_text("".join(f"{place}\n" for place in mounts))


def main():
    top, target, cache = (pathlib.Path(argument) for argument in sys.argv[1:4])
    parser = argparse.ArgumentParser(prog="run.sh")
    parser.add_argument("--kernel", required=True)
    parser.add_argument("--root", type=lambda path: pathlib.Path(path).resolve(strict=True), default="/")
    parser.add_argument("--memory", type=int, default=1024)
    parser.add_argument("--iommu", action="store_true")
    parser.add_argument("--limit", type=int, default=LIMIT_S)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args(sys.argv[4:])
    if not options.command:
        parser.error("a command is missing")
    here = top / "ctests/machine"
    modules = subprocess.run([here / "kernel.sh", options.kernel, "--modules"], check=True, text=True,
                             stdout=subprocess.PIPE).stdout.strip()
    kernel = pathlib.Path(modules).parent
    # One for each state of its sources: another tree may use the same cache at the same time.
    sources = here / "initramfs.sh", here / "first_init.sh"
    initramfs = kernel / f"initramfs-{hashlib.sha256(b''.join(map(pathlib.Path.read_bytes, sources))).hexdigest()[:16]}"
    if not initramfs.exists():
        subprocess.run([*sources[:1], kernel, sources[1], initramfs, "virtio_pci", "9pnet_virtio", "9p", "overlay"],
                       check=True)
    # It has the same path in the machine.
    job = pathlib.Path(tempfile.mkdtemp(prefix="job.", dir=cache))
    try:
        prepared(top, target, cache, modules, options, job)
        with Command(job, kernel, initramfs, options.memory, options.iommu) as machine:
            return machine.run(options.limit)
    finally:
        shutil.rmtree(job)


if __name__ == "__main__":
    sys.exit(main())
