#!/bin/busybox sh
# The host's first process: mounts its disk, and hands over to systemd.
export PATH=/bin
/bin/busybox --install -s /bin
mount -t devtmpfs dev /dev
for module in /modules/*; do insmod "$module" || echo "first_init: $module does not load"; done
until [ -b /dev/vda ]; do sleep 0.1; done
mount -t ext4 /dev/vda /new || poweroff -f
exec switch_root /new /sbin/init
