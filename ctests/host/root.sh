#!/usr/bin/env bash
# Makes the disk of a Debian host that boots, with libvirt in it; prints its directory.
#
#   ctests/host/root.sh 12 | 13
#   ctests/host/root.sh 12 selinux    with Debian's SELinux policy and labels on all files
#
# In that directory: image (ext4), initramfs.gz, kernel (a link to the directory of ctests/machine/kernel.sh). It
# is a minimal Debian of that release with systemd, udev, AppArmor, libvirtd, its QEMU and LXC drivers and QEMU, and
# control.py as a service. Made once in the cache; nothing is installed on this machine but the tools that make it.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

case $* in
12 | "12 selinux") suite=bookworm kernel=6.1 ;;
13) suite=trixie kernel=6.12 ;;
*) die "usage: root.sh 12 | 13 | 12 selinux" ;;
esac
here=$top/ctests/host
dir=$cache/host/$1${2:+-$2}
mkdir -p "$dir"
exec 3>&1 1>&2
exec 9>"$dir.lock"
flock 9
need e2fsprogs cpio kmod busybox-static

packages=systemd-sysv,udev,dbus,kmod,procps,iproute2,python3,apparmor,qemu-system-x86
packages=$packages,libvirt-daemon-system,libvirt-daemon-driver-lxc,libvirt-daemon-driver-qemu,libvirt-clients
# For the play in docs/operator.md.
[ "$1" != 13 ] || packages=$packages,ansible-core
if [ "${2-}" = selinux ]; then
    need policycoreutils
    packages=$packages,selinux-basics,selinux-policy-default,policycoreutils
fi

kernel_dir=$("$top/ctests/machine/kernel.sh" $kernel)
release=$(cat "$kernel_dir/release")
config=$(apt_suite "$suite") || die "cannot read the archive's suite $suite"
version=$(APT_CONFIG=$config apt-cache show libvirt0 | sed -n 's/^Version: //p' | head -n 1)
[ -n "$version" ] || die "the suite $suite has no libvirt0"
stamp="$version $(cat "$kernel_dir/stamp") $(cat "${BASH_SOURCE[0]}" "$here/control.py" "$here/first_init.sh" | cksum)"

# owned COMMAND...: as root, or as root of a user namespace that has this user's range of ids.
owned() { if can_install; then as_root "$@"; else unshare --map-root-user --map-auto --mount "$@"; fi; }

if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ]; then
    step "making the disk of a Debian $* host with libvirt $version"
    owned rm -rf "$dir"
    mkdir -p "$dir/tree"
    ln -s "$kernel_dir" "$dir/kernel"
    # A tar keeps the owners of the files, without root too.
    debian_root "$suite" "$packages" "$dir/tree.tar" --format=tar >"$dir/log" 2>&1 ||
        { tail -n 20 "$dir/log"; die "cannot make the root"; }

    # A host also needs the kernel's modules, an identity (without one, systemd takes this for the first boot), and the
    # service by which the test runs commands. Packages that are installed later keep their documentation.
    # shellcheck disable=SC2016  # for the inner shell
    owned bash -euc '
        dir=$1 release=$2 here=$3
        tar -C "$dir/tree" -xp --numeric-owner --exclude="./dev/*" -f "$dir/tree.tar"
        cd "$dir/tree"
        rm -f etc/dpkg/dpkg.cfg.d/99mmdebstrap etc/apt/apt.conf.d/99mmdebstrap
        mkdir -p usr/lib/modules
        cp -r "$dir/kernel/lib/modules/$release" usr/lib/modules
        chown -R 0:0 "usr/lib/modules/$release"
        echo 0123456789abcdef0123456789abcdef >etc/machine-id
        echo host >etc/hostname
        echo "/dev/vda / ext4 defaults 0 1" >etc/fstab
        install -m 644 "$here/control.py" usr/local/lib/control.py
        printf "%s\n" "[Service]" "ExecStart=/usr/bin/python3 /usr/local/lib/control.py" "Restart=always" \
            >etc/systemd/system/control.service
        ln -s ../control.service etc/systemd/system/multi-user.target.wants/control.service
        # A label is an attribute of a file; mke2fs takes them over.
        contexts=etc/selinux/default/contexts/files/file_contexts
        [ ! -e $contexts ] || setfiles -F -r "$dir/tree" $contexts "$dir/tree"
        mke2fs -q -t ext4 -O ^has_journal -d "$dir/tree" "$dir/image" 4G
        chmod 644 "$dir/image"
        rm -rf "$dir/tree" "$dir/tree.tar"' bash "$dir" "$release" "$here"

    "$top/ctests/machine/initramfs.sh" "$kernel_dir" "$here/first_init.sh" "$dir/initramfs.gz" \
        crc32c_generic crc32c_intel virtio_pci virtio_blk ext4
    printf '%s\n' "$stamp" >"$dir/stamp"
fi
printf '%s\n' "$dir" >&3
