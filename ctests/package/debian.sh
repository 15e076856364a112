#!/usr/bin/env bash
# Makes Debian's packages from this commit's tarball; checks, installs, upgrades and removes them; TAP.
#
#   ctests/package/debian.sh 12                in Debian 12, with the crates of the tarball
#   ctests/package/debian.sh 13 | sid          in that release, with the crates of that release
#   ctests/package/debian.sh cross             for arm64 and s390x, in Debian 12
#   ctests/package/debian.sh RELEASE --keep DIR    also copies the packages to DIR
#
# mmdebstrap makes two roots in the cache once: one with the release's build tools, one with a C compiler, Meson and
# CMake. The packages are built and installed there, so nothing is installed on this machine. While a script runs in a
# root, it has no network.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
debian=${1-12} profiles=''
case $debian in
12) release=bookworm ;;
13) release=trixie ;;
sid) release=sid ;;
cross) exec "$top/ctests/package/debian_cross.sh" ;;
*) die "usage: debian.sh 12 | 13 | sid | cross [--keep DIR]" ;;
esac
# shellcheck disable=SC2034  # lib.sh uses it
lock=debian-$debian
. "$top/ctests/package/lib.sh"
. "$top/ctests/binary/checks.sh"
if [ "$debian" = sid ] && ! apt_suite sid >/dev/null 2>&1; then
    skip "Debian sid" "the archive does not have it"
    done_testing
    exit
fi
build=debian-$debian use=debian-$debian-use
if [ "$debian" = 12 ]; then
    root_12
    profiles=$vendored
else
    root "$build" "$build_13,$judge" "$release"
fi
root "$use" "$tests" "$release"
make_tarball
# row NAME COMMAND...: like try; the name of the row has the release if that is not 12.
row() {
    local name=$1
    [ "$debian" = 12 ] || name="Debian $debian: ${name#Debian: }"
    try "$name" "${@:2}"
}

# --- built, by two users on two days in two directories ---------------------------------------------

row "Debian: built from the tarball without a network ($(in_root "$build" 'rustc --version'))" \
    build_debian "$build" /first "$profiles" 'export DEB_BUILD_OPTIONS=parallel=2'
first=$base/$build/first another=$base/$build/another/place
# Not by reprotest: without root, the namespace has one user only, and reprotest's su cannot set groups there.
other_user="setpriv --reuid 1000 --regid 1000 --clear-groups"
in_root "$build" "$other_user true" 2>/dev/null || other_user=''
another_user() {
    local dir=/another/place cpu
    cpu=$(sed -n 's/^Cpus_allowed_list:[[:blank:]]*\([0-9]*\).*/\1/p' /proc/self/status)
    mkdir -p "$base/$build$dir"
    build_debian "$build" $dir "$profiles" "${other_user:+chown -R 1000:1000 $dir;} hostname another
        umask 027; export TZ=Pacific/Kiritimati LC_ALL=C LANG=fr_CH.UTF-8 LANGUAGE=fr_CH:fr HOME=$dir USER=builder
        export DEB_BUILD_OPTIONS=parallel=1 CAPTURED=yes PATH=\$PATH:/another/bin; cd ." \
        "$other_user taskset --cpu-list $cpu faketime -f +398d"
}
row "Debian: built elsewhere" another_user
# The build's own record shows these differences.
year() { sed -n 's/^Build-Date: .* \(20[0-9][0-9]\) .*/\1/p' "$1"; }
varied() {
    local a b
    a=$(ls "$first"/*.buildinfo) b=$(ls "$another"/*.buildinfo)
    [ "$(year "$a")" -lt "$(year "$b")" ] && [ "$(stat -c %u "$a")" != "$(stat -c %u "$b")" ] &&
        grep 'LC_ALL="C"' "$b" && grep parallel=1 "$b" && grep parallel=2 "$a"
}
name="Debian: there, by another user, next year, on one CPU, with another umask, locale, time zone and hostname"
if [ -n "$other_user" ]; then row "$name" varied; else skip "$name" "needs root, for another user"; fi
for package in libvirnetdevvf0 libvirnetdevvf0-dbgsym libvirnetdevvf-dev libvirnetdevvf-preload \
    libvirnetdevvf-preload-dbgsym; do
    # The packages contain the library, the archive and the header.
    row "Debian: $package is the same, bit for bit" bash -c "cmp $first/${package}_*.deb $another/${package}_*.deb"
done

# --- checked ----------------------------------------------------------------------------------------

# The remarks of lintian, and a last line after it has run to its end: a lintian that cannot run makes no remarks
# either. ctests/package/lintian.txt explains each remark that stays.
remarks=$(in_root "$build" "cd /first; lintian --fail-on none --tag-display-limit 0 --pedantic -I --allow-root \
    virnetdevvf_*.changes 2>&1" && echo "lintian has run") || true
explained=$(sed -n "s/^$debian: //p" "$top/ctests/package/lintian.txt")
judged() {
    grep -x "lintian has run" <<<"$remarks" &&
        finds_nothing grep -vx -e "$explained" -e "lintian has run" -e 'N:.*' <<<"$remarks"
}
row "Debian: lintian --pedantic has no remark that is not explained" judged
all_made() {
    local pattern
    while read -r pattern; do [ -z "$pattern" ] || grep -x -e "$pattern" <<<"$remarks" || return 1; done <<<"$explained"
}
row "Debian: each explained remark is made" all_made
row "Debian: dpkg-gensymbols agrees with .symbols" symbols "$first"
row "Debian: blhc finds no compiler or linker without the hardening flags" \
    in_root "$build" "blhc --bindnow --debian /first/log"
# The field has `source (= version)` for each crate that cargo compiled, and for the standard library.
built_using() {
    local package said wanted
    wanted="rust-bytes rust-libc rust-log rust-netlink-sys rust-thiserror rustc"
    [ "$debian" != 12 ] || wanted=rustc-web
    for package in libvirnetdevvf0 libvirnetdevvf-dev; do
        said=$(dpkg-deb -f "$first/$package"_*.deb Static-Built-Using)
        printf '%s: %s\n' "$package" "$said"
        [ "$(tr , '\n' <<<"$said" | sed -E 's/ \(= [^)]+\)//; s/ //g' | paste -sd ' ')" = "$wanted" ] || return 1
    done
    [ -z "$(dpkg-deb -f "$first"/libvirnetdevvf-preload_*.deb Static-Built-Using)" ]
}
row "Debian: Static-Built-Using names what Rust links in" built_using
held() {
    local package
    for package in libvirnetdevvf0 libvirnetdevvf-dev libvirnetdevvf-preload; do
        dpkg-deb -c "$first/$package"_*.deb | awk '$1 !~ /^d/ { sub(/^\./, "", $6); print $6 }' | LC_ALL=C sort
    done | sed "s#/$(gcc -print-multiarch)/#/MULTIARCH/#; s/so\.$version/so.VERSION/" | diff - ctests/package/files.txt
}
row "Debian: the packages hold what they should" held
# The suite elf tests the same, but another rustc may link in more than this machine's.
mkdir "$work/unpacked"
for package in libvirnetdevvf0 libvirnetdevvf-dev; do dpkg-deb -x "$first/$package"_*.deb "$work/unpacked"; done
libraries=$work/unpacked/usr/lib/$(gcc -print-multiarch)
row "Debian: the library needs libc only" same libc.so.6 "$(needed "$libraries/libvirnetdevvf.so.0")"
row "Debian: no panic machinery in the archive" no_panic "$libraries/libvirnetdevvf.a"
row "Debian: ... and it would be seen, for the names are there" \
    has virNetDevSetVfMac "$(nm "$libraries/libvirnetdevvf.a")"
# The program runs with the gdb and the libc of this machine.
if [ "$debian" = 12 ]; then
    debug=$work/unpacked/usr/lib/debug
    row "Debian: a backtrace has no lines without the -dbgsym package" \
        has ' virNetDev[A-Za-z]* \(\) from ' "$(backtrace "$libraries" "$debug")"
    dpkg-deb -x "$first"/libvirnetdevvf0-dbgsym_*.deb "$work/unpacked"
    row "Debian: with it, each export has its file and line" traced "$libraries" "$debug"
else
    row "Debian: the same source package builds with the tarball's crates" in_root "$build" "
        rm -rf /vendored; mkdir /vendored; cd /vendored
        dpkg-source -x /first/virnetdevvf_*.dsc source; cd source
        dpkg-buildpackage -us -uc -b -P$vendored >../log 2>&1 || { tail -n 60 ../log; exit 1; }
        said=\$(dpkg-deb -f ../libvirnetdevvf0_*.deb Static-Built-Using); echo \"\$said\"
        grep -xE 'rustc \([^)]*\)' <<<\"\$said\""
fi
row "Debian: clean leaves the source as it was" in_root "$build" "
    cd /first/virnetdevvf-$version
    dpkg-buildpackage ${profiles:+-P$profiles} -T clean >../clean.log 2>&1
    rm -rf /clean; mkdir /clean; tar -xf ../virnetdevvf_$version.orig.tar.xz -C /clean
    diff -r --exclude debian /clean/virnetdevvf-$version . && diff -r packaging/debian debian"

. "$top/ctests/package/debian_installed.sh"
keep "$first"/*.deb "$first"/*.dsc "$first"/*.changes
done_testing
