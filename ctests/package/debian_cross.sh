#!/usr/bin/env bash
# Debian's packages for other machines: built as Debian cross-builds, installed and tried in a root of that machine,
# whose programs QEMU runs; TAP.
#
#   ctests/package/debian_cross.sh [arm64] [s390x]      (both) s390x counts its bytes from the other end
#
# The kernel runs QEMU for a foreign program by binfmt_misc, which a user namespace has for itself since Linux 6.7:
# nothing is registered, or installed, on this machine.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
# shellcheck disable=SC2034  # lib.sh takes it
lock=debian-cross
. "$top/ctests/package/lib.sh"

packages=$build_12
for machine in arm64 s390x; do
    packages=$packages,libstd-rust-web-dev:$machine,libc6-dev:$machine,pkgconf:$machine
    packages=$packages,crossbuild-essential-$machine
done
foreign=amd64,arm64,s390x root debian-cross "$packages"
make_tarball

# --- programs of other machines ---------------------------------------------------------------------

# QEMU that needs no libraries: it runs wherever the program is.
qemu=$base/qemu
unpack_qemu() {
    local config
    config=$(apt_suite bookworm) || return 1
    rm -rf "$qemu.new" && mkdir "$qemu.new"
    (cd "$qemu.new" && APT_CONFIG=$config apt-get -q download qemu-user-static && dpkg-deb -x ./*.deb . && rm ./*.deb)
    rm -rf "$qemu" && mv "$qemu.new" "$qemu"
}
# How ELF says what it is for (elf.h: class, byte order, type, machine).
zeros='\x00\x00\x00\x00\x00\x00\x00\x00'
any_osabi='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff'
little='\x7fELF\x02\x01\x01\x00' big='\x7fELF\x02\x02\x01\x00'
register=(
    ":aarch64:M::$little$zeros\\x02\\x00\\xb7\\x00:$any_osabi\\xfe\\xff\\xff\\xff:$qemu/usr/bin/qemu-aarch64-static:F"
    ":s390x:M::$big$zeros\\x00\\x02\\x00\\x16:$any_osabi\\xff\\xfe\\xff\\xff:$qemu/usr/bin/qemu-s390x-static:F"
)
# emulated COMMAND...: where the kernel runs such programs; as root of a user namespace that has this machine's IDs.
emulated() {
    local child status=0 ready=$work/ready mapped=$work/mapped user=()
    # Root writes the map itself; others have newuidmap do it.
    [ "$(id -u)" = 0 ] || user=(--map-root-user --map-auto)
    rm -f "$ready" "$mapped"
    mkfifo "$ready" "$mapped"
    # shellcheck disable=SC2016  # the inner shell's
    unshare --user ${user[@]+"${user[@]}"} --mount --pid --fork --kill-child bash -c '
        set -e; echo >"$1/ready"; read -r _ <"$1/mapped"
        mkdir -p "$1/binfmt"; mount -t binfmt_misc binfmt "$1/binfmt"
        printf "%s" "$2" >"$1/binfmt/register"; printf "%s" "$3" >"$1/binfmt/register"
        shift 3; exec "$@"' bash "$work" "${register[@]}" "$@" &
    child=$!
    read -r _ <"$ready"
    if [ "$(id -u)" = 0 ]; then
        echo '0 0 65536' >"/proc/$child/uid_map"
        echo '0 0 65536' >"/proc/$child/gid_map"
    fi
    echo >"$mapped"
    wait "$child" || status=$?
    return $status
}
[ -x "$qemu/usr/bin/qemu-s390x-static" ] || unpack_qemu >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; die "cannot get QEMU"; }
emulates=yes
emulated true >"$work/log" 2>&1 || emulates=no

# foreign_root MACHINE: a root of that machine, made anew when what it has changes.
foreign_root() {
    local dir=$base/debian-$1-use stamp options
    stamp="$1 $in_use"
    [ "$(cat "$dir.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    step "making a root of $1" >&2
    rm -rf "$dir" "$dir.stamp"
    mkdir "$dir"
    mapfile -t options < <(apt-config dump | grep -iE '^Acquire::https?::' || true)
    "$top/ctests/lib/apt_entries.py" bookworm | grep -v '^deb-src' >"$dir.list"
    emulated mmdebstrap --mode=root --format=tar --variant=minbase --architectures="$1" --include="$in_use" \
        ${options[@]+"${options[@]/#/--aptopt=}"} --dpkgopt='path-exclude=/usr/share/locale/*' \
        --skip=check/qemu bookworm - "$dir.list" 2>"$dir.log" 9>&- |
        tar -x -C "$dir" --no-same-owner --exclude='./dev/*' || { tail -n 20 "$dir.log" >&2; return 1; }
    printf '%s\n' "$stamp" >"$dir.stamp"
}
in_use=binutils,gcc,iproute2,libc6-dev,pkgconf,python3
# in_foreign MACHINE SCRIPT: in that root, without a network.
in_foreign() {
    mkdir -p "$base/debian-$1-use"/{proc,dev}
    # shellcheck disable=SC2016  # the inner shell's
    emulated unshare --net bash -c '
        mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && ip link set lo up &&
            exec chroot "$1" /bin/bash -c "$2"' bash "$base/debian-$1-use" \
        "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8; set -e; $2"
}

# --- each machine -----------------------------------------------------------------------------------

[ $# -gt 0 ] || set -- arm64 s390x
for machine; do
    case $machine in
    arm64) elf=AArch64 uname=aarch64 ;;
    s390x) elf='IBM S/390' uname=s390x ;;
    *) die "usage: debian_cross.sh [arm64] [s390x]" ;;
    esac
    name="Debian cross $machine"
    built=$base/debian-cross/$machine
    cross() {
        rm -rf "$built" && mkdir -p "$built"
        cp "$tarball" "$built/virnetdevvf_$version.orig.tar.xz"
        in_root debian-cross "cd /$machine; tar -xf *.orig.tar.xz; cd virnetdevvf-$version
            cp -r packaging/debian debian
            export SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH DEB_BUILD_OPTIONS=nocheck
            dpkg-buildpackage -us -uc -b -a $machine -Pcross,nocheck,$vendored >../log 2>&1 ||
                { tail -n 60 ../log; exit 1; }"
    }
    try "$name: dpkg-buildpackage -a $machine" cross
    of_machine() {
        rm -rf "$work/unpacked"
        for package in libvirnetdevvf0 libvirnetdevvf-dev libvirnetdevvf-preload; do
            dpkg-deb -x "$built/${package}"_*_"$machine".deb "$work/unpacked"
        done
        for file in lib/*/libvirnetdevvf.so.0.* lib/*/libvirnetdevvf.a sbin/vfset; do
            # shellcheck disable=SC2086  # a pattern
            readelf -h "$work"/unpacked/usr/$file | grep -F "$elf" || return 1
        done
    }
    try "$name: the library, the archive and vfset are for it" of_machine
    symbols() { grep -q dh_makeshlibs "$built/log" && ! grep -E 'dpkg-gensymbols: (warning|error)' "$built/log"; }
    try "$name: dpkg-gensymbols agrees with .symbols" symbols
    if [ $emulates = no ]; then
        skip "$name: installed" "no binfmt_misc in a user namespace: $(tail -n 1 "$work/log")"
        continue
    fi
    foreign_root "$machine" || die "cannot make the root"
    use=$base/debian-$machine-use
    rm -rf "$use/packages" "$use/tmp/source"
    mkdir -p "$use/packages" "$use/tmp/source/ctests"
    cp "$built"/*.deb "$use/packages"
    cp -r packaging/debian "$use/tmp/source/debian"
    cp -r ctests/consumer "$use/tmp/source/ctests"
    try "$name: installed" in_foreign "$machine" 'dpkg -i /packages/libvirnetdevvf*.deb'
    emulation() { [ "$(in_foreign "$machine" 'dpkg --print-architecture; uname -m' | paste -sd ' ')" = "$1" ]; }
    try "$name: programs are that machine's" emulation "$machine $uname"
    autopkgtest() {
        in_foreign "$machine" "cd /tmp/source; rm -rf /tmp/work; mkdir /tmp/work
            AUTOPKGTEST_TMP=/tmp/work debian/tests/$1"
    }
    try "$name: autopkgtest preload" autopkgtest preload
    if [ "$machine" = arm64 ]; then
        try "$name: autopkgtest build-and-run" autopkgtest build-and-run
    else
        skip "$name: autopkgtest build-and-run" \
            "QEMU's user emulation turns the bytes of a netlink message's first part only: the kernel gets no request"
        # Up to there: 4 is what ctests/consumer/consumer.c ends with when the kernel does not answer as it should.
        unsent() {
            in_foreign "$machine" "cd /tmp/source/ctests/consumer; library=\$(pkg-config --variable=libdir virnetdevvf)
                cc consumer.c -o /tmp/shared \$(pkg-config --cflags --libs virnetdevvf)
                cc consumer.c -o /tmp/static \$library/libvirnetdevvf.a
                for program in shared static; do
                    status=0; /tmp/\$program || status=\$?
                    echo \$program: \$status; [ \$status = 4 ]
                done"
        }
        try "$name: a program builds, shared and static, and runs up to what is sent" unsent
    fi
    try "$name: purged" in_foreign "$machine" 'dpkg --purge $(dpkg-query -W -f "\${Package}\n" "libvirnetdevvf*")'
done
done_testing
