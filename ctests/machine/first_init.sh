#!/bin/busybox sh
# The emulated machine's first process: mounts this machine's root under an overlay, and goes there. See machine.py.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module" || echo "first_init: $module does not load"; done
mount -t 9p -o trans=virtio,version=9p2000.L,cache=loose,msize=262144,ro host /lower ||
    exec sh -c 'echo no root; poweroff -f'
mount -t tmpfs -o size=80% upper /upper
mkdir /upper/data /upper/work
value() { sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
job=$(value job)
kernel_dir=$(value kernel_dir)
root=$(head -n 1 "/lower$job/mounts")
# The root may be a directory of the host's; a symbolic link's name stands for what is mounted here.
ln -s "/lower$root" /root-of-machine
mount -t overlay -o lowerdir=/root-of-machine,upperdir=/upper/data,workdir=/upper/work overlay /new || poweroff -f
sed 1d "/lower$job/mounts" | while read -r place; do
    mkdir -p "/new$place"
    mount --bind "/lower$place" "/new$place"
done
mkdir -p /new/proc /new/sys /new/dev /new/run /new/lib/modules
mount -t tmpfs run /new/run
for place in proc sys dev; do mount --move /$place /new/$place; done
mount --bind "/new$kernel_dir/lib/modules" /new/lib/modules
exec switch_root /new /bin/busybox sh -c '
    mkdir -p /dev/pts /dev/shm
    mount -t devpts devpts /dev/pts
    mount -t tmpfs shm /dev/shm
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    busybox stty -F /dev/ttyS1 raw -echo 2>/dev/null
    echo "# = = begin" >/dev/ttyS1
    # The shell that runs the command is not the first process, so it does not inherit processes that are left behind.
    busybox setsid bash "$1/command" >/dev/ttyS1 2>&1 </dev/null
    echo "# = = end $?" >/dev/ttyS1
    busybox poweroff -f
' init "$job"
