#!/usr/bin/env bash
# Tests the finished libraries: names, links, hardening, size, and that no code in them can panic; TAP.
# ctests/matrix/matrix.sh tests those of other linkers and compilers.
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
. ctests/binary/checks.sh

made_right "elf: cargo's .so" "$cargo_so" "libc.so.6
libgcc_s.so.1"
made_right "elf: Meson's .so" "$so" "libc.so.6"

# Links Meson's object wrongly: one row above must turn red. WHAT IS WRONG | the linker's options | that row.
printf '__asm__(".text; .quad virNetDevSetVfMac");\n' >"$work/absolute.c"
printf 'int virNetDevMore(void);\nint virNetDevMore(void) { return 0; }\n' >"$work/more.c"
printf '{ global: virNetDevSet*; local: *; };\n' >"$work/fewer.map"
printf '{ global: virNetDev*; local: *; };\n' >"$work/more.map"
printf 'OURS_1 { global: virNetDev*; local: *; };\n' >"$work/versioned.map"
# shellcheck disable=SC2034  # the table names it
map=src/link/libvirnetdevvf.map
while IFS='|' read -r what options row; do
    what=${what% } row=${row# }
    # shellcheck disable=SC2086,SC2294  # options are words; eval expands the variables in them
    eval "gcc -shared -o '$work/wrong.so' '$build/virnetdevvf.o' -Wl,--gc-sections -Wl,-soname,libvirnetdevvf.so.0 \
        -Wl,-z,relro,-z,now,-z,noexecstack $options" 2>"$work/wrong.log" ||
        { not_ok "elf: linked wrongly: $what" "$(cat "$work/wrong.log")"; continue; }
    wrong=$(tap_count=/dev/null made_right wrong "$work/wrong.so" "libc.so.6" | grep '^not ok' || true)
    try "elf: linked wrongly: $what is seen" has "$row" "$wrong"
done <<'WRONG'
another SONAME | -Wl,--version-script=$map -Wl,-soname,libvirnetdevvf.so.1 | its SONAME
lazy binding | -Wl,--version-script=$map -Wl,-z,lazy | BIND_NOW
no RELRO | -Wl,--version-script=$map -Wl,-z,norelro | RELRO
an executable stack | -Wl,--version-script=$map -Wl,-z,execstack | no executable stack
data among code | -Wl,--version-script=$map -Wl,-z,noseparate-code | no data in an executable segment
a text relocation | -Wl,--version-script=$map -Wl,-z,notext,--no-gc-sections "$work/absolute.c" | no text relocations
-Bsymbolic | -Wl,--version-script=$map -Wl,-Bsymbolic | not linked -Bsymbolic
one more library | -Wl,--version-script=$map -Wl,--no-as-needed -lm | needs only libc.so.6
one more export | -Wl,--version-script="$work/more.map" "$work/more.c" | exports the names of the map
a missing export | -Wl,--version-script="$work/fewer.map" | exports the names of the map
exports with a version | -Wl,--version-script="$work/versioned.map" | exports the names of the map
WRONG

try "elf: the archive defines the names of the map and nothing else" \
    same "$exports" "$(nm --defined-only -g "$archive" | awk 'NF == 3 { print $3 }' | LC_ALL=C sort)"
# A library that keeps shadow stacks (SHSTK) still keeps them when it is linked with the archive. It loses indirect
# branch tracking (IBT), because Rust's functions have no endbr64.
if [ "$(uname -m)" = x86_64 ]; then
    printf '%s\n' 'int virNetDevVfLastError(void);' 'int caller(void);' \
        'int caller(void) { return virNetDevVfLastError(); }' >"$work/caller.c"
    features() {
        gcc -shared -fPIC -fcf-protection -nostartfiles -o "$work/features.so" "$work/caller.c" "$@" &&
            readelf -nW "$work/features.so" | sed -n 's/.*x86 feature: //p'
    }
    try "elf: SHSTK and IBT are there without the archive" same "IBT, SHSTK" "$(features)"
    try "elf: SHSTK stays where the archive is linked" same "SHSTK" "$(features -Wl,--gc-sections "$archive")"
    try "elf: ... and IBT is not set, because there is no endbr64" \
        lacks endbr64 "$(objdump -d --no-show-raw-insn "$archive")"
fi
try "elf: the archive has no constructor" lacks 'init_array' "$(readelf -SW "$archive")"
try "elf: the archive refers only to libc, and weakly to libvirt and one name of glibc" \
    lacks ' (U (_R|_ZN|_Unwind|__rust|rust_)| [wv] [^v])' \
    "$(nm -u "$archive" | grep -v ' w strerrordesc_np$')"

# The archive in a .so: its calls between the exports can be interposed. In an executable they cannot.
printf 'extern char virNetDevSetVfConfig;\nchar *const used = &virNetDevSetVfConfig;\n' >"$work/holder.c"
printf 'extern char *const used;\nint main(void) { return !used; }\n' >"$work/main.c"
linked_into() { gcc -fPIC -o "$work/holder" "$@" "$work/holder.c" "$archive" && readelf -rW "$work/holder"; }
try "elf: the archive in a .so: its calls can be interposed" \
    has '_(64|ABS64|32) .*virNetDevSetVfMac' "$(linked_into -shared)"
try "elf: the archive in an executable: its calls cannot be interposed" \
    lacks '_(64|ABS64|32) .*virNetDevSetVfMac' "$(linked_into "$work/main.c")"

try "elf: Meson's .so has no panic in it" no_panic "$so"
try "elf: the archive has no panic in it" no_panic "$archive"
named() { has 'virnetdevvf.*rtnl.*exchange' "$(nm "$1")"; }
try "elf: ... and nm would show it: the .so has the names of its functions" named "$so"

# Adds a panic to the code: no_panic must find it and print the function that has it.
mkdir -p "$work/tree"
cp -r Cargo.toml Cargo.lock build.rs cbindgen.toml include src "$work/tree"
line='pub extern "C" fn virNetDevVfLastError() -> \*const c_char {'
sed -i "s/^$line$/&\n    assert!(std::env::args_os().count() < 1000);/" "$work/tree/src/capi/last_error.rs"
culprit() {
    ! cmp -s src/capi/last_error.rs "$work/tree/src/capi/last_error.rs" &&
        cargo rustc -q --manifest-path "$work/tree/Cargo.toml" --target-dir "$target/elf" --lib --release --locked \
            --crate-type staticlib &&
        src/link/slim-object objcopy src/link/libvirnetdevvf.map "$target/elf/release/libvirnetdevvf.a" \
            "$work/panics.o" gcc &&
        ! no_panic "$work/panics.o" >"$work/found" && grep 'virNetDevVfLastError' "$work/found"
}
try "elf: a panic that is added to the code is found, with its caller" culprit

# Some distributions set these LDFLAGS and RUSTFLAGS.
interposable() {
    has '_(64|ABS64|32) .*virNetDevSetVfMac' "$(readelf -rW "$1")" && lacks SYMBOLIC "$(readelf -dW "$1")"
}
symbolic() {
    LDFLAGS='-Wl,-Bsymbolic-functions -Wl,-Bsymbolic' meson setup -Dwerror=true "$work/symbolic" >/dev/null &&
        meson compile -C "$work/symbolic" >/dev/null && interposable "$work/symbolic/libvirnetdevvf.so.0"
}
try "elf: -Bsymbolic in LDFLAGS has no effect" symbolic
symbolic_by_cargo() {
    RUSTFLAGS='-Clink-args=-Wl,-Bsymbolic-functions -Clink-arg=-Wl,-Bsymbolic' \
        cargo build --locked -q --target-dir "$target/symbolic" &&
        interposable "$target/symbolic/debug/libvirnetdevvf.so"
}
try "elf: -Bsymbolic in RUSTFLAGS has no effect" symbolic_by_cargo
refused_symbolic() {
    ! CC=$top/ctests/matrix/cc.sh LDFLAGS=-Wl,-Bsymbolic-functions meson setup "$work/old" >"$work/said" 2>&1 &&
        grep -F 'the linker does not know -Bno-symbolic' "$work/said"
}
try "elf: Meson refuses -Bsymbolic-functions where the linker cannot reset it, and says why" refused_symbolic

strip -o "$work/stripped.so" "$so"
size=$(stat -c %s "$work/stripped.so")
printf '# = the stripped .so has %s bytes\n' "$size"
try "elf: the stripped .so has at most 56 KiB" test "$size" -le 57344

# libvirt exports the same names: the dynamic linker uses the first definition in its order.
ln -sf "$so" "$work/libvirnetdevvf.so.0"
ln -sf "$so" "$work/libvirnetdevvf.so"
gcc "${strict[@]}" -DSTAND_IN -shared -fPIC -o "$work/libstandin.so" ctests/binary/order.c
# order NAME ANSWERS ARGUMENT... -- LIBRARY...: links order.c with these libraries, in this order, and runs it.
order() {
    local name=$1 answers=$2 arguments=()
    shift 2
    while [ "$1" != -- ]; do arguments+=("$1") && shift; done
    shift
    compile "$work/order" ctests/binary/order.c -L"$work" -Wl,--no-as-needed "$@" -Wl,-rpath,"$work"
    try "elf: $name: $answers answers" prints "$answers" "$work/order" ${arguments[@]+"${arguments[@]}"}
}
order "linked before libvirt" library -- -lvirnetdevvf -lstandin
order "linked after libvirt" libvirt -- -lstandin -lvirnetdevvf
order "loaded beside libvirt" libvirt "$so" -- -lstandin
order "loaded beside libvirt with RTLD_DEEPBIND" library "$so" deepbind -- -lstandin
done_testing
