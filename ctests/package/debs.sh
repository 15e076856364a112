#!/usr/bin/env bash
# Builds Debian's packages of this commit in a Debian 12, for that and newer ones, and prints their directory.
#
#   ctests/package/debs.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
exec 3>&1 1>&2
lock=debian-12
. "$top/ctests/package/lib.sh"

step "building Debian's packages"
root_12
{ make_tarball && build_debian debian-12 /debs "$vendored"; } >"$work/log" 2>&1 ||
    { cat "$work/log"; die "the packages do not build"; }
mkdir "$work/debs"
cp "$base"/debian-12/debs/*.deb "$work/debs"
printf '%s\n' "$work/debs" >&3
