# shellcheck shell=bash
# What every script in ctests shares: where things are, how a missing package is installed, how the
# archive's other suites are reached, how a result is told. Source it; it runs nothing by itself.
#
# Results are TAP (testanything.org): a suite prints `ok - name`, `not ok - name` or
# `ok - name # SKIP why`, one line a test, and ctests/check adds them up.

set -euo pipefail

# No bytecode beside the scripts.
export PYTHONDONTWRITEBYTECODE=1

# depmod and modprobe are there, and an ordinary user's PATH leaves it out.
PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Downloads and what is built from them; never inside the tree.
cache=${XDG_CACHE_HOME:-${HOME:-/var/tmp}/.cache}/virnetdevvf
# What is built from this tree.
target=${CARGO_TARGET_DIR:-$top/target}
mkdir -p "$cache"

step() { printf '== %s\n' "$*"; }
die() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# --- results -------------------------------------------------------------------------------------

ok() { printf 'ok - %s\n' "$1"; }
not_ok() {
    printf 'not ok - %s\n' "$1"
    [ $# -lt 2 ] || printf '%s\n' "$2" | sed 's/^/# /'
}
skip() { printf 'ok - %s # SKIP %s\n' "$1" "$2"; }

# try NAME COMMAND...: one test that is a command; its output is shown only when it fails.
try() {
    local name=$1 out
    shift
    if out=$("$@" 2>&1 </dev/null); then ok "$name"; else not_ok "$name" "$out"; fi
}

# --- packages ------------------------------------------------------------------------------------

can_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# apt_install OPTIONS... PACKAGES...: quietly; the whole log only when it fails.
apt_install() {
    local log
    log=$(mktemp)
    if ! as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends \
        -o DPkg::Lock::Timeout=300 install "$@" >"$log" 2>&1 </dev/null; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# need PACKAGES...: installs those of Debian's packages that are missing, or says which they are.
need() {
    local package missing=()
    for package in "$@"; do has_package "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    can_install || die "missing packages, and no right to install them: apt-get install ${missing[*]}"
    step "installing ${missing[*]}"
    # A machine's package lists may be absent or old: refresh them once, then only if that fails.
    apt_install "${missing[@]}" 2>/dev/null ||
        { as_root apt-get -q update >/dev/null 2>&1 && apt_install "${missing[@]}"; } ||
        die "could not install: ${missing[*]}"
}

# apt_suite SUITE: prints the path of an apt configuration, for APT_CONFIG, that knows SUITE alone
# (binary and source packages). Works without root for `download` and `source`. Its entries are the
# machine's own with another suite: no host is named here.
apt_suite() {
    local suite=$1 dir=$cache/apt/$1
    mkdir -p "$dir/lists/partial" "$dir/archives/partial"
    "$top/ctests/apt-entries" "$suite" >"$dir/sources.list.new" || return 1
    # Nothing of what this machine has installed.
    : >"$dir/status"
    cat >"$dir/apt.conf" <<CONF
Dir::Etc::SourceList "$dir/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::State::Lists "$dir/lists";
Dir::State::status "$dir/status";
Dir::Cache::Archives "$dir/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
APT::Sandbox::User "";
APT::Default-Release "";
CONF
    # The lists are fetched when they are not there, when the entries changed, and once a day.
    if ! cmp -s "$dir/sources.list.new" "$dir/sources.list" ||
        [ -z "$(find "$dir/lists" -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit)" ]; then
        mv "$dir/sources.list.new" "$dir/sources.list"
        # Old lists are better than none: what they name may be in the cache already.
        APT_CONFIG=$dir/apt.conf apt-get -q update >"$dir/update.log" 2>&1 </dev/null ||
            [ -n "$(find "$dir/lists" -maxdepth 1 -name '*Packages*' -print -quit)" ] ||
            { cat "$dir/update.log" >&2; return 1; }
    fi
    rm -f "$dir/sources.list.new"
    printf '%s\n' "$dir/apt.conf"
}

# need_from SUITE PACKAGES...: as `need`, from another suite of the same archive.
need_from() {
    local suite=$1 config package missing=()
    shift
    for package in "$@"; do has_package "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    can_install || die "missing packages, and no right to install them: apt-get install -t $suite ${missing[*]}"
    step "installing ${missing[*]} from $suite"
    config=$(apt_suite "$suite") || die "cannot read the archive's suite $suite"
    # The suite's own entries beside the machine's: what the packages need may be in either.
    # Its list stands in place of /etc/apt/sources.list, so that goes in; sources.list.d is read anyway.
    { cat /etc/apt/sources.list 2>/dev/null || true; echo; cat "$(dirname "$config")/sources.list"; } >"$(dirname "$config")/with-machine.list"
    as_root apt-get -q update >/dev/null 2>&1 || true
    as_root apt-get -q -o Dir::Etc::SourceList="$(dirname "$config")/with-machine.list" update >/dev/null 2>&1 ||
        die "cannot read the archive's suite $suite"
    apt_install -o Dir::Etc::SourceList="$(dirname "$config")/with-machine.list" -t "$suite" "${missing[@]}" ||
        die "could not install from $suite: ${missing[*]}"
}

# need_qemu: a QEMU with the emulated NIC (igb), which came with version 8; Debian 12 has that in its backports only.
need_qemu() {
    if [ "$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")" = bookworm ]; then
        need_from bookworm-backports qemu-system-x86
    else
        need qemu-system-x86
    fi
    qemu-system-x86_64 -M q35 -device igb,help >/dev/null 2>&1 ||
        die "the QEMU that is installed has no igb: it must be 8.0 or newer (Debian 12: apt-get install -t bookworm-backports qemu-system-x86)"
}

# make_root DIRECTORY STAMP RELEASE PACKAGES [SUITE]: a root of Debian's RELEASE with these packages (a,b,c), from SUITE
# where they are in it; by mmdebstrap, made anew when any of this changes. Without root it makes a user namespace.
make_root() {
    local dir=$1 release=$3 packages=$4 suite=${5:-$3} stamp options make
    stamp="$2 $release $suite $packages"
    [ "$(cat "$dir.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    need mmdebstrap
    can_install || need uidmap
    step "making a root of $suite in $dir"
    rm -rf "$dir" "$dir.stamp"
    mkdir -p "$dir"
    { "$top/ctests/apt-entries" "$release"; [ "$suite" = "$release" ] || "$top/ctests/apt-entries" "$suite"; } |
        grep -v '^deb-src' >"$dir.list"
    # All of the suite is preferred; how this machine reaches the archive is taken over. Line by line: without root,
    # mmdebstrap cannot read a file in a home directory, and would say nothing.
    mapfile -t options < <(apt-config dump | grep -iE '^Acquire::https?::' || true)
    options=("APT::Default-Release \"$suite\";" ${options[@]+"${options[@]}"})
    make=(mmdebstrap --format=tar --variant=minbase "${options[@]/#/--aptopt=}" --include="$packages"
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*'
        --dpkgopt='path-exclude=/usr/share/locale/*' "$release" - "$dir.list")
    # Without our own descriptors: it has a shell use one, and dash knows none from 10 on.
    { if can_install; then as_root "${make[@]}"; else "${make[@]}"; fi; } 2>"$dir.log" 3>&- 9>&- |
        tar -x -C "$dir" --no-same-owner --exclude='./dev/*' || { tail -n 20 "$dir.log"; return 1; }
    printf '%s\n' "$stamp" >"$dir.stamp"
}

# --- the library ---------------------------------------------------------------------------------

# Cargo's build, and the link by which programs find it: the name in them is the SONAME.
build_library() {
    cargo build --release --locked -q --manifest-path "$top/Cargo.toml" || die "cargo build failed"
    ln -sf libvirnetdevvf.so "$target/release/libvirnetdevvf.so.0"
}

# What Meson installs, as a distribution would: prints the prefix it is under.
installed_library() {
    need gcc meson ninja-build pkg-config binutils python3-docutils >&2
    local prefix=$target/installed
    # Nothing may have been built yet.
    mkdir -p "$target"
    {
        meson setup -Dwerror=true "$target/installed.build" "$top" --prefix "$prefix" --libdir lib ||
            meson configure -Dwerror=true "$target/installed.build" --prefix "$prefix" --libdir lib
        meson install -C "$target/installed.build"
    } >"$target/installed.log" 2>&1 || { cat "$target/installed.log" >&2; die "the library does not build by Meson"; }
    printf '%s\n' "$prefix"
}
