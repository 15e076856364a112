#!/usr/bin/env bash
# Builds on Debian 12 what docs/operator.md installs by hand, with the commands of that page. Prints the directory with
# tree.tar, to be unpacked over a host's root, and files, the names of the files that `ninja uninstall` has removed.
#
#   ctests/host/by_hand.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
exec 3>&1 1>&2
lock=debian-12
. "$top/ctests/package/lib.sh"
root_12

commands=$(cd "$top/ctests/host" && python3 -c '
import pathlib, sys
from operator_page import commands
print(commands(pathlib.Path(sys.argv[1]), "By hand")[0])' "$top/docs/operator.md" | grep '^meson ')
# Meson installs into DESTDIR if that is set.
{ dist dist && in_root debian-12 "rm -rf /by-hand && mkdir /by-hand" && cp "$tarball" "$base/debian-12/by-hand" &&
    in_root debian-12 "cd /by-hand; tar -xf virnetdevvf-$version.tar.xz; cd virnetdevvf-$version
        export DESTDIR=/by-hand/tree
        $commands
        tar -C /by-hand/tree --owner=0 --group=0 -cf /by-hand/tree.tar .
        there() { find /by-hand/tree ! -type d -printf '/%P\n' | LC_ALL=C sort; }
        there >/by-hand/before
        ninja -C build uninstall
        there | comm -23 /by-hand/before - >/by-hand/files"; } >"$work/log" 2>&1 ||
    { tail -n 40 "$work/log"; die "it does not build"; }
printf '%s\n' "$base/debian-12/by-hand" >&3
