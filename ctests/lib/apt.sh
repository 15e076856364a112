# shellcheck shell=bash
# Debian's packages, from this machine's suite and from other suites of the same archive. lib.sh sources this file.

can_install() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
has_package() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# apt_install OPTIONS... PACKAGES...: installs quietly; prints the log only if that fails.
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

# missing PACKAGES...: prints those that are not installed.
missing() {
    local package
    for package in "$@"; do has_package "$package" || printf '%s\n' "$package"; done
}

# need PACKAGES...: installs the Debian packages that are missing. If it cannot install, it names them and fails.
need() {
    [ -n "$(missing "$@")" ] || return 0
    (
        flock 8
        # Another script may have installed them.
        mapfile -t lacking < <(missing "$@")
        [ ${#lacking[@]} = 0 ] || install_from '' "${lacking[@]}"
    ) 8>"$cache/apt.lock" || exit 1
}

# install_from SUITE PACKAGES...: installs from that suite of the same archive, or from the machine's own suite if SUITE
# is empty. It also replaces older versions.
install_from() {
    local suite=$1 config list
    shift
    can_install || die "missing packages, and no right to install them: apt-get install ${suite:+-t $suite }$*"
    step "installing $*${suite:+ from $suite}"
    if [ -z "$suite" ]; then
        # The machine's package lists may be absent or old: refresh them the first time, later only if this fails.
        apt_install "$@" 2>/dev/null || { as_root apt-get -q update >/dev/null 2>&1 && apt_install "$@"; } ||
            die "could not install: $*"
        return
    fi
    config=$(apt_suite "$suite") || die "cannot read the archive's suite $suite"
    list=$(dirname "$config")/with-machine.list
    # The list has the entries of the suite and of the machine, because a dependency may be in either. It replaces
    # /etc/apt/sources.list, so it must contain that file; apt reads sources.list.d anyway.
    { cat /etc/apt/sources.list 2>/dev/null || true; echo; cat "$(dirname "$config")/sources.list"; } >"$list"
    as_root apt-get -q update >/dev/null 2>&1 || true
    as_root apt-get -q -o Dir::Etc::SourceList="$list" update >/dev/null 2>&1 ||
        die "cannot read the archive's suite $suite"
    apt_install -o Dir::Etc::SourceList="$list" -t "$suite" "$@" || die "could not install from $suite: $*"
}

# apt_suite SUITE: prints the path of an apt configuration, for APT_CONFIG, that has only SUITE (binary and source
# packages). Works without root for `download` and `source`. It copies the machine's entries and changes the suite, so
# no host is named here.
apt_suite() {
    mkdir -p "$cache/apt/$1/lists/partial" "$cache/apt/$1/archives/partial"
    (
        flock 7
        read_suite "$1" "$cache/apt/$1"
    ) 7>"$cache/apt/$1.lock"
}
read_suite() {
    local suite=$1 dir=$2
    "$top/ctests/lib/apt_entries.py" "$suite" >"$dir/sources.list.new" || return 1
    # As if this machine had no packages installed.
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
    # See debian_root in root.sh.
    [ "$suite" != sid ] || echo 'Acquire::Check-Valid-Until "false";' >>"$dir/apt.conf"
    # The lists are fetched when they are not there, when the entries changed, and once a day.
    if ! cmp -s "$dir/sources.list.new" "$dir/sources.list" ||
        [ -z "$(find "$dir/lists" -maxdepth 1 -name '*Packages*' -mtime -1 -print -quit)" ]; then
        mv "$dir/sources.list.new" "$dir/sources.list"
        # Old lists are better than none: the packages in them may be in the cache already.
        APT_CONFIG=$dir/apt.conf apt-get -q update >"$dir/update.log" 2>&1 </dev/null ||
            [ -n "$(find "$dir/lists" -maxdepth 1 -name '*Packages*' -print -quit)" ] ||
            { cat "$dir/update.log" >&2; return 1; }
    fi
    rm -f "$dir/sources.list.new"
    printf '%s\n' "$dir/apt.conf"
}

# need_qemu: installs a QEMU that emulates the NIC igb, which QEMU has since version 8. Debian 12 has such a QEMU only
# in its backports, and its own older one may be installed.
need_qemu() {
    ! has_igb || return 0
    (
        flock 8
        suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME-}")
        [ "$suite" = bookworm ] && suite=bookworm-backports || suite=''
        has_igb || install_from "$suite" qemu-system-x86
    ) 8>"$cache/apt.lock" || exit 1
    has_igb || die "the QEMU that is installed has no igb:" \
        "it must be 8.0 or newer (Debian 12: apt-get install -t bookworm-backports qemu-system-x86)"
}
# An older QEMU prints that it has no igb, but its status is 0.
has_igb() { qemu-system-x86_64 -M q35 -device igb,help 2>/dev/null | grep '^igb options' >/dev/null; }
