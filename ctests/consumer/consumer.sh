#!/usr/bin/env bash
# Somebody who has nothing but a release: its tarball, served on loopback, through this folder's wrap as it is
# committed, and by cargo; and the crate's archive. Without a network, a crate in cargo's cache or `cargo vendor`. TAP.
# The same projects with the library installed: ctests/install/meson.sh.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
# shellcheck disable=SC2034  # lib.sh takes this lock
lock=consumer
. "$top/ctests/package/lib.sh"
need iproute2 python3
make_tarball
wrap=ctests/consumer/subprojects/virnetdevvf.wrap
tree=virnetdevvf-$version
hash=$(sha256sum "$tarball" | cut -d' ' -f1)

# offline SCRIPT: in an empty directory, with no network but loopback and a cargo that has no crate. There, project is
# the sample project, in its wrap the hash that is published with a release.
offline() {
    local new
    new=$(mktemp -d -p "$work")
    mkdir "$new/cargo" "$new/here"
    (
        unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY CARGO_TARGET_DIR
        export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} CARGO_HOME=$new/cargo tarball tree
        cp -r ctests/consumer "$new/here/project"
        cd "$new/here"
        sed -i "s/^source_filename/source_hash = $hash\n&/" project/subprojects/virnetdevvf.wrap
        in_namespaces --net bash -euc "ip link set lo up; $1"
    ) || return
    # So the crates were the tarball's.
    [ ! -e "$new/cargo/registry/src" ] || { echo "cargo has fetched a crate"; return 1; }
}

# --- the wrap -------------------------------------------------------------------------------------

releases=$(sed -n 's/^releases=//p' packaging/home)
try "wrap: its URL is packaging/home's, with this version" \
    grep -xF "source_url = $releases$tree.tar.xz" "$wrap"
# By another host.
# shellcheck disable=SC2016  # the variables are those of the shell in there
try "wrap: a Meson project fetches the tarball, and its program runs" offline '
    mkdir -p served/releases; ln -s "$tarball" "served/releases/$tree.tar.xz"
    python3 -u -m http.server --bind 127.0.0.1 --directory served 0 >log 2>&1 &
    server=$!
    trap "kill $server" EXIT
    until port=$(sed -n "s/^Serving HTTP .* port \([0-9]*\) .*/\1/p" log) && [ -n "$port" ]; do sleep 0.1; done
    sed -i "s#^source_url = https\?://[^/]*/#source_url = http://127.0.0.1:$port/#" project/subprojects/virnetdevvf.wrap
    meson setup build project || { cat log; exit 1; }
    meson test -C build
    grep "GET /releases/$tree.tar.xz.* 200" log'
# What the wrap says of a project without a network.
# shellcheck disable=SC2016
try "wrap: a tarball that is in packagecache is not fetched, and its archive is linked" offline '
    mkdir project/subprojects/packagecache; cp "$tarball" project/subprojects/packagecache
    meson setup build project -Dstatic=true; meson test -C build'

# --- the tarball by cargo -------------------------------------------------------------------------

# By Meson: the suite package.
# shellcheck disable=SC2016
try "tarball: cargo builds and tests it" offline 'tar -xf "$tarball"; cd "$tree"
    cargo build --release --locked; cargo test --locked; test -e target/release/libvirnetdevvf.so'

# --- the crate's archive --------------------------------------------------------------------------

# Cargo puts in it what Cargo.toml includes. Its crates are the user's affair: here those of the machine's cache.
crate() {
    # With the registry's index, if it is not here.
    { cargo package --offline --allow-dirty --no-verify -q --target-dir "$work/package" ||
        cargo package --allow-dirty --no-verify -q --target-dir "$work/package"; } &&
        mkdir "$work/crate" &&
        tar -xf "$work"/package/package/virnetdevvf-*.crate -C "$work/crate" --strip-components=1
}
try "crate: cargo makes the archive" crate
by_meson() {
    meson setup -Dwerror=true -Dpreload=/etc/default/virnetdevvf "$work/crate/build" "$work/crate" &&
        meson test -C "$work/crate/build"
}
try "meson: builds from the crate's archive" by_meson
by_cargo() {
    export CARGO_TARGET_DIR=$work/crate/target
    cd "$work/crate" && cargo test --locked && cargo build --release --locked
}
try "crate: cargo builds and tests it" by_cargo
done_testing
