# shellcheck shell=bash
# A part of debian.sh: installs, tests, upgrades, removes and purges the packages, as piuparts does. But piuparts copies
# the root each time (40 seconds), and it cannot turn the preload on or upgrade from a version that no archive has.

root_use=${base:?}/${use:?}
give "$use" "${first:?}"
# The same packages with an older version, to upgrade from.
mkdir "$root_use/packages/older"
for deb in "$first"/libvirnetdevvf{0,-dev,-preload}_*.deb; do
    rm -rf "${work:?}/older"
    dpkg-deb -R "$deb" "$work/older"
    sed -i "s/$version-1/$version-0/" "$work/older/DEBIAN/control"
    dpkg-deb --root-owner-group -b "$work/older" "$root_use/packages/older" >/dev/null
done
# The files in the root, without logs and the records of dpkg, apt and ldconfig.
files() {
    (cd "$root_use" && find . -xdev -regex '\./\(proc\|dev\|packages\|tmp\)' -prune -o -print) |
        grep -vE '^\./(var/(lib/(apt|dpkg)|cache|log)/|etc/ld\.so\.cache|root)' | LC_ALL=C sort
}
packages="libvirnetdevvf-preload-dbgsym libvirnetdevvf-preload libvirnetdevvf-dev"
packages="$packages libvirnetdevvf0-dbgsym libvirnetdevvf0"
in_root "$use" "dpkg --purge $packages >/dev/null 2>&1 || true"
# Only a new root is listed: files that an earlier run left must not count as files of the root.
[ "$root_use.files" -nt "$root_use.stamp" ] || files >"$root_use.files"
row "installed: an older version" in_root "$use" 'dpkg -i /packages/older/libvirnetdevvf*.deb'
setting=$root_use/etc/default/libvirnetdevvf-preload
drop_ins() {
    [ "$(grep -lx 'EnvironmentFile=-/etc/default/libvirnetdevvf-preload' \
        "$root_use"/usr/lib/systemd/system/*.service.d/virnetdevvf.conf | wc -l)" = 5 ]
}
row "preload: a drop-in for each daemon" drop_ins
# goes_with VERSION: whether the apt command of operator.md installs the preload beside a libvirt of that version.
goes_with() {
    in_root "$use" "rm -rf /tmp/daemon; mkdir -p /tmp/daemon/DEBIAN
        printf 'Package: libvirt-daemon\nVersion: %s\nArchitecture: all\nMaintainer: a test\nDescription: a test\n' $1 \
            >/tmp/daemon/DEBIAN/control
        dpkg-deb -b /tmp/daemon /tmp/daemon.deb >/dev/null; dpkg -P libvirnetdevvf-preload; dpkg -i /tmp/daemon.deb
        cd /packages/older; status=0
        apt-get install --simulate --no-remove ./libvirnetdevvf0_*.deb ./libvirnetdevvf-preload_*.deb || status=1
        dpkg -P libvirt-daemon; dpkg -i /packages/older/libvirnetdevvf-preload_*.deb; exit \$status"
}
too_old() { ! goes_with 8.0.0-1; }
# The package must not hold back a newer libvirt, which may be a security fix.
others() { goes_with 8.1.0-1 && goes_with 13.0.0-1; }
row "preload: apt installs it beside libvirt 8.1 and 13" others
row "preload: apt does not install it beside libvirt 8.0, and does not remove libvirt" too_old
# systemd-analyze reads each drop-in together with a service of that name.
row "preload: systemd has no warning for the drop-ins" in_root "$build" '
    rm -rf /preload; dpkg-deb -x /first/libvirnetdevvf-preload_*.deb /preload
    mkdir -p /preload/bin; cp /bin/true /preload/bin
    for directory in /preload/usr/lib/systemd/system/*.service.d; do
        printf "[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/true\n" >"${directory%.d}"
        said=$(systemd-analyze --root=/preload verify "$(basename "${directory%.d}")" 2>&1) && [ -z "$said" ] ||
            { echo "$said"; exit 1; }
    done'
is_off() { finds_nothing grep -E '^[^#]' "$setting"; }
row "preload: off until it is turned on" is_off
# The autopkgtest `preload` tests that a program then has the library.
sed -i 's/^#LD_PRELOAD/LD_PRELOAD/' "$setting"
# systemd reads a new drop-in only after daemon-reload. This systemctl records its arguments.
reloads() {
    in_root "$use" "rm -rf /tmp/asked; mkdir -p /run/systemd/system /tmp/bin
        trap 'rm -r /run/systemd/system; rmdir --ignore-fail-on-non-empty /run/systemd' EXIT
        printf '#!/bin/sh\necho \"\$*\" >>/tmp/asked\n' >/tmp/bin/systemctl; chmod +x /tmp/bin/systemctl
        PATH=/tmp/bin:\$PATH
        /var/lib/dpkg/info/libvirnetdevvf-preload.$1; grep -x -e '--system daemon-reload' /tmp/asked"
}
row "preload: installed, systemd is asked to reload" reloads "postinst configure"
row "preload: removed, systemd is asked to reload" reloads "postrm remove"
row "upgraded" in_root "$use" 'dpkg -i --force-confold /packages/libvirnetdevvf*.deb'
row "upgraded: it is the new version" \
    in_root "$use" "test \"\$(dpkg-query -W -f '\${Version}' libvirnetdevvf0)\" = $version-1"
stays_on() { grep '^LD_PRELOAD=libvirnetdevvf.so.0$' "$setting"; }
row "upgraded: what was turned on stays on" stays_on
row "installed: no symbolic link is broken" in_root "$use" "dpkg -L $packages"' | while read -r path; do
    [ ! -L "$path" ] || [ -e "$path" ] || { echo "$path is a broken link"; exit 1; }; done'

# autopkgtest runs them by their control file, as Debian does. What they need is installed, because there is no network.
autopkgtests=$(in_root "$use" 'cd /tmp; rm -rf results
    autopkgtest --no-built-binaries --output-dir /tmp/results /tmp/source/ -- null 2>&1' || true)
passes() { grep -E "^$1 +PASS\$" <<<"$autopkgtests" || { tail -n 25 <<<"$autopkgtests"; return 1; }; }
row "autopkgtest: a C program, dynamic and static" passes build-and-run
row "autopkgtest: the preload" passes preload
row "autopkgtest: the examples, by Meson and CMake" passes examples

# --- removed, and installed again -------------------------------------------------------------------

row "removed" in_root "$use" "dpkg -r $packages"
row "removed: the setting stays until it is purged" test -f "$setting"
row "installed again after it was removed" in_root "$use" 'dpkg -i /packages/libvirnetdevvf*.deb'
row "installed again: what was turned on is on" stays_on
row "installed over itself" in_root "$use" 'dpkg -i /packages/libvirnetdevvf*.deb'
row "purged" in_root "$use" "dpkg --purge $packages"
nothing_left() {
    files >"$work/after"
    # The next run needs a new root: this one has files that were left behind.
    diff "$root_use.files" "$work/after" || { rm -f "$root_use.stamp"; return 1; }
}
row "purged: nothing is left behind" nothing_left
row "installed again after it was purged" in_root "$use" 'dpkg -i /packages/libvirnetdevvf*.deb'
row "installed again after it was purged: off" is_off
row "purged again" in_root "$use" "dpkg --purge $packages"
row "purged again: nothing is left behind" nothing_left
