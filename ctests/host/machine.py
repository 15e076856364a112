"""A Debian host under QEMU, with a root shell: what ctests/host/host.py boots.

The disk is the one that root.sh made, under an overlay that is gone with the machine. The host has the test's directory
at /job, read-only.
"""
import base64
import signal
import socket
import subprocess
import sys
import time

# The MMIO of an emulated VF is out of reach with 3 GB and more.
MEMORY_MB = 2560
# A boot, or one script, under emulation, with as much again for a machine that is busy: what is hung ends then.
LIMIT_S = 300


class Machine:
    """One host. `run` gives it a script; leaving the `with` block switches it off."""

    def __init__(self, root, work, job, security="apparmor=1 security=apparmor"):
        self.work, self.console, self.number, self.received = work, work / "console", 0, b""
        disk = work / "disk.qcow2"
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", "-b", root / "image", "-F", "raw", disk], check=True)
        control = work / "control"
        self.log = open(work / "qemu.log", "w")
        # rw and quiet as a host's boot loader passes them; the rest is what the test is about.
        self.process = subprocess.Popen([
            "qemu-system-x86_64", "-M", "q35,kernel-irqchip=split", "-accel", "tcg,thread=multi", "-smp", "2",
            "-m", str(MEMORY_MB), "-nodefaults", "-no-user-config", "-display", "none",
            "-kernel", root / "kernel/vmlinuz", "-initrd", root / "initramfs.gz",
            "-append", f"root=/dev/vda rw console=ttyS0 panic=-1 log_buf_len=8M {security} intel_iommu=on iommu=pt",
            "-device", "intel-iommu,intremap=on,caching-mode=on",
            "-drive", f"file={disk},if=virtio,cache=unsafe", "-device", "virtio-rng-pci",
            "-device", "pcie-root-port,id=port0", "-netdev", "hubport,id=nowhere,hubid=0",
            "-device", "igb,bus=port0,netdev=nowhere,mac=52:54:00:00:00:01",
            "-fsdev", f"local,id=job,path={job},security_model=none,readonly=on,multidevs=remap",
            "-device", "virtio-9p-pci,fsdev=job,mount_tag=job",
            "-serial", f"file:{self.console}", "-serial", f"unix:{control},server=on,wait=off",
        ], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        while not control.exists():
            self.check_alive()
            time.sleep(0.05)
        self.line = socket.socket(socket.AF_UNIX)
        self.line.connect(str(control))
        self.wait_for_boot()

    def __enter__(self):
        # Whoever ends this program by a signal ends its machine.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        return self

    def __exit__(self, *_):
        # The disk is thrown away: there is nothing to shut down for.
        self.process.terminate()
        self.process.wait()

    def check_alive(self):
        if self.process.poll() is not None:
            self.die("QEMU ended")

    def die(self, why):
        sys.exit(f"host: {why}\n{(self.work / 'qemu.log').read_text()}\n{self.console_end()}")

    def console_end(self):
        lines = self.console.read_text(errors="replace").splitlines() if self.console.exists() else []
        return "\n".join("".join(char for char in line if char.isprintable()) for line in lines[-30:])

    def answer(self, wanted):
        """The next whole line of the control service that starts with `wanted`."""
        self.line.settimeout(LIMIT_S)
        while True:
            line, end, rest = self.received.partition(b"\n")
            if end:
                self.received = rest
                if line.split(b" ")[0] == wanted:
                    return line.decode().split(" ")[1:]
                continue
            try:
                received = self.line.recv(1 << 16)
            except TimeoutError:
                self.die(f"no answer in {LIMIT_S} seconds")
            if not received:
                self.die("QEMU ended")
            self.received += received.replace(b"\r", b"")

    def wait_for_boot(self):
        self.answer(b"ready")
        # No line of the kernel's is lost, AppArmor's above all; a test that reads the log relies on that.
        # Nobody is there to answer apt.
        self.must("sysctl -q kernel.printk_ratelimit=0; mkdir -p /job; modprobe 9pnet_virtio;"
                  "echo 'APT::Get::Assume-Yes \"true\";' >/etc/apt/apt.conf.d/90assume-yes;"
                  "mount -t 9p -o trans=virtio,version=9p2000.L,ro job /job")

    def run(self, script):
        """Exit status and output of a script."""
        self.number += 1
        self.line.sendall(f"{self.number} {base64.b64encode(script.encode()).decode()}\n".encode())
        status, *output = self.answer(str(self.number).encode())
        return int(status), base64.b64decode(output[0] if output else "").decode(errors="replace")

    def must(self, script):
        """Output of a script that has to succeed."""
        status, output = self.run(script)
        if status != 0:
            self.die(f"{script}\n{output}ended with status {status}")
        return output

    def reboot(self):
        """As an operator reboots it: systemd stops everything and starts it again."""
        self.must("systemctl --no-block reboot")
        self.wait_for_boot()
