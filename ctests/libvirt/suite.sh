#!/usr/bin/env bash
# Debian's libvirt source made to use the library by `adopt`; TAP.
#
#   ctests/libvirt/suite.sh 9.0.0 | 11.3.0            the edits
#   ctests/libvirt/suite.sh 9.0.0 | 11.3.0 --size     and how much larger a static libvirt.so becomes
#   ctests/libvirt/suite.sh 9.0.0 | 11.3.0 --build    and libvirt's whole test suite: as shipped, static, shared
#
# Source and build trees are kept in the cache, and built again if the library or the source has changed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

version=${1-}
case $version in
9.0.0 | 11.3.0) ;;
*) die "usage: suite 9.0.0 | 11.3.0 [--size | --build]" ;;
esac
need python3

adopt=$top/packaging/libvirt/adopt
base=$cache/libvirt/$version
mkdir -p "$base"
exec 9>"$base/lock"
flock 9
"$top/ctests/libvirt/source.sh" "$version" >/dev/null
[ -d "$base/shipped/debian" ] ||
    printf "# = libvirt %s: upstream's source, for Debian's patches could not be had\n" "$version"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

. "$top/ctests/libvirt/edits.sh"

case ${2-} in
--size | --build) ;;
*) done_testing && exit ;;
esac

# --- libvirt's own suite --------------------------------------------------------------------------

need gcc meson ninja-build pkg-config ccache libxml2-dev libxml2-utils libglib2.0-dev libgnutls28-dev libnl-3-dev \
    libnl-route-3-dev libjson-c-dev xsltproc python3-docutils libtirpc-dev rpcsvc-proto gettext
export CCACHE_DIR=$cache/ccache CCACHE_NOHASHDIR=1 CCACHE_COMPILERCHECK=content
# A copy: further down, a mutant's archive replaces the library's archive in it.
prefix=$base/prefix
rm -rf "$prefix"
cp -rp "$(installed_library)" "$prefix"
sed -i "s#^prefix=.*#prefix=$prefix#" "$prefix/lib/pkgconfig/virnetdevvf.pc"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
# The archive in libvirt.so: Meson does not notice a change of a library that it does not build.
library=$(cksum "$prefix"/lib/libvirnetdevvf.a "$prefix"/lib/pkgconfig/virnetdevvf.pc "$adopt" \
    "$base/shipped.version" | cksum)

# The three trees are built under the same path, because a configured tree contains its path. The trees with the library
# are copies of the tree as shipped, with adopt's edits: only the edited files are built again.
kept=$base/trees tree=$base/trees/now
mkdir -p "$kept"
# use WAY: moves the tree that is there to its own place, and the tree of WAY there, if it exists.
use() {
    [ ! -d "$tree" ] || mv "$tree" "$kept/$(cat "$tree/way")"
    [ ! -d "$kept/$1" ] || mv "$kept/$1" "$tree"
}
# build WAY TARGET...: libvirt, or these parts of it, built in one way. Without the remote driver and libvirtd, 11.3.0
# does not link its own tests.
build() {
    local made=$library from=$kept/shipped
    [ "$1" != shipped ] || made=$(cat "$base/shipped.version") from=$base/shipped
    use "$1"
    if [ "$(cat "$tree/made" 2>/dev/null)" != "$made" ]; then
        rm -rf "$tree" "$kept/new"
        cp -a "$from" "$kept/new" && rm -f "$kept/new"/{made,b/meson-logs/testlog*} || return 1
        [ "$1" = shipped ] || "$adopt" "$kept/new" "--$1" || return 1
        echo "$1" >"$kept/new/way" && mv "$kept/new" "$tree"
        [ "$1" != shipped ] ||
            meson setup "$tree/b" "$tree" -Dauto_features=disabled -Ddriver_test=enabled -Ddriver_remote=enabled \
                -Ddriver_libvirtd=enabled -Dtests=enabled -Ddocs=disabled -Dlibnl=enabled \
                -Dexpensive_tests=disabled || return 1
        printf '%s\n' "$made" >"$tree/made"
    fi
    ninja -C "$tree/b" "${@:2}" || return 1
    strip --strip-unneeded -o "$work/$1.so" "$tree/b/$so" &&
        nm -D --defined-only "$tree/b/$so" | awk '{ print $3 }' | LC_ALL=C sort >"$work/$1.exports"
}

# The library may make libvirt.so larger by this at most, and may add only the four names to it.
growth_max=49152
IFS=. read -r major minor micro <<<"$version"
so=src/libvirt.so.0.$((major * 1000 + minor)).$micro
growth() {
    local shipped static name="libvirt $version static:" growth
    shipped=$(stat -c %s "$work/shipped.so") static=$(stat -c %s "$work/static.so") growth=$((static - shipped))
    printf '# = libvirt.so %s, stripped: %s bytes as shipped, %s with the library: %+d\n' \
        "$version" "$shipped" "$static" $growth
    try "$name libvirt.so grows by at most $growth_max bytes" test $growth -le $growth_max
    try "$name it exports what it did, and nothing of Rust's" diff "$work/shipped.exports" "$work/static.exports"
}
if [ "$2" = --size ]; then
    for way in shipped static; do
        try "libvirt $version $way: libvirt.so builds" build $way "$so"
    done
    growth
    done_testing
    exit
fi

# suite WAY: runs its tests, and prints the name and the result of each.
suite() {
    local status=0
    use "$1"
    # Builds what only the tests need, which Meson 1.7 and later do not build by default.
    meson test -C "$tree/b" >&2 || status=$?
    python3 -c '
import json, sys
for line in open(sys.argv[1]):
    result = json.loads(line)
    print(result["name"], result["result"])' "$tree/b/meson-logs/testlog.json" | LC_ALL=C sort
    return $status
}
suite_into() { suite "$1" >"$2"; }
for way in shipped static shared; do
    step "libvirt $version, $way" >&2
    try "libvirt $version $way: builds" build $way
    try "libvirt $version $way: its suite passes" suite_into $way "$work/$way.results"
    printf '# = libvirt %s %s: %s\n' "$version" "$way" \
        "$(awk '{ n[$NF]++ } END { for (r in n) printf "%s %s  ", n[r], r }' "$work/$way.results")"
done
growth
for way in static shared; do
    results=$work/$way.results
    try "libvirt $version $way: same programs, same results as shipped" diff "$work/shipped.results" "$results"
    try "libvirt $version $way: virnetdevtest and check-symfile are among them" \
        test "$(grep -cE '(virnetdevtest|check-symfile) OK$' "$results")" = 2
done
use static
static=$tree/b/src
names=$(nm -D "$static/libvirt.so.0")
try "libvirt $version static: the functions come out as libvirt's own" \
    test "$(grep -cE ' T virNetDevS(endVfSetLinkRequest|etVf(Mac|Vlan|Config))@@LIBVIRT_PRIVATE_' <<<"$names")" = 4

# The static library is inside libvirt.so, as libvirt's reporter is.
message='cannot set the VLAN of VF 5 of eth7 to 4096 (a VLAN is 0 to 4095; '
message+='correct the program or the configuration that asks for it): Numerical result out of range'
compile "$work/inside" -DLINKED -DINSIDE "$top/ctests/reporting/reporter.c" "$static/libvirt.so.0"
inside() { LD_LIBRARY_PATH=$static "$work/inside" "$1" 2>/dev/null; }
for state in init fresh; do
    try "libvirt $version static: $state: its last error is ours, and stays" diff \
        <(printf '38 %s\n38 %s\n' "$message" "$message") <(inside $state)
done

# --- virnetdevtest, test by test ------------------------------------------------------------------

# cases WAY: the result of each test of virnetdevtest, with the current library. libvirt prints expected errors between
# a test's name and its result.
cases() {
    use "$1"
    (cd "$tree/b/tests" && VIR_TEST_VERBOSE=1 ./virnetdevtest 2>&1 || true) | python3 -c '
import re, sys
for number, name, result in re.findall(r"^ *([0-9]+)\) (.*?) +\.\.\. .*?(OK|FAILED)$", sys.stdin.read(), re.M | re.S):
    print(number, name, result)'
}
cases shipped >"$work/shipped.cases"
count=$(wc -l <"$work/shipped.cases")
printf '# = libvirt %s: virnetdevtest has %s tests\n' "$version" "$count"
passed=$(grep -c 'OK$' "$work/shipped.cases" || true)
try "libvirt $version: virnetdevtest has tests, and passes as shipped" test "$count" -gt 5 -a "$passed" = "$count"
for way in static shared; do
    try "libvirt $version $way: virnetdevtest, each of its $count tests" diff "$work/shipped.cases" <(cases $way)
done

# With a broken row of the contract it must fail: shared, with another .so; static, libvirt.so is linked again.
relink() {
    rm -f "$static"/libvirt.so.0.[0-9]*[0-9] "$static/../tests/virnetdevtest"
    ninja -C "$static/.." >"$work/relink.log" 2>&1
}
for mutant in "an implicit clear tolerates nothing" "C2 left out" "any VLAN"; do
    "$top/ctests/mutants/mutants.py" --build "$mutant" "$work/broken"
    red=$(LD_LIBRARY_PATH=$work/broken cases shared | grep -c 'FAILED' || true)
    try "libvirt $version shared: virnetdevtest fails with '$mutant'" test "$red" -gt 0
done
# If a run ends here, its tree must not be taken for complete.
use static
mv "$tree/made" "$work/made"
mv "$prefix/lib/libvirnetdevvf.a" "$work/whole.a"
cp "$work/broken/libvirnetdevvf.a" "$prefix/lib/libvirnetdevvf.a"
relink || cat "$work/relink.log" >&2
red=$(cases static | grep -c 'FAILED' || true)
try "libvirt $version static: virnetdevtest fails with 'any VLAN'" test "$red" -gt 0
mv "$work/whole.a" "$prefix/lib/libvirnetdevvf.a"
if relink; then mv "$work/made" "$tree/made"; else cat "$work/relink.log" >&2; fi
try "libvirt $version static: virnetdevtest passes again with the whole library" \
    diff "$work/shipped.cases" <(cases static)
done_testing
