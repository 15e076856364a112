#!/usr/bin/env bash
# Debian's libvirt source, unpacked in the cache; prints the directory.
#
#   ctests/libvirt/source.sh 9.0.0 | 11.3.0
#
# The versions stand for the suites bookworm and bookworm-backports, each with its current version.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

version=${1-}
case $version in
9.0.0) suite=bookworm ;;
11.3.0) suite=bookworm-backports ;;
*) die "usage: source 9.0.0 | 11.3.0" ;;
esac
need dpkg-dev xz-utils >&2
base=$cache/libvirt/$version
mkdir -p "$base"
exec 9>"$base/source.lock"
flock 9
APT_CONFIG=$(apt_suite "$suite") || die "cannot read the archive's suite $suite"
export APT_CONFIG
current=$(apt-cache showsrc --only-source libvirt | sed -n 's/^Version: //p' | sort -V | tail -n 1)
# If this fails, the trees in the cache are kept.
[ -n "$current" ] || die "the suite $suite has no source of libvirt"
if [ "$(cat "$base/shipped.version" 2>/dev/null)" != "$current" ]; then
    rm -rf "$base"/{shipped,unpacked,trees,build-*,shipped.version}
    # If a mirror ends a download early, try again and keep what was received.
    for attempt in 1 2; do
        ! (cd "$base" && apt-get -q source --download-only "libvirt=$current" >log 2>&1) || break
        step "apt-get source, attempt $attempt: $(grep -m 1 ' Failed to fetch' "$base/log")" >&2
    done
    upstream=${current#*:}
    upstream=$base/libvirt_${upstream%-*}.orig.tar.xz
    if [ -f "$base/libvirt_${current#*:}.dsc" ]; then
        dpkg-source --no-check -x "$base/libvirt_${current#*:}.dsc" "$base/unpacked" >>"$base/log" 2>&1
    elif [ -f "$upstream" ]; then
        # Some mirrors of the backports do not have the small files. Debian's patches are not needed here.
        mkdir "$base/unpacked" && tar -xf "$upstream" -C "$base/unpacked" --strip-components=1
    fi || rm -rf "$base/unpacked"
    mv "$base/unpacked" "$base/shipped" || { cat "$base/log" >&2; die "cannot get libvirt's source"; }
    printf '%s\n' "$current" >"$base/shipped.version"
fi
printf '%s\n' "$base/shipped"
