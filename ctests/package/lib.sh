# shellcheck shell=bash
# Functions for the suites in this directory: roots to build in, the release's tarball, the build of Debian's packages,
# a backtrace. Source this file after ctests/lib/lib.sh. It takes the lock that `lock` names, so that only one script at
# a time uses these roots.

# keep FILE...: copies them to DIR, if the script's last arguments are --keep DIR.
kept=''
[ "${*: -2:1}" != --keep ] || kept=$(realpath -m "${*: -1}")
keep() { [ -z "$kept" ] || { mkdir -p "$kept" && cp "$@" "$kept"; }; }

cd "${top:?lib.sh sets it}" || exit
need git mmdebstrap mount util-linux xz-utils meson ninja-build gcc libc6-dev pkgconf python3-docutils gdb
can_install || need uidmap
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
base=$cache/package
mkdir -p "$base"
exec 9>"$base/${lock:+$lock.}lock"
flock 9

# root NAME PACKAGES [RELEASE [OPTION...]]: makes a root with these packages, again if they change.
root() {
    ROOT_DOCS=yes unpack_root "$base/$1" "$(cksum <<<"$2${3-}")" "${3:-bookworm}" "$2" "${@:4}" ||
        die "cannot make the root $1"
}
# in_root NAME SCRIPT: runs the script in that root, as root of a user namespace, without a network.
in_root() { run_in_root "$base/$1" "$2"; }

# --- the tarball ----------------------------------------------------------------------------------

# Each script and release has its own directory: no script removes the tarball of another.
work=$target/package/$(basename "$0" .sh)${debian:+-$debian}
rm -rf "$work"
mkdir -p "$work"
# The tarball has the files of the commit, as a release has. The commit's date is the date of the build.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
dist() {
    meson setup "$work/$1" "$top" && meson dist -C "$work/$1" --no-tests --allow-dirty --formats xztar
}
[ -z "$(git status --porcelain)" ] || step "changes that are not committed are not in the tarball" >&2
tarball=$work/dist/meson-dist/virnetdevvf-$version.tar.xz
make_tarball() {
    dist dist >"$work/dist.log" 2>&1 || { cat "$work/dist.log" >&2; die "meson dist makes no tarball"; }
}

# --- Debian ---------------------------------------------------------------------------------------

# Debian 12's packages are built with these. Its crates are too old: the build uses those of the tarball.
build_12=build-essential,cargo-web,rustc-web,libstd-rust-web-dev
build_12=$build_12,debhelper,meson,pkgconf,python3,python3-docutils
# The packages of Debian 13 and later are built with these. `tests` is for the tests of all packages.
build_13=build-essential,cargo,rustc,libstd-rust-dev,librust-libc-dev,librust-netlink-sys-dev,librust-thiserror-dev
build_13=$build_13,debhelper,meson,pkgconf,python3,python3-docutils
# shellcheck disable=SC2034  # debian.sh uses it
tests=autopkgtest,binutils,cmake,dpkg-dev,gcc,iproute2,libc6-dev,meson,pkgconf,python3
judge=lintian,blhc,faketime,man-db,systemd
root_12() { root debian-12 "$build_12,$judge"; }
# shellcheck disable=SC2034  # debian.sh and debs.sh use it
vendored=pkg.virnetdevvf.vendored

# build_debian ROOT DIRECTORY [PROFILES [SETTINGS [COMMAND]]]: builds source and binary packages in that directory of
# the root. SETTINGS are shell commands before the build. COMMAND runs the build, as another user or at another time.
# PROFILES may end with more options of dpkg-buildpackage. Not by sbuild, which unpacks the root for each build.
build_debian() {
    local dir=$base/$1$2
    rm -rf "${base:?}/$1$2"
    mkdir -p "$dir"
    cp "$tarball" "$dir/virnetdevvf_$version.orig.tar.xz"
    in_root "$1" "cd $2; tar -xf virnetdevvf_$version.orig.tar.xz; cd virnetdevvf-$version
        cp -r packaging/debian debian
        ${4-}
        export SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH
        ${5-} dpkg-buildpackage -us -uc ${3:+-P$3} >../log 2>&1 || { tail -n 60 ../log; exit 1; }"
}
# symbols DIRECTORY: in that build, dpkg-gensymbols had no warning.
symbols() { grep -q dh_makeshlibs "$1/log" && ! grep -E 'dpkg-gensymbols: (warning|error)' "$1/log"; }
# give ROOT DIRECTORY: gives the root the packages of that build, and the files that their autopkgtests read.
give() {
    local to=$base/$1
    rm -rf "$to/packages" "$to/tmp/source"
    mkdir -p "$to/packages" "$to/tmp/source/ctests"
    cp "$2"/*.deb "$to/packages"
    cp -r packaging/debian "$to/tmp/source"
    cp -r ctests/consumer "$to/tmp/source/ctests"
}

# --- a backtrace ----------------------------------------------------------------------------------

# backtrace LIBRARY_DIRECTORY DEBUG_DIRECTORY: the backtrace of a program at the library's second request, which sets
# the MAC. The first one reads what the VF has.
backtrace() {
    local directory=$1 debug=$2
    gcc -Iinclude -o "$work/traced" ctests/consumer/consumer.c -L"$directory" -lvirnetdevvf &&
        LD_LIBRARY_PATH=$directory gdb -nx -batch -iex 'set debuginfod enabled off' \
        -ex "set debug-file-directory $debug" -ex 'set breakpoint pending on' \
        -ex 'break sendmsg' -ex 'ignore 1 1' -ex run -ex backtrace "$work/traced" 2>&1
}
# traced LIBRARY_DIRECTORY DEBUG_DIRECTORY: each of the three exports in that backtrace has its file and line. With full
# debug information, the name of a function has its module before it.
traced() {
    local lines='[ :]virNetDev[A-Za-z]+ \(.* at .*src/capi/[a-z_]+\.rs:[0-9]+$'
    [ "$(backtrace "$@" | tee /dev/stderr | grep -cE "$lines")" = 3 ]
}
