#!/usr/bin/env bash
# Forged and broken answers; TAP.
#
#   ctests/forged/forged.sh                    a forger, and every change of an answer
#   ctests/forged/forged.sh --library DIR      the same, with another build of the library (its .so.0)
#   ctests/forged/forged.sh --fuzz SECONDS     libFuzzer, which starts with the same answers
. "$(dirname "${BASH_SOURCE[0]}")/../lib/lib.sh"

seconds='' given=''
case ${1-} in
--fuzz) seconds=$2 ;;
--library) given=$2/libvirnetdevvf.so.0 ;;
'') ;;
*) die "usage: forged [--fuzz SECONDS | --library DIR]" ;;
esac
need gcc libc6-dev python3 util-linux
use_library "$given"
c=$top/ctests/forged
mkdir "$work/seeds"
python3 "$c/seeds.py" "$work/seeds"

if [ -z "$seconds" ]; then
    forger() { in_namespaces --net timeout 300 python3 "$c/forger.py" "$library" 50000; }
    name="forged: 50000 requests while a forger sends answers: no forged answer counts"
    if ! in_namespaces --net true 2>/dev/null; then
        skip "$name" "no right to make a network namespace here"
    else
        try "$name, and a socket that is not connected receives them" forger
    fi
    compile "$work/answers" -DDRIVER "$c/answers.c" "$library"
    spoilt() { timeout 300 "$work/answers" "$work"/seeds/* >"$work/cases"; }
    try "forged: answers cut at every place and changed in every byte: the library agrees with another reader" spoilt
    printf '# = %s broken answers\n' "$(cat "$work/cases")"
    done_testing
    exit
fi

# Builds the library with coverage for libFuzzer, by passes that any rustc has (not only nightly), and with checks that
# a release does not have: an overflow or a panic ends the program.
need clang
need "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
# With --target, the flags do not apply to programs that run during the build.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage=(level=4 inline-8bit-counters pc-table trace-compares)
flags="-Cpasses=sancov-module ${coverage[*]/#/-Cllvm-args=-sanitizer-coverage-}"
RUSTFLAGS="$flags -Cdebug-assertions -Coverflow-checks" CARGO_PROFILE_RELEASE_LTO=off \
    cargo rustc -q --lib --crate-type staticlib --release --locked --target "$host" \
    --manifest-path "$top/Cargo.toml" --target-dir "$target/fuzz" ||
    die "the library does not build for fuzzing"
clang "${strict[@]}" -fsanitize=fuzzer -o "$work/fuzz" "$c/answers.c" "$target/fuzz/$host/release/libvirnetdevvf.a"
mkdir -p "$cache/corpus"
log=$work/log
fuzz() {
    # libFuzzer writes what it finds to the first directory.
    (cd "$work" && timeout $((seconds + 60)) ./fuzz -max_total_time="$seconds" -max_len=5000 -print_final_stats=1 \
        "$cache/corpus" seeds) >"$log" 2>&1 || { tail -n 30 "$log"; return 1; }
}
try "forged: fuzzing" fuzz
printf '# = fuzzing: %s executions, coverage %s\n' "$(sed -n 's/^stat::number_of_executed_units: //p' "$log")" \
    "$(sed -n 's/.* cov: \([0-9]*\) ft: \([0-9]*\) .*/\1 edges, \2 features/p' "$log" | tail -n 1)"
done_testing
