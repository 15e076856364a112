#!/usr/bin/env bash
# Forged and broken answers; TAP.
#
#   ctests/forged/forged.sh                    a forger, every way of spoiling an answer, and a minute of fuzzing
#   ctests/forged/forged.sh --seconds N        so long for each of the two parsers (default 30)
#   ctests/forged/forged.sh --corpus           puts what fuzzing on this machine has found into ctests/forged/corpus,
#                                              no more than is needed
#   ctests/forged/forged.sh --library DIR      another build of it (its .so.0); no fuzzing
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

seconds=30 given=''
case ${1-} in
--seconds) seconds=$2 ;;
--library) given=$2/libvirnetdevvf.so.0 ;;
--corpus) seconds=0 ;;
'') ;;
*) die "usage: forged [--seconds N | --corpus | --library DIR]" ;;
esac
need gcc libc6-dev python3 util-linux clang
use_library "$given"
c=$top/ctests/forged

# --- another process ------------------------------------------------------------------------------

compile "$work/forger" "$c/forger.c" "$library"
if in_namespaces --net true 2>/dev/null; then
    log=$work/forger.log
    forger() { in_namespaces --net timeout 300 "$work/forger" 50000 >"$log" || { cat "$log"; return 1; }; }
    name="forged: 50000 requests beside a forger: no forged answer counts"
    try "$name, and a socket that is not connected receives them" forger
    sed 's/^/# = 50000 requests: /' "$log"
else
    skip "forged: requests beside a forger" "no right to make a network namespace here"
fi

# --- spoilt answers -------------------------------------------------------------------------------

mkdir "$work/seeds"
python3 "$c/seeds.py" "$work/seeds"
compile "$work/answers" -DDRIVER "$c/answers.c" "$c/reader.c" "$library"
spoilt() { timeout 300 "$work/answers" "$work"/seeds/* >"$work/cases"; }
try "forged: answers cut at every place and changed in every byte: no more is read than there is" spoilt
printf '# = %s spoilt answers\n' "$(cat "$work/cases")"
[ -z "$given" ] || { done_testing && exit; }

# --- fuzzing --------------------------------------------------------------------------------------

# The whole library, with coverage for libFuzzer by rustc's own passes (no nightly is needed), and with the checks
# that a release leaves out: an overflow or a panic ends the program.
need "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
# With a target named, the flags are not for what runs while it is built.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage=(level=4 inline-8bit-counters pc-table trace-compares)
flags="-Cpasses=sancov-module ${coverage[*]/#/-Cllvm-args=-sanitizer-coverage-}"
RUSTFLAGS="$flags -Cdebug-assertions -Coverflow-checks" CARGO_PROFILE_RELEASE_LTO=off \
    cargo rustc -q --lib --crate-type staticlib --release --locked --target "$host" \
    --manifest-path "$top/Cargo.toml" --target-dir "$target/fuzz" ||
    die "the library does not build for fuzzing"
clang "${strict[@]}" -fsanitize=fuzzer -o "$work/fuzz" "$c/answers.c" "$c/reader.c" \
    "$target/fuzz/$host/release/libvirnetdevvf.a"
for parser in verdict link; do
    corpus=$cache/corpus/$parser log=$work/$parser.log
    mkdir -p "$corpus" "$work/$parser"
    cp "$c/corpus/$parser"-* "$work/$parser" 2>/dev/null || true
    cp "$work/seeds/$parser"-* "$work/$parser"
    if [ "$seconds" = 0 ]; then
        mkdir "$work/merged"
        "$work/fuzz" -merge=1 -max_len=5000 "$work/merged" "$work/$parser" "$corpus" >"$log" 2>&1 ||
            { cat "$log"; exit 1; }
        mkdir -p "$c/corpus"
        rm -f "$c/corpus/$parser"-*
        for file in "$work"/merged/*; do cp "$file" "$c/corpus/$parser-$(sha256sum "$file" | cut -c1-12)"; done
        rm -rf "$work/merged"
        continue
    fi
    fuzz() {
        # Its first argument is where it keeps what it finds.
        (cd "$work" && timeout $((seconds + 60)) ./fuzz -max_total_time="$seconds" -max_len=5000 -print_final_stats=1 \
            "$corpus" "$parser") >"$log" 2>&1 || { tail -n 30 "$log"; return 1; }
    }
    try "forged: fuzzing the $parser" fuzz
    printf '# = fuzzing the %s: %s executions, coverage %s\n' "$parser" \
        "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")" \
        "$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$log" | tail -n 1)"
done
done_testing
