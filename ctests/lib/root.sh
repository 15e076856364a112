# shellcheck shell=bash
# A root is a directory with a Debian system: mmdebstrap makes it, the cache keeps it. lib.sh sources this file.

# debian_root RELEASE PACKAGES OUTPUT [OPTION...]: runs mmdebstrap with these packages (a,b,c) and options. OUTPUT is
# the name of a tar or a directory, or -. Without root, mmdebstrap makes a user namespace. It reaches the archive as
# this machine's apt does. ROOT_SUITE: a preferred suite of the same archive; ROOT_DOCS=yes: with documentation;
# ROOT_BY: a function that runs mmdebstrap.
debian_root() {
    local release=$1 packages=$2 output=$3 suite=${ROOT_SUITE:-$1} runner=env options make list
    shift 3
    need mmdebstrap
    if can_install; then runner=as_root; else need uidmap; fi
    mkdir -p "$cache/apt"
    list=$(mktemp "$cache/apt/root.XXXXXX")
    "$top/ctests/lib/apt_entries.py" "$release" | grep -v '^deb-src' >"$list"
    # Each option by itself: without root, mmdebstrap cannot read a file in a home directory, and gives no error.
    mapfile -t options < <(apt-config dump | grep -iE '^Acquire::https?::' || true)
    # The Release file of a mirror's sid may be older than its limit of a week. apt still checks its signature.
    [ "$release" != sid ] || options+=('Acquire::Check-Valid-Until "false";')
    if [ "$suite" != "$release" ]; then
        "$top/ctests/lib/apt_entries.py" "$suite" | grep -v '^deb-src' >>"$list"
        options+=("APT::Default-Release \"$suite\";")
    fi
    [ "${ROOT_DOCS-}" = yes ] || set -- "$@" --dpkgopt=path-exclude=/usr/share/{doc,man,locale}/'*'
    make=(mmdebstrap --variant=minbase "${options[@]/#/--aptopt=}" --include="$packages" "$@" "$release" "$output"
        "$list")
    # Closes the scripts' descriptors: mmdebstrap gives its next free one to dash, which knows only 0 to 9.
    "${ROOT_BY:-$runner}" "${make[@]}" 3>&- 9>&- || { rm -f "$list"; return 1; }
    rm -f "$list"
}

# unpack_root DIRECTORY STAMP RELEASE PACKAGES [OPTION...]: unpacks a root with these packages in the directory; this
# user owns its files. It makes the root again if the stamp has changed.
unpack_root() {
    local dir=$1 stamp=$2
    [ "$(cat "$dir.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    step "making a root of ${ROOT_SUITE:-$3} in $dir"
    rm -rf "$dir" "$dir.stamp"
    mkdir -p "$dir"
    debian_root "$3" "$4" - --format=tar "${@:5}" 2>"$dir.log" |
        tar -x -C "$dir" --no-same-owner --exclude='./dev/*' || { tail -n 20 "$dir.log" >&2; return 1; }
    printf '%s\n' "$stamp" >"$dir.stamp"
}
# make_root DIRECTORY STAMP RELEASE PACKAGES [SUITE [OPTION...]]: the same, but prefers packages of SUITE. It makes the
# root again if any argument has changed.
make_root() {
    ROOT_SUITE=${5:-$3} unpack_root "$1" "$2 $3 ${5:-$3} $4${6:+ ${*:6}}" "$3" "$4" "${@:6}"
}

# in_namespaces OPTION... COMMAND...: runs unshare(1). An ordinary user becomes root of a user namespace.
in_namespaces() { if [ "$(id -u)" = 0 ]; then unshare "$@"; else unshare --user --map-root-user "$@"; fi; }

# run_in_root DIRECTORY SCRIPT [PLACE]: runs the script there, as root of a user namespace, with /proc, /dev and no
# network. PLACE, a directory of this machine, has the same path there.
run_in_root() {
    mkdir -p "$1"/{proc,dev} "$1${3-}"
    in_namespaces --mount --net --uts --pid --fork --kill-child bash -c '
        if [ -n "$3" ]; then mount --bind "$3" "$1$3" || exit 1; fi
        mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs shm "$1/dev/shm" &&
            exec chroot "$1" /bin/bash -c "$2"' bash "$1" \
        "export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive; set -e
        umask 022; ip link set lo up 2>/dev/null || true; $2" "${3-}"
}
