#!/usr/bin/env bash
# Builds libvirt 9.0.0 for a Debian 12 host with a daemon for each driver, as upstream and Fedora have it. Prints the
# path of a tar, to be unpacked over that host's root.
#
#   ctests/host/modular.sh
#
# Debian's source with upstream's defaults: virtqemud, virtlxcd and virtnetworkd with their systemd units and sockets,
# and virtqemud's AppArmor profile. Built once, in a temporary root of Debian 12; nothing is installed here.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

dir=$cache/host/modular
mkdir -p "$dir"
exec 3>&1 1>&2
exec 9>"$dir.lock"
flock 9

source=$("$top/ctests/libvirt/source.sh" 9.0.0)
stamp="$(cat "$source/../shipped.version") $(cksum <"${BASH_SOURCE[0]}")"

packages=gcc,libc6-dev,make,meson,ninja-build,pkg-config,libxml2-dev,libxml2-utils,libglib2.0-dev,libgnutls28-dev
packages=$packages,libnl-3-dev,libnl-route-3-dev,xsltproc,python3-docutils,libtirpc-dev,rpcsvc-proto,gettext
packages=$packages,libapparmor-dev,libcap-ng-dev,libyajl-dev

# The directories and the user are Debian's, so that it finds what is on the host. libvirtd is built too: the modular
# daemons have no option of their own.
read -r -d '' build <<'BUILD' || true
cd /src/shipped
meson setup b --prefix /usr --libdir lib/x86_64-linux-gnu --libexecdir lib/libvirt --sysconfdir /etc \
    --localstatedir /var -Drunstatedir=/run -Dinit_script=systemd -Dbuildtype=plain -Dauto_features=disabled \
    -Ddocs=disabled -Dtests=disabled -Ddriver_libvirtd=enabled -Ddriver_remote=enabled \
    -Ddriver_qemu=enabled -Ddriver_lxc=enabled -Ddriver_network=enabled \
    -Dqemu_user=libvirt-qemu -Dqemu_group=libvirt-qemu -Dlibnl=enabled -Dyajl=enabled -Dcapng=enabled \
    -Dapparmor=enabled -Dsecdriver_apparmor=enabled -Dapparmor_profiles=enabled
ninja -C b
DESTDIR=/out meson install -C b --strip --no-rebuild --quiet
tar -C /out --owner=0 --group=0 --exclude=./usr/share/locale --exclude=./usr/include -cf /modular.tar .
BUILD

if [ "$(cat "$dir/stamp" 2>/dev/null)" != "$stamp" ]; then
    step "building libvirt 9.0.0 with modular daemons"
    rm -rf "$dir"
    mkdir -p "$dir"
    printf '%s\n' "$build" >"$dir/build"
    # shellcheck disable=SC2016  # $1 is the root, for mmdebstrap's own shell
    debian_root bookworm "$packages" /dev/null --format=null \
        --customize-hook='mkdir "$1/src"' --customize-hook="copy-in $source /src" \
        --customize-hook="upload $dir/build /build" --customize-hook='LC_ALL=C.UTF-8 chroot "$1" sh -eu /build' \
        --customize-hook="download /modular.tar $dir/modular.tar" >"$dir/log" 2>&1 ||
        { tail -n 40 "$dir/log"; die "libvirt does not build"; }
    printf '%s\n' "$stamp" >"$dir/stamp"
fi
printf '%s\n' "$dir/modular.tar" >&3
