# shellcheck shell=bash
# Builds the library for the programs of the tests. lib.sh sources this file.
#
# ctests/check builds with cargo and with Meson before it starts the suites, and sets VIRNETDEVVF_BUILT: suites that run
# at the same time must not build in one directory.

# tree_commit: prints this tree's commit, with -dirty after it if anything is not committed.
tree_commit() {
    printf '%s%s\n' "$(git -C "$top" rev-parse HEAD 2>/dev/null || echo none)" \
        "$([ -z "$(git -C "$top" status --porcelain 2>/dev/null)" ] || echo -dirty)"
}

# Builds with cargo in $target/release, and makes the link with the SONAME, by which programs find the library.
build_library() {
    [ -z "${VIRNETDEVVF_BUILT-}" ] || return 0
    cargo build --release --locked -q --manifest-path "$top/Cargo.toml" || die "cargo build failed"
    ln -sf libvirnetdevvf.so "$target/release/libvirnetdevvf.so.0"
}

# Builds with Meson and prints the directory. ctests/check runs the suites from it.
meson_build() {
    local build=$target/check
    if [ -z "${VIRNETDEVVF_BUILT-}" ]; then
        need gcc libc6-dev meson ninja-build pkg-config binutils python3-docutils >&2
        mkdir -p "$target"
        {
            [ -f "$build/build.ninja" ] ||
                meson setup -Dwerror=true "$build" "$top" --prefix "$target/installed" --libdir lib
            meson compile -C "$build"
        } >"$target/check.log" 2>&1 || { cat "$target/check.log" >&2; die "Meson cannot build the library"; }
    fi
    printf '%s\n' "$build"
}

# Installs with Meson, as a distribution does, and prints the prefix.
installed_library() {
    local build
    if [ -z "${VIRNETDEVVF_BUILT-}" ]; then
        build=$(meson_build)
        meson install --no-rebuild -C "$build" >"$target/check.log" 2>&1 ||
            { cat "$target/check.log" >&2; die "Meson cannot install the library"; }
    fi
    printf '%s\n' "$target/installed"
}

# use_library [FILE [PARENT]]: sets $library, a copy of FILE or of cargo's library, and makes programs use it. It is in
# $work, a new directory (in PARENT), which is removed at the end.
use_library() {
    [ -n "${1-}" ] || build_library
    work=$(mktemp -d ${2:+-p "$2"})
    trap 'rm -rf "$work"' EXIT
    # Some tests run as an ordinary user.
    chmod 755 "$work"
    mkdir "$work/lib"
    library=$work/lib/libvirnetdevvf.so.0
    cp "${1:-$target/release/libvirnetdevvf.so}" "$library"
    export LD_LIBRARY_PATH=$work/lib
}

# compile PROGRAM ARGUMENT...: compiles a C program of the tests.
strict=(-std=gnu11 -O1 -g -Wall -Wextra -Werror -I"$top/include")
compile() { gcc "${strict[@]}" -o "$@"; }
