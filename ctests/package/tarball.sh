#!/usr/bin/env bash
# Makes the release's tarball of this commit twice, and tests what it contains; TAP.
#
#   ctests/package/tarball.sh [--keep DIR]      also copies the tarball to DIR
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
. "$top/ctests/package/lib.sh"

try "tarball: meson dist makes it" dist dist
again() { dist again && cmp "$tarball" "$work/again/meson-dist/virnetdevvf-$version.tar.xz"; }
try "tarball: made again, it is the same" again
[ -f "$tarball" ] || die "there is no tarball"
holds() { [ -n "$(tar -tf "$tarball" "virnetdevvf-$version/$1" 2>/dev/null)" ]; }
for file in vendor/LICENSES .cargo/config.toml Cargo.lock packaging/debian/control packaging/virnetdevvf.spec; do
    try "tarball: has $file" holds "$file"
done
# Compares NAME LICENCE of each crate in the tarball with debian/copyright, which uses Debian's names of licences.
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
