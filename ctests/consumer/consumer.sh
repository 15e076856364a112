#!/usr/bin/env bash
# Builds from a release only: with this folder's wrap as it is committed, which fetches the tarball on loopback; with
# cargo in the tarball; and from the crate's archive. The tarball needs no network, no crates in cargo's cache and no
# `cargo vendor`; TAP. ctests/install/meson.sh builds the same projects with the library installed.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
# shellcheck disable=SC2034  # lib.sh uses it
lock=consumer
. "$top/ctests/package/lib.sh"
need iproute2 python3
make_tarball
wrap=ctests/consumer/subprojects/virnetdevvf.wrap
tree=virnetdevvf-$version
hash=$(sha256sum "$tarball" | cut -d' ' -f1)

# offline SCRIPT: runs it in a new directory, with loopback as the only network and without a crate in cargo's cache.
# `project` there is the sample project. Its wrap has the tarball's hash, which is published with a release.
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
    # Cargo has used only the crates in the tarball.
    [ ! -e "$new/cargo/registry/src" ] || { echo "cargo has fetched a crate"; return 1; }
}

# --- the wrap -------------------------------------------------------------------------------------

releases=$(sed -n 's/^releases=//p' packaging/home)
try "wrap: its URL is packaging/home's, with this version" \
    grep -xF "source_url = $releases$tree.tar.xz" "$wrap"
# The URL of the wrap, with another host.
# shellcheck disable=SC2016  # variables of the inner shell
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
# Without a network, as the wrap's comment describes it.
# shellcheck disable=SC2016
try "wrap: a tarball that is in packagecache is not fetched, and its archive is linked" offline '
    mkdir project/subprojects/packagecache; cp "$tarball" project/subprojects/packagecache
    meson setup build project -Dstatic=true; meson test -C build'

# --- the tarball by cargo -------------------------------------------------------------------------

# The suite package builds it with Meson.
# shellcheck disable=SC2016
try "tarball: cargo builds and tests it" offline 'tar -xf "$tarball"; cd "$tree"
    cargo build --release --locked; cargo test --locked; test -e target/release/libvirnetdevvf.so'

# --- the crate's archive --------------------------------------------------------------------------

# The archive has the files that Cargo.toml includes, and no crates: here they come from the cache of this machine.
crate() {
    # Cargo needs the network if this machine does not have the registry's index.
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
