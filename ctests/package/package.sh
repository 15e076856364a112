#!/usr/bin/env bash
# From this commit to a tarball, Debian packages and RPMs: each of the suites beside this file, and what they printed
# added up.
#
#   ctests/package/package.sh            everything
#   ctests/package/package.sh --tap      the same, as TAP only
#   ctests/package/package.sh --keep DIR everything, and the tarball and packages into DIR
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

keep=()
case ${1-} in
--tap | '') ;;
# From where the caller is.
--keep) keep=(--keep "$(realpath -m "${2:?a directory}")") ;;
*) die "usage: package.sh [--tap | --keep DIR]" ;;
esac
log=$(mktemp)
trap 'rm -f "$log"' EXIT
for suite in tarball.sh 'debian.sh 12' rpm.sh; do
    # shellcheck disable=SC2086  # a program and its argument
    results "" "$top"/ctests/package/$suite ${keep[@]+"${keep[@]}"} | tee -a "$log"
done
done_testing
failed=$(grep -c '^not ok' "$log" || true)
[ "${1-}" = --tap ] || printf '%s passed, %s failed\n' "$(grep -c '^ok' "$log" || true)" "$failed"
[ "$failed" = 0 ]
