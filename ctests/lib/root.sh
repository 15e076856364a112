# shellcheck shell=bash
# Roots: directories with a Debian in them, which mmdebstrap makes and the cache keeps. Read by lib.sh.

# debian_root RELEASE PACKAGES OUTPUT [OPTION...]: runs mmdebstrap with these packages (a,b,c) and options. OUTPUT is
# the name of a tar or a directory, or -. Without root it makes a user namespace. It uses the archive of this machine,
# and prefers ROOT_SUITE, another suite of the same archive, if that is set.
debian_root() {
    local release=$1 packages=$2 output=$3 suite=${ROOT_SUITE:-$1} options make list
    shift 3
    need mmdebstrap
    can_install || need uidmap
    mkdir -p "$cache/apt"
    list=$(mktemp "$cache/apt/root.XXXXXX")
    "$top/ctests/lib/apt_entries.py" "$release" | grep -v '^deb-src' >"$list"
    [ "$suite" = "$release" ] || "$top/ctests/lib/apt_entries.py" "$suite" | grep -v '^deb-src' >>"$list"
    # Line by line: without root, mmdebstrap cannot read a file in a home directory, and would say nothing.
    mapfile -t options < <(apt-config dump | grep -iE '^Acquire::https?::' || true)
    # A mirror's sid may be older than its limit of a week; apt checks its signature nevertheless.
    [ "$release" != sid ] || options+=('Acquire::Check-Valid-Until "false";')
    options=("APT::Default-Release \"$suite\";" ${options[@]+"${options[@]}"})
    make=(mmdebstrap --variant=minbase "${options[@]/#/--aptopt=}" --include="$packages"
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*'
        --dpkgopt='path-exclude=/usr/share/locale/*' "$@" "$release" "$output" "$list")
    # Closes the scripts' own descriptors: mmdebstrap's shell uses their numbers, and dash cannot use 10 and more.
    { if can_install; then as_root "${make[@]}"; else "${make[@]}"; fi; } 3>&- 9>&- || { rm -f "$list"; return 1; }
    rm -f "$list"
}

# make_root DIRECTORY STAMP RELEASE PACKAGES [SUITE [OPTION...]]: unpacks a root with these packages in the directory,
# as this user; from SUITE if SUITE has them. It is made again when any of this changes.
make_root() {
    local dir=$1 release=$3 packages=$4 suite=${5:-$3} stamp
    stamp="$2 $release $suite $packages${6:+ ${*:6}}"
    [ "$(cat "$dir.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    step "making a root of $suite in $dir"
    rm -rf "$dir" "$dir.stamp"
    mkdir -p "$dir"
    ROOT_SUITE=$suite debian_root "$release" "$packages" - --format=tar "${@:6}" 2>"$dir.log" |
        tar -x -C "$dir" --no-same-owner --exclude='./dev/*' || { tail -n 20 "$dir.log" >&2; return 1; }
    printf '%s\n' "$stamp" >"$dir.stamp"
}

# in_namespaces OPTION... COMMAND...: unshare(1), for an ordinary user as root of a user namespace.
in_namespaces() { if [ "$(id -u)" = 0 ]; then unshare "$@"; else unshare --user --map-root-user "$@"; fi; }

# run_in_root DIRECTORY SCRIPT [PLACE]: runs the script there, as root of a user namespace, with /proc, /dev and no
# network. PLACE, a directory of this machine, has the same path there.
run_in_root() {
    mkdir -p "$1"/{proc,dev} "$1${3-}"
    in_namespaces --mount --net --pid --fork --kill-child bash -c '
        if [ -n "$3" ]; then mount --bind "$3" "$1$3" || exit 1; fi
        mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && exec chroot "$1" /bin/bash -c "$2"' bash "$1" \
        "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive; set -e
        umask 022; ip link set lo up 2>/dev/null || true; $2" "${3-}"
}
