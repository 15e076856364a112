#!/usr/bin/env bash
# The content of the finished libraries: names, links, hardening, size, and that no panic is in them; TAP.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev binutils meson ninja-build pkg-config dpkg-dev python3-docutils

build_library
build=$(meson_build)
cargo_so=$target/release/libvirnetdevvf.so
so=$(realpath "$build/libvirnetdevvf.so.0")
archive=$build/libvirnetdevvf.a
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# same EXPECTED GOT
same() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }
# lacks PATTERN TEXT, has PATTERN TEXT
lacks() { ! grep -E "$1" <<<"$2"; }
has() { grep -qE "$1" <<<"$2"; }

exports=$(sed -n 's/^ *\(virNetDev[A-Za-z]*\);$/\1/p' src/link/libvirnetdevvf.map | LC_ALL=C sort)

# ld-linux is libc's other half: it has __tls_get_addr, by which a thread's memory is found. So was libdl before 2.34.
needed() { readelf -dW "$1" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -vE '^(ld-linux|libdl\.)' | LC_ALL=C sort; }
# The segments that are executable, with the sections in each.
executable() {
    readelf -lW "$1" | awk '/^  [A-Z_]+ +0x/ { flags[n++] = $1 == "LOAD" && / R?W?E +0x|R E/ } /^   [0-9][0-9] / && flags[$1 + 0]'
}
# made_right NAME LIBRARY NEEDED: what a shared library of ours must be.
made_right() {
    local name="elf: $1:" library=$2 dynamic callee
    dynamic=$(readelf -dW "$library")
    # nm shows a version behind an @.
    try "$name exports the names of the map, unversioned, and nothing else" \
        same "$exports" "$(nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort)"
    try "$name its SONAME is libvirnetdevvf.so.0" has 'SONAME.*\[libvirnetdevvf\.so\.0\]' "$dynamic"
    try "$name RELRO" has GNU_RELRO "$(readelf -lW "$library")"
    try "$name BIND_NOW" has 'BIND_NOW|Flags:.*NOW' "$dynamic"
    try "$name no executable stack" has 'GNU_STACK.* RW ' "$(readelf -lW "$library")"
    # Read-only data must not be executable: an attacker could jump to it.
    try "$name no data in an executable segment" lacks ' \.(rodata|eh_frame|dynstr)' "$(executable "$library")"
    try "$name its code is in one" has ' \.text' "$(executable "$library")"
    try "$name no text relocations" lacks 'TEXTREL' "$dynamic"
    try "$name not linked -Bsymbolic" lacks 'SYMBOLIC' "$dynamic"
    try "$name needs $(tr '\n' ' ' <<<"$3")alone" same "$3" "$(needed "$library")"
    # The table of interposable calls: an address that the dynamic linker fills in, by name (src/capi/interpose.rs).
    for callee in virNetDevSendVfSetLinkRequest virNetDevSetVfMac virNetDevSetVfVlan; do
        try "$name $callee is called through its dynamic symbol" has "$callee" \
            "$(readelf -rW "$library" | awk '{ print $3, $5 }' | grep -E '_(64|ABS64|32) ' || true)"
    done
}
made_right "cargo's .so" "$cargo_so" "libc.so.6
libgcc_s.so.1"
made_right "Meson's .so" "$so" "libc.so.6"

# Each of these can be seen: Meson's object, linked wrongly. WHAT IS WRONG | the link's options | the row that says so.
printf '__asm__(".text; .quad virNetDevSetVfMac");\n' >"$work/absolute.c"
printf 'int virNetDevMore(void);\nint virNetDevMore(void) { return 0; }\n' >"$work/more.c"
printf '{ global: virNetDevSet*; local: *; };\n' >"$work/fewer.map"
printf '{ global: virNetDev*; local: *; };\n' >"$work/more.map"
printf 'OURS_1 { global: virNetDev*; local: *; };\n' >"$work/versioned.map"
# shellcheck disable=SC2034  # the table names it
map=src/link/libvirnetdevvf.map
while IFS='|' read -r what options row; do
    what=${what% } row=${row# }
    # shellcheck disable=SC2086,SC2294  # options are words, some with a directory that is known here
    eval "gcc -shared -o '$work/wrong.so' '$build/virnetdevvf.o' -Wl,--gc-sections -Wl,-soname,libvirnetdevvf.so.0 \
        -Wl,-z,relro,-z,now,-z,noexecstack $options" 2>"$work/wrong.log" || { not_ok "elf: linked wrongly: $what" "$(cat "$work/wrong.log")"; continue; }
    wrong=$(made_right wrong "$work/wrong.so" "libc.so.6" | grep '^not ok' || true)
    if [[ $wrong == *"$row"* ]]; then ok "elf: linked wrongly: $what is seen"; else not_ok "elf: linked wrongly: $what is seen" "red are: $wrong"; fi
done <<'WRONG'
another SONAME | -Wl,--version-script=$map -Wl,-soname,libvirnetdevvf.so.1 | its SONAME
lazy binding | -Wl,--version-script=$map -Wl,-z,lazy | BIND_NOW
no RELRO | -Wl,--version-script=$map -Wl,-z,norelro | RELRO
an executable stack | -Wl,--version-script=$map -Wl,-z,execstack | no executable stack
data among code | -Wl,--version-script=$map -Wl,-z,noseparate-code | no data in an executable segment
a text relocation | -Wl,--version-script=$map -Wl,-z,notext -Wl,--no-gc-sections "$work/absolute.c" | no text relocations
-Bsymbolic | -Wl,--version-script=$map -Wl,-Bsymbolic | not linked -Bsymbolic
one library more | -Wl,--version-script=$map -Wl,--no-as-needed -lm | needs libc.so.6
one export more | -Wl,--version-script="$work/more.map" "$work/more.c" | exports the names of the map
an export less | -Wl,--version-script="$work/fewer.map" | exports the names of the map
exports with a version | -Wl,--version-script="$work/versioned.map" | exports the names of the map
WRONG

try "elf: the archive defines the names of the map and nothing else" \
    same "$exports" "$(nm --defined-only -g "$archive" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort)"
# A library that keeps shadow stacks (SHSTK) still keeps them when it is linked with the archive. It loses indirect
# branch tracking (IBT), because Rust's functions have no endbr64.
if [ "$(uname -m)" = x86_64 ]; then
    printf 'int virNetDevVfLastError(void);\nint caller(void);\nint caller(void) { return virNetDevVfLastError(); }\n' >"$work/caller.c"
    features() {
        gcc -shared -fPIC -fcf-protection -nostartfiles -o "$work/features.so" "$work/caller.c" "$@" && readelf -nW "$work/features.so" | sed -n 's/.*x86 feature: //p'
    }
    try "elf: SHSTK and IBT are there without the archive" same "IBT, SHSTK" "$(features)"
    try "elf: SHSTK stays where the archive is linked" same "SHSTK" "$(features -Wl,--gc-sections "$archive")"
    try "elf: ... and IBT is not set, because there is no endbr64" lacks endbr64 "$(objdump -d --no-show-raw-insn "$archive")"
fi
try "elf: the archive has no constructor" lacks 'init_array' "$(readelf -SW "$archive")"
try "elf: the archive refers only to libc, and weakly to libvirt and one name of glibc" lacks ' (U (_R|_ZN|_Unwind|__rust|rust_)| [wv] [^v])' \
    "$(nm -u "$archive" | grep -v ' w strerrordesc_np$')"

# The archive in something else: calls between the exports go by name in a .so, and not in an executable.
printf 'extern char virNetDevSetVfConfig;\nchar *const used = &virNetDevSetVfConfig;\n' >"$work/holder.c"
printf 'extern char *const used;\nint main(void) { return !used; }\n' >"$work/main.c"
linked_into() { gcc -fPIC -o "$work/holder" "$@" "$work/holder.c" "$archive" && readelf -rW "$work/holder"; }
try "elf: the archive in a .so: its calls can be interposed" has '_(64|ABS64|32) .*virNetDevSetVfMac' "$(linked_into -shared)"
try "elf: the archive in an executable: they cannot" lacks '_(64|ABS64|32) .*virNetDevSetVfMac' "$(linked_into "$work/main.c")"

# no_panic FILE: no function of core or std that panics; prints the caller if there is one.
no_panic() {
    local names
    names=$(nm -C "$1" 2>/dev/null | grep -E 'panick|rust_panic|begin_unwind|panic_(fmt|impl|handler|nounwind|bounds)|unwrap_failed|expect_failed' || true)
    [ -n "$names" ] || return 0
    printf 'panic machinery:\n%s\nbrought in by:\n' "$names"
    objdump -drC --no-show-raw-insn "$1" | awk '/^[0-9a-f]+ <.*>:$/ { sub(/^[0-9a-f]+ /, ""); from = $0 }
        /(call|jmp|R_[A-Z0-9_]+).*(panick|rust_panic|panic_|unwrap_failed|expect_failed)/ && from !~ /panic|^<(std|core)::/ { print "  " from, $NF }' | sort -u
    return 1
}
try "elf: Meson's .so has no panic in it" no_panic "$so"
try "elf: the archive has no panic in it" no_panic "$archive"
named() { has 'virnetdevvf.*rtnl.*exchange' "$(nm "$1")"; }
try "elf: ... and the names of both are in the file, so that nm would show them" named "$so"

# A panic in the code is found, with the function that has it.
mkdir -p "$work/tree"
cp -r Cargo.toml Cargo.lock build.rs cbindgen.toml include src "$work/tree"
sed -i 's/^pub extern "C" fn virNetDevVfLastError() -> \*const c_char {$/&\n    assert!(std::env::args_os().count() < 1000);/' "$work/tree/src/capi/mod.rs"
culprit() {
    ! cmp -s src/capi/mod.rs "$work/tree/src/capi/mod.rs" &&
        cargo rustc -q --manifest-path "$work/tree/Cargo.toml" --target-dir "$target/elf" --lib --release --locked --crate-type staticlib &&
        src/link/slim-object objcopy src/link/libvirnetdevvf.map "$target/elf/release/libvirnetdevvf.a" "$work/panics.o" gcc &&
        ! no_panic "$work/panics.o" >"$work/found" && grep 'virNetDevVfLastError' "$work/found"
}
try "elf: a panic that a change brings in is found, with the function that did" culprit

# LDFLAGS as some distributions have them.
symbolic() {
    LDFLAGS='-Wl,-Bsymbolic-functions -Wl,-Bsymbolic' meson setup -Dwerror=true "$work/symbolic" >/dev/null &&
        meson compile -C "$work/symbolic" >/dev/null &&
        has '_(64|ABS64|32) .*virNetDevSetVfMac' "$(readelf -rW "$work/symbolic/libvirnetdevvf.so.0")" &&
        lacks SYMBOLIC "$(readelf -dW "$work/symbolic/libvirnetdevvf.so.0")"
}
try "elf: -Bsymbolic in LDFLAGS has no effect" symbolic

# --- linkers before binutils 2.37, which have no -Bno-symbolic --------------------------------------

# By cargo: LINKER, RUSTFLAGS; by Meson: COMPILER, LDFLAGS. Rust brings an lld, which is not meant.
by_cargo() {
    RUSTFLAGS="-Clinker=$1 -Clink-arg=-fuse-ld=bfd ${2-}" cargo build --release --locked -q --target-dir "$target/old-linker" 2>"$work/log" || { cat "$work/log"; return 1; }
}
by_meson() {
    rm -rf "$work/old"
    CC=$1 LDFLAGS=${2-} meson setup -Dwerror=true "$work/old" >"$work/log" 2>&1 && meson test -C "$work/old" >>"$work/log" 2>&1 ||
        { tail -n 20 "$work/log"; return 1; }
}
# refused WORDS COMMAND...
refused() { ! "${@:2}" >"$work/said" 2>&1 && grep -F -e "$1" "$work/said"; }
old_linker() {
    try "elf: $1: cargo links" by_cargo "$2"
    try "elf: $1: cargo refuses -Bsymbolic, and says why" refused 'the linker knows no -Bno-symbolic' by_cargo "$2" '-Clink-arg=-Wl,-Bsymbolic'
    try "elf: $1: Meson links, and its tests pass" by_meson "$2"
    # Before the next one takes its place.
    [ ! -e "$work/old/libvirnetdevvf.so.0" ] || made_right "$1: Meson's .so" "$work/old/libvirnetdevvf.so.0" "libc.so.6"
    try "elf: $1: Meson refuses -Bsymbolic-functions, and says why" refused 'it knows no -Bno-symbolic: leave it out' by_meson "$2" '-Wl,-Bsymbolic-functions'
}
cat >"$work/cc-without" <<'CC'
#!/bin/sh
for argument; do
    case $argument in *-Bno-symbolic*) echo "ld: unrecognized option '-Bno-symbolic'" >&2; exit 1 ;; esac
done
exec gcc "$@"
CC
chmod +x "$work/cc-without"
old_linker "a linker without -Bno-symbolic" "$work/cc-without"

# Debian 11's binutils, 2.35.2, which is also RHEL 9's version: its tools and its libc, for it cannot read a newer one,
# with this machine's compiler.
binutils=$cache/binutils-2.35
unpack_binutils() {
    local config deb
    config=$(apt_suite bullseye) || return 1
    rm -rf "$binutils.new"
    mkdir -p "$binutils.new/debs"
    (cd "$binutils.new/debs" && APT_CONFIG=$config apt-get -q download binutils binutils-common \
        libbinutils libctf0 binutils-x86-64-linux-gnu libc6 libc6-dev linux-libc-dev libgcc-s1) || return 1
    for deb in "$binutils.new"/debs/*.deb; do dpkg-deb -x "$deb" "$binutils.new" || return 1; done
    rm -r "$binutils.new/debs"
    # Links to /lib are links to its own.
    find "$binutils.new" -type l -lname '/*' | while read -r link; do
        ln -sfn "$binutils$(readlink "$link")" "$link"
    done
    mkdir "$binutils.new/tools"
    for tool in ld.bfd:ld ld.bfd:ld.bfd objcopy:objcopy as:as; do
        # gcc looks for these by name, with -B; their libraries are theirs.
        printf '#!/bin/sh\nLD_LIBRARY_PATH=%q exec %q "$@"\n' "$binutils/usr/lib/x86_64-linux-gnu" \
            "$binutils/usr/bin/x86_64-linux-gnu-${tool%:*}" >"$binutils.new/tools/${tool#*:}"
    done
    chmod +x "$binutils.new"/tools/*
    printf '#!/bin/sh\nexec gcc -B%q --sysroot=%q -B%q -L%q -L%q "$@"\n' "$binutils/tools/" "$binutils" \
        "$binutils"{/usr/lib,/usr/lib,/lib}/x86_64-linux-gnu >"$binutils.new/tools/cc"
    chmod +x "$binutils.new/tools/cc"
    rm -rf "$binutils" && mv "$binutils.new" "$binutils"
}
if [ "$(uname -m)" != x86_64 ]; then
    skip "elf: binutils 2.35" "Debian 11's are taken for x86-64 only"
elif [ -x "$binutils/tools/cc" ] || unpack_binutils >"$work/log" 2>&1; then
    is_it() { grep -F ' 2.35.2' <<<"$("$binutils/tools/cc" -Wl,--version 2>/dev/null)"; }
    try "elf: binutils 2.35: its ld links" is_it
    PATH=$binutils/tools:$PATH old_linker "binutils 2.35" "$binutils/tools/cc"
else
    skip "elf: binutils 2.35" "the archive has no Debian 11 (bullseye): $(tail -n 1 "$work/log")"
fi

strip -o "$work/stripped.so" "$so"
size=$(stat -c %s "$work/stripped.so")
printf '# = the stripped .so has %s bytes\n' "$size"
try "elf: the stripped .so has at most 44 KiB" test "$size" -le 45056
