#!/usr/bin/env bash
# Checks of a release (CONTRIBUTING.md has the list); TAP.
#
#   ctests/source/release.sh             all places have the same version, names and addresses
#   ctests/source/release.sh --release   also: this commit can be released. It has public addresses and a date, no
#                                    change is uncommitted, no tag exists, and ctests/check --full has passed on it
#   ctests/source/release.sh --can-release   only whether it can be released
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"
cd "$top"
release=no
case ${1-} in
--release) release=yes ;;
--can-release) release=only ;;
'') ;;
*) die "usage: release.sh [--release | --can-release]" ;;
esac

first() { sed -n "s/$1/\\1/p" "$2" | head -n 1; }
version=$(first '^version = "\(.*\)"' Cargo.toml)
rust=$(first '^rust-version = "\(.*\)"' Cargo.toml)

# can_release: whether the commit can be released. If not, no other check runs.
can_release() {
    local said
    said=$(
        try "release: packaging/home has real addresses" published "${HOME_FILE-packaging/home}"
        try "release: CHANGELOG.md has its date" grep -E "^## $version \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$" CHANGELOG.md
        try "release: everything is committed" test -z "$(git status --porcelain)"
        try "release: it is not tagged yet" test -z "$(git tag --list "v$version")"
        try "release: the whole ctests/check --full passed on it" passed "${FULL_FILE-$target/check/full.txt}"
    )
    printf '%s\n' "$said"
    ! grep -q '^not ok' <<<"$said"
}
# published FILE: each value is there, and none is a placeholder.
published() { [ -s "$1" ] && ! grep -v '^#' "$1" | grep -E '\.invalid\b|example\.(org|com|net)|=$'; }
# passed FILE: the record of ctests/check --full belongs to this commit, and nothing failed.
passed() {
    printf '%s has:\n%s\n' "$1" "$(cat "$1")"
    [ "$(sed -n 1p "$1")" = "$(tree_commit)" ] &&
        sed -n 2p "$1" | grep -E '^[0-9]+ passed, 0 failed(, [0-9]+ skipped)?$'
}
[ $release != only ] || { can_release && exit || exit 1; }
need gcc libc6-dev

says() { printf '%s\n' "$3"; [ "$3" = "$2" ]; }
try "version: Cargo.toml's is a number with three parts" grep -E '^[0-9]+\.[0-9]+\.[0-9]+$' <(printf '%s\n' "$version")
version_in() { try "version: $1 says $version" says "$1" "$version" "$2"; }
version_in Cargo.lock "$(sed -n '/^name = "virnetdevvf"$/{n;s/^version = "\(.*\)"/\1/p}' Cargo.lock)"
version_in meson.build "$(first "^    version: '\(.*\)',$" meson.build)"
version_in tools/virnetdevvf-check.py "$(first '^VERSION = "\(.*\)"' tools/virnetdevvf-check.py)"
version_in CHANGELOG.md "$(sed -nE 's/^## (Unreleased \()?([0-9.]+).*/\2/p' CHANGELOG.md | head -n 1)"
version_in packaging/debian/changelog "$(first '^virnetdevvf (\([0-9.]*\)-.*' packaging/debian/changelog)"
version_in packaging/virnetdevvf.spec "$(first '^Version: *\(.*\)' packaging/virnetdevvf.spec)"
version_in "the spec's changelog" "$(first '^\* .* - \([0-9.]*\)-[0-9]*$' packaging/virnetdevvf.spec)"

rust_in() { try "rust-version: $1 says $rust" grep -qE "$2" "$1"; }
rust_in docs/packager.md "Rust $rust,"
rust_in docs/versions.md "rust-version, $rust "
rust_in packaging/debian/control "rustc:native \(>= $rust~\)"
rust_in packaging/virnetdevvf.spec "rust >= $rust\$"
meson=$(first ".*meson_version: '>= \([0-9.]*\)'.*" meson.build)
try "Meson: docs/packager.md says $meson" grep -qF "Meson $meson" docs/packager.md
try "Meson: packaging/debian/control says $meson" grep -qF "meson (>= $meson)" packaging/debian/control
# Clippy must refuse a function that is newer than rust-version.
newer() {
    local copy=$target/release-check
    rm -rf "$copy" && mkdir -p "$copy"
    cp -r Cargo.toml Cargo.lock build.rs src include "$copy"
    # u32::is_multiple_of came with 1.90.
    printf '\n/// Newer.\npub fn newer(number: u32) -> bool {\n    number.is_multiple_of(2)\n}\n' >>"$copy/src/lib.rs"
    ! (cd "$copy" && cargo clippy -q --locked --target-dir "$target/release-check-target") >"$copy/log" 2>&1 &&
        grep 'incompatible_msrv' "$copy/log"
}
try "rust-version: clippy refuses newer functions" newer

exports=$(sed -n 's/^ *\(virNetDev[A-Za-z]*\);$/\1/p' src/link/libvirnetdevvf.map | LC_ALL=C sort)
# exports_of WHERE FILE EXPRESSION: the sed expression prints the names in the file; they must be those of the map.
same() { diff <(printf '%s\n' "$exports") <(sed -n "$2" "$1" | LC_ALL=C sort); }
exports_of() { try "exports: $1 names the same as src/link/libvirnetdevvf.map" same "$2" "$3"; }
exports_of include/virnetdevvf.h include/virnetdevvf.h 's/^[a-z][a-z ]* \**\(virNetDev[A-Za-z]*\)(.*/\1/p'
exports_of ctests/binary/abi.h ctests/binary/abi.h 's/^[a-z].*\b\(virNetDev[A-Za-z]*\)(.*/\1/p'
symbols=packaging/debian/libvirnetdevvf0.symbols
exports_of $symbols $symbols 's/^ \(virNetDev[A-Za-z]*\)@Base .*/\1/p'
exports_of "docs/man/meson.build's pages" docs/man/meson.build "s/^ *'\(virNetDev[A-Za-z]*\)\.3',$/\1/p"

number=$(first "^    soversion: '\(.*\)',$" meson.build)
soname() { try "SONAME: $1 says libvirnetdevvf.so.$number" grep -qF -- "$2" "$1"; }
soname build.rs "-soname,libvirnetdevvf.so.$number\""
soname packaging/debian/libvirnetdevvf0.symbols "libvirnetdevvf.so.$number libvirnetdevvf$number "
soname packaging/preload/environment "libvirnetdevvf.so.$number"
soname docs/operator.md "LD_PRELOAD=libvirnetdevvf.so.$number"
soname docs/versions.md "libvirnetdevvf.so.$number\`"

# No page or package names another libvirt as the newest one that was tested.
tested=$(first '^FIRST_LIBVIRT, TESTED_LIBVIRT = .*, (\([0-9, ]*\))$' tools/virnetdevvf-check.py | sed 's/, /./')
named() { git grep -noP '(?<![\d.])1[2-9]\.\d+|8\.1 to \K1[2-9](?!\.\d)\b' -- '*.md' '*.rst' packaging tools src; }
newest() { finds_nothing grep -vE ":(${tested/./\\.}|${tested%.*})$" <<<"$(named)"; }
try "libvirt: $tested is the newest one that pages and packages name" newest

# The project's addresses. Only --release refuses a placeholder.
value() { first "^$1=\(.*\)" packaging/home; }
# WHERE | which address | its file | the sed expression that finds it there
while IFS='|' read -r where what file expression; do
    found=$(first "$expression" "packaging/$file")
    try "home: $where says what packaging/home says" says "$where" "$(value "$what")" "$found"
done <<'HOMES'
debian/control: Homepage|homepage|debian/control|^Homepage: \(.*\)
debian/control: Vcs-Git|vcs|debian/control|^Vcs-Git: \(.*\)
debian/control: Vcs-Browser|browse|debian/control|^Vcs-Browser: \(.*\)
debian/control: Maintainer|contact|debian/control|^Maintainer: \(.*\)
debian/copyright: Source|homepage|debian/copyright|^Source: \(.*\)
debian/copyright: Upstream-Contact|contact|debian/copyright|^Upstream-Contact: \(.*\)
debian/changelog|contact|debian/changelog|^ -- \(.*>\)  .*
debian/watch|releases|debian/watch|^\(http[^ ]*\) .*
debian/upstream/metadata: Bug-Database|issues|debian/upstream/metadata|^Bug-Database: \(.*\)
debian/upstream/metadata: Repository|vcs|debian/upstream/metadata|^Repository: \(.*\)
debian/upstream/metadata: Repository-Browse|browse|debian/upstream/metadata|^Repository-Browse: \(.*\)
the spec: URL|homepage|virnetdevvf.spec|^URL: *\(.*\)
the spec's changelog|contact|virnetdevvf.spec|^\* ... ... [0-9]* [0-9]* \(.*>\).*
HOMES
elsewhere() {
    local found home
    home=$(sed -n 's/^[a-z]*=\(.\)/\1/p' packaging/home) && [ -n "$home" ] || return
    found=$(git grep -nE '\.invalid\b|example\.(org|com|net)' -- packaging docs '*.md' meson.build Cargo.toml \
        ':!packaging/home') || [ $? = 1 ] || return
    [ -z "$found" ] || finds_nothing grep -vF "$home" <<<"$found"
}
try "home: no other placeholder is anywhere" elsewhere
# says_of RESULT HOME [FULL]: --can-release prints this result if it reads these files in place of packaging/home and of
# the record of --full.
says_of() {
    { HOME_FILE=$2 FULL_FILE=${3-} "$top/ctests/source/release.sh" --can-release || true; } >"$target/refusal"
    grep "^$1" "$target/refusal"
}
sed 's#=\(.*\)#=https://virnetdevvf.invalid/#' packaging/home >"$target/placeholder"
try "release: refused while packaging/home is a placeholder" \
    says_of 'not ok - release: packaging/home' "$target/placeholder"
# .localhost is no public address either, but the check does not take it for a placeholder.
sed 's#\.invalid#.localhost#' packaging/home | sed '/^#/d' >"$target/published"
try "release: not refused for a home without a placeholder" says_of 'ok - release: packaging/home' "$target/published"
full=$target/full.txt
# records RESULT WHAT LINE...: tests the result for a record of --full with these lines.
records() {
    printf '%s\n' "${@:3}" >"$full"
    try "release: $2" says_of "$1 - release: the whole ctests/check --full" packaging/home "$full"
}
commit=$(tree_commit)
records 'not ok' "refused after a --full with a failure" "$commit" "2900 passed, 1 failed"
records 'not ok' "refused after a --full with ten failures" "$commit" "2900 passed, 10 failed, 1 skipped"
records 'not ok' "refused after a --full of another commit" "${commit//[0-9]/a}" "2900 passed, 0 failed"
records 'not ok' "refused after a --full of a tree with changes" "$commit-dirty" "2900 passed, 0 failed"
records 'not ok' "refused after a --full that has no sum" "$commit"
records ok "not refused after a --full without a failure" "$commit" "2900 passed, 0 failed, 3 skipped"
rm "$full"
try "release: refused without a --full" says_of 'not ok - release: the whole' packaging/home "$full"

unmarked() { finds_nothing git grep -L 'SPDX-License-Identifier' -- '*.rs' '*.c' '*.h' meson.build docs/man; }
try "licence: every source file names it" unmarked
gpl() {
    diff <(git grep -l 'SPDX-License-Identifier: GPL-2.0$' -- ctests | LC_ALL=C sort) \
        <(awk -v RS= '/\nLicense: GPL-2$/' packaging/debian/copyright | grep -o '[^ ]*/[^ ]*' | LC_ALL=C sort)
}
try "licence: debian/copyright names each GPL-2.0 file" gpl
try "no registry's host is named" finds_nothing git grep -nE 'crates\.io|deb\.debian\.org|pypi\.org|registry\.' -- . \
    ':!ctests/source/release.sh' ':!Cargo.lock'

[ $release = yes ] || { done_testing && exit; }
can_release || die "this commit cannot be released"
