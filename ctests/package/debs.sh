#!/usr/bin/env bash
# Debian's packages of this commit, built as ctests/package/package.sh builds them; prints the directory they are in.
#
#   ctests/package/debs.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
exec 3>&1 1>&2
. "$top/ctests/package/lib.sh"

step "building Debian's packages"
{ make_tarball && build_debian /first; } >"$work/log" 2>&1 || { cat "$work/log"; die "the packages do not build"; }
mkdir "$work/debs"
cp "$base"/build/first/*.deb "$work/debs"
printf '%s\n' "$work/debs" >&3
