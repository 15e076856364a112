# shellcheck shell=bash
# What adopt edits in libvirt's source, and which trees it refuses. Read by suite.sh.

# What adopt reads and writes, and what it must not change; all of libvirt is 20,000 files.
part() {
    mkdir "$2"
    (cd "$1" && cp -r --parents meson.build src/meson.build src/libvirt_private.syms src/util tests/virnetdev* \
        tests/meson.build "$2")
}
again() { grep 'nothing to change' <<<"$("$adopt" "$work/again" "$1")"; }
edited=src/util/virnetdev.c
# The definition has its name at the start of a line, the declaration does not.
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
# refuses NAME WHY TREE OPTION...: a refusal that leaves the tree as it was, and its whole reason, or the usage.
refuses() {
    cp -r "$3" "$work/before"
    refusal() {
        ! "$adopt" "${@:2}" >"$work/said" 2>&1 || { echo "it was not refused"; return 1; }
        [ "$1" = usage ] || { diff <(printf 'adopt: %s; nothing was changed\n' "$1") "$work/said"; return; }
        grep '^usage: adopt' "$work/said"
    }
    try "adopt $version: refuses $1, and says why" refusal "${@:2}"
    try "adopt $version: ... $1 is untouched" diff -r "$work/before" "$3"
    rm -rf "$work/before"
}
refuses "a static tree for --shared" "$work/static uses the library already, --static: unpack it anew for --shared" \
    "$work/static" --shared
refuses "a shared tree for --static" "$work/shared uses the library already, --shared: unpack it anew for --static" \
    "$work/shared" --static
part "$base/shipped" "$work/older"
sed -i 's/^virNetDevSetVfVlan(/virNetDevSetSomething(/' "$work/older/$edited"
refuses "a tree that has not all four functions" \
    "$edited does not define virNetDevSetVfVlan: this takes libvirt 8.1 or newer" \
    "$work/older" --static
mkdir "$work/other"
refuses "a tree that is not libvirt's" "$work/other is no libvirt source tree: it has no $edited" "$work/other" --shared
part "$base/shipped" "$work/moved"
sed -i 's/libnl_dep = declare_dependency/libnl_dep = another/' "$work/moved/meson.build"
refuses "a tree in which a part is elsewhere" "meson.build: libnl_dep is not where it is in libvirt 8.1 to 11.3" \
    "$work/moved" --shared
part "$base/shipped" "$work/moved-lib"
sed -i 's/\blibvirt_lib = /libvirt_another = /' "$work/moved-lib/src/meson.build"
refuses "a tree in which the static library goes elsewhere" \
    "src/meson.build: libvirt_lib is not where it is in libvirt 8.1 to 11.3" "$work/moved-lib" --static
part "$base/shipped" "$work/unclosed"
sed -i '/^virNetDevSetVfVlan(/,$s/^}.*//' "$work/unclosed/$edited"
refuses "a tree whose source is cut" "$edited: a bracket is never closed" "$work/unclosed" --static
part "$base/shipped" "$work/default"
refuses "two trees" usage "$work/default" "$work/other"
refuses "two ways" usage "$work/default" --static --shared
refuses "an option that it does not know" usage "$work/default" --nonesuch
adopts_shared() { "$adopt" "$work/default" && diff -r "$work/shared" "$work/default"; }
try "adopt $version: --shared is the default" adopts_shared

# Files and directories that an ordinary user cannot write.
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
# If the last file cannot be written, the files before it are not edited either.
part "$base/shipped" "$work/closed"
belongs "$work/closed"
chmod 555 "$work/closed/src"
part "$work/closed" "$work/closed.before"
adopt_closed() {
    ! "${as_nobody[@]}" "$adopt" "$work/closed" --shared >"$work/said" 2>&1 &&
        grep -E 'src/[^:]*: Permission denied; nothing was changed' "$work/said"
}
try "adopt $version: refuses a directory that cannot be written" adopt_closed
try "adopt $version: ... nothing is edited, nothing left behind" diff -r "$work/closed.before" "$work/closed"
chmod 755 "$work/closed/src"
# A mount point cannot be replaced, although a file can be written beside it: the files before it are restored.
part "$base/shipped" "$work/mounted"
mounted() {
    in_namespaces --mount sh -c 'mount --bind "$1" "$1" && "$2" "$3" --shared' sh \
        "$work/mounted/src/libvirt_private.syms" "$adopt" "$work/mounted" >"$work/said" 2>&1
}
adopt_mounted() {
    ! mounted && grep -E 'libvirt_private.syms: Device or resource busy; nothing was changed' "$work/said"
}
try "adopt $version: refuses a file that cannot be replaced" adopt_mounted
try "adopt $version: ... those before it are as they were" diff -r "$work/shipped" "$work/mounted"
adopt=$top/packaging/libvirt/adopt
