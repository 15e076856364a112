#!/usr/bin/env bash
# Debian's libvirt source made to use the library by `adopt`; TAP.
#
#   ctests/libvirt/suite.sh 9.0.0 | 11.3.0            the edits
#   ctests/libvirt/suite.sh 9.0.0 | 11.3.0 --size     and how much a static libvirt.so grows by the library
#   ctests/libvirt/suite.sh 9.0.0 | 11.3.0 --build    and libvirt's whole test suite: as shipped, static, shared
#
# Source and build trees are kept in the cache, and built again where the library or the source has changed.
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

# --- the edits ------------------------------------------------------------------------------------

# What adopt reads and writes, and what it must not change; all of libvirt is 20,000 files.
part() {
    mkdir "$2"
    (cd "$1" && cp -r --parents meson.build src/meson.build src/libvirt_private.syms src/util tests/virnetdev* \
        tests/meson.build "$2")
}
again() { grep 'nothing to change' <<<"$("$adopt" "$work/again" "$1")"; }
edited=src/util/virnetdev.c
# The definition has its name at the start of a line, the declaration has not.
reader_declared() {
    grep -qxF 'int virNetDevGetVfConfig(const char *ifname, int vf, virMacAddr *mac, int *vlanid);' "$1/$edited" &&
        ! grep '^virNetDevGetVfConfig(' "$1/$edited"
}
part "$base/shipped" "$work/shipped"
for way in static shared; do
    part "$base/shipped" "$work/$way"
    try "adopt --$way $version: edits libvirt $version" "$adopt" "$work/$way" --$way
    defined=$(grep -cE '^virNetDev(SendVfSetLinkRequest|SetVf(Mac|Vlan|Config))\(' "$work/$way/$edited" || true)
    try "adopt --$way $version: the four definitions are gone, the four stubs stay" test "$defined" = 4
    try "adopt --$way $version: virNetDevGetVfConfig() is declared, and defined no more" reader_declared "$work/$way"
    try "adopt --$way $version: libvirt's tests are as they were" diff -r "$work/shipped/tests" "$work/$way/tests"
    cp -r "$work/$way" "$work/again"
    try "adopt --$way $version: says so the second time" again --$way
    try "adopt --$way $version: the second time changes nothing" diff -r "$work/$way" "$work/again"
    rm -rf "$work/again"
done
# A tree that has no such reader, and one in which only the reader uses its helper.
part "$base/shipped" "$work/without"
sed -i 's/\bvirNetDevGetVfConfig\b/virNetDevGetVfSomething/' "$work/without/$edited"
readers() { grep 'virNetDevGetVf\(Something\|Config\)' "$work/without/$edited"; }
readers >"$work/readers.before"
try "adopt $version: edits a tree without virNetDevGetVfConfig()" "$adopt" "$work/without"
try "adopt $version: ... and leaves its readers alone" diff "$work/readers.before" <(readers)
part "$base/shipped" "$work/alone"
sed -i 's/return virNetDevParseVfInfo(tb, vf, NULL, NULL, stats);/return 0;/' "$work/alone/$edited"
no_helpers() { ! grep 'virNetDevParseVfInfo\|ifla_vf_policy' "$work/alone/$edited"; }
try "adopt $version: edits a tree whose helpers nothing else uses" "$adopt" "$work/alone"
try "adopt $version: ... and takes them out" no_helpers
# refuses NAME WHY TREE OPTION...: a refusal that leaves the tree as it was, and its reason.
refuses() {
    cp -r "$3" "$work/before"
    refusal() { ! "$adopt" "${@:2}" >"$work/said" 2>&1 && cat "$work/said" && grep -e "$1" "$work/said"; }
    try "adopt $version: refuses $1, and says why" refusal "${@:2}"
    try "adopt $version: ... $1 is untouched" diff -r "$work/before" "$3"
    rm -rf "$work/before"
}
refuses "a static tree for --shared" 'uses the library already, --static: .*; nothing was changed' \
    "$work/static" --shared
refuses "a shared tree for --static" 'uses the library already, --shared: .*; nothing was changed' \
    "$work/shared" --static
part "$base/shipped" "$work/older"
sed -i 's/^virNetDevSetVfVlan(/virNetDevSetSomething(/' "$work/older/$edited"
refuses "a tree that has not all four functions" 'does not define virNetDevSetVfVlan: .*; nothing was changed' \
    "$work/older" --static
mkdir "$work/other"
refuses "a tree that is not libvirt's" "is no libvirt source tree: it has no $edited; nothing was changed" \
    "$work/other" --shared
part "$base/shipped" "$work/mixed"
sed -i '1,9s/$/\r/' "$work/mixed/meson.build"
refuses "a file whose lines end in two ways" 'meson.build has lines that end in CRLF and .*; nothing was changed' \
    "$work/mixed" --shared
part "$base/shipped" "$work/default"
refuses "two trees" '^usage: adopt' "$work/default" "$work/other"
refuses "two ways" '^usage: adopt' "$work/default" --static --shared
refuses "an option that it does not know" '^usage: adopt' "$work/default" --nonesuch
adopts_shared() { "$adopt" "$work/default" && diff -r "$work/shared" "$work/default"; }
try "adopt $version: --shared is the default" adopts_shared

# Lines that end in CRLF stay so: all of a file's, or none.
edited_files=("$edited" meson.build src/meson.build src/libvirt_private.syms)
part "$base/shipped" "$work/crlf"
(cd "$work/crlf" && sed -i 's/$/\r/' "${edited_files[@]}")
try "adopt $version: edits files whose lines end in CRLF" "$adopt" "$work/crlf" --shared
for file in "${edited_files[@]}"; do
    try "adopt $version: CRLF: $file is the same but for them" \
        diff <(sed 's/$/\r/' "$work/shared/$file") "$work/crlf/$file"
done

# Files and directories that cannot be written, as somebody who is not root, for whom there are such.
as_nobody=()
if [ "$(id -u)" = 0 ]; then
    as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
    chmod 711 "$work"
    mkdir "$work/tools"
    cp "$adopt" "$work/tools"
    adopt=$work/tools/adopt
fi
belongs() { [ ${#as_nobody[@]} = 0 ] || chown -R 65534:65534 "$1"; }
part "$base/shipped" "$work/read-only"
read_only=$work/read-only/src/libvirt_private.syms
chmod 444 "$read_only"
belongs "$work/read-only"
try "adopt $version: replaces a read-only file" "${as_nobody[@]}" "$adopt" "$work/read-only" --shared
try "adopt $version: ... which is edited, and read-only" test "$(stat -c %a "$read_only")" = 444
try "adopt $version: ... as are the others, and there is nothing else" diff -r "$work/shared" "$work/read-only"
# The last of the files to be written: what came before it is not edited either.
part "$base/shipped" "$work/closed"
belongs "$work/closed"
chmod 555 "$work/closed/src"
part "$work/closed" "$work/closed.before"
adopt_closed() {
    ! "${as_nobody[@]}" "$adopt" "$work/closed" --shared >"$work/said" 2>&1 &&
        grep -E 'src/.*: .*; nothing was changed' "$work/said"
}
try "adopt $version: refuses a directory that cannot be written" adopt_closed
try "adopt $version: ... nothing is edited, nothing left behind" diff -r "$work/closed.before" "$work/closed"
chmod 755 "$work/closed/src"
# A file that can be written beside, and not replaced, for it is a mount point: those before it are put back.
part "$base/shipped" "$work/mounted"
mounted() {
    in_namespaces --mount sh -c 'mount --bind "$1" "$1" && "$2" "$3" --shared' sh \
        "$work/mounted/src/libvirt_private.syms" "$adopt" "$work/mounted" >"$work/said" 2>&1
}
adopt_mounted() { ! mounted && grep -E 'libvirt_private.syms: .*; nothing was changed' "$work/said"; }
try "adopt $version: refuses a file that cannot be replaced" adopt_mounted
try "adopt $version: ... those before it are as they were" diff -r "$work/shipped" "$work/mounted"
adopt=$top/packaging/libvirt/adopt

case ${2-} in
--size | --build) ;;
*) done_testing && exit ;;
esac

# --- libvirt's own suite --------------------------------------------------------------------------

# ccache: the three trees are the same but for a few files.
need gcc meson ninja-build pkg-config ccache libxml2-dev libxml2-utils libglib2.0-dev libgnutls28-dev libnl-3-dev \
    libnl-route-3-dev libjson-c-dev xsltproc python3-docutils libtirpc-dev rpcsvc-proto gettext
export CCACHE_DIR=$cache/ccache CCACHE_NOHASHDIR=1 CCACHE_COMPILERCHECK=content
# A copy of its own: further down, a mutant's archive takes the place of the library's.
prefix=$base/prefix
rm -rf "$prefix"
cp -rp "$(installed_library)" "$prefix"
sed -i "s#^prefix=.*#prefix=$prefix#" "$prefix/lib/pkgconfig/virnetdevvf.pc"
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig LD_LIBRARY_PATH=$prefix/lib
# What libvirt.so is linked from: Meson does not notice a change of a library that is not its own.
library=$(cksum "$prefix"/lib/libvirnetdevvf.a "$prefix"/lib/pkgconfig/virnetdevvf.pc "$adopt" | cksum)

# build WAY TARGET...: libvirt, or these parts of it, built in one way. Without the remote driver and libvirtd, 11.3.0
# does not link its own tests.
build() {
    local tree=$base/build-$1 built=$library
    [ "$1" = shipped ] || built=$(cat "$base/build-$1/library" 2>/dev/null) || true
    if [ ! -f "$tree/b/build.ninja" ] || [ "$built" != "$library" ]; then
        rm -rf "$tree"
        cp -r "$base/shipped" "$tree" || return 1
        [ "$1" = shipped ] || "$adopt" "$tree" "--$1" || return 1
        meson setup "$tree/b" "$tree" -Dauto_features=disabled -Ddriver_test=enabled -Ddriver_remote=enabled \
            -Ddriver_libvirtd=enabled -Dtests=enabled -Ddocs=disabled -Dlibnl=enabled \
            -Dexpensive_tests=disabled || return 1
        printf '%s\n' "$library" >"$tree/library"
    fi
    ninja -C "$tree/b" "${@:2}"
}

# The library makes libvirt.so larger by no more than this, and adds no name to it but the four.
growth_max=49152
IFS=. read -r major minor micro <<<"$version"
so=src/libvirt.so.0.$((major * 1000 + minor)).$micro
size() {
    strip --strip-unneeded -o "$work/stripped" "$base/build-$1/b/$so"
    wc -c <"$work/stripped"
}
exports() { nm -D --defined-only "$base/build-$1/b/$so" | awk '{ print $3 }' | LC_ALL=C sort; }
growth() {
    local shipped static name="libvirt $version static:" growth
    shipped=$(size shipped) static=$(size static) growth=$((static - shipped))
    printf '# = libvirt.so %s, stripped: %s bytes as shipped, %s with the library: %+d\n' \
        "$version" "$shipped" "$static" $growth
    try "$name libvirt.so grows by at most $growth_max bytes" test $growth -le $growth_max
    try "$name it exports what it did, and nothing of Rust's" diff <(exports shipped) <(exports static)
}
if [ "$2" = --size ]; then
    for way in shipped static; do
        try "libvirt $version $way: libvirt.so builds" build $way "$so"
    done
    growth
    done_testing
    exit
fi

# suite WAY: runs its tests, and prints a line for each: its name and result.
suite() {
    local tree=$base/build-$1 status=0
    # With what only tests need, which Meson 1.7 and later do not build before.
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
static=$base/build-static/b/src
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

# cases WAY: the result of each test of virnetdevtest, with the library that is found now. libvirt's errors, which are
# expected there, come between a test's name and its result.
cases() {
    (cd "$base/build-$1/b/tests" && VIR_TEST_VERBOSE=1 ./virnetdevtest 2>&1 || true) | python3 -c '
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

# With a row of the contract broken it must fail: shared, that is another .so; static, libvirt.so is linked anew.
relink() {
    rm -f "$static"/libvirt.so.0.[0-9]*[0-9] "$static/../tests/virnetdevtest"
    ninja -C "$static/.." >"$work/relink.log" 2>&1
}
for mutant in "an implicit clear tolerates nothing" "C2 left out" "any VLAN"; do
    "$top/ctests/mutants/mutants.py" --build "$mutant" "$work/broken"
    red=$(LD_LIBRARY_PATH=$work/broken cases shared | grep -c 'FAILED' || true)
    try "libvirt $version shared: virnetdevtest fails with '$mutant'" test "$red" -gt 0
done
# A run that ends in between must not leave a tree that passes for whole.
mv "$base/build-static/library" "$work/library"
mv "$prefix/lib/libvirnetdevvf.a" "$work/whole.a"
cp "$work/broken/libvirnetdevvf.a" "$prefix/lib/libvirnetdevvf.a"
relink || cat "$work/relink.log" >&2
red=$(cases static | grep -c 'FAILED' || true)
try "libvirt $version static: virnetdevtest fails with 'any VLAN'" test "$red" -gt 0
mv "$work/whole.a" "$prefix/lib/libvirnetdevvf.a"
if relink; then mv "$work/library" "$base/build-static/library"; else cat "$work/relink.log" >&2; fi
try "libvirt $version static: virnetdevtest passes again with the whole library" \
    diff "$work/shipped.cases" <(cases static)
done_testing
