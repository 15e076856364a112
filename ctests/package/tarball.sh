#!/usr/bin/env bash
# The release's tarball, of this commit: made twice; what it holds; TAP.
#
#   ctests/package/tarball.sh [--keep DIR]      DIR: the tarball goes there, too
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
keep=''
[ "${1-}" != --keep ] || keep=$(realpath -m "${2:?a directory}")
. "$top/ctests/package/lib.sh"

try "tarball: meson dist makes it" dist dist
same() { dist again && cmp "$tarball" "$work/again/meson-dist/virnetdevvf-$version.tar.xz"; }
try "tarball: a second time it is the same" same
[ -f "$tarball" ] || die "there is no tarball"
holds() { [ -n "$(tar -tf "$tarball" "virnetdevvf-$version/$1" 2>/dev/null)" ]; }
for file in vendor/LICENSES .cargo/config.toml Cargo.lock packaging/debian/control packaging/virnetdevvf.spec; do
    try "tarball: has $file" holds "$file"
done
licences() {
    local crates written
    crates=$(tar -xOf "$tarball" "virnetdevvf-$version/vendor/LICENSES" |
        awk 'NR > 2 { sub(/ *$/, ""); print $1 "/*" }' | LC_ALL=C sort)
    written=$(sed -n 's#^Files: vendor/##p' packaging/debian/copyright | LC_ALL=C sort)
    diff <(printf '%s\n' "$crates") <(printf '%s\n' "$written")
}
try "tarball: debian/copyright names each crate in it" licences

if [ -n "$keep" ]; then
    mkdir -p "$keep"
    cp "$tarball" "$keep"
fi
