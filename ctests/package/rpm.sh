#!/usr/bin/env bash
# Builds RPMs from this commit's tarball, as Fedora 42 and as RHEL 9 do; TAP. It needs only Debian, and about 5 minutes.
# For Fedora: Debian 13, with rpm 4.20 and Rust 1.85. For RHEL 9: Debian 11, which has the same rpm (4.16), binutils
# (2.35) and Python (3.9), with RHEL 9's Meson (0.63.3). Its Rust is that of RHEL 9.7 (1.88, by rustup), the oldest Rust
# of RHEL that can build this library. cargo2rpm, rpmautospec and Fedora's settings for rpmlint come from PyPI.
# redhat.macros has what else Fedora and RHEL define.
#   ctests/package/rpm.sh [--keep DIR]      also copies the packages of each to DIR/fedora and DIR/el9
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
# shellcheck disable=SC2034  # lib.sh uses it
lock=rpm
. "$top/ctests/package/lib.sh"
. "$top/ctests/binary/checks.sh"
need binutils python3-pip python3-venv
make_tarball

# --- roots ----------------------------------------------------------------------------------------

common=binutils,cpio,elfutils,file,gcc,iproute2,libc6-dev,make,ninja-build,python3,python3-docutils,rpm,xz-utils
root rpm-fedora "$common,cargo,debugedit,devscripts,meson,pkgconf,rpmlint,rustc" trixie
root rpm-el9 "$common,pkg-config,python3-distutils" bullseye
# pypi NAME==VERSION: unpacks the source of that package of PyPI, and prints its directory.
pypi() {
    local dir=$base/pypi/${1/==/-}
    [ -d "$dir" ] || { mkdir -p "$base/pypi" &&
        python3 -m pip -q download --no-deps --no-binary :all: -d "$base/pypi" "$1" >&2 &&
        tar -xf "$dir.tar.gz" -C "$base/pypi"; } || die "cannot get $1"
    printf '%s\n' "$dir"
}
# as_program ROOT NAME COMMAND: the program NAME in the root runs COMMAND.
as_program() {
    printf '#!/bin/sh\nexec %s "$@"\n' "$3" >"$base/$1/usr/bin/$2"
    chmod +x "$base/$1/usr/bin/$2"
}
macros() {
    cp ctests/package/redhat.macros "$base/$1"
    # With this, Fedora's rpm makes Provides from cargo-vendor.txt.
    printf '%%__cargo_vendor_%s\n' "provides $2" 'path ^%{_defaultlicensedir}/[^/]+/cargo-vendor.txt$' \
        >"$base/$1/usr/lib/rpm/fileattrs/cargo_vendor.attr"
}
rm -rf "$base/rpm-fedora/opt" "$base/rpm-el9/opt"
mkdir "$base/rpm-fedora/opt" "$base/rpm-el9/opt"
cp -r "$(pypi cargo2rpm==0.4.0)/cargo2rpm" "$base/rpm-fedora/opt"
as_program rpm-fedora cargo2rpm 'env PYTHONPATH=/opt python3 -m cargo2rpm'
cp "$(pypi meson==1.7.0)/data/macros.meson" "$base/rpm-fedora"
macros rpm-fedora '/usr/bin/cargo2rpm parse-vendor-manifest'
cp -r "$(pypi meson==0.63.3)" "$base/rpm-el9/opt/meson"
cp "$base/rpm-el9/opt/meson/data/macros.meson" "$base/rpm-el9"
as_program rpm-el9 meson 'python3 /opt/meson/meson.py'
cat >"$base/rpm-el9/usr/lib/rpm/cargo_vendor.prov" <<'PROV'
#!/bin/sh
while read -r file; do sed -E 's/^([^ ]+) v([^ ]+)$/bundled(crate(\1)) = \2/' "$file"; done
PROV
chmod +x "$base/rpm-el9/usr/lib/rpm/cargo_vendor.prov"
macros rpm-el9 /usr/lib/rpm/cargo_vendor.prov
# Before rpm 4.20, rpm makes -debuginfo only if %install expands this macro.
cat >>"$base/rpm-el9/redhat.macros" <<'MACRO'
%install %{debug_package}\
%%install\
%{nil}
MACRO
rust_of_rhel() {
    local sysroot program
    rustup run 1.88.0 rustc --version || rustup toolchain install 1.88.0 --profile minimal --no-self-update || return
    sysroot=$(rustup run 1.88.0 rustc --print sysroot)
    cp -al "$sysroot" "$base/rpm-el9/opt/rust" || cp -a "$sysroot" "$base/rpm-el9/opt/rust"
    for program in cargo rustc; do ln -sf "/opt/rust/bin/$program" "$base/rpm-el9/usr/bin/$program"; done
}

# --- the spec -------------------------------------------------------------------------------------

spec=packaging/virnetdevvf.spec
try "RPM: the spec has no strip of its own, and no debug_package" \
    lacks 'debug_package|__strip|_debugsource|^ *strip ' "$(cat $spec)"
autospec() {
    PYTHONPATH=$(pypi rpmautospec_core==0.2.0) python3 -c 'import sys
from rpmautospec_core import check_specfile_features
features = check_specfile_features(sys.argv[1])
print(features)
sys.exit(not (features.has_autorelease and features.has_autochangelog and not features.is_processed))' "$spec"
}
try "RPM: rpmautospec finds %autorelease and %autochangelog in the spec" autospec
# settings ROOT: prints rpmbuild's options, quoted for a shell.
settings() {
    printf '%s ' --load=/macros.meson --load=/redhat.macros --define "'_topdir /rpm'"
    # The packages have the date of the commit, and no real host name.
    printf -- "--define '%s' " '_buildhost reproducible' 'use_source_date_epoch_as_buildtime 1' \
        'clamp_mtime_to_source_date_epoch 1'
    case $1 in
    rpm-el9) printf '%s ' --define "'rhel 9'" --define "'dist .el9'" ;;
    *) printf '%s ' --define "'fedora 42'" --define "'dist .fc42'" ;;
    esac
}
in_spec=/rpm/SOURCES/virnetdevvf.spec
release() { in_root "$1" "rpmspec $(settings "$1") ${2-} -q --srpm --qf '%{release} %{changelogname}' $in_spec"; }

# build_rpm ROOT [SETTINGS]: builds from the tarball, without a network, always in the same directory, as mock does.
build_rpm() {
    local dir=$base/$1/rpm
    rm -rf "$dir"
    mkdir -p "$dir/SOURCES"
    cp "$tarball" "$spec" "$dir/SOURCES"
    # Only binary packages: a source package contains directories of rpm, and a binary package contains its checksum.
    # --nodeps: the BuildRequires are names of Fedora, which Debian's rpm does not know.
    in_root "$1" "${2-:}; export SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH
        rpmbuild $(settings "$1") --nodeps -bb $in_spec >/rpm/log 2>&1 || { tail -n 60 /rpm/log; exit 1; }"
}
# The packages of the spec, without those that rpm adds.
packages="ls /rpm/RPMS/*/*.rpm | grep -v -e -debuginfo- -e -debugsource-"
# query ROOT PACKAGE OPTIONS: runs rpm -q on that package.
query() { in_root "$1" "rpm -qp ${*:3} /rpm/RPMS/*/$2-[0-9]*.rpm 2>/dev/null"; }

# The name, version and licence of each crate, from LICENSES in the tarball.
crates() { tar -xOf "$tarball" "virnetdevvf-$version/vendor/LICENSES" | awk 'NR > 2'; }
bundled() {
    diff <(crates | awk '{ print "bundled(crate(" $1 ")) = " $2 }' | LC_ALL=C sort) \
        <(query "$1" virnetdevvf --provides | grep ^bundled | LC_ALL=C sort)
}
# The parts of a License tag. Then the licences of what is linked in: not of crates that run only while they compile.
parts() { sed 's/ AND /\n/g' | sed -E 's/^\((.*)\)$/\1/' | LC_ALL=C sort -u; }
linked() {
    tar -xf "$tarball" -C "$work" && cd "$work/virnetdevvf-$version" &&
        cargo tree --offline --locked --edges no-build,no-dev,no-proc-macro --no-dedupe --prefix none --format '{l}'
}
licence() { diff <(query "$1" "$2" --qf "'%{license}\n'" | parts) <(linked | parts); }

# The same files as in Debian's packages, without the documentation.
held() {
    diff <(in_root "$1" "rpm -qlp \$($packages) 2>/dev/null" |
        grep -vE '/(doc|licenses|build-id|\.build-id)|^/usr/lib/systemd/system/[a-z]*.service.d$' |
        sed 's/\.gz$//' | LC_ALL=C sort) \
        <(sed "s/VERSION/$version/; s#lib/MULTIARCH#lib64#; s#default/lib#sysconfig/#; s/\.gz$//; /\/doc\//d" \
            ctests/package/files.txt | LC_ALL=C sort)
}
# judged ROOT NAME: tests the packages of one distribution.
judged() {
    local root=$1 name=$2 unpacked=$base/$1/rpm/unpacked debug
    try "$name: the packages hold what they should" held "$root"
    try "$name: rpm makes a bundled(crate(NAME)) for each crate in the tarball" bundled "$root"
    try "$name: License is that of this library and of the crates that are linked in" licence "$root" virnetdevvf
    try "$name: License of -static, too" licence "$root" virnetdevvf-static
    try "$name: -debugsource has the sources" in_root "$root" \
        "rpm -qlp /rpm/RPMS/*/virnetdevvf-debugsource-*.rpm | grep '^/usr/src/debug/.*/src/capi/config.rs\$'"
    in_root "$root" 'rm -rf /rpm/unpacked; mkdir /rpm/unpacked; cd /rpm/unpacked
        for rpm in ../RPMS/*/*.rpm; do rpm2cpio "$rpm" | cpio --quiet -idm; done'
    try "$name: with -debuginfo, each export in a backtrace has its file and line" \
        traced "$unpacked/usr/lib64" "$unpacked/usr/lib/debug"
    made_right "$name: the .so" "$unpacked/usr/lib64/libvirnetdevvf.so.0" libc.so.6
    archive_right "$name" "$unpacked/usr/lib64/libvirnetdevvf.a"
    debug=$(echo "$unpacked"/usr/lib/debug/usr/lib64/libvirnetdevvf.so."$version"-*.debug)
    try "$name: the .so has no panic in it" no_panic "$debug"
    try "$name: ... and nm would show it: -debuginfo has the names" has 'virnetdevvf.*rtnl.*exchange' "$(nm "$debug")"
}

# RHEL 9 cannot install Fedora's packages, which need a newer libc (GLIBC_ABI_DT_RELR).
keep_rpms() { kept=${kept:+$kept/$1} keep "$base/rpm-$1"/rpm/RPMS/*/*.rpm; }

# --- as Fedora builds it --------------------------------------------------------------------------

try "RPM: built from the same tarball without a network" build_rpm rpm-fedora
rm -rf "$base/rpm-fedora/rpm-first"
mv "$base/rpm-fedora/rpm" "$base/rpm-fedora/rpm-first"
try "RPM: built again, with other settings" build_rpm rpm-fedora 'umask 002; export TZ=Pacific/Kiritimati USER=builder'
same_rpms() {
    local rpm
    cd "$base/rpm-fedora/rpm/RPMS"
    for rpm in */*.rpm; do cmp "$rpm" "$base/rpm-fedora/rpm-first/RPMS/$rpm" || return 1; done
    [ "$(find . -name '*.rpm' | wc -l)" = 7 ]
}
try "RPM: the packages are the same, bit for bit" same_rpms
judged rpm-fedora RPM
try "RPM: without rpmautospec it is release 1" \
    same "1.fc42 $(sed -n 's/^contact=//p' packaging/home) - $version-1" "$(release rpm-fedora)"
cat >"$base/rpm-fedora/rpmautospec.macros" <<MACROS
%autorelease(e:s:pb:n) 7%{?dist}
%autochangelog * Mon Nov 30 2026 Somebody <somebody@example.invalid> - $version-7\\
- Rebuilt.
MACROS
try "RPM: with rpmautospec, its release and its changelog" \
    same "7.fc42 Somebody <somebody@example.invalid> - $version-7" "$(release rpm-fedora --load=/rpmautospec.macros)"
# rpmlint uses Fedora's settings and ours, and ignores the packages that rpm adds.
cp -r "$(pypi rpmlint==2.7.0)/configs/Fedora" "$base/rpm-fedora/rpm/lint"
cp packaging/rpmlint.toml "$base/rpm-fedora/rpm/lint/virnetdevvf.toml"
rpm_sane() {
    local said
    said=$(in_root rpm-fedora "rpmlint -c /rpm/lint $in_spec \$($packages) 2>&1") || true
    printf '%s\n' "$said"
    grep -qE ' 4 packages and 1 specfiles checked; 0 errors, 0 warnings' <<<"$said"
}
try "RPM: rpmlint has no errors and no warnings" rpm_sane
keep_rpms fedora

# --- as RHEL 9 builds it --------------------------------------------------------------------------

el9="RPM, RHEL 9"
if rust_of_rhel >"$work/rust.log" 2>&1; then
    try "$el9: built with rpm 4.16, binutils 2.35, Meson 0.63 and Rust 1.88" build_rpm rpm-el9
    judged rpm-el9 "$el9"
    # This libc and this linker are that old. The linker has no -Bno-symbolic.
    results "$el9: contract: " ctests/contract/contract.sh --rows "$base/rpm-el9/rpm/unpacked/usr/lib64" so a
    symbolic() {
        ! in_root rpm-el9 'rm -rf /rpm/source; mkdir /rpm/source; cd /rpm/source; tar -xf ../SOURCES/*.tar.xz; cd *
            ld --version | grep -F " 2.35.2"; LDFLAGS=-Wl,-Bsymbolic-functions meson setup build' >"$work/said" 2>&1 &&
            grep -F ' 2.35.2' "$work/said" && grep -F 'the linker does not know -Bno-symbolic' "$work/said"
    }
    try "$el9: Meson refuses -Bsymbolic-functions, and says why" symbolic
    try "$el9: without rpmautospec it is release 1" grep '^1.el9 ' <(release rpm-el9)
    keep_rpms el9
else
    skip "$el9" "rustup cannot fetch Rust 1.88: $(tail -n 1 "$work/rust.log")"
fi

done_testing
