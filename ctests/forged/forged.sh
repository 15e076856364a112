#!/usr/bin/env bash
# Forged and broken answers; TAP.
#
#   ctests/forged/forged.sh                    a forger, every way of spoiling an answer, and a minute of fuzzing
#   ctests/forged/forged.sh --seconds N        so long for each of the two parsers (default 30)
#   ctests/forged/forged.sh --corpus           what fuzzing on this machine has found goes into ctests/forged/corpus, no more than is needed
#   ctests/forged/forged.sh --library DIR      another build of it (.so.0 and .a); no fuzzing
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

seconds=30 given=''
case ${1-} in
--seconds) seconds=$2 ;;
--library) given=$2 ;;
--corpus) seconds=0 ;;
'') ;;
*) die "usage: forged [--seconds N | --corpus | --library DIR]" ;;
esac
need gcc libc6-dev python3 util-linux clang
[ -n "$given" ] || build_library
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/lib"
cp "${given:-$target/release}"/libvirnetdevvf.a "$work/lib"
if [ -n "$given" ]; then cp "$given/libvirnetdevvf.so.0" "$work/lib"; else cp "$target/release/libvirnetdevvf.so" "$work/lib/libvirnetdevvf.so.0"; fi
strict=(-std=gnu11 -O1 -g -Wall -Wextra -Werror -I"$top/include")
export LD_LIBRARY_PATH=$work/lib

# --- another process ------------------------------------------------------------------------------

own=(unshare --net)
[ "$(id -u)" = 0 ] || own=(unshare --user --map-root-user --net)
gcc "${strict[@]}" -o "$work/forger" "$top/ctests/forged/forger.c" "$work/lib/libvirnetdevvf.so.0"
if "${own[@]}" true 2>/dev/null; then
    forger() { timeout 300 "${own[@]}" "$work/forger" 50000 >"$work/forger.log" || { cat "$work/forger.log"; return 1; }; }
    try "forged: 50000 requests beside a forger: none is believed, and a socket that is not connected gets them" forger
    sed 's/^/# = 50000 requests: /' "$work/forger.log"
else
    skip "forged: requests beside a forger" "no right to make a network namespace here"
fi

# --- spoilt answers -------------------------------------------------------------------------------

mkdir "$work/seeds"
python3 "$top/ctests/forged/seeds.py" "$work/seeds"
gcc "${strict[@]}" -DDRIVER -o "$work/answers" "$top/ctests/forged/answers.c" "$work/lib/libvirnetdevvf.so.0"
spoilt() { timeout 300 "$work/answers" "$work"/seeds/* >"$work/cases"; }
try "forged: answers cut at every place and spoilt in every byte: never more believed than there is" spoilt
printf '# = %s spoilt answers\n' "$(cat "$work/cases")"
[ -z "$given" ] || exit 0

# --- fuzzing --------------------------------------------------------------------------------------

# The whole library, with coverage for libFuzzer by rustc's own passes (no nightly is needed), and with the checks
# that a release leaves out: an overflow or a panic ends the program.
need "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
# With a target named, the flags are not for what runs while it is built.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
-Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Coverflow-checks" \
    CARGO_PROFILE_RELEASE_LTO=off cargo rustc -q --lib --crate-type staticlib --release --locked --target "$host" \
    --manifest-path "$top/Cargo.toml" --target-dir "$target/fuzz" ||
    die "the library does not build for fuzzing"
clang "${strict[@]}" -fsanitize=fuzzer -o "$work/fuzz" "$top/ctests/forged/answers.c" "$target/fuzz/$host/release/libvirnetdevvf.a"
for parser in verdict link; do
    corpus=$cache/corpus/$parser
    mkdir -p "$corpus" "$work/$parser"
    cp "$top/ctests/forged/corpus/$parser"-* "$work/$parser" 2>/dev/null || true
    cp "$work/seeds/$parser"-* "$work/$parser"
    if [ "$seconds" = 0 ]; then
        mkdir "$work/merged"
        "$work/fuzz" -merge=1 -max_len=5000 "$work/merged" "$work/$parser" "$corpus" >"$work/merge.log" 2>&1 || { cat "$work/merge.log"; exit 1; }
        mkdir -p "$top/ctests/forged/corpus"
        rm -f "$top/ctests/forged/corpus/$parser"-*
        for file in "$work"/merged/*; do cp "$file" "$top/ctests/forged/corpus/$parser-$(sha256sum "$file" | cut -c1-12)"; done
        rm -rf "$work/merged"
        continue
    fi
    fuzz() {
        # Its first argument is where it keeps what it finds.
        (cd "$work" && timeout $((seconds + 60)) ./fuzz -max_total_time="$seconds" -max_len=5000 -print_final_stats=1 "$corpus" "$work/$parser") \
            >"$work/$parser.log" 2>&1 || { tail -n 30 "$work/$parser.log"; return 1; }
    }
    try "forged: fuzzing the $parser" fuzz
    printf '# = fuzzing the %s: %s executions, coverage %s\n' "$parser" \
        "$(sed -n 's/^stat::number_of_executed_units: //p' "$work/$parser.log")" \
        "$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$work/$parser.log" | tail -n 1)"
done
