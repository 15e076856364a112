#!/usr/bin/env bash
# From this commit's tarball to Debian's packages: built, judged, installed, upgraded and removed; TAP.
#
#   ctests/package/debian.sh [--keep DIR]      DIR: the packages go there, too
#
# Everything is built and installed in roots of their own in the cache, made by mmdebstrap once: one with Debian's build
# tools, one with nothing but a C compiler. Nothing is installed on this machine, and neither root has a network while it
# builds or runs.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
keep=''
[ "${1-}" != --keep ] || keep=$(realpath -m "${2:?a directory}")
. "$top/ctests/package/lib.sh"
root use binutils,gcc,iproute2,libc6-dev,pkg-config,python3
make_tarball

try "Debian: built from the tarball without a network ($(in_root build 'rustc --version'))" build_debian /first
try "Debian: built elsewhere" build_debian /another/place 'umask 002; export TZ=Pacific/Kiritimati LC_ALL=C USER=builder'
first=$base/build/first another=$base/build/another/place
for package in libvirnetdevvf0 libvirnetdevvf0-dbgsym libvirnetdevvf-dev libvirnetdevvf-preload; do
    # The library, the archive and the header are in them.
    try "Debian: $package is the same, bit for bit" bash -c "cmp $first/${package}_*.deb $another/${package}_*.deb"
done
# By its status, so that a lintian that cannot run is not taken for one that has nothing to say.
sane() { in_root build "cd /first; lintian --fail-on error,warning --tag-display-limit 0 -i -I --allow-root virnetdevvf_*.changes 2>&1"; }
try "Debian: lintian has no errors and no warnings" sane
symbols() { grep -q dh_makeshlibs "$first/log" && ! grep -E 'dpkg-gensymbols: (warning|error)' "$first/log"; }
try "Debian: dpkg-gensymbols agrees with .symbols" symbols
try "Debian: blhc finds no compiler or linker without the hardening flags" in_root build "blhc --bindnow --debian /first/log"

unpacked=$work/unpacked
mkdir "$unpacked"
for package in libvirnetdevvf0 libvirnetdevvf-dev; do dpkg-deb -x "$first/$package"_*.deb "$unpacked"; done
multiarch=$unpacked/usr/lib/$(gcc -print-multiarch)
unnamed() { grep ' virNetDev[A-Za-z]* () from ' <<<"$(backtrace "$multiarch" "$unpacked/usr/lib/debug")"; }
try "Debian: a backtrace has no lines without the -dbgsym package" unnamed
dpkg-deb -x "$first"/libvirnetdevvf0-dbgsym_*.deb "$unpacked"
try "Debian: with it, each export has its file and line" named_lines "$multiarch" "$unpacked/usr/lib/debug"

# --- installed, used, upgraded, removed -----------------------------------------------------------

rm -rf "$base/use/packages"
mkdir -p "$base/use/packages/older"
cp "$first"/*.deb "$base/use/packages"
# As an older version, which the real one takes the place of.
for deb in "$first"/libvirnetdevvf*.deb; do
    name=$(basename "$deb" .deb)
    case $name in *-dbgsym_*) continue ;; esac
    in_root build "rm -rf /older; dpkg-deb -R /first/$name.deb /older
        sed -i 's/$version-1/$version-0/' /older/DEBIAN/control; dpkg-deb --root-owner-group -b /older /first/$name.older" >/dev/null
    mv "$first/$name.older" "$base/use/packages/older/$name.deb"
done
# What dpkg and ldconfig write down for themselves, and logs, are not what a package leaves.
files() { (cd "$base/use" && find . -xdev \( -path ./proc -o -path ./dev -o -path ./packages -o -path ./tmp \) -prune -o -print | grep -vE '^\./(var/(lib/dpkg|cache|log)/|etc/ld\.so\.cache|root)' | LC_ALL=C sort); }
in_root use 'dpkg --purge libvirnetdevvf-preload-dbgsym libvirnetdevvf-preload libvirnetdevvf-dev libvirnetdevvf0-dbgsym libvirnetdevvf0 >/dev/null 2>&1 || true'
# Of the root as it was made: what an earlier run left would else be taken for the root's own.
[ "$base/use.files" -nt "$base/use.stamp" ] || files >"$base/use.files"
cp "$base/use.files" "$work/before"
try "installed: an older version" in_root use 'dpkg -i /packages/older/libvirnetdevvf*.deb'
drop_ins() {
    local daemon
    for daemon in libvirtd virtqemud virtlxcd virtxend virtnetworkd; do
        grep -q '^EnvironmentFile=-/etc/default/libvirnetdevvf-preload$' \
            "$base/use/usr/lib/systemd/system/$daemon.service.d/virnetdevvf.conf" || return 1
    done
}
try "preload: a drop-in for each daemon" drop_ins
# goes_with VERSION: whether apt, by operator.md's command, installs it beside a libvirt of that version.
goes_with() {
    in_root use "rm -rf /tmp/daemon; mkdir -p /tmp/daemon/DEBIAN
        printf 'Package: libvirt-daemon\nVersion: %s\nArchitecture: all\nMaintainer: a test\nDescription: a test\n' $1 \
            >/tmp/daemon/DEBIAN/control
        dpkg-deb -b /tmp/daemon /tmp/daemon.deb >/dev/null; dpkg -P libvirnetdevvf-preload; dpkg -i /tmp/daemon.deb
        cd /packages/older; status=0
        apt-get install --simulate --no-remove ./libvirnetdevvf0_*.deb ./libvirnetdevvf-preload_*.deb || status=1
        dpkg -P libvirt-daemon; dpkg -i /packages/older/libvirnetdevvf-preload_*.deb; exit \$status"
}
too_old() { ! goes_with 8.0.0-1 && ! goes_with 13.0.0-1; }
tried() { goes_with 8.1.0-1 && goes_with 12.8.0-1; }
try "preload: apt installs it beside libvirt 8.1 and 12" tried
try "preload: apt does not install it beside libvirt 8.0 and 13, and does not remove that" too_old
# As systemd itself reads it, beside a service of that name.
read_by_systemd() {
    in_root build 'rm -rf /preload; dpkg-deb -x /first/libvirnetdevvf-preload_*.deb /preload
        mkdir -p /preload/bin; cp /bin/true /preload/bin
        for directory in /preload/usr/lib/systemd/system/*.service.d; do
            printf "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/true\n" >"${directory%.d}"
            said=$(systemd-analyze --root=/preload verify "$(basename "${directory%.d}")" 2>&1) && [ -z "$said" ] || { echo "$said"; exit 1; }
        done'
}
try "preload: systemd has nothing to say about the drop-ins" read_by_systemd
is_off() { ! grep -E '^[^#]' "$base/use/etc/default/libvirnetdevvf-preload"; }
try "preload: off until it is turned on" is_off
sed -i 's/^#LD_PRELOAD/LD_PRELOAD/' "$base/use/etc/default/libvirnetdevvf-preload"
# The line as systemd reads it, on a program that is linked to nothing of ours.
try "preload: turned on, a program has the library" in_root use '. /etc/default/libvirnetdevvf-preload
    LD_PRELOAD=$LD_PRELOAD cat /proc/self/maps | grep /libvirnetdevvf.so.0'
# Debian's systemd reads a new drop-in only when it is told to: a systemctl that writes down what it is asked.
reloads() {
    in_root use "rm -rf /tmp/asked; mkdir -p /run/systemd/system /tmp/bin; trap 'rm -r /run/systemd/system; rmdir --ignore-fail-on-non-empty /run/systemd' EXIT
        printf '#!/bin/sh\necho \"\$*\" >>/tmp/asked\n' >/tmp/bin/systemctl; chmod +x /tmp/bin/systemctl; PATH=/tmp/bin:\$PATH
        /var/lib/dpkg/info/libvirnetdevvf-preload.$1; grep -x -e '--system daemon-reload' /tmp/asked"
}
try "preload: installed, systemd is told to read it" reloads "postinst configure"
try "preload: removed, systemd is told so" reloads "postrm remove"
try "upgraded" in_root use 'dpkg -i --force-confold /packages/libvirnetdevvf*.deb'
try "upgraded: it is the new version" in_root use "test \"\$(dpkg-query -W -f '\${Version}' libvirnetdevvf0)\" = $version-1"
try "upgraded: what was turned on stays on" grep -q '^LD_PRELOAD=libvirnetdevvf.so.0$' "$base/use/etc/default/libvirnetdevvf-preload"
rm -rf "$base/use/tmp/source"
mkdir -p "$base/use/tmp/source/ctests"
cp -r packaging "$base/use/tmp/source"
cp -r ctests/consumer "$base/use/tmp/source/ctests"
try "autopkgtest: a C program, dynamic and static" in_root use 'cd /tmp/source && rm -rf /tmp/work && mkdir /tmp/work && AUTOPKGTEST_TMP=/tmp/work packaging/debian/tests/build-and-run'
try "autopkgtest: the preload" in_root use 'cd /tmp/source && rm -rf /tmp/work && mkdir /tmp/work && AUTOPKGTEST_TMP=/tmp/work packaging/debian/tests/preload'
pages() {
    in_root use 'for page in virNetDevGetVfConfig virNetDevSendVfSetLinkRequest virNetDevSetVfMac virNetDevSetVfVlan virNetDevSetVfConfig virNetDevVfLastError; do
        test -f /usr/share/man/man3/$page.3.gz; done; test -f /usr/share/man/man7/virnetdevvf.7.gz
        test -f /usr/share/man/man8/virnetdevvf-check.8.gz; test -f /usr/share/man/man8/vfset.8.gz'
}
try "installed: the manual pages" pages
try "removed" in_root use 'dpkg -r libvirnetdevvf-preload-dbgsym libvirnetdevvf-preload libvirnetdevvf-dev libvirnetdevvf0-dbgsym libvirnetdevvf0'
try "removed: the setting stays until it is purged" test -f "$base/use/etc/default/libvirnetdevvf-preload"
try "purged" in_root use 'dpkg --purge libvirnetdevvf-preload-dbgsym libvirnetdevvf-preload libvirnetdevvf-dev libvirnetdevvf0-dbgsym libvirnetdevvf0'
files >"$work/after"
nothing_left() {
    # With something in it the root is no good for the next run: it is made anew then.
    diff "$work/before" "$work/after" || { rm -f "$base/use.stamp"; return 1; }
}
try "purged: nothing is left behind" nothing_left

if [ -n "$keep" ]; then
    mkdir -p "$keep"
    cp "$first"/*.deb "$first"/*.dsc "$first"/*.changes "$keep"
fi
