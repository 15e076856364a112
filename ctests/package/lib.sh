# shellcheck shell=bash
# What the suites in this directory share: roots to build in, the release's tarball, the build of Debian's packages, a
# backtrace. Source it after ctests/lib/lib.sh. It takes the lock that `lock` names, so that one script at a time uses
# the same roots.

# keep FILE...: into DIR, if the script's last arguments are --keep DIR.
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

# root NAME PACKAGES [RELEASE [OPTION...]]: a root with these, made anew when they change.
root() {
    ROOT_DOCS=yes unpack_root "$base/$1" "$(cksum <<<"$2${3-}")" "${3:-bookworm}" "$2" "${@:4}" ||
        die "cannot make the root $1"
}
# in_root NAME SCRIPT: there, as root in the kernel's eyes, without a network.
in_root() { run_in_root "$base/$1" "$2"; }

# --- the tarball ----------------------------------------------------------------------------------

# Of its own for each script and release: none removes the tarball of another that runs.
work=$target/package/$(basename "$0" .sh)${debian:+-$debian}
rm -rf "$work"
mkdir -p "$work"
# Of the commit, as a release is; its date is the build's.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
dist() {
    meson setup "$work/$1" "$top" && meson dist -C "$work/$1" --no-tests --allow-dirty --formats xztar
}
[ -z "$(git status --porcelain)" ] || step "what is not committed is not in the tarball" >&2
tarball=$work/dist/meson-dist/virnetdevvf-$version.tar.xz
make_tarball() {
    dist dist >"$work/dist.log" 2>&1 || { cat "$work/dist.log" >&2; die "meson dist makes no tarball"; }
}

# --- Debian ---------------------------------------------------------------------------------------

# What Debian 12's packages are built with. Its own crates are too old: the tarball's are taken.
build_12=build-essential,cargo-web,rustc-web,libstd-rust-web-dev
build_12=$build_12,debhelper,meson,pkgconf,python3,python3-docutils
# From Debian 13 on, and what the packages are tried with.
build_13=build-essential,cargo,rustc,libstd-rust-dev,librust-libc-dev,librust-netlink-sys-dev,librust-thiserror-dev
build_13=$build_13,debhelper,meson,pkgconf,python3,python3-docutils
# shellcheck disable=SC2034  # debian.sh takes it
tests=autopkgtest,binutils,cmake,dpkg-dev,gcc,iproute2,libc6-dev,meson,pkgconf,python3
judge=lintian,blhc,faketime,man-db,systemd
root_12() { root debian-12 "$build_12,$judge"; }
# shellcheck disable=SC2034  # debian.sh and debs.sh take it
vendored=pkg.virnetdevvf.vendored

# build_debian ROOT DIRECTORY [PROFILES [SETTINGS [COMMAND]]]: source and binary packages, and what they were made of,
# in a directory of that name, with the settings of whoever builds, run by a command (as another user, at another time).
# After the profiles may come other options of dpkg-buildpackage.
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
# symbols DIRECTORY: of a build.
symbols() { grep -q dh_makeshlibs "$1/log" && ! grep -E 'dpkg-gensymbols: (warning|error)' "$1/log"; }
# give ROOT DIRECTORY: the packages that were built there, and what their autopkgtest reads.
give() {
    local to=$base/$1
    rm -rf "$to/packages" "$to/tmp/source"
    mkdir -p "$to/packages" "$to/tmp/source/ctests"
    cp "$2"/*.deb "$to/packages"
    cp -r packaging/debian "$to/tmp/source"
    cp -r ctests/consumer "$to/tmp/source/ctests"
}

# --- a backtrace ----------------------------------------------------------------------------------

# backtrace LIBRARY_DIRECTORY DEBUG_DIRECTORY: that of a program which is in the library, as it sends its second
# request: the MAC, after it has read what the VF has.
backtrace() {
    local directory=$1 debug=$2
    gcc -Iinclude -o "$work/traced" ctests/consumer/consumer.c -L"$directory" -lvirnetdevvf &&
        LD_LIBRARY_PATH=$directory gdb -nx -batch -iex 'set debuginfod enabled off' \
        -ex "set debug-file-directory $debug" -ex 'set breakpoint pending on' \
        -ex 'break sendmsg' -ex 'ignore 1 1' -ex run -ex backtrace "$work/traced" 2>&1
}
# traced LIBRARY_DIRECTORY DEBUG_DIRECTORY: each of the three exports in it has its file and line. With all of the debug
# information a function has its module's name, too.
traced() {
    local lines='[ :]virNetDev[A-Za-z]+ \(.* at .*src/capi/[a-z_]+\.rs:[0-9]+$'
    [ "$(backtrace "$@" | tee /dev/stderr | grep -cE "$lines")" = 3 ]
}
