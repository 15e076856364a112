#!/usr/bin/env bash
# From this commit's tarball to RPMs, as far as Debian's rpm goes: built twice and judged; TAP.
#
#   ctests/package/rpm.sh [--keep DIR]      DIR: the packages go there, too
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
keep=''
[ "${1-}" != --keep ] || keep=$(realpath -m "${2:?a directory}")
. "$top/ctests/package/lib.sh"
root build build-essential,cargo-web,rustc-web,debhelper,meson,ninja-build,pkg-config,python3,lintian,blhc,rpm,rpmlint,debugedit,elfutils,cpio,man-db,fakeroot,file,systemd
make_tarball

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
    cp "$base"/build/rpm/RPMS/*/*.rpm "$keep"
fi
