#!/usr/bin/env bash
# Builds, tests and installs with Meson, and uses the library in other projects; TAP. With CMake, or with a compiler and
# pkg-config: packaging/debian/tests. From a release only: ctests/consumer/consumer.sh. With other linkers and
# compilers: ctests/matrix/matrix.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
need gcc libc6-dev binutils meson ninja-build pkg-config python3 python3-docutils lld gcc-multilib

build=$target/meson/build work=$target/meson/work
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
rm -rf "$build" "$work"
mkdir -p "$work"
before=$(git status --porcelain --ignored | grep -v '^!! target/' || true)

setup() { [ -f "$build/build.ninja" ] || meson setup -Dwerror=true "$build"; }
try "meson: setup" setup
try "meson: compile" meson compile -C "$build"
try "meson: its own tests" meson test -C "$build"
prefix=$work/prefix
install_to_prefix() {
    meson configure "$build" --prefix "$prefix" --libdir lib && meson install -C "$build"
}
try "meson: install" install_to_prefix
compare() { diff <(printf '%s\n' "$1") <(printf '%s\n' "$2"); }
# The files of the packages, without those that only a distribution adds.
files() {
    sed "/\/doc\/\|\/systemd\/\|^\/etc\//d; s#^/usr/##; s/MULTIARCH.//; s/VERSION/$version/; s/\.gz$//" \
        ctests/package/files.txt | LC_ALL=C sort
}
try "meson: installs these files and no others" \
    compare "$(files)" "$(cd "$prefix" && find . ! -type d | sed 's#^\./##' | LC_ALL=C sort)"
try "meson: a second compile has nothing to do" grep 'no work to do' <(meson compile -C "$build")
touched() {
    local todo
    touch -r src/lib.rs "$work/time"
    touch src/lib.rs
    todo=$(ninja -C "$build" -n -v)
    # Restores the time: suites that run at the same time build from this file, too.
    touch -r "$work/time" src/lib.rs
    grep cargo-archive <<<"$todo"
}
try "meson: a changed source is noticed" touched

# --- other projects -------------------------------------------------------------------------------

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
# A fully static program cannot load a library with dlopen. glibc's linker warning about that is expected.
static_whole() {
    gcc -Iinclude ctests/consumer/consumer.c -o "$work/whole" -static "$prefix/lib/libvirnetdevvf.a" && "$work/whole"
}
try "consumer: fully static" static_whole

# consumer_project NAME OPTIONS...: builds and tests a copy of the sample Meson project, with this tree as subproject.
consumer_project() {
    local dir=$work/$1
    cp -r ctests/consumer "$dir"
    ln -s "$top" "$dir/subprojects/$(sed -n 's/^directory = //p' "$dir/subprojects/virnetdevvf.wrap")"
    meson setup "$dir/build" "$dir" "${@:2}" && meson test -C "$dir/build"
}
# pkg-config finds the library. The package's autopkgtest `examples` links the archive.
LD_LIBRARY_PATH=$prefix/lib \
    try "consumer: a Meson project, library installed" consumer_project installed --wrap-mode=nofallback
on_soname() { readelf -dW "$work/installed/build/consumer" | grep -F 'NEEDED' | grep -F '[libvirnetdevvf.so.0]'; }
try "consumer: it depends on the SONAME" on_soname
try "consumer: a Meson project, library as its subproject" consumer_project subproject --wrap-mode=forcefallback

# --- what cannot be built -------------------------------------------------------------------------

# refused NAME WORDS OPTIONS...: meson setup fails and prints WORDS.
refused() { try "meson: refused when it is set up: $1" refused_with "${@:2}"; }
refused_with() {
    rm -rf "$work/refused"
    ! meson setup "$work/refused" "${@:2}" >"$work/log" 2>&1 || { echo "it was not refused"; return 1; }
    grep -F -e "$1" "$work/log" || { tail -n 5 "$work/log"; return 1; }
}
cat >"$work/cross.ini" <<'CROSS'
[binaries]
c = 'gcc'
[host_machine]
system = 'linux'
cpu_family = 'x86_64'
cpu = 'x86_64'
endian = 'little'
CROSS
refused "a cross build without cargo_target" 'cargo_target=TRIPLE' --cross-file "$work/cross.ini"
# With this, no Python can import docutils.
mkdir "$work/no-docutils"
echo 'raise ImportError' >"$work/no-docutils/docutils.py"
PYTHONPATH=$work/no-docutils refused "manual pages without docutils" "set -Dman=false"
PYTHONPATH=$work/no-docutils try "meson: without docutils and manual pages it is set up" \
    meson setup "$work/no-man" -Dman=false
# Only the linker can find these faults: the setup succeeds, and the link fails.
unlinked() {
    rm -rf "$work/unlinked"
    meson setup "$work/unlinked" -Dman=false >"$work/log" && ! meson compile -C "$work/unlinked" >"$work/log" 2>&1 &&
        grep -E "$1" "$work/log"
}
LLD_ONLY=yes CC=$top/ctests/matrix/cc.sh try "meson: without GNU ld the build fails and says why" unlinked 'no GNU ld'
CC='gcc -m32' try "meson: a C compiler for another machine than cargo's: the linker says so" \
    unlinked 'from format elf64-x86-64 .* to format elf32-i386'

werror() {
    meson setup "$work/default" >/dev/null && meson introspect --buildoptions "$work/default" |
        python3 -c 'import json, sys; sys.exit(any(o["value"] for o in json.load(sys.stdin) if o["name"] == "werror"))'
}
try "meson: a warning is no error by default" werror

# The bytes, line tables included, are the same in another directory, where cargo's configuration has another machine.
elsewhere=$work/else/where
mkdir -p "$elsewhere/.cargo"
git ls-files -z | xargs -0 cp --parents -t "$elsewhere" 2>/dev/null || true
printf '[build]\ntarget = "i586-unknown-linux-gnu"\n' >"$elsewhere/.cargo/config.toml"
built_elsewhere() { meson setup -Dwerror=true "$work/out" "$elsewhere" && meson compile -C "$work/out"; }
CARGO_NET_OFFLINE=true \
    try "meson: a cargo configuration with a build.target: builds for this machine, offline" built_elsewhere
for file in libvirnetdevvf.so.$version libvirnetdevvf.a; do
    try "meson: in another directory: $file is the same, debug information included" \
        cmp "$build/$file" "$work/out/$file"
done
# The same if cargo's flags are in the variable for one machine.
of_machine() {
    local variable
    variable=CARGO_TARGET_$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z.-' 'A-Z__')_RUSTFLAGS
    env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS "$variable=-Cdebuginfo=1" sh -c \
        'meson setup "$0" -Dman=false >/dev/null && meson compile -C "$0" >/dev/null' "$work/of-machine" &&
        finds_nothing grep -aF "$top/src" "$work/of-machine/libvirnetdevvf.so.0.2.0"
}
try "meson: with cargo's flags for one machine, the .so contains no directory of the build" of_machine
lines() { grep 'capi/config.rs' <<<"$(readelf --debug-dump=decodedline "$build/libvirnetdevvf.so.0" 2>/dev/null)"; }
try "meson: the debug information has the lines of src/capi" lines

try "meson: nothing was written into the tree" \
    compare "$before" "$(git status --porcelain --ignored | grep -v '^!! target/' || true)"
done_testing
