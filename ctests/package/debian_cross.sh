#!/usr/bin/env bash
# Cross-builds Debian's packages for other processors, then installs and tests them in a root of that processor, whose
# programs QEMU runs; TAP.
#
#   ctests/package/debian_cross.sh [arm64] [s390x]      without arguments: both. s390x is big-endian
#
# The kernel starts QEMU for such a program (binfmt_misc). Since Linux 6.7 a user namespace has its own binfmt_misc, so
# nothing is registered or installed on this machine.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
# shellcheck disable=SC2034  # lib.sh uses it
lock=debian-cross
. "$top/ctests/package/lib.sh"
. "$top/ctests/binary/checks.sh"

packages=$build_12
for machine in arm64 s390x; do
    packages=$packages,libstd-rust-web-dev:$machine,libc6-dev:$machine,pkgconf:$machine
    packages=$packages,crossbuild-essential-$machine
done
root debian-cross "$packages" '' --architectures=amd64,arm64,s390x
make_tarball

# --- programs of other machines ---------------------------------------------------------------------

# A static QEMU needs no libraries in the root of the program that it runs.
qemu=$base/qemu
unpack_qemu() {
    local config
    config=$(apt_suite bookworm) || return 1
    rm -rf "$qemu.new" && mkdir "$qemu.new"
    (cd "$qemu.new" && APT_CONFIG=$config apt-get -q download qemu-user-static && dpkg-deb -x ./*.deb . && rm ./*.deb)
    rm -rf "$qemu" && mv "$qemu.new" "$qemu"
}
[ -x "$qemu/usr/bin/qemu-s390x-static" ] || unpack_qemu >"$work/log" 2>&1 ||
    { cat "$work/log" >&2; die "cannot get QEMU"; }
# The package's files for systemd-binfmt tell the kernel which ELF files are for QEMU. F: it opens QEMU now.
mapfile -t register < <(sed "s|:/usr/[^:]*/\([a-z0-9]*\)-binfmt-P:.*|:$qemu/usr/bin/qemu-\1-static:F|" \
    "$qemu"/usr/lib/binfmt.d/qemu-{aarch64,s390x}.conf)
# emulated COMMAND...: runs it where the kernel starts QEMU, as root of a user namespace with this machine's IDs.
emulated() {
    local child status=0 ready=$work/ready mapped=$work/mapped user=()
    # Root can write the ID map; for others newuidmap writes it.
    [ "$(id -u)" = 0 ] || user=(--map-root-user --map-auto)
    rm -f "$ready" "$mapped"
    mkfifo "$ready" "$mapped"
    # shellcheck disable=SC2016  # variables of the inner shell
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
emulates=yes
emulated true >"$work/log" 2>&1 || emulates=no

# foreign_root MACHINE: makes a root of that machine, again if its packages change.
in_use=binutils,gcc,iproute2,libc6-dev,pkgconf,python3
foreign_root() {
    ROOT_DOCS=yes ROOT_BY=emulated unpack_root "$base/debian-$1-use" "$1 $in_use" bookworm "$in_use" \
        --mode=root --architectures="$1" --skip=check/qemu
}
# in_foreign MACHINE SCRIPT: runs the script in that root, without a network.
in_foreign() (
    in_namespaces() { emulated unshare "$@"; }
    in_root "debian-$1-use" "$2"
)

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
    try "$name: dpkg-buildpackage -a $machine" build_debian debian-cross "/$machine" \
        "cross,nocheck,$vendored -b -a $machine" 'export DEB_BUILD_OPTIONS=nocheck'
    of_machine() {
        rm -rf "$work/unpacked"
        for deb in "$built"/*.deb; do dpkg-deb -x "$deb" "$work/unpacked"; done
        readelf -h "$work"/unpacked/usr/{lib/*/libvirnetdevvf.{so.0,a},sbin/vfset} >"$work/headers" &&
            same "$elf" "$(sed -n 's/^ *Machine: *//p' "$work/headers" | sort -u)"
    }
    try "$name: the library, the archive and vfset are for that machine" of_machine
    try "$name: dpkg-gensymbols agrees with .symbols" symbols "$built"
    if [ $emulates = no ]; then
        skip "$name: installed" "no binfmt_misc in a user namespace: $(tail -n 1 "$work/log")"
        continue
    fi
    foreign_root "$machine" || die "cannot make the root"
    give "debian-$machine-use" "$built"
    try "$name: installed" in_foreign "$machine" 'dpkg -i /packages/libvirnetdevvf*.deb'
    emulation() { same "$1" "$(in_foreign "$machine" 'dpkg --print-architecture; uname -m' | paste -sd ' ')"; }
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
            "QEMU's user emulation swaps the bytes of the first iovec only, so the kernel gets no valid request"
        # ctests/consumer/consumer.c exits with 4 if the kernel's first answer is not the expected one.
        try "$name: a program builds, shared and static, and runs up to its first request" in_foreign "$machine" "
            cd /tmp/source/ctests/consumer; library=\$(pkg-config --variable=libdir virnetdevvf)
            cc consumer.c -o /tmp/shared \$(pkg-config --cflags --libs virnetdevvf)
            cc consumer.c -o /tmp/static \$library/libvirnetdevvf.a
            for program in shared static; do
                status=0; /tmp/\$program || status=\$?
                echo \$program: \$status; [ \$status = 4 ]
            done"
    fi
    try "$name: purged" in_foreign "$machine" 'dpkg --purge $(dpkg-query -W -f "\${Package}\n" "libvirnetdevvf*")'
done
done_testing
