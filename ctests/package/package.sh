#!/usr/bin/env bash
# From this commit to Debian packages and an RPM, built, judged, installed, upgraded and removed. Prints what it
# verified. About two minutes, and as many more the first time.
#
#   ctests/package/package.sh            everything
#   ctests/package/package.sh --tap      the same, as TAP alone, for ctests/check
#   ctests/package/package.sh --keep DIR everything, and the packages into DIR
#
# Everything is built and installed in roots of their own in the cache, made by mmdebstrap once: one of Debian 12's with
# its build tools and its oldest Rust that will do, one with nothing but a C compiler. Nothing is installed on this machine,
# and neither root has a network while it builds or runs.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

keep=''
case ${1-} in
--tap) ;;
# From where the caller is.
--keep)
    keep=$(realpath -m "${2:?a directory}")
    set -- --keep "$keep"
    ;;
'') ;;
*) die "usage: package [--tap | --keep DIR]" ;;
esac
cd "$top"
if [ "${1-}" != --tap ] && [ -z "${PACKAGE_COUNTED-}" ]; then
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    status=0
    PACKAGE_COUNTED=yes "$top/ctests/package/package.sh" "$@" | tee "$log" || status=$?
    failed=$(grep -c '^not ok' "$log" || true)
    printf '%s passed, %s failed\n' "$(grep -c '^ok' "$log" || true)" "$failed"
    [ "$status" = 0 ] && [ "$failed" = 0 ]
    exit
fi
. "$top/ctests/package/lib.sh"
root use binutils,gcc,iproute2,libc6-dev,pkg-config,python3

# --- the tarball ----------------------------------------------------------------------------------

try "tarball: meson dist makes it" dist dist
try "tarball: a second time it is the same" bash -c "$(declare -f dist); work=$(printf %q "$work"); top=$(printf %q "$top"); dist again && cmp $(printf '%q %q' "$tarball" "$work/again/meson-dist/virnetdevvf-$version.tar.xz")"
[ -f "$tarball" ] || die "there is no tarball"
holds() { [ -n "$(tar -tf "$tarball" "virnetdevvf-$version/$1" 2>/dev/null)" ]; }
for file in vendor/LICENSES .cargo/config.toml Cargo.lock packaging/debian/control packaging/virnetdevvf.spec; do
    try "tarball: has $file" holds "$file"
done
licences() {
    local crates written
    crates=$(tar -xOf "$tarball" "virnetdevvf-$version/vendor/LICENSES" | awk 'NR > 2 { sub(/ *$/, ""); print $1 "/*" }' | LC_ALL=C sort)
    written=$(sed -n 's#^Files: vendor/##p' packaging/debian/copyright | LC_ALL=C sort)
    diff <(printf '%s\n' "$crates") <(printf '%s\n' "$written")
}
try "tarball: debian/copyright names each crate in it" licences

# --- Debian ---------------------------------------------------------------------------------------

try "Debian: built from the tarball without a network ($(in_root build 'rustc --version'))" build_debian /first
try "Debian: built elsewhere" build_debian /another/place 'umask 002; export TZ=Pacific/Kiritimati LC_ALL=C USER=builder'
first=$base/build/first another=$base/build/another/place
for package in libvirnetdevvf0 libvirnetdevvf0-dbgsym libvirnetdevvf-dev libvirnetdevvf-preload; do
    # The library, the archive and the header are in them.
    try "Debian: $package is the same, bit for bit" bash -c "cmp $first/${package}_*.deb $another/${package}_*.deb"
done
# The exit status counts: a lintian that cannot run also prints no remark.
sane() { in_root build "cd /first; lintian --fail-on error,warning --tag-display-limit 0 -i -I --allow-root virnetdevvf_*.changes 2>&1"; }
try "Debian: lintian has no errors and no warnings" sane
symbols() { grep -q dh_makeshlibs "$first/log" && ! grep -E 'dpkg-gensymbols: (warning|error)' "$first/log"; }
try "Debian: dpkg-gensymbols agrees with .symbols" symbols
try "Debian: blhc finds no compiler or linker without the hardening flags" in_root build "blhc --bindnow --debian /first/log"

# backtrace LIBRARY_DIRECTORY DEBUG_DIRECTORY: that of a program which is in the library, as it sends its second request:
# the MAC, after it has read what the VF has.
backtrace() {
    local directory=$1 debug=$2
    gcc -Iinclude -o "$work/traced" ctests/consumer/consumer.c -L"$directory" -lvirnetdevvf && LD_LIBRARY_PATH=$directory \
        gdb -nx -batch -iex 'set debuginfod enabled off' -ex "set debug-file-directory $debug" -ex 'set breakpoint pending on' \
        -ex 'break sendmsg' -ex 'ignore 1 1' -ex run -ex backtrace "$work/traced" 2>&1
}
# named_lines LIBRARY_DIRECTORY DEBUG_DIRECTORY: each export in the backtrace has its file and line.
named_lines() {
    local trace
    trace=$(backtrace "$@") || true
    printf '%s\n' "$trace"
    grep -E ' virNetDevSendVfSetLinkRequest .* at .*src/capi/mod\.rs:[0-9]+$' <<<"$trace" >/dev/null &&
        grep -E ' virNetDevSetVf[A-Z][a-z]+ .* at .*src/capi/mod\.rs:[0-9]+$' <<<"$trace" >/dev/null &&
        ! grep -E ' virNetDev[A-Za-z]+ \(\) from ' <<<"$trace"
}
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
try "preload: systemd has no warning for the drop-ins" read_by_systemd
is_off() { ! grep -E '^[^#]' "$base/use/etc/default/libvirnetdevvf-preload"; }
try "preload: off until it is turned on" is_off
sed -i 's/^#LD_PRELOAD/LD_PRELOAD/' "$base/use/etc/default/libvirnetdevvf-preload"
# The line as systemd reads it, on a program that is linked to nothing of ours.
try "preload: turned on, a program has the library" in_root use '. /etc/default/libvirnetdevvf-preload
    LD_PRELOAD=$LD_PRELOAD cat /proc/self/maps | grep /libvirnetdevvf.so.0'
# systemd reads a new drop-in only after daemon-reload. This systemctl records its arguments.
reloads() {
    in_root use "rm -rf /tmp/asked; mkdir -p /run/systemd/system /tmp/bin; trap 'rm -r /run/systemd/system; rmdir --ignore-fail-on-non-empty /run/systemd' EXIT
        printf '#!/bin/sh\necho \"\$*\" >>/tmp/asked\n' >/tmp/bin/systemctl; chmod +x /tmp/bin/systemctl; PATH=/tmp/bin:\$PATH
        /var/lib/dpkg/info/libvirnetdevvf-preload.$1; grep -x -e '--system daemon-reload' /tmp/asked"
}
try "preload: installed, systemd is asked to reload" reloads "postinst configure"
try "preload: removed, systemd is asked to reload" reloads "postrm remove"
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

# --- Fedora, as far as Debian's rpm goes ----------------------------------------------------------

# What Fedora has in its own macros, and Debian's rpm does not have: what makes -debuginfo and -debugsource.
cat >"$base/build/fedora.macros" <<'MACROS'
%_enable_debug_packages 1
%__brp_elfperms %{nil}
%_debugsource_packages 1
%_unique_build_ids 1
%_unique_debug_names 1
%_unique_debug_srcs 1
%install %{?_enable_debug_packages:%{debug_package}}\
%%install\
%{nil}
MACROS
# build_rpm [SETTINGS]
build_rpm() {
    rm -rf "$base/build/rpm"
    mkdir -p "$base/build/rpm/SOURCES"
    cp "$tarball" packaging/virnetdevvf.spec packaging/rpmlint.toml "$base/build/rpm/SOURCES"
    # The packages alone: rpm writes its directories into a source package, and the checksum of that into each package.
    # BuildRequires are Fedora's names, which Debian's rpm does not know.
    in_root build "${1-}; export SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH; rpmbuild --load=/fedora.macros --define '_topdir /rpm' \
        --define '_libdir /usr/lib64' --define 'use_source_date_epoch_as_buildtime 1' --define 'clamp_mtime_to_source_date_epoch 1' \
        --define '_buildhost reproducible' --nodeps -bb /rpm/SOURCES/virnetdevvf.spec"
}
try "RPM: built from the same tarball without a network" build_rpm :
rm -rf "$base/build/rpm-first"
mv "$base/build/rpm" "$base/build/rpm-first"
# In the same directory, as mock does: debugedit moves the sources' paths, and makes its build ID of those that were.
try "RPM: built again, with other settings" build_rpm 'umask 002; export TZ=Pacific/Kiritimati USER=builder'
same_rpms() {
    local rpm
    cd "$base/build/rpm/RPMS"
    for rpm in */*.rpm; do cmp "$rpm" "$base/build/rpm-first/RPMS/$rpm" || return 1; done
    [ "$(find . -name '*.rpm' | wc -l)" = 6 ]
}
try "RPM: the packages are the same, bit for bit" same_rpms
bundled() {
    diff <(tar -xOf "$tarball" "virnetdevvf-$version/vendor/LICENSES" | awk 'NR > 2 { print "crate(" $1 ") = " $2 }' | LC_ALL=C sort) \
        <(sed -nE 's/^Provides: +bundled\((.*)\) = (.*)$/\1 = \2/p' packaging/virnetdevvf.spec | LC_ALL=C sort)
}
try "RPM: the spec names each crate in the tarball" bundled
held() {
    diff <(in_root build 'cd /rpm/RPMS; for rpm in */*.rpm; do case $rpm in *-debuginfo-* | *-debugsource-*) ;; *) rpm -qlp "$rpm" 2>/dev/null ;; esac; done' | grep -vE '/(doc|licenses|build-id|\.build-id)|^/usr/lib/systemd/system/[a-z]*.service.d$' | sed 's/\.gz$//' | LC_ALL=C sort) - <<FILES
/etc/sysconfig/virnetdevvf-preload
/usr/include/virnetdevvf.h
/usr/lib/systemd/system/libvirtd.service.d/virnetdevvf.conf
/usr/lib/systemd/system/virtlxcd.service.d/virnetdevvf.conf
/usr/lib/systemd/system/virtnetworkd.service.d/virnetdevvf.conf
/usr/lib/systemd/system/virtqemud.service.d/virnetdevvf.conf
/usr/lib/systemd/system/virtxend.service.d/virnetdevvf.conf
/usr/lib64/libvirnetdevvf.a
/usr/lib64/libvirnetdevvf.so
/usr/lib64/libvirnetdevvf.so.0
/usr/lib64/libvirnetdevvf.so.0.2.0
/usr/lib64/pkgconfig/virnetdevvf.pc
/usr/sbin/vfset
/usr/sbin/virnetdevvf-check
/usr/share/man/man3/virNetDevGetVfConfig.3
/usr/share/man/man3/virNetDevSendVfSetLinkRequest.3
/usr/share/man/man3/virNetDevSetVfConfig.3
/usr/share/man/man3/virNetDevSetVfMac.3
/usr/share/man/man3/virNetDevSetVfVlan.3
/usr/share/man/man3/virNetDevVfLastError.3
/usr/share/man/man7/virnetdevvf.7
/usr/share/man/man8/vfset.8
/usr/share/man/man8/virnetdevvf-check.8
FILES
}
try "RPM: the packages hold what they should" held
try "RPM: -debugsource has the sources" in_root build "rpm -qlp /rpm/RPMS/*/virnetdevvf-debugsource-*.rpm | grep '^/usr/src/debug/.*/src/capi/mod.rs\$'"
in_root build 'rm -rf /rpm/unpacked; mkdir /rpm/unpacked; cd /rpm/unpacked; for rpm in ../RPMS/*/*.rpm; do rpm2cpio "$rpm" | cpio --quiet -idm; done'
rpm_unpacked=$base/build/rpm/unpacked
try "RPM: with -debuginfo, each export in a backtrace has its file and line" named_lines "$rpm_unpacked/usr/lib64" "$rpm_unpacked/usr/lib/debug"
# Without the two that rpm makes by itself.
rpm_judged=$(in_root build 'rpmlint -c /rpm/SOURCES/rpmlint.toml /rpm/SOURCES/virnetdevvf.spec $(ls /rpm/RPMS/*/*.rpm | grep -v -e -debuginfo- -e -debugsource-) 2>&1' || true)
rpm_sane() { printf '%s\n' "$rpm_judged"; grep -qE ' 4 packages and 1 specfiles checked; 0 errors, 0 warnings' <<<"$rpm_judged"; }
try "RPM: rpmlint has no errors and no warnings" rpm_sane

if [ -n "$keep" ]; then
    mkdir -p "$keep"
    cp "$tarball" "$first"/*.deb "$first"/*.dsc "$first"/*.changes "$base"/build/rpm/RPMS/*/*.rpm "$keep"
fi
