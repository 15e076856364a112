#!/usr/bin/env bash
# The release's tarball, of this commit: made twice; what it holds; TAP.
#
#   ctests/package/tarball.sh [--keep DIR]      DIR: the tarball goes there, too
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
. "$top/ctests/package/lib.sh"

try "tarball: meson dist makes it" dist dist
again() { dist again && cmp "$tarball" "$work/again/meson-dist/virnetdevvf-$version.tar.xz"; }
try "tarball: a second time it is the same" again
[ -f "$tarball" ] || die "there is no tarball"
holds() { [ -n "$(tar -tf "$tarball" "virnetdevvf-$version/$1" 2>/dev/null)" ]; }
for file in vendor/LICENSES .cargo/config.toml Cargo.lock packaging/debian/control packaging/virnetdevvf.spec; do
    try "tarball: has $file" holds "$file"
done
# NAME LICENCE of each crate: the tarball's, and debian/copyright's, which has Debian's names of licences.
licences() {
    diff <(tar -xOf "$tarball" "virnetdevvf-$version/vendor/LICENSES" | sed -E '1,2d; s/ +[^ ]+ +/ /
            s/\bMIT\b/Expat/g; s/ OR / or /g; s/ AND / and /g' | LC_ALL=C sort) \
        <(awk '/^Files: vendor\// { crate = $2; gsub(/^vendor\/|\/\*$/, "", crate) }
            /^License: / && crate { sub(/^License: /, ""); print crate, $0; crate = "" }' packaging/debian/copyright |
            LC_ALL=C sort)
}
try "tarball: debian/copyright names each crate in it" licences
keep "$tarball"
done_testing
